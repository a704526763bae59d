"""Counts opt-outs that are missed and ordinary texts that are taken for one.

    python -m campaigns.opt_out [--seed N] [--texts N] [FILE ...]

The texts are made by chance from sentences that hold the dangerous words; each line of a FILE counts as one more.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from handlers.words import read
from tests.handlers.replied import FOLDER, cases

TEXTS = 50_000
MOST_FALSE = 5
SHOWN = 20

WORDS = {
    "who": "my boss|the supervisor|the foreman|a coworker|my manager|the chief|they|the crew lead|HR|the director",
    "quien": "mi jefe|la supervisora|el capataz|un companero|mi gerente|el director|ellos|recursos humanos|la jefa",
    "what": "overtime|the pay|the schedule|the benefits|the contract|training|the insurance|my hours|the meetings",
    "cosa": "las horas extra|el sueldo|el horario|los beneficios|el contrato|los cursos|el seguro|las juntas",
    "doing": "stealing|yelling at us|lying|changing the schedule|cutting corners|texting during work|ignoring us",
    "haciendo": "robar|gritar|mentir|cambiar el horario|molestar a las mujeres|escribir reportes falsos|ignorarnos",
    "where": "the yard|the shop|city hall|the garage|the office|5th street|the plant|the park|the bus stop",
    "donde": "el patio|el taller|la oficina|el garaje|la calle quinta|la planta|el parque|el alto de la esquina",
    "when": "last week|in March|every Friday|at the end of the month|since 2019|yesterday|on night shift",
    "cuando": "la semana pasada|en marzo|cada viernes|al fin de mes|desde 2019|ayer|en el turno de noche",
    "more": "|and nobody did anything|so I left|it has to change|please help|that is all|thanks for asking|lol",
    "mas": "|y nadie hizo nada|por eso me fui|tiene que cambiar|por favor ayuden|es todo|gracias por preguntar",
}
SENTENCES = """I quit because of {what}
I quit {when} {more}
quit my job over {what}
I had to quit {when}
made me want to quit
{who} told me to quit
stop by {where} and look {when}
I would stop by {where} {when}
they won't stop {doing}
{who} won't stop {doing} {more}
please stop {who} from {doing}
please stop {who}
somebody has to stop {who}
can you stop {who} from {doing}
could you please stop this from happening at {where}
I want {who} to stop {doing}
I told {who} to stop {doing} and got written up
the {doing} never stops
stop {doing} would be my advice to {who}
stop the {doing}
stop signs at {where} are missing
the bus stop at {where}
non stop {doing} {when}
at the end of {when} {who} left
in the end {what}
the end of the day
end of shift {when}
end {what} for new hires
cancel the contract with {who}
they cancel {what} {when}
{who} cancels my leave every time
they had to cancel training
cancel culture at {where}
no more {what}
no more raises
no more room to grow
I don't want {what} to change
I don't want to name {who}
I don't need {what}
I do not want to work for {who} again
don't text {who} about this
do not contact {who}
please don't contact {who} at {where}
don't message my boss
{who} sends messages all night {more}
{who} kept texting me {when}
too many messages from {who} {when}
{who} would not leave me alone {when}
leave {who} alone, they did nothing
remove {who} from {where}
remove {what} and people stay
take {who} off the list for promotions
they took me off the list for {what}
delete the emails, {who} said
my number was on the list {when}
unsubscribe from the union, {who} told us
opt out of {what} was not possible
you can't opt out of {what}
they revoke {what} when you complain
they revoked my badge {when}
I never text at work
never got {what}
never
no
not interested in {what}
I was not interested anymore
enough
not enough {what}
help with {what} would have kept me
info about {what} was missing
start at 6 and no {what}
{what} {more}
{who} {more}
better {what}
{what} and {what}
it was {who}
mostly {what}
{when}
{where} {when}
more {what}, less {doing}
I would come back if {what} gets better
the best part was {who}
they should start listening
yes they should fix {what}
wrong number of hours on my check
the wrong person got promoted
go away party was nice
I said stop and {who} kept {doing}
I begged {who} to stop
I asked them to stop {when}
all the texts from {who} {when}
they read our texts and messages
me fui por {cosa}
renuncie por {cosa} {mas}
renuncie {cuando}
alto riesgo en {donde}
el alto mando sabe todo
un alto en {donde} {cuando}
a fin de mes cobran doble
el fin de semana nos hacen trabajar
al fin alguien pregunta
por fin
en fin {cosa}
{quien} no deja de {haciendo}
{quien} no para de {haciendo}
dejen de {haciendo} a la gente
deberian dejar de {haciendo}
para mi {cosa}
para {quien} todo es igual
para ser mejor falta {cosa}
paren a {quien}
hay que parar a {quien}
quiten a {quien}
quiten {cosa}
que quiten {cosa}
borren {cosa} del contrato
eliminen {cosa}
saquen a {quien}
la baja moral {cuando}
baja moral
baja calidad en {donde}
me dieron de baja {cuando}
dieron de baja a {quien}
estuve de baja {cuando}
salir temprano
salir de {donde} era dificil
no me dejan salir {cuando}
cancelar {cosa} fue un error
cancelaron {cosa}
no mas {cosa}
no quiero {cosa}
no quiero dar nombres
ya no quiero trabajar con {quien}
ya no hay {cosa}
ya no vuelvo
no me mandaban {cosa}
no me llamen a {donde}
no me molesta {cosa}
no me pagaban {cosa}
{quien} me escribe {cuando} {mas}
{quien} me manda mensajes {cuando}
demasiados mensajes de {quien}
basta con {cosa} mejor
con eso basta
nunca {cosa}
nunca
nada
{cosa} {mas}
{cosa} y {cosa}
mejor {cosa}
mas {cosa}
fue {quien}
{donde} {cuando}
se equivoco {quien} con mis horas
dejenme pensar
dejen en paz a {quien}
dejame ver
informacion sobre {cosa}
ayuda con {cosa}
estado de {cosa}
empezar de nuevo con {quien}""".split("\n")


def main() -> None:
    """Print what was missed and what was taken wrongly; exit code 1 if that is too much."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))  # noqa: S311
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args()
    print("seed", given.seed)
    missed = [phrase for phrase in phrases() if not opts_out(phrase)]
    print(f"opt-outs missed: {len(missed)} of {len(phrases())}", *missed[:SHOWN], sep="\n  ")
    wrong = _print_false("made", ordinary(Random(given.seed), given.texts))  # noqa: S311
    for file in given.files:
        _print_false(file.name, file.read_text("utf-8", errors="replace").splitlines())
    raise SystemExit(1 if missed or wrong > MOST_FALSE * given.texts / TEXTS else 0)


def phrases() -> tuple[str, ...]:
    """The labelled opt-outs, in both languages."""
    return tuple((FOLDER / "opt_out.txt").read_text("utf-8").splitlines())


def opts_out(text: str) -> bool:
    """Whether the line takes a text for an opt-out."""
    return read(text) in ("stop", "carrier stop")


def ordinary(random: Random, count: int) -> Iterator[str]:
    """Texts that are none: sentences filled by chance, and the labelled answers, typed as people type."""
    answers = [case.said for name in ("tuning", "held_out", "outside") for case in cases(name)]
    for _ in range(count):
        text = random.choice(answers) if random.random() < 0.1 else _filled(random.choice(SENTENCES), random)
        yield random.choice((text, text, text.capitalize(), text.upper(), f"{text}.", f"{text}!!", f"{text} "))


def false_alarms(texts: Iterable[str]) -> list[str]:
    """Those of some ordinary texts that would be taken for an opt-out."""
    return [text for text in texts if opts_out(text)]


def _filled(sentence: str, random: Random) -> str:
    while "{" in sentence:
        before, _, rest = sentence.partition("{")
        name, _, after = rest.partition("}")
        sentence = before + random.choice(WORDS[name].split("|")) + after
    return " ".join(sentence.split())


def _print_false(name: str, texts: Iterable[str]) -> int:
    known = [text for text in texts if text.strip()]
    wrong = false_alarms(known)
    print(f"false alarms, {name}: {len(wrong)} of {len(known)}", *sorted(set(wrong))[:SHOWN], sep="\n  ")
    return len(wrong)


if __name__ == "__main__":
    main()

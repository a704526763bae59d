"""Steering words steer; the same words inside a report are part of it."""

from random import Random

import pytest

from campaigns.opt_out import false_alarms, opts_out, ordinary, phrases
from handlers.language import detect, plainly, wished
from handlers.words import is_puzzled, read, takes_back, wants_silence


@pytest.mark.parametrize(
    "text", ["STOP", "stop", " Quit ", "END", "Unsubscribe", "cancel", "STOPALL", "revoke", "OptOut"]
)
def test_carrier_words_are_left_to_the_carrier(text: str) -> None:
    assert read(text) == "carrier stop"


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "Stop.",
        "stop please",
        "pls stop",
        "STOP TEXTING ME!!!",
        "can you stop messaging me",
        "don't text me anymore",
        "do not contact me again",
        "leave me alone",
        "no more texts please",
        "unsubscribe me",
        "take me off your list",
        "remove my number",
        "I don't want any more texts",
        "quit texting",
        "opt-out",
        "alto",
        "¡Alto!",
        "no me escriban más",
        "ya no me manden mensajes",
        "déjenme en paz",
        "déjame en paz por favor",
        "por favor no me escriban",
        "dejen de mandarme mensajes",
        "no quiero más mensajes",
        "basta ya",
        "no más",
        "denme de baja",
    ],
)
def test_plain_words_opt_out_too(text: str) -> None:
    assert read(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "I quit because of my boss",
        "stop by the office and look",
        "they won't stop stealing",
        "please stop them from stealing",
        "at the end of the day he takes the cash",
        "he told me to stop asking questions",
        "stop sign on 5th street was sold",
        "can you stop the supervisor",
        "the bus stop contract",
        "don't text my boss about this",
        "I want to cancel the contract fraud",
        "quiten al jefe",
        "el alto mando roba",
        "no más robos en el patio",
        "al fin de mes cobran doble",
        "para mi jefe todo es igual",
        "no me escriban a la oficina sobre el fraude del jefe",
        "help me please",
        "new truck was stolen",
        "status quo is corrupt",
        "yes",
        "no",
        "1",
    ],
)
def test_words_inside_a_report_do_not_steer(text: str) -> None:
    assert read(text) == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("HELP", "help"),
        ("info", "help"),
        ("Ayuda", "help"),
        ("status?", "status"),
        ("Estado", "status"),
        ("NEW", "new"),
        ("nuevo reporte", "new"),
        ("start", "start"),
        ("LANG ES", "language"),
        ("lang en", "language"),
        ("español", "language"),
        ("in English please", "language"),
        ("LANG FR", "language"),
        ("lang vietnamese", "language"),
        ("Lang", "language"),
        ("idioma francés", "language"),
    ],
)
def test_steering_words_are_read_in_both_languages(text: str, word: str) -> None:
    assert read(text) == word


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The boss takes money from the till", "en"),
        ("El jefe se lleva el dinero de la caja", "es"),
        ("hola", "es"),
        ("hello", "en"),
        ("Mi supervisor esta robando", "es"),
        ("overtime", ""),
        ("12345", ""),
        ("", ""),
        ("no", ""),
        ("señor López cobra mordidas", "es"),
    ],
)
def test_language_is_heard_only_where_it_is_clear(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("LANG ES", "es"),
        ("español por favor", "es"),
        ("english", "en"),
        ("perdón, mejor en español", "es"),
        ("Do you speak Spanish?", "es"),
        ("no hablo inglés", "es"),
        ("I don't speak Spanish, sorry", "en"),
        ("es", ""),
        ("no Spanish", ""),
        ("english or spanish", ""),
        ("no one there speaks English", ""),
    ],
)
def test_wished_language(text: str, language: str) -> None:
    assert wished(text) == language


def test_every_labelled_opt_out_is_caught() -> None:
    assert len(phrases()) >= 150
    assert [phrase for phrase in phrases() if not opts_out(phrase)] == []


def test_ordinary_texts_are_not_taken_for_opt_outs() -> None:
    assert false_alarms(ordinary(Random(20260318), 5_000)) == []  # noqa: S311


@pytest.mark.parametrize(
    "text", ["enough", "not interested", "no", "never", "me dieron de baja", "por fin", "wrong number of hours"]
)
def test_answers_that_sound_like_leaving_are_answers(text: str) -> None:
    assert not opts_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "Do not reply, my husband reads this phone",
        "The boss steals gas. Don't text me back, he sees my phone",
        "He takes the money and please dont text back",
        "dont answer until I write again",
        "Mi jefe roba. No me contesten, mi esposo ve el teléfono",
        "Por favor no respondan, que él revisa mi celular",
    ],
)
def test_whoever_asks_for_no_answer_is_heard_inside_a_report(text: str) -> None:
    assert wants_silence(text)


@pytest.mark.parametrize(
    "text",
    [
        "My boss said do not reply to the auditor",
        "They told us dont answer my calls",
        "don't text my boss about this",
        "We report it and they do not answer",
        "I wrote three times, they never respond",
        "y no me contesta nadie cuando reporto",
        "El jefe no contesta, y no escribe los reportes",
    ],
)
def test_others_who_do_not_answer_are_part_of_the_report(text: str) -> None:
    assert not wants_silence(text)


@pytest.mark.parametrize(
    "text",
    [
        "never mind",
        "Nevermind!",
        "ok never mind, sorry",
        "nvm",
        "forget it",
        "Forget my last text please",
        "cancel my report",
        "I want to withdraw my complaint",
        "can you delete my report please",
        "I changed my mind",
        "wrong number",
        "Sorry, wrong person",
        "oops wrong number never mind",
        "sorry this was meant for somebody else",
        "olvídelo",
        "Ya no importa, gracias",
        "perdón, número equivocado",
        "me equivoqué de número",
        "quiero retirar mi denuncia",
        "déjelo así",
        "stop asking me questions",
        "please stop asking me all these questions",
        "no more questions please",
        "I don't want to answer any more questions",
        "too many questions, forget it",
        "ya no me pregunten",
        "no quiero contestar más",
        "basta de preguntas",
    ],
)
def test_who_takes_it_back_is_understood(text: str) -> None:
    assert takes_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "forget it, he has the keys",
        "wrong number of hours on my check",
        "wrong number, but since you are the city: the clerk takes cash",
        "never mind the rain, the roof was paid twice",
        "cancel the contract",
        "it was the wrong person they arrested",
        "they told me to forget it",
        "ignore",
        "no es nada nuevo que roben",
        "no importa quién firme, cobran igual",
        "never mind he has a gun",
        "they told me to stop asking questions",
        "the chief does not ask questions",
        "I don't want to answer",
        "no quiero contestar",
        "dont ask him about it",
        "sorry",
        "ok thanks",
        "no",
        "",
    ],
)
def test_what_tells_more_is_a_report(text: str) -> None:
    assert not takes_back(text)


@pytest.mark.parametrize("text", ["Lang Nguyen", "Karen Lang", "language was foul", "the language", "foul language"])
def test_a_name_or_a_word_like_lang_asks_for_no_language(text: str) -> None:
    assert read(text) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("mi jefe y el encargado de la bodega lo hacen", "es"),
        ("they do it when he is there with them", "en"),
        ("He told me no hay nada para ti en la oficina", ""),
        ("my boss says si quiere trabajo tiene que pagar", ""),
        ("la semana pasada", ""),
        ("5", ""),
    ],
)
def test_a_text_with_a_quotation_is_not_all_in_another_language(text: str, language: str) -> None:
    assert plainly(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "why",
        "Why do you need that?",
        "but why are you asking me this",
        "why would u want to know",
        "what do you mean??",
        "I don't understand the question",
        "¿Por qué preguntan eso?",
        "para qué quieren saber",
        "no entiendo la pregunta",
        "?",
    ],
)
def test_who_asks_why_we_ask_is_understood(text: str) -> None:
    assert is_puzzled(text)


@pytest.mark.parametrize(
    "text",
    [
        "why did they fire him",
        "what he took",
        "que se lo llevan",
        "I don't understand why he signs",
        "por que no pagan",
    ],
)
def test_a_why_that_tells_something_is_a_report(text: str) -> None:
    assert not is_puzzled(text)

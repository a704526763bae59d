"""Lifts a lock-out by mistake: whoever reads the case asks, and somebody neutral decides, who does not read it."""

from dataclasses import replace

from handlers.cards import Button, Buttons, Card, Form, Input, Open, Part, Refuse, Text, say
from handlers.casework import access, notices
from handlers.clean import clean
from handlers.effects import AddEntry, Audit, Effect, Handover, Post, Readmit, Step
from handlers.messages import Inbound, Place
from handlers.state import Case, Entry, Facts, Staff

People = tuple[tuple[Staff, ...], ...]

WISH = "The reporter was asked which offices are part of the problem, and chose this person's. It is their wish."


def ask(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """`unlock WORD` opens a form: who, and why. Those who may decide are told in private."""
    locked = access.locked_out(facts, case)
    if not locked:
        return Step(answer=say("Nobody to let in", f"Nobody is locked out of {case.word}."))
    if inbound.kind != "submit":
        return Step(answer=Open(_form(case, locked)))
    person, why = _person(locked, inbound.value("staff")), clean(inbound.value("text")).strip()
    if not person or not why:
        return Step(answer=Refuse({"text": "Say why."} if person else {"staff": "Choose somebody from the list."}))
    deciders = access.deciders(facts, case)
    if not deciders:
        return Step(
            answer=say("Nobody can decide", "Nobody neutral is on the list. Your region's administrator can add one.")
        )
    me, name = access.acting(facts, case).id, _name(person)
    effects = (
        *_reminded(facts, case, person),
        AddEntry(case.id, "request", why, question=person[0].id, author=me),
        Audit("unlock_asked", case.id, me, person[0].id),
        *_tell(facts, case, deciders, waits=True),
    )
    asked = f"{len(deciders)} may decide whether {name} reads {case.word} again. Until then nothing changes."
    return Step(effects, answer=say("Asked", asked, f"Do not speak of it with {name}."))


def decide(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """What is asked and why, for who decides; they see nothing of the report."""
    if refused := _refused(facts, case):
        return refused
    parts: list[Part] = []
    for person in access.locked_out(facts, case):
        asked = _about(case, person)
        parts += [part for entry in asked for part in _shown(facts, case, person, entry)]
        parts += [Buttons(_buttons(case, person))] if asked else []
    parts.append(Text("Let them in only if you are sure: they will read the whole case, this question too.", "quiet"))
    return Step((Audit("unlock_read", case.id),), answer=Open(Form("case_decide", case.word, tuple(parts))))


def let_in(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """They read the case again; from now on only their whole name, their office or the reporter locks them out."""
    return _refused(facts, case) or _decided(inbound, facts, case, lets_in=True)


def keep_out(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """The lock-out stays."""
    return _refused(facts, case) or _decided(inbound, facts, case, lets_in=False)


DECISIONS = {"decide": decide, "let_in": let_in, "keep_out": keep_out}


def _form(case: Case, locked: People) -> Form:
    options = tuple((person[0].id, _name(person)) for person in locked)
    hint = "Somebody neutral reads this, who does not read the case. Tell no more of it than they need."
    parts = (
        Input("staff", "Who was locked out by mistake", "choice", options, initial=options[0][0]),
        Input("text", "Why it is a mistake", "long_text", hint=hint, longest=500),
    )
    return Form("case_unlock", case.word, parts, "Ask", {"word": case.word})


def _reminded(facts: Facts, case: Case, person: tuple[Staff, ...]) -> tuple[AddEntry, ...]:
    """Who decides does not read the case, so they are told where it was no mistake of ours but the reporter's wish."""
    if not _wished(facts, case, person) or any(not entry.author for entry in _about(case, person)):
        return ()
    return (AddEntry(case.id, "request", WISH, question=person[0].id),)


def _wished(facts: Facts, case: Case, person: tuple[Staff, ...]) -> bool:
    """Whether the reporter named their office when asked who must not read this."""
    offices = (
        one for one in facts.jurisdictions[case.jurisdiction].offices if one.key in {row.office for row in person}
    )
    names = [name.casefold() for office in offices for name in office.names.values()]
    answers = [_labels(entry.text) for entry in case.entries if entry.question == "involved"]
    return any(name in labels for name in names for labels in answers)


def _labels(answer: str) -> list[str]:
    """The options that were chosen: an answer ends with them where it does not read like them."""
    return (answer[answer.rfind("(") + 1 : -1] if answer.endswith(")") else answer).casefold().split(", ")


def _about(case: Case, person: tuple[Staff, ...]) -> tuple[Entry, ...]:
    """What was asked about somebody; without an author, what we add to it."""
    ids = {row.id for row in person}
    return tuple(entry for entry in case.entries if entry.question in ids)


def _shown(facts: Facts, case: Case, person: tuple[Staff, ...], entry: Entry) -> tuple[Part, ...]:
    if not entry.author:
        return (Text(entry.text, "strong"),)
    asker = next((row.name or row.user for row in facts.staff if row.id == entry.author), "Somebody")
    return (Text(f"{asker} asks to let {_name(person)} read {case.word} again:"), Text(entry.text, "quote"))


def _person(locked: People, id: str) -> tuple[Staff, ...]:
    return next((person for person in locked if id in {row.id for row in person}), ())


def _name(person: tuple[Staff, ...]) -> str:
    return person[0].name or person[0].user


def _buttons(case: Case, person: tuple[Staff, ...]) -> tuple[Button, ...]:
    values = {"word": case.word, "staff": person[0].id}
    return (Button("Let in", "case_let_in", values, style="primary"), Button("Keep out", "case_keep_out", values))


def _refused(facts: Facts, case: Case) -> Step | None:
    """Nobody decides on a case that they read themselves."""
    if not access.may_see(facts.actor, case.handler, case.excluded):
        return None
    return Step(answer=say("Not yours to decide", "Somebody neutral decides, who does not read the case."))


def _decided(inbound: Inbound, facts: Facts, case: Case, lets_in: bool) -> Step:
    person = _person(access.locked_out(facts, case), inbound.value("staff"))
    if not _about(case, person):
        return Step(answer=say("Settled already", f"Nothing is asked about that person in {case.word} any more."))
    name, ids, deciders = _name(person), frozenset(row.id for row in person), access.deciders(facts, case)
    me = next(row.id for row in deciders if row in facts.actor)
    what = f"{name} may read this case again." if lets_in else f"{name} stays locked out."
    effects = (
        *(_readmitted(facts, case, ids) if lets_in else ()),
        AddEntry(case.id, "status", what, author=me),
        Audit("let_in" if lets_in else "kept_out", case.id, me, person[0].id),
        *_tell(facts, case, deciders, any(entry.question not in ids for entry in case.entries)),
    )
    return Step(effects, answer=say("Decided", f"{case.word}: {what}"))


def _readmitted(facts: Facts, case: Case, staff: frozenset[str]) -> tuple[Effect, ...]:
    """The case goes back to its own city where that was without a reader."""
    after = notices.handed_over(facts, replace(case, excluded=case.excluded - staff, handler=case.jurisdiction))
    back: tuple[Effect, ...] = (Handover(case.id, after.handler),) if after.handler != case.handler else ()
    moved = (*notices.leave(facts, case, after), *notices.notify(facts, after, "Who may read this case has changed"))
    return (Readmit(case.id, staff), *back, *moved)


def _tell(facts: Facts, case: Case, deciders: tuple[Staff, ...], waits: bool) -> tuple[Effect, ...]:
    """One card for each of them, as long as something waits with the way to it."""
    headline = "Was somebody locked out by mistake?" if waits else "Decided. Nothing is left to do."
    title = f"{case.word} · {facts.jurisdictions[case.jurisdiction].name}"
    open_ = Buttons((Button("Decide", "case_decide", {"word": case.word}, style="primary"),))
    parts = (Text(headline, "strong"), *((open_,) if waits else ()))
    card = Card(title, parts, summary=f"{case.word}: {headline}")
    places = dict.fromkeys(Place(row.channel, row.user) for row in deciders)
    return tuple(Post(place, card, f"unlock:{case.id}") for place in places)

"""The step for staff: one grammar of commands, buttons and forms for Slack, Teams and the sandbox."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import grammar
from handlers.cards import Answer, Button, Buttons, Card, Divider, Form, Home, Input, Open, Part, Refuse, Say, Text, say
from handlers.casework import access, cases, notices, paging, replies, unlocking
from handlers.clean import clean
from handlers.effects import (
    AddEntry,
    Admit,
    Assign,
    Audit,
    Effect,
    Link,
    MarkRead,
    MoveCase,
    Relay,
    Step,
)
from handlers.messages import Inbound
from handlers.state import Case, Facts, Sought, Staff, Stage, Wants
from handlers.training import desk as training
from handlers.training.known import Asked

LOOK = timedelta(minutes=5)
LISTED = 15
LISTS: tuple[Sought, ...] = ("open", "mine", "closed", "all")
NO_CASE = say("No such case", "There is no case by that name that you can open.")
NO_STAFF = say("Not available", "Only those who handle reports can do this. Your city's operator can add you.")

Turn = Callable[[Inbound, Facts, Case], Step]


def wants(inbound: Inbound) -> Wants:
    """The case a command, button or form names, with its story where it will be shown."""
    verb = grammar.verb(inbound)
    if verb == "home":
        return Wants(cases="open", figures=True, training=Asked(counts=True))
    if verb == "list":
        return Wants(cases=_which(inbound), most=LISTED)
    word, other, *_ = *grammar.case_words(inbound), "", ""
    return Wants(
        word=word,
        other=other if verb == "link" else "",
        entries=verb in ("view", "unlock") or (verb == "undo" and not inbound.value("message")),
        deciding=verb in unlocking.DECISIONS,
        message=inbound.value("message") if inbound.value("message").isalnum() else "",
    )


def step(inbound: Inbound, facts: Facts) -> Step:
    """Refuses strangers, answers what needs no case, and hands the rest to the verb's own turn."""
    verb = grammar.verb(inbound)
    decides = verb in unlocking.DECISIONS and facts.case is not None
    if not decides and not any(not access.HANDLERS.isdisjoint(row.roles) for row in facts.actor):
        if verb == "home" and (shown := training.home(facts)):
            return Step(answer=Home(shown))
        # Whatever else was typed stays out of the record: it may be a number or a name.
        return Step((Audit("refused", detail=verb if verb in TURNS else ""),), answer=NO_STAFF)
    if verb in ("home", "list"):
        return Step(answer=_home(inbound, facts) if verb == "home" else Say(_list(inbound, facts)))
    if verb not in TURNS:
        return Step(answer=_help())
    if facts.case is None:
        named = any(grammar.case_words(inbound))
        return Step((Audit("refused", detail=verb),), answer=NO_CASE if named else _which_case(verb))
    return TURNS[verb](inbound, facts, facts.case)


def undelivered(inbound: Inbound, facts: Facts) -> Step:
    """A text to the reporter did not arrive; the desk is told, without the text."""
    if facts.case is None:
        return Step()
    stopped = inbound.value("code") == "21610"
    case = replace(facts.case, reachable=not stopped)
    headline = "The reporter has stopped texts" if stopped else "A text to the reporter did not arrive"
    return Step((AddEntry(case.id, "notice", headline), *notices.notify(facts, case, headline)))


def _which_case(verb: str) -> Answer:
    """No word that could be a case's was given, so there is none to hide."""
    usage = f"/case {verb} MAPLE-7 CEDAR-12" if verb == "link" else f"/case {verb} MAPLE-7"
    return say("Which case?", f"Name it, such as {usage}. /case list shows the open ones.")


def _help() -> Answer:
    lines = [Text(f"/case {usage}: {meaning}") for usage, meaning in grammar.COMMANDS.items()]
    return Say(Card("What /case can do", tuple(lines), summary="What /case can do"))


def _list(inbound: Inbound, facts: Facts) -> Card:
    which = _which(inbound)
    parts = [part for case in facts.cases for part in cases.row(facts, case)]
    if facts.more:
        parts.append(Text(f"{facts.more} more; /case list mine shows yours.", "quiet"))
    if not parts:
        parts.append(Text("Nothing here; /case help shows what else there is.", "quiet"))
    return Card(f"Cases: {which}", tuple(parts), summary=f"Cases: {which}")


def _which(inbound: Inbound) -> Sought:
    asked = next(iter(grammar.words(inbound)), "").lower()
    return next((known for known in LISTS if known == asked), "open")


def _home(inbound: Inbound, facts: Facts) -> Home:
    me = {row.id for row in facts.actor}
    mine = [case for case in facts.cases if case.assignee in me]
    risk = [case for case in facts.cases if _at_risk(case, inbound.received_at)]
    parts: list[Part] = [Text("My cases", "strong"), *_rows(facts, mine, "No case is assigned to you.")]
    parts += [Divider(), Text("Clocks at risk", "strong"), *_rows(facts, risk, "Every promise is in time.")]
    parts += [Divider(), Text("This line", "strong"), cases.figures(facts.figures)]
    if shown := training.home(facts):
        parts += [Divider(), *shown]
    return Home(tuple(parts))


def _rows(facts: Facts, chosen: list[Case], nothing: str) -> list[Part]:
    rows = [part for case in chosen[:LISTED] for part in cases.row(facts, case)]
    return rows or [Text(nothing, "quiet")]


def _at_risk(case: Case, now: datetime) -> bool:
    clock = cases.next_clock(case)
    return clock is not None and now >= clock.started + (clock.due - clock.started) * 0.8


def _view(inbound: Inbound, facts: Facts, case: Case) -> Step:
    me = access.acting(facts, case)
    effects: tuple[Effect, ...] = (Audit("viewed", case.id, me.id), MarkRead(case.id))
    return Step(effects, answer=Open(cases.view(facts, case)))


def _pictures(inbound: Inbound, facts: Facts, case: Case) -> Step:
    me = access.acting(facts, case).id
    until = inbound.received_at + LOOK
    effects = (Admit(case.id, me, facts.fresh.token, until), Audit("pictures_opened", case.id, me))
    link = Button("Open the reading room", "room", url=f"{facts.desk_url}/{facts.fresh.token}", style="primary")
    quiet = Text("The link works once, for you, for five minutes. It leaves nothing in this chat.", "quiet")
    return Step(
        effects, answer=Open(Form("case_room", case.word, (quiet, Buttons((link,))), carry={"word": case.word}))
    )


def _take(inbound: Inbound, facts: Facts, case: Case) -> Step:
    return _given(facts, case, access.acting(facts, case))


def _assign(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if inbound.kind == "submit":
        chosen = next((row for row in access.readers(facts, case) if row.id == inbound.value("staff")), None)
        return (
            _given(facts, case, chosen) if chosen else Step(answer=Refuse({"staff": "Choose somebody from the list."}))
        )
    person = grammar.rest(inbound).strip().lstrip("@").casefold()
    if person == "me":
        return _take(inbound, facts, case)
    handlers = [row for row in access.readers(facts, case) if access.handles(row, case.handler)]
    options = tuple((row.id, row.name or row.user) for row in handlers)
    meant = [id for id, name in options if person and person in name.casefold()]
    initial = meant[0] if len(meant) == 1 else access.acting(facts, case).id
    field = Input("staff", "Who takes it", "choice", options, initial=initial)
    return Step(answer=Open(Form("case_assign", case.word, (field,), "Assign", {"word": case.word})))


def _given(facts: Facts, case: Case, staff: Staff) -> Step:
    given = replace(case, assignee=staff.id)
    effects = (
        Assign(case.id, staff.id),
        Audit("assigned", case.id, access.acting(facts, case).id, staff.id),
        *paging.acknowledge(case),
        *notices.notify(facts, given, "Assigned"),
    )
    return Step(effects, answer=say(f"{case.word} is assigned", f"{staff.name or staff.user} works {case.word} now."))


def _acknowledge(inbound: Inbound, facts: Facts, case: Case) -> Step:
    effects = (*paging.acknowledge(case), Audit("page_acknowledged", case.id, access.acting(facts, case).id))
    return Step(effects, answer=say("Thank you", f"You have {case.word}. Nobody else is paged for it now."))


def _note(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if inbound.kind != "submit":
        typed, hint = clean(grammar.rest(inbound)).strip(), "Only staff who may read this case see it."
        field = Input("text", "Note", "long_text", initial=typed, hint=hint, longest=3000)
        return Step(answer=Open(Form("case_note", case.word, (field,), "Save note", {"word": case.word})))
    text = clean(inbound.value("text")).strip()
    if not text:
        return Step(answer=Refuse({"text": "Write the note first."}))
    me = access.acting(facts, case).id
    effects = (AddEntry(case.id, "note", text, author=me), Audit("noted", case.id, me))
    return Step(effects, answer=say("Noted", f"Your note is in {case.word}. The reporter does not see it."))


def _status(inbound: Inbound, facts: Facts, case: Case) -> Step:
    stage = inbound.value("stage") if inbound.kind == "submit" else grammar.rest(inbound).lower()
    if stage == "concluded":
        return Step(answer=Open(cases.choose_outcome(case)))
    if not stage:
        return Step(answer=Open(cases.choose_stage(case)))
    if not cases.may_move(case, stage):
        choices = ", ".join(f"{after} ({cases.STAGES[after].lower()})" for after in cases.MOVES[case.stage])
        now = f"{case.word} is {cases.STAGES[case.stage].lower()}"
        return Step(answer=say("Not from here", f"{now}; it can move to: {choices}."))
    tell = inbound.kind != "submit" or "yes" in inbound.values.get("tell", ())
    told = "The reporter is told by text." if tell and case.reachable else "The reporter is not told."
    if tell and case.silent:
        told = "The reporter is told when they text their code."
    moved = say("Moved", f"{case.word}: {cases.STAGES[stage]}. {told}")  # type: ignore[index]
    return Step(_moved(facts, case, stage, tell), answer=moved)


def _moved(facts: Facts, case: Case, stage: str, tell: bool) -> tuple[Effect, ...]:
    after: Stage = stage  # type: ignore[assignment]
    me = access.acting(facts, case).id
    effects: list[Effect] = [
        MoveCase(case.id, case.stage, after),
        AddEntry(case.id, "status", cases.STAGES[after], author=me),
        Audit("moved", case.id, me, after),
        *notices.notify(facts, replace(case, stage=after), f"Now: {cases.STAGES[after]}"),
    ]
    if tell:
        text = facts.texts.say(case.language, f"case.{after}")
        effects.append(Relay(case.id, facts.fresh.message, replies.sms(case, text)))
    return tuple(effects)


def _close(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if case.stage == "concluded":
        return Step(answer=say("Closed already", f"{case.word} is closed. /case status {case.word} opens it again."))
    if inbound.kind != "submit":
        return Step(answer=Open(cases.choose_outcome(case)))
    outcome = inbound.value("outcome")
    if outcome not in cases.OUTCOMES:
        return Step(answer=Refuse({"outcome": "Choose an outcome."}))
    return Step(answer=replies.preview(case, inbound.value("text"), "reply", outcome))


def _link(inbound: Inbound, facts: Facts, case: Case) -> Step:
    other = facts.other
    if len(grammar.case_words(inbound)) < 2:
        return Step(answer=_which_case("link"))
    if other is None or other.id == case.id:
        return Step((Audit("refused", detail="link"),), answer=NO_CASE)
    me = access.acting(facts, case).id
    effects = (Link(case.id, other.id), Audit("linked", case.id, me, other.id))
    text = f"{case.word} and {other.word} are linked. Their threads and reporters stay apart."
    return Step(effects, answer=say("Linked", text))


TURNS: dict[str, Turn] = {
    "view": _view,
    "pictures": _pictures,
    "take": _take,
    "assign": _assign,
    "note": _note,
    "reply": replies.reply,
    "ask": replies.ask,
    "send": replies.send,
    "undo": replies.undo,
    "status": _status,
    "close": _close,
    "link": _link,
    "unlock": unlocking.ask,
    **unlocking.DECISIONS,
    "page_ack": _acknowledge,
}

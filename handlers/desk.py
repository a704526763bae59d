"""The step for staff: one grammar of commands, buttons and forms for Slack, Teams and the sandbox."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import access, cases, clocks, notices, paging, segments
from handlers.cards import Answer, Button, Buttons, Card, Divider, Form, Home, Input, Open, Part, Refuse, Say, Text, say
from handlers.clean import clean
from handlers.effects import (
    AddEntry,
    Admit,
    Assign,
    Audit,
    Effect,
    Forget,
    Link,
    MarkRead,
    MoveCase,
    Recall,
    Relay,
    Remind,
    Step,
    StopClock,
)
from handlers.messages import Inbound
from handlers.state import Case, Facts, Staff, Stage, Wants

COMMANDS = {
    "list": "your open cases; `list all`, `list mine`, `list closed`",
    "view WORD": "read a case (this is recorded)",
    "assign WORD": "give a case to yourself or somebody else",
    "note WORD": "add a note that only staff see",
    "reply WORD": "text the reporter; you see the exact text first",
    "ask WORD": "send the reporter one of the standard questions",
    "status WORD": "move a case to its next stage",
    "close WORD": "end a case with its outcome",
    "link WORD WORD": "note that two cases belong together",
    "help": "this list",
}
SLASH = {"/case": "Work the cases of the ethics, safety and fraud line"}
UNDO = timedelta(seconds=20)
LOOK = timedelta(minutes=5)
LISTED = 15
QUESTIONS = ("where", "when", "who", "ongoing", "known", "told", "pictures")
NO_CASE = say("No such case", "There is no case by that name that you can open.")
NO_STAFF = say(
    "Not on the list", "You are not on the list of people who work this line. Your city's coordinator can add you."
)

Turn = Callable[[Inbound, Facts, Case], Step]


def wants(inbound: Inbound) -> Wants:
    """The case a command, button or form names, with its story where it will be shown."""
    verb, words = _verb(inbound), _words(inbound)
    word, other = (words[0] if words else ""), (words[1] if len(words) > 1 else "")
    return Wants(
        word=word.upper(),
        other=other.upper() if verb == "link" else "",
        entries=verb == "view",
        cases=verb in ("list", "home"),
        message=inbound.value("message"),
    )


def step(inbound: Inbound, facts: Facts) -> Step:
    """Refuses strangers, answers what needs no case, and hands the rest to the verb's own turn."""
    if not any(not access.HANDLERS.isdisjoint(row.roles) for row in facts.actor):
        return Step((Audit("refused", detail=_verb(inbound)),), answer=NO_STAFF)
    verb = _verb(inbound)
    if verb in ("home", "list"):
        return Step(answer=_home(inbound, facts) if verb == "home" else Say(_list(inbound, facts)))
    if verb not in TURNS:
        return Step(answer=_help())
    if facts.case is None:
        return Step((Audit("refused", detail=verb),), answer=NO_CASE)
    return TURNS[verb](inbound, facts, facts.case)


def replied(inbound: Inbound, facts: Facts) -> Step:
    """A reply has left for good: the promise of a person's answer is kept."""
    if facts.case is None:
        return Step()
    return Step((*clocks.stop(facts.case, "acknowledge"), *clocks.stop(facts.case, "latest")))


def undelivered(inbound: Inbound, facts: Facts) -> Step:
    """A text to the reporter did not arrive; the desk is told, without the text."""
    if facts.case is None:
        return Step()
    stopped = inbound.value("code") == "21610"
    case = replace(facts.case, reachable=not stopped)
    headline = "The reporter has stopped texts" if stopped else "A text to the reporter did not arrive"
    return Step((AddEntry(case.id, "notice", headline), *notices.notify(facts, case, headline)))


def _verb(inbound: Inbound) -> str:
    if inbound.kind == "home":
        return "home"
    if inbound.kind == "command":
        return next(iter(inbound.text.split()), "list").lower()
    return inbound.name.removeprefix("case_")


def _words(inbound: Inbound) -> list[str]:
    if inbound.kind == "command":
        return inbound.text.split()[1:]
    return [word for word in (inbound.value("word"), inbound.value("other")) if word]


def _rest(inbound: Inbound) -> str:
    """What a command says after its case word."""
    return inbound.text.split(maxsplit=2)[2] if len(inbound.text.split()) > 2 else ""


def _me(facts: Facts, case: Case) -> Staff:
    return next(row for row in facts.actor if access.handles(row, case.handler))


def _help() -> Answer:
    lines = [Text(f"/case {usage}: {meaning}") for usage, meaning in COMMANDS.items()]
    return Say(Card("What /case can do", tuple(lines), summary="What /case can do"))


def _list(inbound: Inbound, facts: Facts) -> Card:
    which = next(iter(_words(inbound)), "open").lower()
    chosen = [case for case in facts.cases if _listed(case, which, facts)]
    parts = [part for case in chosen[:LISTED] for part in cases.row(facts, case)]
    if len(chosen) > LISTED:
        parts.append(Text(f"{len(chosen) - LISTED} more; `/case list mine` shows yours.", "quiet"))
    if not chosen:
        parts.append(Text("Nothing here. `/case help` shows what else there is.", "quiet"))
    return Card(f"Cases: {which}", tuple(parts), summary=f"Cases: {which}")


def _listed(case: Case, which: str, facts: Facts) -> bool:
    mine = any(case.assignee == row.id for row in facts.actor)
    closed = case.stage == "concluded"
    return {"all": True, "closed": closed, "mine": mine and not closed}.get(which, not closed)


def _home(inbound: Inbound, facts: Facts) -> Home:
    open_ = [case for case in facts.cases if case.stage != "concluded"]
    mine = [case for case in open_ if _listed(case, "mine", facts)]
    risk = [case for case in open_ if _at_risk(case, inbound.received_at)]
    parts: list[Part] = [Text("My cases", "strong"), *_rows(facts, mine, "No case is assigned to you.")]
    parts += [Divider(), Text("Clocks at risk", "strong"), *_rows(facts, risk, "Every promise is in time.")]
    parts += [Divider(), Text("This line", "strong"), cases.figures(facts.cases)]
    return Home(tuple(parts))


def _rows(facts: Facts, chosen: list[Case], nothing: str) -> list[Part]:
    rows = [part for case in chosen[:LISTED] for part in cases.row(facts, case)]
    return rows or [Text(nothing, "quiet")]


def _at_risk(case: Case, now: datetime) -> bool:
    clock = cases.next_clock(case)
    return clock is not None and now >= clock.started + (clock.due - clock.started) * 0.8


def _view(inbound: Inbound, facts: Facts, case: Case) -> Step:
    me = _me(facts, case)
    effects: tuple[Effect, ...] = (Audit("viewed", case.id, me.id), MarkRead(case.id))
    return Step(effects, answer=Open(cases.view(facts, case)))


def _pictures(inbound: Inbound, facts: Facts, case: Case) -> Step:
    me = _me(facts, case).id
    until = inbound.received_at + LOOK
    effects = (Admit(case.id, me, facts.fresh.token, until), Audit("pictures_opened", case.id, me))
    link = Button("Open the reading room", "room", url=f"{facts.desk_url}/{facts.fresh.token}", style="primary")
    quiet = Text("The link works once, for you, for five minutes. It leaves nothing in this chat.", "quiet")
    return Step(
        effects, answer=Open(Form("case_room", case.word, (quiet, Buttons((link,))), carry={"word": case.word}))
    )


def _take(inbound: Inbound, facts: Facts, case: Case) -> Step:
    return _given(facts, case, _me(facts, case))


def _assign(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if inbound.kind == "submit":
        chosen = next((row for row in access.readers(facts, case) if row.id == inbound.value("staff")), None)
        return (
            _given(facts, case, chosen) if chosen else Step(answer=Refuse({"staff": "Choose somebody from the list."}))
        )
    if inbound.kind == "command" and _rest(inbound).lower() == "me":
        return _take(inbound, facts, case)
    handlers = [row for row in access.readers(facts, case) if access.handles(row, case.handler)]
    options = tuple((row.id, row.name or row.user) for row in handlers)
    person = Input("staff", "Who takes it", "choice", options, initial=_me(facts, case).id)
    return Step(answer=Open(Form("case_assign", case.word, (person,), "Assign", {"word": case.word})))


def _given(facts: Facts, case: Case, staff: Staff) -> Step:
    given = replace(case, assignee=staff.id)
    effects = (
        Assign(case.id, staff.id),
        Audit("assigned", case.id, _me(facts, case).id, staff.id),
        *paging.acknowledge(case),
        *notices.notify(facts, given, "Assigned"),
    )
    return Step(effects, answer=say(f"{case.word} is assigned", f"{staff.name or staff.user} works {case.word} now."))


def _acknowledge(inbound: Inbound, facts: Facts, case: Case) -> Step:
    effects = (*paging.acknowledge(case), Audit("page_acknowledged", case.id, _me(facts, case).id))
    return Step(effects, answer=say("Thank you", f"You have {case.word}. Nobody else is paged for it now."))


def _note(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if inbound.kind != "submit":
        field = Input("text", "Note", "long_text", hint="Only staff who may read this case see it.", longest=3000)
        return Step(answer=Open(Form("case_note", case.word, (field,), "Save note", {"word": case.word})))
    text = clean(inbound.value("text")).strip()
    if not text:
        return Step(answer=Refuse({"text": "Write the note first."}))
    me = _me(facts, case).id
    effects = (AddEntry(case.id, "note", text, author=me), Audit("noted", case.id, me))
    return Step(effects, answer=say("Noted", f"Your note is in {case.word}. The reporter does not see it."))


def _reply(inbound: Inbound, facts: Facts, case: Case) -> Step:
    text = _rest(inbound) if inbound.kind == "command" else inbound.value("text")
    if inbound.kind == "press" or (inbound.kind == "command" and not text.strip()):
        return Step(answer=Open(_compose(case)))
    return Step(answer=_preview(case, text, "reply"))


def _compose(case: Case) -> Form:
    hint = "They see your city's number. Give no name, place or detail that a stranger should not read on their phone."
    field = Input("text", "Text to the reporter", "long_text", hint=hint, longest=300)
    return Form("case_reply", case.word, (field,), "Preview", {"word": case.word})


def _ask(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if inbound.kind == "submit":
        question = inbound.value("question")
        if question not in QUESTIONS:
            return Step(answer=Refuse({"question": "Choose a question."}))
        return Step(answer=_preview(case, facts.texts.say(case.language, f"ask.{question}"), "question"))
    options = tuple((name, facts.texts.say("en", f"ask.{name}")) for name in QUESTIONS)
    field = Input("question", "Question", "choice", options, hint="It is sent in the reporter's language.")
    return Step(answer=Open(Form("case_ask", case.word, (field,), "Preview", {"word": case.word})))


def sms(case: Case, text: str) -> str:
    """A text of staff as it leaves. The tag is always there, so that it tells nobody of other cases."""
    return f"[{case.word}] {clean(text).strip()}"


def _preview(case: Case, text: str, kind: str, **carry: str) -> Answer:
    whole = sms(case, text)
    count, _ = segments.count(whole)
    if not clean(text).strip():
        return Refuse({"text": "Write the text first."})
    if count > 2:
        return Refuse({"text": f"That would be {count} SMS segments; two is the most. Please shorten it."})
    parts = [Text("The reporter gets exactly this:", "quiet"), Text(whole, "quote"), Text(_size(count, whole), "quiet")]
    if not case.reachable:
        parts.append(Text("The reporter has stopped texts; this cannot arrive until they text START.", "warning"))
    held = {"word": case.word, "text": clean(text).strip(), "entry": kind, **carry}
    return Open(Form("case_send", case.word, tuple(parts), "Send", held))


def _size(count: int, whole: str) -> str:
    return f"{len(whole)} characters, {count} SMS segment{'s' if count > 1 else ''}. You can undo for 20 seconds."


def _send(inbound: Inbound, facts: Facts, case: Case) -> Step:
    text, kind, me = inbound.value("text"), inbound.value("entry"), _me(facts, case).id
    if not text or segments.count(sms(case, text))[0] > 2:
        return Step(answer=Refuse({}))
    message = facts.fresh.message
    effects: list[Effect] = [
        Relay(case.id, message, sms(case, text), UNDO),
        AddEntry(case.id, "question" if kind == "question" else "reply", text, author=me, message=message),
        Audit("replied", case.id, me),
        Remind(inbound.received_at + UNDO, "replied", case.id),
        *paging.acknowledge(case),
    ]
    closing = inbound.value("outcome")
    if closing in cases.OUTCOMES:
        effects += _concluded(facts, case, closing, me)
    undo = Button("Undo", "case_undo", {"word": case.word, "message": message}, style="danger")
    parts: tuple[Part, ...] = (Text("It leaves in 20 seconds.", "strong"), Buttons((undo,)))
    return Step(tuple(effects), answer=Open(Form("case_sent", case.word, parts)))


def _undo(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if not facts.recallable:
        return Step(answer=say("Too late", "That text has left already."))
    me = _me(facts, case).id
    effects = (
        Recall(inbound.value("message")),
        Forget("replied", case.id),
        AddEntry(case.id, "status", "The last text was taken back before it left.", author=me),
        Audit("recalled", case.id, me),
    )
    return Step(effects, answer=say("Taken back", f"Nothing was sent to the reporter of {case.word}."))


def _status(inbound: Inbound, facts: Facts, case: Case) -> Step:
    stage = inbound.value("stage") if inbound.kind == "submit" else _rest(inbound).lower()
    if stage == "concluded":
        return Step(answer=Open(cases.choose_outcome(case)))
    if not stage:
        return Step(answer=Open(cases.choose_stage(case)))
    if not cases.may_move(case, stage):
        choices = ", ".join(cases.MOVES[case.stage])
        return Step(answer=say("Not from here", f"{case.word} is {case.stage}; it can move to: {choices}."))
    tell = inbound.kind != "submit" or "yes" in inbound.values.get("tell", ())
    return Step(_moved(facts, case, stage, tell), answer=say("Moved", f"{case.word}: {cases.STAGES[stage]}."))  # type: ignore[index]


def _moved(facts: Facts, case: Case, stage: str, tell: bool) -> tuple[Effect, ...]:
    after: Stage = stage  # type: ignore[assignment]
    me = _me(facts, case).id
    effects: list[Effect] = [
        MoveCase(case.id, case.stage, after),
        AddEntry(case.id, "status", cases.STAGES[after], author=me),
        Audit("moved", case.id, me, after),
        *notices.notify(facts, replace(case, stage=after), f"Now: {cases.STAGES[after]}"),
    ]
    if tell:
        text = facts.texts.say(case.language, f"case.{after}")
        effects.append(Relay(case.id, facts.fresh.message, sms(case, text)))
    return tuple(effects)


def _close(inbound: Inbound, facts: Facts, case: Case) -> Step:
    if inbound.kind != "submit":
        return Step(answer=Open(cases.choose_outcome(case)))
    outcome = inbound.value("outcome")
    if outcome not in cases.OUTCOMES:
        return Step(answer=Refuse({"outcome": "Choose an outcome."}))
    return Step(answer=_preview(case, inbound.value("text"), "reply", outcome=outcome))


def _concluded(facts: Facts, case: Case, outcome: str, me: str) -> list[Effect]:
    closed = replace(case, stage="concluded", outcome=outcome, clocks=())
    return [
        MoveCase(case.id, case.stage, "concluded", outcome),
        *(StopClock(case.id, clock.kind) for clock in case.clocks if clock.met is None),
        Forget("clock", case.id),
        AddEntry(case.id, "status", f"Closed: {cases.OUTCOMES[outcome]}", author=me),
        Audit("closed", case.id, me, outcome),
        *notices.notify(facts, closed, "Closed"),
    ]


def _link(inbound: Inbound, facts: Facts, case: Case) -> Step:
    other = facts.other
    if other is None or other.id == case.id:
        return Step((Audit("refused", detail="link"),), answer=NO_CASE)
    me = _me(facts, case).id
    effects = (Link(case.id, other.id), Audit("linked", case.id, me, other.id))
    text = f"{case.word} and {other.word} are linked. Their threads and reporters stay apart."
    return Step(effects, answer=say("Linked", text))


TURNS: dict[str, Turn] = {
    "view": _view,
    "pictures": _pictures,
    "take": _take,
    "assign": _assign,
    "note": _note,
    "reply": _reply,
    "ask": _ask,
    "send": _send,
    "undo": _undo,
    "status": _status,
    "close": _close,
    "link": _link,
    "page_ack": _acknowledge,
}

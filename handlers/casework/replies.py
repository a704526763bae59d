"""Texts from staff to a reporter: written or chosen, shown exactly as they leave, confirmed, and held to be undone."""

from dataclasses import replace
from datetime import timedelta

from handlers import grammar, segments
from handlers.cards import Answer, Buttons, Form, Input, Open, Part, Refuse, Text, say
from handlers.casework import access, cases, clocks, notices, paging
from handlers.clean import clean
from handlers.effects import AddEntry, Audit, Effect, Forget, MoveCase, Recall, Relay, Remind, Step, StopClock
from handlers.messages import Inbound
from handlers.state import Case, Facts

UNDO = timedelta(seconds=20)
MOST_SEGMENTS = 2
SILENT = (
    "Their phone was silent for long and may have a new owner. This waits until the reporter texts their code; "
    "the phone only gets a hint that something waits. You have done your part when it is sent."
)
QUESTIONS = ("where", "when", "who", "ongoing", "known", "told", "pictures")


def sms(case: Case, text: str) -> str:
    """A text of staff as it leaves. The tag is always there, so that it tells nobody of other cases."""
    return f"[{case.word}] {clean(text).strip()}"


def reply(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """`reply WORD` opens a form to write in; with its text behind it, or from the form, comes the preview."""
    if inbound.kind == "submit":
        return Step(answer=preview(case, inbound.value("text"), "reply"))
    text = grammar.rest(inbound)
    if not text:
        return Step(answer=Open(_compose(case)))
    fault = _fault(case, text)
    return Step(answer=say("Not sent", fault) if fault else preview(case, text, "reply"))


def ask(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """Choose one of the standard questions; it is sent in the reporter's language."""
    if inbound.kind == "submit":
        question = inbound.value("question")
        if question not in QUESTIONS:
            return Step(answer=Refuse({"question": "Choose a question."}))
        return Step(answer=preview(case, facts.texts.say(case.language, f"ask.{question}"), "question"))
    options = tuple((name, facts.texts.say("en", f"ask.{name}")) for name in QUESTIONS)
    field = Input("question", "Question", "choice", options, hint="It is sent in the reporter's language.")
    return Step(answer=Open(Form("case_ask", case.word, (field,), "Preview", {"word": case.word})))


def preview(case: Case, text: str, kind: str, outcome: str = "") -> Answer:
    """The exact SMS with its size; sending is a press of its own."""
    if fault := _fault(case, text):
        return Refuse({"text": fault})
    whole = sms(case, text)
    parts = [Text("The reporter gets exactly this:", "quiet"), Text(whole), Text(_size(whole), "quiet")]
    if not case.reachable:
        parts.append(Text("The reporter has stopped texts; this cannot arrive until they text START.", "warning"))
    if outcome:
        parts.append(Text(f"When it has left, the case is closed: {cases.OUTCOMES[outcome]}.", "strong"))
    if case.silent:
        parts.append(Text(SILENT, "warning"))
    carry = {"word": case.word, "text": clean(text).strip(), "entry": kind, "outcome": outcome}
    return Open(Form("case_send", case.word, tuple(parts), "Send", carry))


def send(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """Confirmed: it leaves in 20 seconds, and what hangs on it happens then."""
    text, outcome, me = inbound.value("text"), inbound.value("outcome"), access.acting(facts, case).id
    if fault := _fault(case, text):
        return Step(answer=say("Not sent", fault))
    message = facts.fresh.message
    values = {"case": case.id, "outcome": outcome, "by": me}
    effects = (
        Relay(case.id, message, sms(case, text), UNDO),
        AddEntry(
            case.id, "question" if inbound.value("entry") == "question" else "reply", text, author=me, message=message
        ),
        Audit("replied", case.id, me),
        Remind(inbound.received_at + UNDO, "replied", message, values),
        *paging.acknowledge(case),
    )
    undo_ = Buttons((cases.undo_button(case, message),))
    leaves = "In 20 seconds it is sent; then it waits for the code." if case.silent else "It leaves in 20 seconds."
    parts: tuple[Part, ...] = (Text(leaves, "strong"), undo_)
    return Step(effects, answer=Open(Form("case_sent", case.word, parts)))


def undo(inbound: Inbound, facts: Facts, case: Case) -> Step:
    """Take a text back that has not left, and all that would have followed from it."""
    message = inbound.value("message") if facts.recallable else _held(case)
    if not message:
        return Step(answer=say("Too late", f"No text of {case.word} waits to leave, so nothing can be taken back."))
    me = access.acting(facts, case).id
    effects = (
        Recall(message),
        Forget("replied", message),
        AddEntry(case.id, "status", "The last text was taken back before it left.", author=me),
        Audit("recalled", case.id, me),
    )
    return Step(effects, answer=say("Taken back", f"Nothing was sent to the reporter of {case.word}."))


def _held(case: Case) -> str:
    """The newest text that waits, for who typed `undo` without a button before them."""
    return next((entry.message for entry in reversed(case.entries) if entry.message), "")


def replied(inbound: Inbound, facts: Facts) -> Step:
    """A text has left for good: the promise of a person's answer is kept, and a closing text closes the case."""
    case, outcome = facts.case, inbound.value("outcome")
    if case is None:
        return Step()
    answered, kept = clocks.answered(case, inbound.received_at)
    if outcome not in cases.OUTCOMES or not cases.may_move(case, "concluded"):
        return Step((*kept, *notices.notify(facts, answered, "Answered")))
    return Step((*kept, *_concluded(facts, case, outcome, inbound.value("by"))))


def _compose(case: Case) -> Form:
    hint = "They see your city's number. Give no name, place or detail that a stranger should not read on their phone."
    field = Input("text", "Text to the reporter", "long_text", hint=hint, longest=300)
    return Form("case_reply", case.word, (field,), "Preview", {"word": case.word})


def _fault(case: Case, text: str) -> str:
    """Why a text cannot be sent as it is; empty when it can."""
    if not clean(text).strip():
        return "Write the text first."
    count, _ = segments.count(sms(case, text))
    if count > MOST_SEGMENTS:
        return f"That would be {count} SMS segments; two is the most. Please shorten it."
    return ""


def _size(whole: str) -> str:
    count, _ = segments.count(whole)
    return f"{len(whole)} characters, {count} SMS segment{'s' if count > 1 else ''}. You can undo for 20 seconds."


def _concluded(facts: Facts, case: Case, outcome: str, by: str) -> tuple[Effect, ...]:
    closed = replace(case, stage="concluded", outcome=outcome, clocks=())
    return (
        MoveCase(case.id, case.stage, "concluded", outcome),
        *(StopClock(case.id, clock.kind) for clock in case.clocks if clock.met is None),
        Forget("clock", case.id),
        AddEntry(case.id, "status", f"Closed: {cases.OUTCOMES[outcome]}", author=by),
        Audit("closed", case.id, by, outcome),
        *notices.notify(facts, closed, "Closed"),
    )

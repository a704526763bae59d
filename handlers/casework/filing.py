"""Puts a text into a case: whoever it names is locked out, then the desk is told, and danger pages its contacts."""

from dataclasses import replace

from handlers.casework import clocks, danger, names, notices, paging
from handlers.effects import AddEntry, MarkUrgent, MoveCase, OpenCase, Reply, StartClock
from handlers.said import Said
from handlers.state import Case, EntryKind


def begin(said: Said, program: str) -> Case:
    """Open a case with this text as its report."""
    facts = said.facts
    fresh = facts.fresh
    case = Case(
        id=fresh.case,
        jurisdiction=facts.jurisdiction.key,
        handler=facts.jurisdiction.key,
        program=program,
        word=fresh.word,
        stage="received",
        language=said.language,
        opened_at=said.inbound.received_at,
        reachable=not said.conversation.stopped,
    )
    said.do(OpenCase(case.id, case.word, fresh.code, case.language))
    case = _promised(said, case)
    said.keep(case)
    said.change(interview=case.id, asked="", answered={}, asked_again=0, waiting=(), offered=())
    return add(said, case, "New report")


def add(
    said: Said,
    case: Case,
    headline: str,
    kind: EntryKind = "report",
    question: str = "",
    meaning: str = "",
    spared: frozenset[str] = frozenset(),
) -> Case:
    """Add this text to a case, with what it means where it is a bare number; the case as it is then.

    `spared` are staff (ids) whom it names only to say that they are not meant.
    """
    text = f"{said.text} ({meaning})" if meaning and meaning != said.text else said.text
    said.do(AddEntry(case.id, kind, text, question, media=said.media))
    counted = replace(case, unread=case.unread + 1, pictures=case.pictures + len(said.media))
    case = lock_out(said, counted, _meant(said, case) - spared)
    level = danger.level(said.text)
    if level != "none":
        return alarm(said, case, level)
    said.do(*notices.notify(said.facts, case, headline))
    if case.unread == 1 and case.opened_at != said.inbound.received_at:
        said.do(*notices.ring(said.facts, case, headline))
    said.keep(case)
    return case


def alarm(said: Said, case: Case, level: str) -> Case:
    """Say at once where help is, and page; the question whether they are safe comes with the next question."""
    said.do(MarkUrgent(case.id))
    safety(said, case)
    urgent = replace(case, urgent=True)
    said.do(*notices.notify(said.facts, urgent, "Somebody may be in danger", urgent=True))
    said.do(*paging.start(said.facts, urgent, said.inbound.received_at))
    kept = replace(urgent, paging=True)
    said.keep(kept)
    if said.conversation.interview == case.id:
        said.change(answered={**said.conversation.answered, "danger": level})
    return kept


def safety(said: Said, case: Case) -> None:
    """Where help is; once per text."""
    if not any(isinstance(effect, Reply) and effect.urgent for effect in said.effects):
        said.say("safety.now", case, urgent=True, emergency=emergency(said))


def emergency(said: Said) -> str:
    """How to reach 911 in this city."""
    return said.words("safety.text_911" if said.facts.jurisdiction.texts_911 else "safety.call_911")


def lock_out(said: Said, case: Case, staff: frozenset[str]) -> Case:
    """Lock staff out of a case before anybody is told of it; the case as it is then."""
    after, effects = notices.lock_out(said.facts, case, staff)
    said.do(*effects, *paging.withdrawn(said.facts, case, after.excluded - case.excluded))
    said.keep(after)
    return after


def reopen(said: Said, case: Case) -> Case:
    """Open a concluded case again at its reporter's wish; its promises begin anew."""
    said.do(MoveCase(case.id, "concluded", "assessed"), AddEntry(case.id, "status", "Reopened by the reporter."))
    again = _promised(said, replace(case, stage="assessed", outcome=""))
    said.do(*notices.notify(said.facts, again, "Reopened by the reporter"))
    said.keep(again)
    return again


def _meant(said: Said, case: Case) -> frozenset[str]:
    return names.mentioned(said.text, said.facts.staff, said.facts.jurisdiction, case.cleared)


def _promised(said: Said, case: Case) -> Case:
    now = replace(case, opened_at=said.inbound.received_at)
    effects = clocks.start(said.facts.jurisdiction, now)
    said.do(*effects)
    return replace(case, clocks=tuple(effect.clock for effect in effects if isinstance(effect, StartClock)))

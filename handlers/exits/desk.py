"""The step for staff who run exit interviews (/exit): invite, pause, close, revoke; counts, and never who said what."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from handlers import calendar, uploads
from handlers.cards import Card, Open, Refuse, Say, Text, say
from handlers.effects import (
    Audit,
    CloseRequest,
    CloseWave,
    DropUpload,
    Effect,
    Forget,
    HoldWave,
    Invite,
    Join,
    NoteConsent,
    OpenRequest,
    OpenWave,
    Post,
    Remind,
    Silence,
    Step,
)
from handlers.exits import cards, comments, imports, reports, roster
from handlers.exits.interviews import PROGRAM, TOPIC, Interview, Standing, Wave
from handlers.exits.rights import CHANNEL, city_word, coordinator, named_city, runs
from handlers.exits.roster import Invitee, Wrong
from handlers.exits.sitting import INVITE, TIMERS
from handlers.grammar import EXITS
from handlers.jurisdiction import Jurisdiction
from handlers.messages import KEPT, Inbound, Place, Upload
from handlers.state import Facts, Wants
from handlers.surveys.questionnaire import version

OPEN_FOR = 21
LOCK_AFTER = 7
BUSINESS_DAYS = 10
WARNINGS = (5, 8, 10)  # business days
NOT_YOURS = say("Not available", "Only coordinators of exit interviews can do this. Your city's operator can add you.")
NO_WAVE = say("No such wave", "That city has no wave that is running.")
ASKED_AGAIN = "If they take part and are not through, they get their open question at the next decent hour."
RUNNING = ("open", "paused")
CONFIRMED = ("all", "take_in")
"""Buttons after a dry run: each does its work once."""


def wants(inbound: Inbound) -> Wants:
    """The waves, what is on record of the numbers that a form or its file holds, and what was taken in."""
    verb = _verb(inbound)
    return Wants(
        exits=True,
        city=city_word(inbound),
        phones=_phones(inbound),
        upload=inbound.value(KEPT) if verb in CONFIRMED else "",
        imports=verb in ("imports", "undo"),
        comments=verb == "comments",
        digest=inbound.file.digest if inbound.file else "",
    )


def step(inbound: Inbound, facts: Facts) -> Step:
    """Refuses everybody but coordinators of a runner."""
    verb = _verb(inbound)
    if verb == "report" and reports.cities(facts):
        return reports.report(inbound, facts)
    if not runs(facts):
        return Step((Audit("refused", detail=f"exit {verb}"[:40]),), answer=NOT_YOURS)
    return TURNS.get(verb, _help)(inbound, facts)


def faults(facts: Facts, people: list[Invitee]) -> list[str]:
    """Who cannot be invited, by row, and why."""
    return [f"row {one.row}: {fault}" for one in people if (fault := _known(facts, one))]


def invited(facts: Facts, city: Jurisdiction, people: list[Invitee], now: datetime, by: str) -> tuple[Effect, ...]:
    """Each into the wave of the quarter in which their three weeks end, so that no lock cuts an interview short."""
    effects: list[Effect] = []
    waves = {wave.quarter: wave.id for wave in facts.waves if wave.jurisdiction == city.key and wave.state in RUNNING}
    fresh = iter((facts.fresh.case, facts.fresh.message))
    form = version(facts.form) if facts.form else ""
    for one in people:
        closes = calendar.after_days(city, one.first, OPEN_FOR)
        quarter = calendar.quarter(city, closes)
        if quarter not in waves:
            waves[quarter] = next(fresh)
            effects += [
                OpenWave(waves[quarter], quarter, form),
                _lock(waves[quarter], calendar.quarter_end(city, closes)),
            ]
        effects += _one(facts, city, one, by, Interview(waves[quarter], form, asked=INVITE, department=one.department))
    return (*effects, Audit("exit_invited", actor=by, detail=str(len(people))))


def requested(inbound: Inbound, facts: Facts) -> Step:
    """A withdrawal still waits for its number: its runner's desk is told, more urgently each time."""
    request = next((one for one in facts.requests if one.id == inbound.subject), None)
    if request is None:
        return Step()
    city = facts.jurisdiction
    late = calendar.local_day(city, inbound.received_at) >= request.limit
    line = f"Somebody asked for no more texts; their number must be found by {request.limit.isoformat()}."
    card = Card(f"Exit interviews · {city.name}", (Text(line, "warning"), cards.find_number(city, request)), line)
    return Step(tuple(Post(place, card, f"request:{request.id}", urgent=late) for place in _places(facts)))


def _verb(inbound: Inbound) -> str:
    if inbound.kind == "command":
        return next(iter(inbound.text.split()), "progress").lower()
    return inbound.name.removeprefix("exit_")


def _phones(inbound: Inbound) -> tuple[str, ...]:
    if inbound.file and isinstance(inbound.file.read, uploads.Table):
        return roster.phones_of_table(inbound.file.read)
    if inbound.kind != "submit":
        return ()
    one = roster.known_phone(inbound.value("phone"))
    return (one,) if one else roster.phones(inbound.value("rows"))


def _help(inbound: Inbound, facts: Facts) -> Step:
    lines = tuple(Text(f"/exit {usage}: {meaning}") for usage, meaning in EXITS.items())
    return Step(answer=Say(Card("What /exit can do", lines, summary="What /exit can do")))


def _progress(inbound: Inbound, facts: Facts) -> Step:
    return Step(answer=Say(cards.progress(runs(facts), facts.waves, facts.requests)))


# --- inviting


def _invite(inbound: Inbound, facts: Facts) -> Step:
    """A bare one opens the form; `invite many` opens the one for rows."""
    if inbound.kind != "submit":
        many = inbound.kind == "command" and city_word(inbound) == "many"
        return Step(answer=Open(cards.many(runs(facts)) if many else cards.invite(runs(facts))))
    city = named_city(inbound, facts)
    if city is None:
        return Step(answer=Refuse({"city": "Choose a city."}))
    try:
        one = roster.invitee(city, {name: inbound.value(name) for name in roster.COLUMNS}, inbound.received_at)
    except Wrong as wrong:
        return Step(answer=Refuse({wrong.field: f"{str(wrong)[:1].upper()}{str(wrong)[1:]}."}))
    if fault := _known(facts, one):
        return Step(answer=Refuse({"phone": fault}))
    line = f"The invitation leaves on {_when(city, one.first)}."
    effects = invited(facts, city, [one], inbound.received_at, coordinator(facts, city).id)
    if account := inbound.value("account"):
        effects = (*effects, Join(facts.standing[one.phone].person, inbound.channel, account))
    return Step(effects, answer=say("Invited", line))


def _many(inbound: Inbound, facts: Facts) -> Step:
    """Every fault by its row; nobody is invited while there is one."""
    if inbound.kind != "submit":
        if inbound.file and inbound.file.fault:
            return Step(answer=say("Your file", inbound.file.fault))
        return Step(answer=Open(cards.many(runs(facts), inbound.value(KEPT))))
    city = named_city(inbound, facts)
    if city is None:
        return Step(answer=Refuse({"city": "Choose a city."}))
    if inbound.file is not None:
        return _listed(inbound, facts, city, inbound.file)
    if not inbound.value("rows").strip():
        return Step(answer=Refuse({uploads.NAME: uploads.NO_FILE}))
    people, wrong = roster.all_of(city, inbound.value("rows"), inbound.received_at)
    if wrong := [*wrong, *faults(facts, people)]:
        return Step(answer=Refuse({"rows": " · ".join(wrong)}))
    if "yes" in inbound.values.get("dry", ()):
        return Step(
            answer=Refuse({"dry": f"{cards.persons(len(people))}, no faults. Take the tick away to invite them."})
        )
    first = _when(city, min(one.first for one in people))
    line = f"{cards.persons(len(people))}. The first invitation leaves on {first}."
    return Step(
        invited(facts, city, people, inbound.received_at, coordinator(facts, city).id), answer=say("Invited", line)
    )


def _listed(inbound: Inbound, facts: Facts, city: Jurisdiction, upload: Upload) -> Step:
    """The dry run of a file: every fault, or the button that invites."""
    if not isinstance(upload.read, uploads.Table):
        return uploads.refused(upload, upload.fault or uploads.GONE)
    people, wrong = _of_file(facts, city, upload.read, inbound.received_at)
    if wrong:
        return Step((DropUpload(upload.id),), answer=Say(cards.faulty_list(upload, wrong)))
    first = _when(city, min(one.first for one in people))
    return Step(answer=Say(cards.sound_list(city, upload, len(people), first)))


def _all(inbound: Inbound, facts: Facts) -> Step:
    """Whoever was in the dry run is invited, once; unless something has changed since."""
    city, upload = named_city(inbound, facts), inbound.file
    if city is None or upload is None or not facts.upload_waits or not isinstance(upload.read, uploads.Table):
        return Step(answer=say("Nobody was invited now", uploads.GONE))
    people, wrong = _of_file(facts, city, upload.read, inbound.received_at)
    if wrong:
        return Step((DropUpload(upload.id),), answer=Say(cards.faulty_list(upload, wrong)))
    first = _when(city, min(one.first for one in people))
    effects = invited(facts, city, people, inbound.received_at, coordinator(facts, city).id)
    line = f"{cards.persons(len(people))}. The first invitation leaves on {first}."
    return Step((*effects, DropUpload(upload.id)), answer=say("Invited", line))


def _of_file(facts: Facts, city: Jurisdiction, table: uploads.Table, now: datetime) -> tuple[list[Invitee], list[str]]:
    people, wrong = roster.all_of_table(city, table, now)
    return people, [*wrong, *faults(facts, people)]


def _known(facts: Facts, one: Invitee) -> str:
    standing = facts.standing.get(one.phone, Standing(""))
    if standing.revoked:
        return "This number has asked for no more texts; it cannot be invited."
    return "This number is invited already." if standing.invited else ""


def _one(facts: Facts, city: Jurisdiction, one: Invitee, by: str, interview: Interview) -> tuple[Effect, ...]:
    line, person = city.line(CHANNEL, PROGRAM), facts.standing[one.phone].person
    if line is None:
        return ()
    return (
        Invite(person, CHANNEL, line.address, one.phone, one.language, interview),
        NoteConsent(person, TOPIC, CHANNEL, "invited", by, evidence=one.evidence),
        Remind(one.first, "exit_invite", person),
    )


def _lock(wave: str, at: datetime) -> Remind:
    return Remind(at, "exit_lock", wave)


# --- running


def _resend(inbound: Inbound, facts: Facts) -> Step:
    """The answer is the same for everybody: it must not tell who is through."""
    if inbound.kind != "submit":
        return Step(answer=Open(cards.resend(runs(facts))))
    city, phone = named_city(inbound, facts), roster.known_phone(inbound.value("phone"))
    if city is None or not phone:
        return Step(answer=Refuse({"phone": "Give a city and a number."}))
    person = facts.standing[phone].person
    at = calendar.next_text_time(city, inbound.received_at)
    effects: tuple[Effect, ...] = (Audit("exit_resent", actor=coordinator(facts, city).id),)
    if facts.standing[phone].invited:
        effects = (*effects, Forget("exit_resume", person), Remind(at, "exit_resume", person))
    return Step(effects, answer=say("Asked again", ASKED_AGAIN))


def _hold(inbound: Inbound, facts: Facts) -> Step:
    verb = _verb(inbound)
    wave = _wave(inbound, facts)
    if wave is None:
        return Step(answer=NO_WAVE)
    city = facts.jurisdictions[wave.jurisdiction]
    effects = (HoldWave(wave.id, verb == "pause"), Audit(f"wave_{verb}d", wave.id, coordinator(facts, city).id))
    line = "No invitations and reminders leave until it is resumed." if verb == "pause" else "They leave again."
    return Step(effects, answer=say(f"{city.name}, {wave.quarter}", line))


def _close(inbound: Inbound, facts: Facts) -> Step:
    """Nothing more is asked. With five or more through, the lock follows in a week; else at the end of the quarter."""
    wave = _wave(inbound, facts)
    if wave is None:
        return Step(answer=NO_WAVE)
    city = facts.jurisdictions[wave.jurisdiction]
    effects: list[Effect] = [CloseWave(wave.id), Audit("wave_closed", wave.id, coordinator(facts, city).id)]
    line = "Answers are still taken, and marked as late. The lock follows at the end of the quarter."
    if wave.counts.get("finished", 0) >= cards.FEWEST:
        at = calendar.after_days(city, inbound.received_at, LOCK_AFTER)
        effects += [Forget("exit_lock", wave.id), _lock(wave.id, at)]
        line = f"Answers are still taken, and marked as late. The lock follows on {_when(city, at)}."
    return Step(tuple(effects), answer=say(f"{city.name}, {wave.quarter}", line))


def _revoke(inbound: Inbound, facts: Facts) -> Step:
    """With a number it is done at once; without, a clock of ten business days from its receipt runs."""
    if inbound.kind != "submit":
        return Step(answer=Open(cards.revoke(runs(facts))))
    city, given = named_city(inbound, facts), inbound.value("phone").strip()
    if city is None:
        return Step(answer=Refuse({"city": "Choose a city."}))
    phone = roster.known_phone(given)
    if given and not phone:
        return Step(answer=Refuse({"phone": "This is not a number that can be texted."}))
    return _silenced(inbound, facts, city, phone) if phone else _waiting(inbound, facts, city)


def _silenced(inbound: Inbound, facts: Facts, city: Jurisdiction, phone: str) -> Step:
    person, me = facts.standing[phone].person, coordinator(facts, city)
    request = inbound.value("request")
    how = inbound.value("how") or next((one.how for one in facts.requests if one.id == request), "")
    effects: tuple[Effect, ...] = (
        Silence(person),
        NoteConsent(person, TOPIC, CHANNEL, "revoked", f"staff {me.id}", evidence=how),
        *(Forget(timer, person) for timer in TIMERS),
        Audit("exit_revoked", actor=me.id),
    )
    if request:
        effects = (*effects, CloseRequest(request), Forget("exit_request", request))
    return Step(effects, answer=say("Done", "This number gets no more texts about exit interviews."))


def _waiting(inbound: Inbound, facts: Facts, city: Jurisdiction) -> Step:
    received = _day(inbound.value("received"))
    if received is None or received > calendar.local_day(city, inbound.received_at):
        return Step(answer=Refuse({"received": "Choose the day on which it reached you."}))
    if not inbound.value("how"):
        return Step(answer=Refuse({"how": "Choose how it reached you."}))
    request, limit = facts.fresh.message, calendar.add_working_days(city, received, BUSINESS_DAYS)
    effects: tuple[Effect, ...] = (
        OpenRequest(request, received, limit, inbound.value("how")),
        *(_warning(city, received, days, request, inbound.received_at) for days in WARNINGS),
        Audit("exit_revocation_noted", request, coordinator(facts, city).id),
    )
    line = f"Find their number by {limit.isoformat()}; /exit lists what waits, and the desk is reminded."
    return Step(effects, answer=say("Noted", line))


def _warning(city: Jurisdiction, received: date, days: int, request: str, now: datetime) -> Remind:
    day = calendar.add_working_days(city, received, days)
    at = calendar.moment(city, day, city.hours.opens)
    return Remind(max(at, now + timedelta(minutes=1)), "exit_request", request)


def _number(inbound: Inbound, facts: Facts) -> Step:
    form = cards.revoke(runs(facts), inbound.value("request"), inbound.value("city"))
    return Step(answer=Open(form))


# --- who and where


def _wave(inbound: Inbound, facts: Facts) -> Wave | None:
    """The running wave of the city that is named; of the only one, if none is."""
    mine, word = {city.key for city in runs(facts)}, city_word(inbound)
    id = inbound.value("wave")
    running = [wave for wave in facts.waves if wave.jurisdiction in mine and wave.state in RUNNING]
    named = [wave for wave in running if wave.id == id or (not id and word in ("", wave.jurisdiction))]
    return named[0] if len(named) == 1 or (named and word) else None


def _places(facts: Facts) -> tuple[Place, ...]:
    return facts.jurisdictions[facts.jurisdiction.runner(PROGRAM)].desk(PROGRAM).places


def _when(city: Jurisdiction, at: datetime) -> str:
    local = at.astimezone(city.zone)
    return f"{local:%A, %B} {local.day} at {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


TURNS: dict[str, Callable[[Inbound, Facts], Step]] = {
    "progress": _progress,
    "invite": _invite,
    "many": _many,
    "all": _all,
    "import": imports.take,
    "take_in": imports.taken,
    "imports": imports.listing,
    "undo": imports.undone,
    "resend": _resend,
    "pause": _hold,
    "resume": _hold,
    "close": _close,
    "revoke": _revoke,
    "number": _number,
    "comments": comments.comments,
}

# What a file may be for that came by itself.
OFFERS = (
    uploads.Offer("Invite everybody in it", "exit_many", runs),
    uploads.Offer("Take interviews in that were held elsewhere", "exit_import", runs),
)

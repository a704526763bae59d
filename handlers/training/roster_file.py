"""A city's learners from the rows of a file; nothing is taken while there is one fault, and no fault repeats a name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.cards import Refuse
from handlers.effects import Audit, Effect, KeepLearner
from handlers.jurisdiction import Jurisdiction
from handlers.language import wished
from handlers.messages import Inbound, Place
from handlers.surveys.cells import Cell, tidy
from handlers.training import columns, entries
from handlers.training.columns import Column, Fault, Line, Unfit
from handlers.training.values import Learner

PHONES = "twilio_sms"
CHATS = ("slack", "teams")
ACCOUNT = re.compile(r"(slack|teams)[:/ ]\s*(?:[A-Za-z0-9-]+/)?([A-Za-z0-9-]{5,64})", re.IGNORECASE)
NEEDED = ("name",)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody as the file has them; `evidence` says how they agreed to be texted."""

    learner: Learner
    evidence: str


@dataclass(frozen=True, slots=True)
class Roster:
    """People who are new or have changed, or the faults of the file; `same` counts those who are as they were."""

    people: tuple[Listed, ...] = ()
    same: int = 0
    faults: tuple[Fault, ...] = ()


def read(
    rows: Iterable[tuple[int, Sequence[Cell]]],
    city: Jurisdiction,
    known: Iterable[Learner],
    ids: Iterator[str],
    now: datetime,
) -> Roster:
    """The learners of one city; who has a phone or an account of somebody on its list is that person."""
    lines, faults = columns.lines(rows, fields(city), NEEDED)
    if not (lines or faults):
        faults = [Fault(0, "", "there is nobody under the names of the columns.")]
    owners = {place: one for one in known for place in one.places}
    found: list[Listed] = []
    seen: dict[Place, int] = {}
    for line in lines:
        listed = _listed(line, city, owners, ids, now)
        if listed:
            _check_twice(line, listed.learner, seen)
            found.append(listed)
        faults += line.faults
    if faults:
        return Roster(faults=tuple(faults))
    before = {one.id: one for one in owners.values()}
    changed = tuple(one for one in found if before.get(one.learner.id) != one.learner)
    return Roster(changed, len(found) - len(changed))


def effects(found: Roster, actor: str) -> Iterator[Effect]:
    """What keeps them, with how each agreed to be texted."""
    for one in found.people:
        yield KeepLearner(one.learner, one.evidence)
        yield Audit("learner_added", one.learner.id, actor)


def fields(city: Jurisdiction | None = None) -> list[Column]:
    """The columns of a roster, with the names that they may have."""
    cities = {city.key: city.key, city.name.casefold(): city.key} if city else {}
    roles = {name.casefold(): role for role, label in entries.ROLES.items() for name in (role, label)}
    roles |= {"employee": "staff", "official": "elected", "elected official": "elected", "commission": "board"}
    read = columns
    return [
        Column("name", ("name", "full name"), read.words),
        Column("city", ("city",), read.one_of(cities)),
        Column("role", ("role",), read.one_of(roles)),
        Column("board", ("board", "board or commission", "commission"), read.words),
        Column("office", ("office", "department"), read.words),
        Column("term_begins", ("term from", "term begins", "term start"), read.day),
        Column("term_ends", ("term until", "term ends", "term end"), read.day),
        Column("phone", ("phone", "mobile", "cell", "cell phone"), read.words),
        Column("account", ("account", "chat account", "chat"), _account),
        Column("language", ("language",), _language),
        Column("manager", ("manager", "supervisor"), _account),
        Column("email", ("e-mail", "email"), read.words),
        Column("consent", ("consent", "agreed to be texted"), read.words),
    ]


def _listed(
    line: Line, city: Jurisdiction, owners: Mapping[Place, Learner], ids: Iterator[str], now: datetime
) -> Listed | None:
    given = line.values
    _check_consent(line)
    channel, _, user = given.get("account", "").partition("/")
    form = {"role": "staff", **given, "city": city.key, "account": f"/{user}" if user else "", "manager": ""}
    inbound = Inbound(channel or "file", city.key, "", "", now, kind="submit", values=form)
    before = next((owners[place] for place in entries.places(inbound) if place in owners), None)
    made = entries.learner(inbound, "", {city.key: city}, before)
    if isinstance(made, Refuse):
        for name, what in made.faults.items():
            line.wrong(name, what)
        return None
    id = before.id if before else next(ids)
    return Listed(replace(made, id=id, manager=_place(given.get("manager", ""))), given.get("consent", "")[:LONGEST])


def _check_consent(line: Line) -> None:
    if line.values.get("phone") and not line.values.get("consent"):
        line.wrong("consent", "Say how they agreed to be texted, or leave the phone out.")


def _check_twice(line: Line, learner: Learner, seen: dict[Place, int]) -> None:
    for place in learner.places:
        if place in seen:
            line.wrong("phone" if place.channel == PHONES else "account", f"It is in row {seen[place]}, too.")
        seen.setdefault(place, line.number)


def _place(account: str) -> Place | None:
    channel, _, user = account.partition("/")
    return Place(channel, user) if user else None


def _account(cell: Cell) -> str:
    """An account as channel/user, from "slack:U0123456" or "teams:<object id>", with or without a team or tenant."""
    found = ACCOUNT.fullmatch(columns.words(cell))
    if not found:
        raise Unfit("Give an account such as slack:U0123456, or teams: and the object id.")
    channel = found[1].lower()
    return f"{channel}/{found[2].upper() if channel == 'slack' else found[2].lower()}"


def _language(cell: Cell) -> str:
    language = wished(f"lang {tidy(columns.words(cell))}")
    if not language:
        raise Unfit("Give a language such as English or Spanish.")
    return language

"""Who lives in the sandbox: made-up staff, channels and phones for the member cities, from the cities' own files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.state import Role

PROGRAM = "hotline"
EXITS = "exit_interview"
TRAINING = "enrolment"
OUTSIDER, OUTSIDER_IN_TEAMS = "U0PARKS", "00000000-0000-4000-8000-000000000001"
GENERAL, GENERAL_IN_TEAMS = "C0GENERAL", "19:general@thread.tacv2"
CHATS = ("slack", "teams")
PHONES = {
    "+18165550141": "Reporter A",
    "+18165550142": "Reporter B",
    "+18165550143": "Reporter C",
    "+18165550151": "Leaver A",
    "+18165550152": "Leaver B",
    "+18165550161": "Ana Flores, Independence",
    "+18165550162": "Ben Carter, Independence",
    "+18165550163": "Cora Hill, Independence",
    "+18165550164": "Dev Patel, Lee's Summit",
    "+18165550165": "Elena Ruiz, Lee's Summit",
    "+18165550166": "Frank Boone, Blue Springs",
}

NAMES = {
    "U0INDFIRST": "Dana Reyes",
    "U0INDSECOND": "Morgan Whitfield",
    "U0INDCUSTODIAN": "Ellis Tran",
    "00000000-0000-4000-8000-000000000201": "Priya Natarajan",
    "00000000-0000-4000-8000-000000000202": "Marcus Bell",
    "00000000-0000-4000-8000-000000000299": "Joan Keller",
    "U0BSPFIRST": "Luis Ortega",
    "00000000-0000-4000-8000-000000000302": "Hannah Price",
    "U0BSPCUSTODIAN": "Ruth Adeyemi",
    "U0MARCDUTY": "Sam Okafor",
    "U0MARCCUSTODIAN": "Iris Lindqvist",
    "U0MARCEXITS": "Nadia Osei",
    "00000000-0000-4000-8000-000000000298": "Paul Renner",
    "U0MARCTRAINING": "Gail Sorensen",
    "U0INDCLERK": "Wanda Lyle",
    "U0BSPCLERK": "Theo Marsh",
    "00000000-0000-4000-8000-000000000297": "Ingrid Bell",
    OUTSIDER: "Taylor Brooks",
    OUTSIDER_IN_TEAMS: "Avery Stone",
}
# For cities that join: their people are named in the order of their desk.
SPARE_NAMES = ("Casey Monroe", "Noor Haddad", "Beth Sandoval", "Owen Fitch", "Mina Cho", "Victor Lang")
OFFICES = ("personnel", "manager", "police")
CUSTODIANS_OFFICE = "attorney"


@dataclass(frozen=True, slots=True)
class Resident:
    """A member of a city's staff; without a role, one of those who are on nobody's list.

    `user` is how their chat ("slack" or "teams") calls them.
    """

    chat: str
    user: str
    name: str
    city: str = ""
    role: Role | None = None
    office: str = ""


def residents(cities: Mapping[str, Jurisdiction]) -> list[Resident]:
    """Everybody: each city's desk contacts, a custodian, a clerk, who runs its programs; and one stranger per chat."""
    spare = iter(SPARE_NAMES)
    found = [
        Resident(chat, user, NAMES.get(user) or next(spare, user), city.key, role, office)
        for city in cities.values()
        for chat, user, role, office in dict.fromkeys(_staff(city))
    ]
    strangers = (("slack", OUTSIDER), ("teams", OUTSIDER_IN_TEAMS))
    return [*found, *(Resident(chat, user, NAMES[user]) for chat, user in strangers)]


def channels(cities: Mapping[str, Jurisdiction], chat: str) -> dict[str, tuple[str, str]]:
    """Channel id → the desk's program and its city, for the desks in one chat."""
    return {
        place.address: (desk.program, city.key)
        for city in cities.values()
        for desk in city.desks
        for place in desk.places
        if place.channel == chat
    }


def phones(cities: Mapping[str, Jurisdiction]) -> dict[str, str]:
    """Phone number → whose it is: a few reporters', and those that a desk pages."""
    paged = {
        place.address: f"{city.name}, on call"
        for city in cities.values()
        for place in city.desk(PROGRAM).contacts
        if place.channel == "twilio_sms"
    }
    return {**PHONES, **paged}


def _staff(city: Jurisdiction) -> Iterator[tuple[str, str, Role, str]]:
    known = {office.key for office in city.offices}
    contacts = [place for place in city.desk(PROGRAM).contacts if place.channel in CHATS]
    for number, contact in enumerate(contacts):
        office = OFFICES[number % len(OFFICES)]
        yield contact.channel, contact.address, "recipient", office if office in known else ""
    if contacts:
        office = CUSTODIANS_OFFICE if CUSTODIANS_OFFICE in known else ""
        yield contacts[0].channel, _beside(contacts[0], "99", "CUSTODIAN"), "custodian", office
    for program in (EXITS, TRAINING):
        for place in city.desk(program).places[:1]:
            yield place.channel, _coordinator(place, contacts), "coordinator", ""
    if contacts and any(line.program == TRAINING for line in city.lines):
        yield contacts[0].channel, _beside(contacts[0], "97", "CLERK"), "clerk", ""


def _coordinator(place: Place, contacts: list[Place]) -> str:
    """The account of who runs a program, beside that of a contact or after the name of the channel."""
    if place.channel == "teams":
        return f"{contacts[0].address[:-2]}98"
    return place.address.replace("C0", "U0", 1)


def _beside(contact: Place, number: str, word: str) -> str:
    """The account of somebody with another role, beside that of a contact."""
    if contact.channel == "teams":
        return f"{contact.address[:-2]}{number}"
    return contact.address.removesuffix("FIRST").removesuffix("DUTY") + word

"""Who lives in the sandbox: made-up staff, channels and phones for the member cities, from the cities' own files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handlers.jurisdiction import Jurisdiction
from handlers.state import Role

PROGRAM = "hotline"
OUTSIDER = "U0PARKS"
GENERAL = "C0GENERAL"
PHONES = {
    "+18165550141": "Reporter A",
    "+18165550142": "Reporter B",
    "+18165550143": "Reporter C",
}

NAMES = {
    "U0INDFIRST": "Dana Reyes",
    "U0INDSECOND": "Morgan Whitfield",
    "U0INDCUSTODIAN": "Ellis Tran",
    "U0LSMFIRST": "Priya Natarajan",
    "U0LSMSECOND": "Marcus Bell",
    "U0LSMCUSTODIAN": "Joan Keller",
    "U0BSPFIRST": "Luis Ortega",
    "U0BSPSECOND": "Hannah Price",
    "U0BSPCUSTODIAN": "Ruth Adeyemi",
    "U0MARCDUTY": "Sam Okafor",
    "U0MARCCUSTODIAN": "Iris Lindqvist",
    OUTSIDER: "Taylor Brooks",
}
# For cities that join: their people are named in the order of their desk.
SPARE_NAMES = ("Casey Monroe", "Noor Haddad", "Beth Sandoval", "Owen Fitch", "Mina Cho", "Victor Lang")
OFFICES = ("personnel", "manager", "police")
CUSTODIANS_OFFICE = "attorney"


@dataclass(frozen=True, slots=True)
class Resident:
    """A member of a city's staff; without a role, one of those who are on nobody's list."""

    user: str
    name: str
    city: str = ""
    role: Role | None = None
    office: str = ""


def residents(cities: Mapping[str, Jurisdiction]) -> list[Resident]:
    """Everybody in the workspace: for each city its desk's contacts and a custodian, and one who is not staff."""
    spare = iter(SPARE_NAMES)
    found = [
        Resident(user, NAMES.get(user) or next(spare, user), city.key, role, office)
        for city in cities.values()
        for user, role, office in _staff(city)
    ]
    return [*found, Resident(OUTSIDER, NAMES[OUTSIDER])]


def channels(cities: Mapping[str, Jurisdiction]) -> dict[str, tuple[str, str]]:
    """Channel id → its name and its city."""
    return {
        place.address: (f"{city.key}-{desk.program}".replace("_", "-"), city.key)
        for city in cities.values()
        for desk in city.desks
        for place in desk.places
        if place.channel == "slack"
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


def _staff(city: Jurisdiction) -> Iterator[tuple[str, Role, str]]:
    known = {office.key for office in city.offices}
    users = [place.address for place in city.desk(PROGRAM).contacts if place.channel == "slack"]
    for number, user in enumerate(users):
        office = OFFICES[number % len(OFFICES)]
        yield user, "recipient", office if office in known else ""
    if users:
        stem = users[0].removesuffix("FIRST").removesuffix("DUTY")
        yield f"{stem}CUSTODIAN", "custodian", CUSTODIANS_OFFICE if CUSTODIANS_OFFICE in known else ""

"""Finds the staff whom a text may mean, by name, nickname, misspelling, office or title; in doubt they are meant."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from handlers.jurisdiction import Jurisdiction, Office
from handlers.language import SMALL
from handlers.spelling import one_slip, plain, tokens
from handlers.state import Staff

PARTICLES = frozenset(
    """de del la las los el van von der den di da dos san y jr sr ii iii iv dr mr mrs ms sra the""".split()
)
# Surnames and first names that are also words: these mean a person only when written with a capital.
ORDINARY = frozenset(
    """park parks price young white brown black green gray long king banks bank wood woods hill hills street chase
    field fields stone rose hope faith grace joy mark will grant frank bill art may june april august summer dawn
    iris lily pearl ruby amber drew rich chip gene pat rob sue carol cook baker farmer fisher hunter mason carter
    cooper taylor tyler driver porter judge major bishop knight rivers lake brook brooks bush reed rice bean berry
    bell ball wall walls hall page book case cash church cross day days early fair fine ford forest fox gold good
    hand hands head high house key lane law little love marsh miles moon moss noble north south west east pace paul
    pike poole pool post power powers ray read rock root sharp shepherd short small snow spring steel storm strong
    swift sweet temple train turner underwood wade ward waters way wells wise wolf worth workman guard casas campos
    flores leon luna mercado prado reyes rios rosa rojas paz cruz cortes guerra iglesia toro vega santos ramos
    robles luz sol alba mar guadalupe dolores there their these those where when which while about after again could
    would should never every other being still since until under three seven money paid pays hours working works
    worker office truck trucks state place store stole steal theft fraud report reports boss city police chief clerk
    mayor council manager""".split()
)
NICKNAMES: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "robert bob bobby rob robbie roberto beto berto",
        "william bill billy will willy liam guillermo memo",
        "richard dick rick ricky rich richie ricardo",
        "james jim jimmy jamie jaime santiago",
        "john johnny jack jon juan juanito",
        "joseph joe joey jose pepe chepe",
        "francis frank frankie francisco paco pancho kiko",
        "michael mike mikey mick miguel",
        "thomas tom tommy tomas",
        "charles charlie chuck chas carlos charly",
        "edward ed eddie ted ned eduardo lalo",
        "daniel dan danny",
        "david dave davey",
        "anthony tony antonio tono",
        "steven stephen steve stevie esteban",
        "christopher chris topher cristobal",
        "matthew matt matty mateo",
        "andrew andy drew andres",
        "kenneth ken kenny",
        "ronald ron ronnie",
        "donald don donnie",
        "gerald gerard gerry jerry gerardo",
        "lawrence larry laurence lorenzo",
        "gregory greg gregorio goyo",
        "samuel samantha sam sammy",
        "benjamin ben benny",
        "timothy tim timmy",
        "jeffrey geoffrey jeff geoff",
        "peter pete pedro",
        "patrick patricia pat patty patti paddy trish tricia paty",
        "raymond ray ramon",
        "alexander alexandra alejandro alejandra alex sandy al alec",
        "nicholas nicole nick nicky nicolas nico",
        "jonathan jon nathan nate nathaniel",
        "albert alberto al bert",
        "alfred alfredo fred freddy federico frederick",
        "manuel manny manolo",
        "jesus chuy chucho",
        "ignacio nacho",
        "enrique henry hank quique harry",
        "luis louis lou louie lucho",
        "rafael rafa ralph",
        "fernando nando fer",
        "arthur art arturo",
        "jorge george",
        "phillip philip phil felipe",
        "walter walt wally",
        "theodore ted teddy theo",
        "elizabeth liz beth betty lizzie eliza betsy lisa isabel isabella",
        "margaret maggie meg peggy marge margarita rita",
        "katherine catherine kathryn kate katie kathy cathy kat catalina",
        "jennifer jen jenny jenn",
        "deborah debra deb debbie",
        "susan sue susie suzanne susana",
        "barbara barb barbie",
        "rebecca becky becca",
        "jessica jess jessie",
        "pamela pam",
        "cynthia cindy",
        "kimberly kim kimmy",
        "christina christine tina chris chrissy cristina",
        "victoria vicky vicki tori",
        "theresa teresa terry tere tess",
        "judith judy",
        "virginia ginny",
        "dorothy dot dottie",
        "guadalupe lupe lupita",
        "maria mary mari marie",
        "rosario chayo",
        "dolores lola",
        "concepcion concha conchita",
        "gabriel gabriela gabrielle gabe gaby",
        "joshua josh",
        "zachary zach zack",
        "leonard leonardo leo len lenny",
        "vincent vince vicente vinny chente",
        "nancy nan",
        "sandra sandy",
        "amanda mandy",
        "melissa missy mel",
        "roger rogelio",
        "stephanie steph",
        "abigail abby",
        "jacob jake",
        "ann anne anna annie ana anita",
        "angela angie",
        "douglas doug",
        "clifford cliff",
        "randall randy randolph",
        "russell russ",
        "stanley stan",
        "harold hal harry",
        "eugene gene eugenio",
        "martin marty",
        "eleanor ellen nell ellie elena helen",
    )
)
# Titles by the key of an office; the office's own names are added to these.
TITLES = {
    "manager": (
        r"city manag\w+|city administrator|town manager|city hall boss|gerente (?:municipal|de la ciudad)|"
        r"gerencia"
        r"|administrador\w* (?:municipal|de la ciudad)|manager of the city|managers office"
    ),
    "personnel": r"hr|h r|human resources?|personnel|recursos humanos|rrhh|rh",
    "police": (
        r"(?:the|our|my|police|deputy|assistant) chief|chief of police|police|pd|cops?|sheriffs?|officers?|"
        r"sergeants?|lieutenants?|detectives?"
        r"|jef[ea] de (?:la )?polic\w+|polic\w+|comisario|agentes?|sargento|teniente|patrull\w+"
    ),
    "attorney": (
        r"(?:city|town|municipal|city s) (?:attorneys?|lawyers?|prosecutors?|counsel\w*)|law department|"
        r"city legal|legal department"
        r"|(?:abogad[oa]s?|fiscal) (?:municipal|de la ciudad|del municipio)|departamento (?:legal|juridico)"
    ),
    "clerk": r"(?:city|town|deputy) clerks?|secretari[oa] (?:municipal|de la ciudad)",
    "mayor": r"mayors?|alcalde(?:sa)?|presidente municipal",
    "finance": r"(?:finance|city) (?:director|treasurer)|finance (?:office|department)|tesorer[oa]|finanzas",
    "auditor": r"(?:city |internal )?auditors?|auditor[ae]?s?",
}
# Whoever told the police does not accuse them.
TOLD = re.compile(
    r"\b(?:called|call|calling|told|tell|telling|reported (?:it |this |that )?to|report (?:it |this "
    r")?to|went to|go to|talked to|filed with"
    r"|llam\w+ a|dije a|le dije a|conte a|le conte a|reporte a|reportado a|avise a|fui a|hable con|"
    r"denuncie (?:en|ante|a)) "
    r"(?:the |la |las |los |el |a |my |local )?(?:police|cops?|pd|polic\w+|sheriffs?|officers?)\b"
)


SOUNDS = str.maketrans("kqjzyv", "ccgsib")
WRITTEN = re.compile(r"[^\W_]+(?:['`\u2019][^\W_]+)*")

Word = tuple[str, bool]
"""A folded word, and whether it was written with a capital."""


def mentioned(
    text: str, staff: Iterable[Staff], jurisdiction: Jurisdiction, cleared: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The ids of the staff whom a text may mean; those `cleared` once are meant by half a name no more."""
    words = tuple(_words(text))
    distinct = frozenset(words)
    titled = offices(text, jurisdiction.offices)

    def meant(row: Staff) -> bool:
        named = _named_in_full if row.id in cleared else _named
        return row.office in titled or named(row.name, words, distinct)

    return frozenset(row.id for row in staff if meant(row))


def offices(text: str, listed: tuple[Office, ...]) -> frozenset[str]:
    """The keys of the offices that a text may mean, also of those that the city's list does not have."""
    said = TOLD.sub(" ", plain(text))
    return frozenset(key for key, pattern in _patterns(listed) if pattern.search(said))


def without_offices(text: str, listed: tuple[Office, ...], mark: str) -> str:
    """The folded words of a text, with a mark in place of each office."""
    said = plain(text)
    for _, pattern in _patterns(listed):
        said = pattern.sub(mark, said)
    return said


def has_full_name(text: str) -> bool:
    """Whether two words stand side by side as a first and a last name are written."""
    words = () if text.isupper() else tuple(_words(text))
    everyday = ORDINARY.union(*SMALL.values())
    return any(
        one[1] and other[1] and not {one[0], other[0]} & everyday and len(other[0]) > 1
        for one, other in pairwise(words)
    )


def of_office(offices: Iterable[str], staff: Iterable[Staff]) -> frozenset[str]:
    """The ids of the staff of some offices."""
    wanted = frozenset(offices)
    return frozenset(row.id for row in staff if row.office in wanted)


def _words(text: str) -> Iterator[Word]:
    for written in WRITTEN.findall(re.sub(r"['`\u2019]s\b", "", text)):
        for word in tokens(written):
            yield word, written[0].isupper()


def _named(name: str, words: tuple[Word, ...], distinct: frozenset[Word]) -> bool:
    first, rest = _parts(name)
    if not rest:
        return bool(first) and _alone(first, distinct)
    if _first_alone(_nicknames(first), distinct) or any(_alone(last, distinct) for last in rest):
        return True
    return _named_in_full(name, words, distinct)


def _named_in_full(name: str, words: tuple[Word, ...], distinct: frozenset[Word]) -> bool:
    first, rest = _parts(name)
    return any(_together(_nicknames(first), last, words, distinct) for last in rest)


@lru_cache
def _parts(name: str) -> tuple[str, tuple[str, ...]]:
    """The first name and the surnames of a staff member; a middle name counts as a surname."""
    first, *rest = [part for part in tokens(name) if part not in PARTICLES] or [""]
    return first, tuple(part for part in rest if len(part) > 1)


@lru_cache
def _nicknames(first: str) -> frozenset[str]:
    return frozenset({first}).union(*(group for group in NICKNAMES if first in group))


def _alone(last: str, distinct: frozenset[Word]) -> bool:
    """A surname by itself, from four letters on; its plural too ("the Hendersons")."""
    if len(last) < 4:
        return False
    plurals = {(plural, capital) for plural in (f"{last}s", f"{last}es") for capital in (False, True)}
    meant = _like(last, distinct) | plurals & distinct
    return any(capital or word not in ORDINARY for word, capital in meant)


def _together(given: frozenset[str], last: str, words: tuple[Word, ...], distinct: frozenset[Word]) -> bool:
    """First and last name in any order, with at most a middle name between."""
    meant = _like(last, distinct)
    called = frozenset[Word]().union(*(_like(name, distinct) for name in given)) if meant else meant
    if not called:
        return False
    near = {place + step for place, word in enumerate(words) if word in meant for step in (-2, -1, 1, 2)}
    return any(word in called and place in near for place, word in enumerate(words))


def _first_alone(given: frozenset[str], distinct: frozenset[Word]) -> bool:
    """A first name alone, written as a name: few people in one office share one."""
    return any((name, True) in distinct and len(name) >= 3 and name not in ORDINARY for name in given)


def _like(name: str, distinct: frozenset[Word]) -> frozenset[Word]:
    """The words that are a name, or its misspelling."""
    near = range(len(name) - 1, len(name) + 2)
    return frozenset(
        word for word in distinct if len(word[0]) in near and (word[0] == name or _misspelt(word[0], name))
    )


def _misspelt(word: str, name: str) -> bool:
    return len(name) >= 5 and _same_start(word, name) and word not in ORDINARY and one_slip(word, name)


def _same_start(word: str, name: str) -> bool:
    """People seldom miss the first letter, but for those that sound alike."""
    return word[:1] == name[:1] or word[:1].translate(SOUNDS) == name[:1].translate(SOUNDS) or word[:2] == name[1::-1]


@lru_cache
def _patterns(offices: tuple[Office, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What means an office: its names in every language, and its titles."""
    named = {office.key: [re.escape(plain(name)) for name in office.names.values()] for office in offices}
    keys = {**dict.fromkeys(TITLES), **dict.fromkeys(named)}
    wanted = {key: (*named.get(key, ()), *filter(None, (TITLES.get(key),))) for key in keys}
    return tuple((key, re.compile(rf"\b(?:{'|'.join(words)})\b")) for key, words in wanted.items())

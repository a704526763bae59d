"""Takes out of a comment what may tell who wrote it or whom it names; a person looks at it afterwards all the same."""

import re

from handlers.casework.names import NICKNAMES, ORDINARY

NAME, NUMBER, ADDRESS, UNIT = "[name]", "[number]", "[address]", "[unit]"
MAIL = re.compile(r"\S+@\S+\.\w+|https?://\S+|@\w{2,}")
BADGE = re.compile(
    r"(?i)\b(?:badge|employee|id|placa|empleado|legajo)\b[\s:#]*(?:no\.?|number|n[uú]mero)?[\s:#]*[\w-]*\d[\w-]*"
)
UNITS = re.compile(
    r"(?i)\b(?:unit|squad|station|crew|platoon|precinct|team|shift|truck|engine|unidad|estaci[oó]n|equipo|turno)"
    r"\s+(?:#?\s*\d+\w?|[a-h]\b|one|two|three|four|five|six|seven|eight|nine|ten)"
)
# Years, money and small counts tell nobody; longer rows of digits may be phones, cases, addresses.
DIGITS = re.compile(r"(?<![\w$])\+?\(?\d[\d\s().-]{2,}\d\b")
YEAR = re.compile(r"(?:19|20)\d\d").fullmatch
TITLED = re.compile(
    r"\b(?i:(mr|mrs|ms|dr|sgt|sergeant|lt|lieutenant|capt|captain|chief|director|officer|se[nñ]ora?|don|do[nñ]a|"
    r"sargento|teniente|capit[aá]n|jef[ea]))\b(\.?\s+)([A-ZÁÉÍÓÚÑ][\w'\u2019-]+(?:\s+[A-ZÁÉÍÓÚÑ][\w'\u2019-]+)?)"
)
WORD = re.compile(r"[A-ZÁÉÍÓÚÑ][\w'\u2019-]*(?:\s+[A-ZÁÉÍÓÚÑ][\w'\u2019-]*)*")
FIRST_NAMES = frozenset[str]().union(*NICKNAMES) - ORDINARY
# Written with a capital, and nobody's name.
COMMON = frozenset(
    """i i'm i've i'd i'll hr it ok fmla covid january february march april may june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday city english spanish american""".split()
)
STARTS = re.compile(r"(?:^|[.!?:;\n]\s*|[\"“(¿¡-]\s*)$")


def redact(text: str) -> str:
    """The comment without names, numbers, addresses, badges and units; what was taken out is marked."""
    text = MAIL.sub(ADDRESS, text)
    text = UNITS.sub(UNIT, BADGE.sub(NUMBER, text))
    text = DIGITS.sub(lambda found: found[0] if YEAR(found[0].strip()) else NUMBER, text)
    text = TITLED.sub(lambda found: f"{found[1]}{found[2]}{NAME}", text)
    return WORD.sub(lambda found: _named(found, text), text)


def _named(found: re.Match[str], text: str) -> str:
    """Words with capitals: a name, but for the first of a sentence, where only known first names are."""
    words = found[0].split()
    kept: list[str] = []
    first = bool(STARTS.search(text[: found.start()]))
    if first and words[0].casefold() not in FIRST_NAMES:
        kept.append(words.pop(0))
    kept += [word if word.casefold() in COMMON or word.isupper() else NAME for word in words]
    return " ".join(word for at, word in enumerate(kept) if word != NAME or kept[at - 1 : at] != [NAME])

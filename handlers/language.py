"""Tells English from Spanish by the small words, and reads a wish for a language."""

from handlers.spelling import plain, tokens

SMALL = {
    "en": frozenset(
        """the and is are was were of to in that it for on with he she they i my me you we his her their this at from
        have has had not been be do does did but what when where who how about there some just because please thanks
        hello hi hey yes dont im its cant someone somebody every after before our will would if an by or as so no
        one out up""".split()
    ),
    "es": frozenset(
        """el la los las de que y en un una es por con para su se lo le mi me yo tu usted ellos ella no hay esta estan
        fue son era como pero porque cuando donde quien quiero tengo hola gracias buenos buenas dias si muy mas del
        al ha han estoy todo todos alguien nos ayer hoy favor jefe trabajo dinero sobre desde hace ya aqui alla nada
        reporte reportar denuncia robando olvidelo olvidalo equivocado equivocada equivoque importa""".split()
    ),
}
# Words both languages have say nothing about either.
SHARED = SMALL["en"] & SMALL["es"]
CLEAR = frozenset(
    """hola buenos buenas gracias olvidelo olvidalo equivocado equivocada equivoque importa
    hello hi hey thanks""".split()
)
NAMES = {
    "en": frozenset(("en", "english", "ingles", "ing", "eng")),
    "es": frozenset(("es", "espanol", "spanish", "esp", "spa", "espaniol")),
}
COMMAND = frozenset(("lang", "language", "idioma"))
OTHERS = frozenset(
    """fr french frances francais de german aleman deutsch pt portuguese portugues it italian italiano vi vietnamese
    vietnamita zh cn chinese chino mandarin cantonese ko korean coreano ja jp japanese japones ru russian ruso ar arabic
    arabe so somali sw swahili suajili tl tagalog hi hindi ur urdu ne nepali my burmese fa farsi persian am amharic
    ht creole haitian criollo pl polish polaco uk ukrainian ucraniano sm samoan chuukese marshallese hmong""".split()
)
"""Languages that people here may wish for, besides those of the catalogues."""
BEFORE = frozenset(
    """lang language idioma lenguaje in en por favor please speak hablo habla hablan texts sorry perdon disculpe mejor
    disculpen prefiero prefer i can could we you do switch change to cambiar a al quiero puede ser podemos se oh ok y
    and""".split()
)
NOT = frozenset(("no", "not", "dont"))
LONGEST_WISH = 6
PLAINLY = 4


def detect(text: str) -> str:
    """ "en" or "es" where the small words are clear about it, else ""."""
    best, votes, others = _heard(text)
    return best if votes >= 2 and votes >= 2 * others else ""


def plainly(text: str) -> str:
    """The language that a text is all in, by four small words at least, else ""; a quotation makes no difference."""
    best, votes, others = _heard(text)
    return best if votes >= PLAINLY and not others else ""


def wished(text: str) -> str:
    """The language that "LANG ES", "español", "in English please" or "no hablo inglés" asks for, else ""."""
    said = tokens(text)
    if not said or len(said) > LONGEST_WISH:
        return ""
    if not NOT.isdisjoint(said):
        refused = wished(" ".join(word for word in said if word not in NOT)) if len(said) > 2 else ""
        others = [language for language in NAMES if language != refused]
        return others[0] if refused and len(others) == 1 else ""
    for language, names in NAMES.items():
        if said[0] in COMMAND and len(said) == 2 and said[1] in names:
            return language
        named = [word for word in said if word in names and len(word) > 3]
        if len(named) == 1 and all(word in BEFORE for word in said if word not in named):
            return language
    return ""


def names_language(text: str) -> bool:
    """Whether a text asks for a language, one that there is or another: "LANG ES", "LANG FR", "LANG" alone."""
    said = tokens(text)
    if wished(text) or said in (("lang",), ("idioma",)):
        return True
    return len(said) == 2 and said[0] in COMMAND and said[1] in OTHERS


def _heard(text: str) -> tuple[str, int, int]:
    """The language of most of the small words, how many they are, and how many are of the next one."""
    votes = {language: _votes(text, words) for language, words in SMALL.items()}
    (best, most), (_, others) = sorted(votes.items(), key=lambda vote: -vote[1])[:2]
    return best, most, others


def _votes(text: str, words: frozenset[str]) -> int:
    said = [word for word in tokens(text) if word not in SHARED]
    marks = 2 if words is SMALL["es"] and any(mark in text for mark in "¿¡ñ") else 0
    return marks + sum(1 + (word in CLEAR) for word in said if word in words)


def is_bare(text: str) -> bool:
    """Whether a text only greets or tries the line."""
    said = plain(text)
    return not said or len(said) < 3 or all(word in GREETINGS for word in said.split(" "))


GREETINGS = frozenset(
    """hi hello hey yo test testing ok there anyone is this on good morning afternoon evening working the line
    hola buenos buenas dias tardes noches prueba probando alguien funciona esto""".split()
)

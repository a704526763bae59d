"""Words that steer instead of telling: stop, start, help, status, new report, language; only as whole texts."""

import re
from typing import Literal

from handlers.language import wished
from handlers.spelling import fold, plain

Word = Literal["", "carrier stop", "stop", "start", "help", "status", "new", "language"]

CARRIER_STOP = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
CARRIER_START = frozenset("start unstop yes".split())
CARRIER_HELP = frozenset("help info".split())
CARRIER = CARRIER_STOP | CARRIER_START | CARRIER_HELP

WORDS: dict[str, Word] = {
    **dict.fromkeys(CARRIER_STOP, "carrier stop"),
    **dict.fromkeys("start|unstop|resume|start texts|start again|reanudar|empezar|reiniciar".split("|"), "start"),
    **dict.fromkeys("help|info|commands|menu|ayuda|informacion|comandos".split("|"), "help"),
    **dict.fromkeys("status|my status|status please|estado|estatus|mi estado|estado por favor".split("|"), "status"),
    **dict.fromkeys("new|new report|new case|nuevo|nueva|nuevo reporte|nuevo informe|nuevo caso".split("|"), "new"),
}
LONGEST_STOP = 120
SPANISH_STOP = frozenset(
    (
        "alto|alto ya|alto por favor|parar|pare|paren|pare por favor|paren por favor|para ya|detener|detengan|"
        "detenganse|cancelar|baja|salir|fin|basta|basta ya|ya basta|no mas|ya no|ya no mas|dame de baja|denme de baja|"
        "darme de baja|quiero darme de baja"
    ).split("|")
)
SAY = (
    r"(?:text|texting|texts|message|messaging|messages|msg|msgs|contact|contacting|write|writing|bother|"
    r"bothering|send|sending|sms|spam|spamming|reply|replying)"
)
REST = (
    r"(?: (?:me|us|to me|this|this number|my phone|my number|any|more|any more|anymore|texts?|messages?|"
    r"msgs?|sms|these|things|stuff|again|ever|please|pls|plz|now|right now|thanks|thank you|ok|"
    r"okay|already|here|back))*"
)
BEFORE = (
    r"(?:(?:please|pls|plz|ok|okay|hey|hi|hello|no|just|and|so|can|could|would|will|you|i|want|need|id|like|"
    r"to|u|all|guys|stop|thanks) )*"
)
# Whole texts only: an opt-out word inside a sentence ("they won't stop stealing") is part of a report.
PLAIN_STOP = re.compile(
    "|".join(
        (
            rf"{BEFORE}(?:stop|quit|dont|do not|never|cease|no more) {SAY}{REST}",
            r"(?:please |pls |plz )?stop(?: (?:it|please|pls|plz|now|this|that|all|already|ok|thanks|"
            r"thank you|immediately))*",
            r"(?:no|please) stop(?: please)?",
            rf"{BEFORE}(?:unsubscribe|opt out|opt me out|unsubscribe me|opt-out)(?: me)?(?: from (?:this|"
            rf"these|all|texts|messages|it))?{REST}",
            rf"{BEFORE}(?:remove|delete|take) (?:me|my number|my phone|my phone number|this number)(?: "
            rf"(?:from|off))?(?: of)?(?: (?:this|your|the))?(?: (?:list|lists|system|texts))?{REST}",
            r"(?:please |just |pls )?leave me alone(?: please| now)?",
            r"(?:i )?(?:do not|dont) (?:want|need|wish) (?:any |to get |to receive |you to |your |these "
            r"|more )*(?:texts?|messages?|sms|text me|message me|contact me)(?: .{0,20})?",
            r"lose my number|no more(?: texts?| messages?)?(?: please)?|end (?:texts|messages|this chat)",
        )
    )
)
PLAIN_STOP_ES = re.compile(
    r"(?:(?:por favor|ya|oiga|oigan|favor de|les pido que|quiero que|le pido que|pido que|hola|gracias) )*(?:"
    r"(?:no|ya no|nunca) (?:me|nos) (?:escriban?|textee?n?|manden?|envien?|contacten?|molesten?|"
    r"busquen?|llamen?|escribas|mandes|hables|hablen)"
    r"|(?:dejen?|paren?|deja|para) de (?:escribirme|textearme|mandarme|enviarme|molestarme|contactarme|"
    r"molestar|escribir|mandar|enviar)"
    r"|(?:dejen?me|deja me|deje me|dejame) en paz|(?:dejen?|deja) me en paz"
    r"|no (?:quiero|deseo)(?: recibir)?(?: mas)?(?: sus)? (?:mensajes|textos|sms)|no mas (?:mensajes|"
    r"textos|sms)|no (?:quiero|deseo) que me (?:escriban|manden|envien|contacten)"
    r"|no (?:mande|mandes|manden|envien|escriban) mas|(?:quiten|borren|eliminen|saquen)(?:me| mi numero|"
    r" mi telefono)(?: de (?:la|su|esta) lista)?"
    r")(?: (?:mas|ya|nunca|nada|mensajes|textos|sms|por favor|gracias|de nuevo|otra vez|a "
    r"este numero|aqui))*"
)
NEW_WITH_TEXT = re.compile(
    r"\s*(?:new|nuevo|nueva)(?: (?:report|reporte|informe|case|caso))?\s*[:\u2013\u2014-]+\s*(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)


def read(text: str) -> Word:
    """Which word a whole text is; "" for everything that tells something."""
    said = plain(text)
    if said in CARRIER_STOP and text.strip().lower() != said:
        return "stop"  # "STOP." is not a word to the carrier, so the confirmation is ours to send
    if said in WORDS:
        return WORDS[said]
    if wished(text):
        return "language"
    return "stop" if asks_to_stop(said) else ""


def asks_to_stop(said: str) -> bool:
    """Whether a whole text (folded) asks us, in plain words, to text no more."""
    if len(said) > LONGEST_STOP:
        return False
    return said in SPANISH_STOP or bool(PLAIN_STOP.fullmatch(said) or PLAIN_STOP_ES.fullmatch(said))


def new_report(text: str) -> str:
    """What follows "NEW:" in front of a text, else ""."""
    found = NEW_WITH_TEXT.fullmatch(text)
    return found["rest"] if found else ""


def is_carrier_word(label: str) -> bool:
    """Whether the carrier would swallow that answer."""
    return fold(label).strip() in CARRIER

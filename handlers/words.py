"""Words that steer instead of telling: stop, start, help, status, new report, language; only as whole texts."""

import re
from typing import Literal

from handlers.language import names_language
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
    **dict.fromkeys(
        (
            "any news|any updates|any update|update|updates|whats new|whats happening|whats going on|"
            "whats happening with my case|whats happening with my report|whats going on with my case|"
            "whats going on with my report|any news on my case|any news on my report|any update on my case|"
            "any update on my report|what is the status|whats the status|status of my case|status of my report|"
            "case status|report status|what happened with my case|what happened with my report|"
            "que paso con mi caso|que paso con mi reporte|que pasa con mi caso|que pasa con mi reporte|"
            "como va mi caso|como va mi reporte|hay noticias|alguna noticia|hay novedades|alguna novedad|novedades"
        ).split("|"),
        "status",
    ),
    **dict.fromkeys("new|new report|new case|nuevo|nueva|nuevo reporte|nuevo informe|nuevo caso".split("|"), "new"),
}
COURTESY = re.compile(
    r"(?:(?:ok|okay|k|kk|thanks|thank you|thank u|thankyou|thx|ty|tysm|so much|very much|again|a lot|for your help|"
    r"for listening|for everything|for the info|got it|great|good|cool|perfect|bye|goodbye|good night|"
    r"have a good (?:day|night|one)|"
    r"god bless|god bless you|appreciate it|i appreciate it|much appreciated|understood|"
    r"gracias|muchas|mil|muy amable|muy amables|vale|bueno|bien|adios|hasta luego|que dios los bendiga|"
    r"dios los bendiga|buen dia|entendido|de acuerdo|por todo|por su ayuda|por escuchar) ?)+"
)
KIND_SIGNS = re.compile(r"[\s\U0001f44d\U0001f64f\U0001f44c\u2764\ufe0f\U0001f3fb-\U0001f3ff\U0001f60a\U0001f642]+")
PUZZLED = re.compile(
    r"(?:(?:and|but|so|wait|ok|y|pero) )*(?:"
    r"why(?: this| that| (?:do|would) (?:you|u) (?:ask|care|(?:want|need)(?: to (?:know|ask))?)(?: me)?(?: this| that)?"
    r"| are (?:you|u) asking(?: me)?(?: this| that)?)?|what for|what|huh|wdym|"
    r"i (?:dont|do not) (?:understand|get it)(?: (?:this|that|the|your|question))*|"
    r"what (?:do (?:you|u) mean|does (?:it|that|this) mean)|"
    r"(?:por|para) que(?: (?:me )?(?:preguntan?|(?:quieren?|necesitan?)(?: saber)?)(?: eso| esto)?)?|que|"
    r"no (?:les? )?(?:entiendo|comprendo)(?: (?:eso|esto|la|su|pregunta))*|"
    r"que (?:quiere decir|significa)(?: eso| esto)?)"
)
LONGEST_STOP = 120
SPANISH_STOP = frozenset(
    (
        "alto|alto ya|ya alto|alto por favor|parar|pare|paren|pare por favor|paren por favor|para ya|paren ya|"
        "pare ya|ya pare|ya paren|parenle|ya parenle|detener|detengan|"
        "detenganse|cancelar|baja|salir|fin|basta|basta ya|ya basta|no mas|ya no|ya no mas|dame de baja|"
        "denme de baja|deme de baja|dar de baja|"
        "darme de baja|quiero darme de baja|me quiero dar de baja|me doy de baja|quiero que me den de baja|"
        "deme de baja por favor|denme de baja por favor|numero equivocado|es numero equivocado|se equivoco de numero|"
        "tiene el numero equivocado|retiro mi consentimiento|revoco mi consentimiento"
    ).split("|")
)
SAY = (
    r"(?:text|texting|texts|message|messaging|messages|msg|msgs|contact|contacting|write|writing|bother|"
    r"bothering|send|sending|sms|spam|spamming|reply|replying|txt|txting)"
)
THINGS = r"(?:(?:all|the|these|those|this|your|my|any|more|sending|getting|receiving|me|of|ur) )*"
TEXTS = r"(?:texts?|txts?|messages?|msgs?|sms|alerts|text messages|these|subscription|notifications)"
REST = (
    r"(?: (?:me|us|to me|this|this number|my phone|my number|any|more|any more|anymore|texts?|messages?|"
    r"msgs?|sms|these|things|stuff|again|ever|please|pls|plz|now|right now|thanks|thank you|ok|"
    r"okay|already|here|back))*"
)
BEFORE = (
    r"(?:(?:please|pls|plz|ok|okay|hey|hi|hello|no|just|and|so|can|could|would|will|you|i|want|need|id|like|"
    r"to|u|all|guys|stop|thanks|said|how|do|wish|would|not interested|wrong number|sorry) )*"
)
# Whole texts only: an opt-out word inside a sentence ("they won't stop stealing") is part of a report.
PLAIN_STOP = re.compile(
    "|".join(
        (
            rf"{BEFORE}(?:stop|quit|dont|do not|never|cease|no more) {SAY}{REST}",
            r"(?:please |pls |plz )?stop(?: (?:it|please|pls|plz|now|this|that|all|already|ok|thanks|"
            r"thank you|immediately))*",
            rf"{BEFORE}stop(?: (?:stop|now|please|pls|already))*",
            rf"{BEFORE}(?:stop|quit|end|cancel|no more|get no more) {THINGS}{TEXTS}{REST}",
            r"(?:please )?(?:i )?(?:hereby )?(?:revoke|withdraw)(?: (?:my|all|any))* (?:consent|permission)",
            r"(?:sorry )?(?:this is |you have |you got |u have |its )?(?:the |a )?wrong (?:number|person)(?: sorry)?",
            r"(?:please )?(?:block me|go away|forget my number|enough already)(?: please)?",
            rf"{BEFORE}(?:unsubscribe|opt out|opting out|opt me out|unsubscribe me)(?: me)?(?: from (?:this|"
            rf"these|all|texts|messages|it))?{REST}",
            rf"{BEFORE}(?:remove|delete|take) (?:me|my number|my phone|my phone number|this number)(?: "
            rf"(?:from|off))?(?: of)?(?: (?:this|your|the))?(?: (?:list|lists|system|texts))?{REST}",
            r"(?:please |just |pls )?leave me alone(?: please| now| already)?",
            r"(?:i )?(?:do not|dont|no longer) (?:want|need|wish) (?:any |to get |to receive |to be |you to |"
            r"your |these |the "
            r"|more )*(?:texts?|messages?|sms|these|this|text me|message me|contact me|contacted|texted|messaged)"
            r"(?: (?:anymore|any more|again|please|from you|at all|ever|by you|thanks|thank you))*",
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
    r"|no me llamen ni (?:me )?escriban|(?:paren|pare|detengan|cancelen|cancelar|cancele|basta de|alto a)"
    r"(?: (?:los|sus|estos|mis|todos))* (?:mensajes|textos|sms)"
    r"|no (?:mande|mandes|manden|envien|escriban) mas|(?:quiten?|borren?|eliminen?|saquen?)(?:me| mi numero|"
    r" mi telefono)(?: de (?:la|su|esta) lista)?"
    r")(?: (?:mas|ya|nunca|nada|mensajes|textos|sms|por favor|gracias|de nuevo|otra vez|a "
    r"este numero|aqui))*"
)
# A clause of a longer text: somebody else reads that phone, so no answer may light it up.
SILENCE = re.compile(
    r"(?:^|[.!?,;\n\u2013\u2014-]\s*|\b(?:please|pls|plz|but|so|and|por favor|favor de|pero|y)\s+)(?:"
    r"(?:do not|dont) (?:reply|respond|answer|(?:text|txt|write|message|msg|call)(?: me)?(?: back)?)|"
    r"no (?:me )?(?:respond(?:a|an|as|er)|contest(?:e|en|es|ar)|escrib(?:a|an|as|ir)|"
    r"mand(?:e|en|es) (?:nada|mensajes|textos)))"
    r"(?: (?:back|me|to me|to this|here|please|pls|again|now|por favor|aqui|ahora|nada|mas))*"
    r"(?=\s*(?:$|[.!?,;\n\u2013\u2014-]|(?:because|cause|cuz|bc|porque|que|until|hasta) |"
    r"(?:(?:my|mi) \w+|he|she|they|someone|somebody|el|ella|ellos|alguien) "
    r"(?:\w+ )?(?:reads?|sees?|checks?|looks?|has|have|holds?|watch(?:es)?|"
    r"lee|leen|ve|ven|revisan?|tienen?|mira|miran)\b))"
)
# Whole texts only: "forget it, he has the keys" is part of a report.
ASIDE = (
    "oh|ah|oops|ok|okay|hey|hi|hello|no|lol|well|and|so|just|then|now|please|pls|sorry|my bad|actually|thanks|"
    "thank you|bye|i|i want to|i would like to|id like to|i need to|can you|could you|can i|lets|this is|"
    "you have|you got|i have|i got|i have got|the|a|ay|hola|perdon|disculpe|disculpen|lo siento|bueno|pues|"
    "mejor|ya|quiero|quisiera|por favor|gracias|adios|entonces|es|el"
)
NOTHING = (
    "never ?mind|nvm|(?:forget|disregard|ignore) (?:it|that|this|me|(?:my|this|that|the) (?:last )?(?:text|message))|"
    "forget (?:about (?:it|this|that)|i said anything|i texted)|i take (?:it|that) back|changed my mind|"
    "(?:cancel|withdraw|drop|delete|erase|remove|undo|take back|close) (?:my|the|this|that) "
    "(?:report|complaint|case|tip|text|message)|"
    "(?:stop|quit|dont|do not) ask(?:ing)?(?: me)?(?: (?:all|so|too|any|more|many|the|these|those|your))*"
    "(?: (?:questions?|this|that))?|(?:no more|enough|too many)(?: of)?(?: (?:the|these|those|your))? questions|"
    "(?:dont|do not) (?:want to|wanna) answer (?:any ?more|(?:(?:any|more|the|these|your) )*questions)|"
    "wrong (?:number|person|chat)|(?:(?:this|that) was )?(?:not meant for you|meant for (?:someone|somebody) else)|"
    "olvid(?:elo|alo|enlo|ate)(?: todo)?|no importa|no es nada|dej(?:elo|alo|enlo)(?: asi)?|no me hagan? caso|"
    "ignor(?:e|en|a) (?:esto|eso|(?:este|ese|el|mi) (?:mensaje|texto))|"
    "(?:cancel|retir|borr|elimin|cerr|cierr)(?:ar|e|en|o|a) (?:mi|el|la|este|esta) "
    "(?:reporte|denuncia|queja|caso|informe)|"
    "(?:ya )?no me (?:pregunt(?:e|en|es)|hagan?)(?: (?:mas|nada|preguntas|tantas))*|dej(?:e|en) de preguntar(?:me)?|"
    "(?:no mas|basta de|demasiadas) preguntas|no quiero (?:contestar|responder) (?:mas|(?:a )?(?:sus )?preguntas)|"
    "numero equivocado|persona equivocada|me equivoque(?: de (?:numero|persona))?|se equivoco de numero|"
    "tiene el numero equivocado|no era para (?:usted|ustedes)|era para otra persona|cambie de (?:opinion|idea)"
)
TAKEN_BACK = re.compile(rf"(?=.*\b(?:{NOTHING})\b)(?:(?:{NOTHING}|{ASIDE})(?: |$))+")
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
    if names_language(text):
        return "language"
    return "stop" if asks_to_stop(said) else ""


def asks_to_stop(said: str) -> bool:
    """Whether a whole text (folded) asks us, in plain words, to text no more."""
    if len(said) > LONGEST_STOP:
        return False
    return said in SPANISH_STOP or bool(PLAIN_STOP.fullmatch(said) or PLAIN_STOP_ES.fullmatch(said))


def is_courtesy(text: str) -> bool:
    """Whether a text says no more than thanks, all right or goodbye."""
    said = plain(text)
    return bool(COURTESY.fullmatch(said) if said else text and KIND_SIGNS.fullmatch(text))


def takes_back(text: str) -> bool:
    """Whether a text says no more than that it was nothing, a mistake, or meant for somebody else."""
    return len(text) <= LONGEST_STOP and bool(TAKEN_BACK.fullmatch(plain(text)))


def is_puzzled(text: str) -> bool:
    """Whether a text only asks why we ask, or what we mean."""
    return bool(PUZZLED.fullmatch(plain(text))) or text.strip() in ("?", "??", "???")


def wants_silence(text: str) -> bool:
    """Whether a text that tells something also asks that nothing comes back, as when another person reads the phone."""
    return bool(SILENCE.search(fold(text).strip()))


def new_report(text: str) -> str:
    """What follows "NEW:" in front of a text, else ""."""
    found = NEW_WITH_TEXT.fullmatch(text)
    return found["rest"] if found else ""


def is_carrier_word(label: str) -> bool:
    """Whether the carrier would swallow that answer."""
    return fold(label).strip() in CARRIER

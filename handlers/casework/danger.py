"""Hears danger to life in a text, English or Spanish; in doubt it is "unsure", never silence."""

import re
from typing import Literal

from handlers.spelling import fold

Level = Literal["none", "unsure", "danger"]

# What only sounds dangerous; taken out before anything is looked for.
IDIOMS = re.compile(
    r"""\b(?:
    (?:could|would|id|i'd) \s (?:just\s)? kill \s for | kill(?:ing|ed)? \s (?:time|it|the \s
    (?:mood|vibe|lights?|engine|program|project|deal|bill|budget)) |
    (?:work|job|heat|commute|back|feet|boss|stress|suspense) \s (?:is|are) \s killing \s (?:me|us) | killing \s my
    \s (?:back|feet) | (?:shoot|shot|shooting) \s (?:me|you|him|her|us|them|over)? \s? (?:an?\s)?
    (?:e-?mail|text|message|note|call|the \s breeze|for \s the \s moon|hoops|video|photos?|pictures?|a \s film) |
    (?:shooting|gun|firing) \s range | (?:nail|glue|heat|staple|caulk(?:ing)?|spray|paint|grease|radar|price) \s gun
    | gun(?:ning)? \s for | jump(?:ed|ing)? \s the \s gun | (?:butter|pocket|putty|utility) \s knife | dying \s to |
    drop[- ]dead \s (?:date|line) | dead(?:line|wood|lines)? \s (?:tired|serious|wrong|beat|end|weight) |
    bomb(?:ed)? \s (?:the|his|her|my) \s (?:test|interview|exam|presentation) | (?:bath|photo) \s?bomb(?:s|ed)? |
    blow(?:s|n|ing)? \s up \s (?:my|his|her|our|the) \s (?:phone|inbox|e-?mail) |
    (?:got|get|was|were|be|been|being|is|are) \s fired | under \s fire | fire \s?
    (?:fighters?|fighting|department|dept|station|chief|truck|engine|hydrants?|code|marshal|district|extinguishers?|alarm
    \s (?:test|inspection|contract)|sale|wall|works|proof|union|captain|house|academy|inspect(?:or|ions?)|drill) |
    (?:burn|burning) \s (?:time|cash|money|through|rate|out|hours) | gas \s
    (?:card|money|station|receipts?|tank|mileage|pump|bill|cards?) | hit \s (?:me|him|her|us) \s up | hit \s
    (?:the|my|his) \s (?:roof|target|deadline|brakes?|budget) | (?:sexual|political|verbal|legal) \s attack | heart
    \s attack \s (?:last|years) | attack(?:ed|s|ing)? \s (?:the|my|his|her|our) \s
    (?:problem|character|idea|plan|credibility|report) | (?:threaten(?:s|ed|ing)?|amenaz\w+) \s (?:to|with|con) \s
    (?:fire|firing|write|cut|demote|sue|transfer|suspend|lay|termination|discipline|despedir\w*|despedirme|demandar\w*|correr\w*|report|reporting|tell|call|expose)
    | mat(?:ar|o|ando) \s (?:el|de) \s (?:tiempo|hambre|risa|aburrimiento) | me \s matan? \s (?:los|las|el|la) | me
    \s muero \s (?:de|por) | (?:departamento|estacion|jefe|cuerpo|camion|carro|extintor) \s (?:de|del|contra) \s
    (?:bomberos|incendios) | arma(?:r|mos|ron|n|do|da|dos|das)? \s (?:un|una|el|la|los|las) \s
    (?:equipo|caja|plan|mueble|reporte|lio|fraude|cuento) | disparo? \s (?:los|el|un) \s
    (?:precios?|costos?|gastos?|presupuesto) | se \s dispar\w+ \s (?:los|el) \s (?:precios?|costos?|gastos?) |
    bombas? \s de \s (?:agua|gasolina|aire|drenaje) | golpe \s de \s (?:suerte|estado) |
    emergency \s (?:funds?|purchas\w+|procurement|contracts?|budget|brakes?|management|leave|pay) | hit \s (?:a|the)
    \s (?:poles?|fence|curb|deer|tree|pothole|mailbox|hydrant|gate|guardrail|dumpster|parked \s car)
    )\b""",
    re.VERBOSE,
)

# Says that all are well; taken out whole, so that its "nobody" denies not what follows: "nobody was hurt he has a gun".
CALM = re.compile(
    r"\b(?:(?:nobody|no ?one)(?: else)? (?:(?:was|is|were|are|got|gets|has been|will be|is being) )?"
    r"(?:hurt|injured|harmed|in (?:any |real )?danger)(?: or (?:hurt|injured|in danger))?|"
    r"(?:never|not|wouldnt|dont|doesnt|didnt)(?: ever)? (?:hurt|harm) (?:anyone|anybody|a (?:fly|soul))|"
    r"nadie (?:salio|esta|fue|quedo|resulto) (?:herid[oa]|lastimad[oa]|en peligro)|"
    r"(?:no|nunca|jamas)(?: le)? (?:lastimaria|hari?a dano|haria nada) a nadie)\b"
    r"(?! (?:but|except|unless|if|until|yet|who|besides|other|right now|pero|salvo|menos|si|hasta|todavia|aun)\b)"
)

WEAPON = (
    r"(?:guns?|pistols?|rifles?|shotgun|firearms?|weapons?|kni(?:fe|ves)|machete|bomb|explosives?|grenade|"
    r"ar-?15|pistolas?|armas?|cuchillos?|navajas?|bombas?|explosivos?|escopeta|granada|fusil)"
)
HARM = (
    r"(?:shoot|kill|stab|murder|strangle|choke|blow (?:up|it up|us up|the \w+ up)|bomb|set fire|burn "
    r"(?:down|it|the|us|him|her|me|this)|"
    r"hurt|beat (?:me|him|her|us|them|up)|rape|attack|poison|run (?:me|him|her|us|them) over|slit|"
    r"matar\w*|mate[nm]?|dispar\w+|apunal\w+|acuchill\w+|quemar\w*|violar\w*|golpear\w*|lastimar\w*|"
    r"balear\w*|balacear\w*|estrangul\w+|atacar\w*|envenen\w+)"
)
AHEAD = (
    r"(?:will|ill|hell|shell|theyll|youll|going to|gonna|gunna|fixing to|fixin to|about to|wants? to|"
    r"plans? (?:to|on)|planning (?:to|on)|threat\w*(?: to)?|"
    r"said (?:he|she|they|hes|shes|theyre|id|i|that)|says (?:he|she|they|hes|shes|theyre|that)|swears?|"
    r"vows?|ready to|trying to|tried to|coming to|"
    r"va a|van a|voy a|quiere|quieren|amenaz\w+(?: con)?|dijo que|dice que|piensa|planea|jur[oa]|esta "
    r"por|trata de|intento)"
)
CERTAIN = tuple(
    re.compile(rf"\b(?:{pattern})\b")
    for pattern in (
        rf"{AHEAD}(?: \w+){{0,8}}? {HARM}",
        rf"(?:has|have|got|brought|brings|carrying|pulled|pulling|pointed|pointing|waving|holding|with|"
        rf"grabbed|drew|tiene|tengo|trae|trajo|saco|con|apunta\w*|carga) (?:\w+ ){{0,2}}?{WEAPON}",
        r"active shooter|shots? fired|(?:is|are|hes|shes|theyre|started) shooting|gunshots?|gunman|"
        r"hostages?|tirador(?: activo)?|balacera|tiroteo|estan? disparando|rehenes?",
        rf"{WEAPON} (?:at|to|on|in|pointed at) (?:me|my|him|her|us|the|work|school|city hall|head)|bomb "
        rf"threat|amenaza de bomba",
        r"(?:is|are|hes|shes|theyre|being|keeps|started) (?:hitting|beating|choking|strangling|"
        r"attacking|stabbing|assaulting|raping|hurting|kicking|punching|beaten|attacked|assaulted)(?: "
        r"\w+){0,3}",
        r"(?:me|nos|lo|la|los|las|le) (?:esta|estan|sigue|siguen) (?:golpeando|pegando|atacando|"
        r"ahorcando|apunalando|lastimando|violando|matando)|estan? (?:golpeando|pegando|atacando|"
        r"ahorcando|apunalando|lastimando|violando|matando)\w*",
        r"(?:im|i am|were|we are|hes|he is|shes|she is|estoy|estamos|esta|estan) (?:in (?:real |serious "
        r"|grave |immediate )?danger|trapped|bleeding|dying|not breathing|en peligro|atrapad[oa]s?|"
        r"sangrando|muriendo\w*)",
        r"(?:can ?t|cannot|no puedo|no puede) (?:breathe|respirar)|not breathing|no respira|unconscious|"
        r"inconsciente|overdos\w+|sobredosis|heart attack|someone (?:is )?(?:dying|bleeding)",
        r"help me(?: please)?(?: now)?$|send (?:the )?(?:police|cops|ambulance|help)|call (?:911|the "
        r"police|an ambulance)(?: now| please)|(?:ayudenme|ayudeme|auxilio|socorro|manden (?:a la "
        r")?(?:policia|ambulancia|ayuda))",
        r"(?:kill|hurt|harm|hang|shoot|cut) myself|end (?:my|it all|my own) ?(?:life)?(?: now| "
        r"tonight)?$|end my life|take my (?:own )?life|suicid\w*|want to die|wanna die|(?:dont|do not) "
        r"want to (?:live|be alive|be here anymore|wake up)|better off dead|no reason to live|"
        r"(?:matarme|suicid\w+|quitarme la vida|quiero morir\w*|no quiero (?:vivir|seguir viviendo)|"
        r"acabar con mi vida|hacerme dano|cortarme las venas|mejor (?:muerto|muerta))",
        r"(?:is|are|its|building|house|office|room|truck|car|shop|everything|warehouse|station|hall) "
        r"(?:is )?on fire|(?:theres|there is|a|big|huge) (?:a )?fire(?: \w+){0,2} (?:in|at|inside|near|"
        r"now|here)|set (?:a )?fire|explosion|exploded|se esta quemando|en llamas|hay (?:un )?(?:fuego|"
        r"incendio)|incendio|explosion|exploto",
        r"gas (?:leak|smell)|(?:smell|smells|smelling) (?:of |like )?gas|leaking gas|carbon monoxide|"
        r"fuga de gas|huele a gas|monoxido|chemical (?:spill|leak)|toxic (?:gas|fumes)|downed (?:power "
        r")?line|live wire",
    )
)
DOUBTFUL = re.compile(
    rf"\b(?:{WEAPON}|shoot\w*|shot (?:at|him|her|me|someone)|kill(?:s|ed|ing|er)?|stab\w*|murder\w*|bomb\w*|"
    r"(?:threat(?:s|en|ens|ened|ening)?)|violen(?:t|ce|cia|to|ta)|hostage|assault\w*|(?:scared|fear|"
    r"afraid|worried|fearing) for (?:my|our|his|her|their) (?:life|lives|safety)|"
    r"(?:not|dont feel|do not feel|feel un|isnt) ?safe|unsafe (?:here|at home|right now)|in danger|"
    r"stalk\w*|following me|kidnap\w*|rap(?:e|ed|ist)|"
    r"going to (?:snap|lose it|explode)|go postal|make (?:him|her|them|us|me|you) pay|youll be sorry|"
    r"teach (?:him|her|them|us|me) a lesson|hurt (?:me|him|her|us|them|people|someone|somebody|himself|"
    r"herself)|"
    r"hit (?:me|him|her|us|them|a|the)|"
    r"(?:hits|slap(?:s|ped)?|push(?:es|ed)|shov(?:es|ed)|kick(?:s|ed)|grab(?:s|bed)) (?:me|him|her|us|them)"
    r"(?! (?:out|off|aside|around|back|to|with))|grab(?:s|bed) my (?:arm|neck|throat|hair)|"
    r"(?:being|getting) followed|follow(?:s|ed)? (?:me|us|her|him) (?:home|to (?:my|our|the) (?:house|home|car))|"
    r"outside my (?:house|home|door|window|apartment)|coming (?:for|after) (?:me|us)|watch (?:my|your) back|"
    r"locked (?:me|us) in|(?:kid|child|baby) (?:\w+ )?in (?:the|a) (?:hot )?car|"
    r"(?:someone|somebody|coworker|worker|he|she|man|woman|guy) (?:just )?collapsed|"
    r"(?:fell|down) (?:\w+ ){0,3}not moving|"
    r"passed out|wont wake up|unresponsive|having a stroke|(?:gonna|going to|want to|im|will|^) ?kms$|"
    r"^(?:911|sos|fire|call 911)$|beat(?:s|ing)? (?:me|him|her|us|them|up)|punch\w*|chok\w+|fire "
    r"(?:in|at) the|fire hazard|emergency|"
    r"mat(?:ar|o|aron|arlo|arla|arlos|arme|arnos|ando|e)|dispar\w+|amenaz\w+|golp(?:e|ea|eo|ean|earon|"
    r"eado|eando|earme|ear)|peg(?:o|a|aron|ando) (?:a|con)|me peg\w+|apunal\w+|secuestr\w+|"
    r"(?:no me siento|no estoy|no estamos) segur[oa]s?|miedo (?:por|de) (?:mi|que)|temo por|peligro|"
    r"emergencia|urgencia medica|me (?:sigue|siguen|persigue|persiguen)|"
    r"a?fuera de mi (?:casa|puerta|ventana)|me van a hacer (?:algo|dano)|me quieren? hacer (?:algo|dano)|ayuda urgente|"
    r"quiero desaparecer|me encerr(?:o|aron)|"
    r"violad[oa]|violacion sexual|"
    r"fuego|want to disappear|cant go on|cant take it any ?more|hopeless|no puedo mas|sin salida|self "
    r"harm|overdose)\b"
)
NEGATED = re.compile(
    r"(?:\b(?:no|not|never|nobody|no one|noone|none|without|didnt|doesnt|dont|isnt|wasnt|arent|werent|"
    r"wont|wouldnt|havent|hasnt|"
    r"nunca|nadie|ningun|ninguna|tampoco|sin|jamas)\b)(?:\s(?!but\b|pero\b)\w+){0,4}\s*$"
)
PAST = re.compile(
    r"\b(?:(?:last|past) (?:year|month|summer|winter|spring|fall|week)|(?:\w+ )?(?:years?|months?|"
    r"weeks?) (?:ago|back)|in (?:19|20)\d\d|back in|"
    r"used to|long ago|long time ago|(?:el )?(?:ano|mes) pasado|la semana pasada|hace (?:\w+ )?(?:anos?|"
    r"mes(?:es)?|semanas?)|en (?:19|20)\d\d|hace mucho|antes)\b"
)
REACH = 80
LIFE = re.compile(r"\b(?:myself|my (?:own )?life|suicid|matarme|quitarme|morir|vivir|live|die)")


def level(text: str) -> Level:
    """ "danger": help is called at once; "unsure": the same, and the person is asked whether they are safe."""
    said = CALM.sub(" . ", IDIOMS.sub(" ", _spaced(text)))
    certain = [_doubted(said, found) for pattern in CERTAIN for found in pattern.finditer(said)]
    if "danger" in certain:
        return "unsure" if PAST.search(said) else "danger"
    if "unsure" in certain or any(not _negated(said, found) for found in DOUBTFUL.finditer(said)):
        return "unsure"
    return "none"


def _spaced(text: str) -> str:
    """Folded words; marks that end a clause stay as a dot, so that a "no" reaches no further."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s.-]", " ", re.sub(r"[,;:!?\n]+", " . ", fold(text)))).strip()


def _doubted(said: str, found: re.Match[str]) -> Level:
    """A threat that is denied is none; a denied wish to die is still asked about."""
    if not _negated(said, found):
        return "danger"
    return "unsure" if LIFE.search(found.group()) else "none"


def _negated(said: str, found: re.Match[str]) -> bool:
    clause = said[max(0, found.start() - REACH) : found.start()].rpartition(".")[2]
    return bool(NEGATED.search(clause))

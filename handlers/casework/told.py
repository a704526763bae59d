"""Hears which of our questions a report has answered already, so that they need not be asked."""

import re

from handlers.spelling import fold, tokens

WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo"
)
MONTHS = (
    "january february march april june july august september october november december "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
)
PLACES = (
    "office|building|garage|yard|department|dept|station|hall|park|lot|shop|warehouse|school|street|st|"
    "avenue|ave|road|rd|site|plant|"
    "facility|center|centre|jail|court|library|pool|bathroom|restroom|locker room|break room|basement|"
    "depot|barn|dump|landfill|airport|desk"
)
LUGARES = (
    "oficina|edificio|garaje|taller|patio|departamento|estacion|ayuntamiento|parque|estacionamiento|"
    "almacen|bodega|escuela|calle|"
    "avenida|planta|centro|carcel|tribunal|biblioteca|piscina|bano|sotano|deposito|basurero|aeropuerto|alcaldia"
)
TELLS = {
    "where": re.compile(
        rf"\b(?:at|in|on|inside|behind|near|from) (?:the |our |my |a )?(?:\w+ ){{0,3}}?(?:{PLACES})\b|"
        rf"\b(?:en|dentro de|cerca de|detras de) (?:la |el |los |las |mi |nuestra |nuestro )(?:\w+ "
        rf")?(?:{LUGARES})\b"
    ),
    "when": re.compile(
        rf"\b(?:{'|'.join((WEEKDAYS + ' ' + MONTHS).split())}|yesterday|today|tonight|last (?:night|week|"
        rf"month|year|summer|winter|spring|fall)|this (?:morning|afternoon|week|month|year)|"
        r"(?:\w+ )?(?:days?|weeks?|months?|years?|hours?) ago|(?:since|last|in) may|"
        r"since (?:\w+ )?(?:19|20)\d\d|in (?:19|20)\d\d|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d\d-\d\d|\d{1,2} ?[ap]m|"
        r"ayer|hoy|anoche|esta (?:manana|tarde|noche|semana)|este (?:mes|ano)|la semana pasada|el "
        r"(?:mes|ano) pasado|h?a[cs]e (?:\w+ )?(?:dias?|semanas?|meses|mes|anos?|horas?)|en (?:19|20)\d\d)\b"
    ),
    "who": re.compile(
        r"\b(?:my|our|the|his|her) (?:\w+ )?(?:boss|supervisor|manager|director|chief|captain|sergeant|"
        r"foreman|coworker|co-worker|colleague|lead|clerk|officer|inspector|mayor|driver|contractor|"
        r"treasurer|superintendent)\b|"
        r"\b(?:mi|nuestro|nuestra|el|la|su) (?:jef[ea]|supervisor[a]?|gerente|director[a]?|capitan|"
        r"sargento|capataz|companer[oa]|colega|encargad[oa]|oficial|inspector[a]?|alcalde(?:sa)?|"
        r"contratista|tesorer[oa])\b|\b(?:mr|mrs|ms|dr|sr|sra) \w+"
    ),
    "ongoing": re.compile(
        r"\b(?:still (?:\w+ing|happening|going|goes|does|do|is|are)|every (?:single )?(?:day|week|month|friday|"
        r"monday|night|shift|time|weekend)|keeps? \w+ing|keep on|all the time|goes on|ongoing|to this "
        r"day|"
        r"todavia|sigue|siguen|cada (?:dia|semana|mes|noche|turno|viernes|lunes|vez)|todos los dias|"
        r"continua|continuan)\b"
    ),
    "known": re.compile(
        r"\b(?:i (?:\w+ )?(?:saw|heard|overheard|witnessed|watched|noticed|found|caught)|i have "
        r"(?:proof|pictures|photos|emails|copies|documents)|(?:was|were|been) told|told me|i was there|"
        r"with my own eyes|"
        r"yo (?:\w+ )?(?:vi|oi|escuche)|(?:lo|la|los|las) (?:vi|oi|escuche)|me (?:dijeron|dijo|contaron|"
        r"conto)|tengo (?:pruebas|fotos|copias|documentos)|me entere|descubri)\b"
    ),
    "told": re.compile(
        r"\b(?:i (?:\w+ )?(?:told|reported|complained|informed|notified|spoke (?:to|with)|talked (?:to|"
        r"with)|went to|emailed)|(?:have|has) (?:not|never) told|(?:havent|hasnt) told|told (?:no one|"
        r"nobody)|"
        r"(?:le|les) (?:dije|conte|informe|avise|reporte)|lo reporte|hable con|me queje|no (?:le|se lo) "
        r"he (?:dicho|contado))\b"
    ),
    "pictures": re.compile(
        r"\b(?:no|(?:dont|do not|didnt) (?:have|take|get)(?: any)?|havent got(?: any)?) "
        r"(?:pics?|pictures?|photos?|videos?)\b|\b(?:no (?:tengo|hay|tome)|sin|ningunas?) (?:fotos?|imagenes|videos?)\b"
    ),
}
NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+ [A-ZÁÉÍÓÚÑ][a-záéíóúñ]+\b")
ENOUGH = 4
SURE = 0.7
"""How sure it is that a text with such words answers the question."""


def told(text: str, pictures: int) -> dict[str, str]:
    """Question id → "given", for each question that a report has answered."""
    said = re.sub(r"\s+", " ", fold(text))
    found = {question for question, pattern in TELLS.items() if pattern.search(said)}
    if NAME.search(text):
        found.add("who")
    if len(tokens(text)) >= ENOUGH:
        found.add("what")
    if pictures:
        found.add("pictures")
    return dict.fromkeys(sorted(found), "given")

"""The words that steer an interview, in English and Spanish: only as whole texts, so that an answer is never one."""

import re
from typing import Literal

from handlers.spelling import fold, plain

Steer = Literal["", "back", "edit", "pause", "later", "resume", "why", "who", "erase", "chat"]

WORDS: dict[str, Steer] = {
    **dict.fromkeys("back|go back|previous|undo|atras|volver|regresar|anterior|deshacer".split("|"), "back"),
    **dict.fromkeys("pause|pause please|pausa|pausar|hacer pausa|una pausa".split("|"), "pause"),
    **dict.fromkeys("resume|continue|go on|lets go on|continuar|seguir|sigamos|reanudar".split("|"), "resume"),
    **dict.fromkeys(
        (
            "why|why do you ask|why do you want to know|why this|what for|what is this for|whats this for|what is this|"
            "whats this|por que|para que|para que es|para que es esto|que es esto|por que preguntan"
        ).split("|"),
        "why",
    ),
    **dict.fromkeys(
        (
            "who|who is this|who are you|who sees this|who sees it|who reads this|who will see this|who can see this|"
            "quien|quien es|quienes son|quien ve esto|quien lo ve|quien lo lee|quien lee esto|quien va a ver esto"
        ).split("|"),
        "who",
    ),
    **dict.fromkeys(
        (
            "erase|erase all|erase everything|erase my answers|delete|delete all|delete everything|delete my answers|"
            "borrar|borrar todo|borra todo|borren todo|borre mis respuestas|borrar mis respuestas|"
            "eliminar|eliminar todo|eliminar mis respuestas"
        ).split("|"),
        "erase",
    ),
    "chat": "chat",
}
ABOUT_US = re.compile(
    r"(?:(?:so|and|but|wait|hey|hi|hello|ok|sorry|hola|oiga|pero|y) )*(?:"
    r"(?:is|are) (?:this|it|these|my texts?|you)(?: (?:really|truly|actually|all|completely|totally|a|an|the|real))* "
    r"(?:private|anonymous|confidential|secret|person|human|bot|robot|computer|machine)"
    r"(?: (?:or (?:a )?bot|line|here))?|"
    r"(?:am|can|do|will) i (?:be |stay |remain )?(?:anonymous|text(?:ing)? (?:a )?(?:person|bot))|"
    r"who am i (?:texting|talking to|writing to)|"
    r"(?:can|do|will|could|would) (?:you|they|anyone|anybody|people|staff|my boss|the boss|the city) "
    r"(?:see|know|get|find out|have|read)(?: (?:about|of|who|my|this|it|i|am|name|number|phone|me|number is|out))*|"
    r"(?:new phone )?who d(?:is|at)|(?:is )?(?:anyone|anybody|someone|somebody) there|"
    r"(?:esto )?(?:es|sera) (?:de verdad |realmente )?"
    r"(?:anonimo|confidencial|una persona|un robot|una maquina)(?: (?:esto|aqui))?|"
    r"con quien (?:hablo|estoy hablando|me escribo)|quien (?:habla|me escribe|es usted|eres|va a leer esto)|"
    r"hay alguien(?: ahi)?|"
    r"(?:are you|do you|is (?:anyone|anybody|somebody|someone)|does (?:anyone|anybody)|will (?:anyone|anybody))"
    r"(?: (?:people|guys|all|even|actually|really|ever))* "
    r"(?:read|reading|listen|listening|see|seeing)(?: (?:this|these|that|it|me|to me|my texts?|texts?|at all|here))*|"
    r"(?:si|de verdad|siquiera|alguien|por lo menos) (?:si |de verdad )?(?:lee|leen|ve|ven|escucha|escuchan)"
    r"(?: (?:esto|eso|mis mensajes|los mensajes|aqui))*|"
    r"(?:van a|va a|pueden|puede|mi jefe va a|se van a|mi jefe se va a) (?:saber|ver|enterar|enterarse)"
    r"(?: (?:de|quien|soy|mi|nombre|numero|telefono|esto|yo))*)"
)
LONGEST_WHEN = 40
EDIT = re.compile(
    r"(?:edit|change|fix|correct|editar|cambiar|corregir|cambia|edita|corrige)\s+"
    r"(?:(?:my|mi|la|the|answer|question|respuesta|pregunta|number|numero|no)\s+)*#?(\d{1,2})"
)
LATER = re.compile(
    r"(?:later|not now|mas tarde|luego|despues|ahora no|remind me|recuerdame)\b[\s,:.-]*(?P<when>.*)", re.DOTALL
)


def read(text: str) -> tuple[Steer, str]:
    """Which word a whole text is, and what goes with it: the number to edit, the time for later."""
    said = plain(text)
    if said in WORDS:
        return WORDS[said], ""
    if ABOUT_US.fullmatch(said):
        return "who", ""
    if found := EDIT.fullmatch(said):
        return "edit", found[1]
    found = LATER.fullmatch(fold(text).strip())
    if found and len(found["when"]) <= LONGEST_WHEN:
        return "later", found["when"]
    return "", ""

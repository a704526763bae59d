"""Hears yes, no and not sure in English and Spanish, negation included, and the wish to pass over a question."""

import re

from handlers.spelling import plain, tokens


def words(text: str) -> frozenset[str]:
    """The phrases of a list written with commas."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


NOT_KNOWN = words(
    """i dont know,dont know,dunno,i dunno,idk,not sure,unsure,i am not sure,im not sure,not sure really,not too sure,
    no idea,no clue,i have no idea,i dont remember,dont remember,cant remember,i cant remember,i forgot,cant say,
    no se,no lo se,nose,la verdad no se,pues no se,no estoy seguro,no estoy segura,ni idea,no tengo idea,quien sabe,
    no me acuerdo,no recuerdo,no lo recuerdo,no sabria decir,no sabria decirle"""
)
WAVERING = words(
    """maybe,maybe so,maybe not,perhaps,possibly,could be,might be,it depends,depends,hard to say,hard to tell,
    undecided,so so,kind of,sort of,tal vez,talvez,quiza,quizas,puede ser,puede que si,depende,a lo mejor,
    a veces,sometimes,mas o menos,not certain,no es seguro,es dificil decir"""
)
REFUSALS = words(
    """rather not say,id rather not say,i would rather not say,rather not,id rather not,prefer not to say,
    i prefer not to say,prefer not to answer,i prefer not to answer,prefer not,no comment,none of your business,
    i dont want to say,i dont want to answer,thats private,decline,i decline,decline to answer,
    prefiero no decir,prefiero no decirlo,prefiero no contestar,prefiero no responder,prefiero que no,
    sin comentarios,no quiero decir,no quiero decirlo,no quiero contestar,no quiero responder,es privado"""
)
SKIPS = words("0,skip,skip it,skip this,skip this one,pass,next,next question,saltar,omitir,paso,siguiente,saltala")
SIGNS = {
    **dict.fromkeys("👍👌✅✔☑🙆💯🆗", "yes"),
    **dict.fromkeys("👎❌🚫✖🙅⛔", "no"),
    **dict.fromkeys("🤷", "unsure"),
}
YES = frozenset(
    "y ye yes yea yeah yeh yep yup ya yess yas yass yessir yessum aye uhhuh mhm affirmative "
    "s si sip sii siii sep simon afirmativo".split()
)
NO = frozenset(
    "n no nope nah naw nop noo nel non nix not never none nothing neither negative hardly doubt doubtful "
    "nada nunca jamas ninguno ninguna tampoco negativo".split()
)
NOT = frozenset(
    "dont doesnt didnt wouldnt wont cant couldnt shouldnt isnt arent wasnt werent havent hasnt hadnt "
    "aint cannot".split()
)
# Yes on their own, but only stress beside a no: "absolutely not", "claro que no".
STRESS = frozenset(
    "sure ok okay correct right true absolutely definitely certainly totally exactly indeed surely obviously naturally "
    "course claro correcto cierto verdad exacto exactamente dale seguro obvio obviamente efectivamente definitivamente "
    "totalmente supuesto orale vale".split()
)
ASIDE = frozenset(
    "i we he she it they that this there me do does did would will am was is are were have has had can could should "
    "think thinks guess suppose believe say so to be been really very much at all the any a of for of sir maam thanks "
    "thank you please man lol well honestly actually um uh hmm oh most again ever way yet but no yo lo la le me se "
    "que de por creo pienso supongo diria pues bueno mire eh ay senor senora gracias favor mucho muy asi es fue era "
    "hice hizo gustaria volveria regresaria recomendaria haria aun todavia ya eso desde luego ahi en "
    "im as realmente sinceramente ni siento sorry afraid far know my knowledge likely probably possibly quite "
    "especially particularly anymore more interested agree means puedo podria quiero interesado "
    "interesada mi parte".split()
)
PHRASES = {
    **dict.fromkeys(
        words(
            """why not,you bet,no doubt,without a doubt,without doubt,no question,of course,for sure,uh huh,mm hmm,
            i guess,i guess so,i think so,i suppose,i suppose so,i believe so,in a heartbeat,any day,very much,
            very much so,100,100 percent,hell yes,hell yeah,heck yes,heck yeah,damn right,thats right,that is right,
            thats correct,it is,it was,i do,i did,i would,i will,i have,i am,we do,we did,it does,it did,they did,
            como no,por que no,porque no,sin duda,sin duda alguna,desde luego,por supuesto,asi es,asi fue,eso es,
            claro que si,seguro que si,ya lo creo,como que no,de acuerdo,i agree,agreed,by all means,
            probably,probably so,most likely,
            i was,con gusto,sale,sale y vale,va,a huevo,
            por supuesto que si,de seguro,de una,
            si dios quiere,al cien,probablemente,probablemente si,estoy de acuerdo,no cabe duda"""
        ),
        "yes",
    ),
    **dict.fromkeys(
        words(
            """no way,not really,not at all,not a chance,no chance,no thanks,no thank you,uh uh,nuh uh,fat chance,
            hell no,heck no,over my dead body,never again,not in a million years,i doubt it,like hell,as if,
            nothing at all,
            para nada,que va,ni hablar,ni loco,ni loca,ni pensarlo,ni modo que si,ni de chiste,ni en suenos,en absoluto,
            de ninguna manera,de ningun modo,claro que no,nunca mas,jamas,no mucho,no tanto,lo dudo,casi nunca,
            ni muerto,ni muerta,ni por error,nel pastel,primero muerto,ni lo suenes,ni lo piense,you must be joking,
            you must be kidding,are you kidding,are you kidding me,are you joking,are you serious,yeah right,i wish,
            i wish i could,estas loco,esta loco,ni que estuviera loco,ni que estuviera loca,no quiero,no puedo"""
        ),
        "no",
    ),
}
BOTH = words("yes and no,yes no,no yes,yeah no,no yeah,si y no,ni si ni no,si no,sometimes yes sometimes no")
# "No" in front of these answers nothing: "no entiendo", "no one told me", "no comment on that".
NO_ANSWER = frozenset(
    "comment idea clue one problem doubt matter longer entiendo comprendo acuerdo recuerdo se sabria puedo obstante "
    "quiero".split()
)
CLEAR = frozenset("yes yea yeah yep yup nope nah sip simon".split())
LONGEST = 6
LONGEST_AFTER_COMMA = 12


def assent(text: str) -> tuple[str, float]:
    """ "yes", "no" or "unsure" with how sure that is; ("", 0) where a text says none of them."""
    said = plain(text)
    if said in NOT_KNOWN or said in WAVERING:
        return "unsure", 0.95
    if said in BOTH:
        return "", 0.0
    if meant := PHRASES.get(said) or PHRASES.get(_bare(said)):
        return meant, 0.95
    if meant := _composed(tokens(text)):
        return meant, 0.9
    return _opened(text)


def sign(text: str) -> str:
    """ "yes", "no" or "unsure" by a thumb or another sign; "" where there is none, or two that disagree."""
    meant = {SIGNS[character] for character in text if character in SIGNS}
    return meant.pop() if len(meant) == 1 else ""


def passes(text: str) -> bool:
    """Whether a text passes over a question: skip, prefer not to say, do not know."""
    said = plain(text)
    return said in SKIPS or said in NOT_KNOWN or said in REFUSALS


def refuses(text: str) -> bool:
    """Whether a text says that its writer prefers not to answer."""
    return plain(text) in REFUSALS


def negated(text: str) -> bool:
    """Whether a text holds a word that turns its meaning round."""
    return any(word in NOT or word in ("no", "not", "never", "nunca", "except", "ni") for word in tokens(text))


def _bare(said: str) -> str:
    """Without what people put around a short answer."""
    before = (
        r"^(?:(?:well|um|uh|hmm|oh|honestly|actually|to be honest|sorry|lo siento|bueno|pues|la verdad|ay|eh|mire) )+"
    )
    after = r"(?: (?:please|thanks|thank you|sir|maam|man|bro|lol|though|gracias|senor|senora|por favor|amigo|jefe))+$"
    return re.sub(after, "", re.sub(before, "", said))


def _composed(said: tuple[str, ...]) -> str:
    """A short text made of nothing but yes, no, stress and small words: "I would not", "no lo creo"."""
    if not said or not all(word in YES | NO | NOT | STRESS | ASIDE for word in said):
        return ""
    yes = any(word in YES for word in said) or _hopes(said)
    no = any(word in NO or word in NOT for word in said)
    if yes and no:
        return ""
    return "no" if no else "yes" if yes or any(word in STRESS for word in said) else ""


def _hopes(said: tuple[str, ...]) -> bool:
    """ "I think so" without a no"""
    believes = any(word in ("think", "guess", "suppose", "believe", "say", "hope") for word in said)
    return "so" in said and believes and not any(word in NOT for word in said)


def _opened(text: str) -> tuple[str, float]:
    """ "yes, every week", "no he was fine"; but not "si me llaman" (if they call) nor "no comment on that" """
    said = tokens(text)
    if len(said) < 2 or len(said[0]) < 2:
        return "", 0.0
    if len(said) <= LONGEST_AFTER_COMMA and re.match(r"\s*\w+\s*[,.;!\u2013\u2014-]", text):
        return _word(said[0]) if not _turns(said) else "", 0.8
    if len(said) > LONGEST:
        return "", 0.0
    if said[0] in CLEAR or text.casefold().lstrip().startswith("s\u00ed "):
        return _word(said[0]) if not _turns(said) else "", 0.8
    if said[0] == "no" and not any(word in NO_ANSWER for word in said[1:3]):
        return "no", 0.75
    return "", 0.0


def _turns(said: tuple[str, ...]) -> bool:
    """ "yes but no" """
    other = NO if said[0] in YES else YES if said[0] in NO else frozenset()
    return any(word in other for word in said[1:])


def _word(word: str) -> str:
    return "yes" if word in YES or word in STRESS else "no" if word in NO else ""

"""What staff type and press, the same in every chat: a verb, a case word, the rest."""

import re

from handlers.messages import Inbound

SPACED = re.compile(r"\b([A-Za-z]{2,20}) ([0-9]{1,4})\b")
CASE_WORD = re.compile(r"[A-Z]{2,20}-[0-9]{1,4}")
SLASH = {
    "/case": "Work the cases of the ethics, safety and fraud line",
    "/exit": "Run exit interviews by text",
    "/training": "Run courses: who is asked, seats, attendance, who must",
    "/interview": "Take your own exit interview here",
}
COMMANDS = {
    "list": "your open cases; also list all, list mine, list closed",
    "view WORD": "read a case (this is recorded)",
    "assign WORD": "give a case to yourself or somebody else",
    "note WORD": "add a note that only staff see",
    "reply WORD": "text the reporter; you see the exact text first",
    "ask WORD": "send the reporter one of the standard questions",
    "status WORD": "move a case to its next stage",
    "close WORD": "end a case with its outcome",
    "link WORD WORD": "note that two cases belong together",
    "unlock WORD": "ask somebody neutral to let in who was locked out by mistake",
    "help": "this list",
}
EXITS = {
    "progress": "each wave in counts of five or more",
    "invite": "invite one leaver; invite many takes a CSV or XLSX file",
    "resend": "ask somebody their open question once more",
    "pause CITY": "hold invitations and reminders back; resume CITY lets them go on",
    "resume CITY": "let invitations and reminders go on",
    "close CITY": "ask nothing more; answers are taken until the lock",
    "import": "take in a file of interviews that were held elsewhere; a dry run comes first",
    "imports": "what was taken in, and the way to undo it",
    "comments": "read what leavers wrote, and let it go out, correct or withhold it",
    "report CITY QUARTER": "the released figures of twelve months, as charts and files",
    "revoke": "note that somebody wants no more texts, however they said so",
    "help": "this list",
}
TRAINING = {
    "list": "sessions to come with their seats, and what waits for a word",
    "course new": "make a course",
    "course edit CODE": "change a course",
    "session new": "give a course a date, a place and seats",
    "session edit SESSION": "change a session",
    "prompt SESSION": "ask people whether they want a seat; you see the exact text first",
    "roster SESSION": "who takes part; also where you mark who was there",
    "room SESSION": "the code that people in the room text to show that they came",
    "offer SESSION": "give a free seat by hand, also in the last 24 hours",
    "cancel SESSION": "call a session off and tell everybody",
    "board": "who must take a course, by when, and who has",
    "learner add": "list somebody, so that they can be asked",
    "learner remove NAME": "delete somebody with all that is held of them",
    "exchange SESSION": "pair a host and a guest; both are asked",
    "import": "take in courses, sessions or people from a file",
    "report CITY QUARTER": "costs, seats, attendance and duties: charts, XLSX, PDF",
    "help": "this list",
}
OWN = {
    "open": "your own exit interview, if you were invited to one",
    "join CODE": "go on here: text CHAT to the number that asked you, and it gives you a code",
    "later": "be asked again tomorrow",
    "back": "change earlier answers",
    "start": "go on after a stop",
    "stop": "be asked no more",
    "erase": "delete all your answers",
}
VERBS = {"/case": COMMANDS, "/exit": EXITS, "/training": TRAINING, "/interview": OWN}


def verb(inbound: Inbound) -> str:
    """What is to be done. A bare command opens what is most often wanted."""
    if inbound.kind == "home":
        return "home"
    if inbound.kind == "command":
        return next(iter(inbound.text.split()), "list").lower()
    return inbound.name.removeprefix("case_")


def words(inbound: Inbound) -> list[str]:
    """What follows the verb; "maple 7" is one word."""
    if inbound.kind == "command":
        _, _, after = inbound.text.strip().partition(" ")
        return SPACED.sub(r"\1-\2", after).split()
    return [word for word in (inbound.value("word"), inbound.value("other")) if word]


def case_words(inbound: Inbound) -> list[str]:
    """The first two words that follow, where they are case words; anything else stands for no case."""
    found = (word.upper() for word in words(inbound)[:2])
    return [word if CASE_WORD.fullmatch(word) else "" for word in found]


def rest(inbound: Inbound) -> str:
    """What a command says after its case word, as it was typed."""
    if inbound.kind != "command":
        return ""
    verb, _, after = inbound.text.strip().partition(" ")
    spaced = SPACED.match(after.lstrip())
    parts = [verb, spaced[0], after.lstrip()[spaced.end() :].lstrip()] if spaced else inbound.text.split(maxsplit=2)
    return parts[2] if len(parts) > 2 else ""

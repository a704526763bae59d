"""The step for people who text: the words for us all (stop, start, help, language), then the line's program."""

import re
from dataclasses import replace

from handlers import programs, words
from handlers.casework import codes, paging
from handlers.casework.filing import emergency
from handlers.casework.notices import notify
from handlers.clean import clean
from handlers.effects import Audit, AwaitCodes, SpeakTo, Step
from handlers.language import wished
from handlers.messages import Inbound
from handlers.program import Program, open_question
from handlers.said import Said
from handlers.spelling import plain
from handlers.state import Facts, Wants

ACK = re.compile(r"\s*ack[\s:]+([a-z]+)[\s-]*(\d+)[\s.!]*", re.IGNORECASE)

TAKES = re.compile(
    r"(?:ok |okay |yes |si )?(?:ack\b.*|(?:i|ive) (?:have|got|take) (?:it|this)|got it|on it|im on it|on my way|omw|"
    r"ok|okay|k|yes|copy|received|acknowledged|lo tengo|yo lo tengo|voy|voy para alla|enterado|enterada|"
    r"\U0001f44d[\U0001f3fb-\U0001f3ff]?)"
)
"""How people on call answer a page without its word: it is no report."""


def wants(inbound: Inbound) -> Wants:
    """The case that a contact acknowledges, or that a return code opens."""
    if acknowledged := ACK.fullmatch(inbound.text[:100]):
        return Wants(word=f"{acknowledged[1]}-{acknowledged[2]}".upper())
    code = codes.find(clean(inbound.text))
    return Wants(code=code) if code else Wants()


def step(inbound: Inbound, facts: Facts) -> Step:
    """What one text leads to."""
    said = Said(inbound, facts)
    if facts.silent:
        said.do(AwaitCodes())
    if ACK.fullmatch(said.text) and paging.answers(inbound, facts):
        _acknowledged(said)
        return said.step()
    if _takes_something(said):
        said.say("page.how")
        return said.step()
    program = _program(inbound, facts)
    if said.conversation.language != facts.conversation.language:
        _speak_of_cases(said)
    word = "start" if _opts_in(said) else words.read(said.text)
    if not word and "stop" not in program.words and words.wants_silence(said.text):
        _carrier_stop(said, program)
    if said.media or not word:
        program.hear(said)
    if word in program.words:
        program.words[word](said)
    elif word:
        WORDS[word](said, program)
    return said.step()


def waited(inbound: Inbound, facts: Facts) -> Step:
    """Nobody answered which report a text was for: it does not wait for ever."""
    said = Said(inbound, facts)
    program = programs.find(inbound.value("program"))
    if said.conversation.waiting:
        program.hear_held(said)
    return said.step()


def _program(inbound: Inbound, facts: Facts) -> Program:
    lines = facts.jurisdiction.lines
    found = (line.program for line in lines if (line.channel, line.address) == (inbound.channel, inbound.line))
    return programs.find(next(found))


def _opts_in(said: Said) -> bool:
    """To the carrier a YES ends a STOP; so it does here."""
    return said.conversation.stopped and said.text.lower() in words.CARRIER_START


def _takes_something(said: Said) -> bool:
    """Whether somebody on call answers a page without saying which; who has a report of their own speaks of that."""
    if said.cases or said.conversation.stopped or not TAKES.fullmatch(plain(said.text) or said.text.strip()):
        return False
    return paging.is_contact(said.inbound, said.facts)


def _acknowledged(said: Said) -> None:
    case = said.facts.case
    if case is None:
        return
    said.do(*paging.acknowledge(case), Audit("page_acknowledged", case.id, detail="by phone"))
    said.do(*notify(said.facts, case, "A contact has the case"))
    said.say("page.thanks", word=case.word)


def _carrier_stop(said: Said, program: Program) -> None:
    """Nothing more leaves, nor does a confirmation: the carrier gave one, or it would be read by the wrong person."""
    if not said.conversation.stopped:
        _tell_desks(said, reachable=False)
    said.change(stopped=True)


def _stop(said: Said, program: Program) -> None:
    if not said.cases and not said.facts.hinted and words.takes_back(said.text):
        program.hear(said)  # "wrong number" to a line that has sent nothing: there is nothing to stop
        return
    said.say("stop.done")
    _carrier_stop(said, program)


def _start(said: Said, program: Program) -> None:
    if said.conversation.stopped:
        _tell_desks(said, reachable=True)
    said.change(stopped=False)
    said.say("start.done")
    _ask_again(said, program)


def _help(said: Said, program: Program) -> None:
    said.say("help.text", city=said.facts.jurisdiction.name, emergency=emergency(said))


def _language(said: Said, program: Program) -> None:
    """Go on in that language, from the open question."""
    language = wished(said.text)
    if language not in said.facts.jurisdiction.languages:
        said.say("language.unknown", languages=said.languages())
        return
    said.speak(language)
    _speak_of_cases(said)
    said.say("language.set")
    _ask_again(said, program)


def _speak_of_cases(said: Said) -> None:
    """Staff write to them in that language, too."""
    said.do(*(SpeakTo(case.id, said.language) for case in said.open_cases() if case.language != said.language))


def _ask_again(said: Said, program: Program) -> None:
    case = said.case(said.conversation.interview)
    question = open_question(program.questions, said.conversation.answered, said.facts, said.language)
    if case and question and said.conversation.asked:
        said.change(asked=question.id)
        said.say_text(question.prompt, case)


def _tell_desks(said: Said, reachable: bool) -> None:
    headline = "The reporter takes texts again" if reachable else "The reporter has stopped texts; the case stays open"
    for case in said.open_cases():
        changed = replace(case, reachable=reachable)
        said.keep(changed)
        said.do(*notify(said.facts, changed, headline))


WORDS = {"carrier stop": _carrier_stop, "stop": _stop, "start": _start, "help": _help, "language": _language}

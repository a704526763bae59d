"""The ethics, safety and fraud line: tips become cases, and a short interview asks for what is missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from handlers import steering, words
from handlers.calendar import next_text_time
from handlers.casework import codes, danger, filing, involved, threads, told
from handlers.casework.progress import progress, progress_of_all, promise
from handlers.effects import Forget, Remind, Step
from handlers.jurisdiction import Office
from handlers.language import is_bare
from handlers.messages import Inbound
from handlers.program import Answers, Program, open_question
from handlers.questions import GIVEN, NONE, SKIPPED, Choice, Option, Pictures, Question, Reading, Text, yes_no
from handlers.said import Said
from handlers.spelling import plain
from handlers.state import Case, Facts
from handlers.texts import Texts

NAME = "hotline"
HURRY = timedelta(seconds=7)
"""A text that comes this soon after the one before was written before our answer to that one was read."""
PAUSE = timedelta(seconds=12)
LATE = timedelta(hours=1)
"""After an outage an answer this late waits for the hours in which people may be texted; nobody looks out for it."""
SURE = 0.9
"""How sure a reading must be where the text itself is not kept."""


def questions(answers: Answers, facts: Facts, language: str) -> Iterator[Question]:
    """Safety first, then who must not read the report, then what is still missing."""
    safe, what, offices, *missing = _questions(facts.texts, facts.jurisdiction.offices, language)
    if "danger" in answers:
        yield safe
    yield what
    if facts.jurisdiction.offices:
        yield offices
    yield from missing


def hear(said: Said) -> None:
    """Any text: it belongs to a case, or begins one; nothing is refused, nothing is lost."""
    coded, case = codes.hear(said)
    if coded:
        _from_elsewhere(said, case)
    elif key := _asks_us(said):
        _explain(said, key)
    elif rest := words.new_report(said.text):
        said.text = rest
        _begin(said)
    elif tagged := threads.tagged(said):
        _tagged(said, tagged)
    elif said.conversation.offered:
        _choose(said)
    else:
        _untagged(said)


def file_held(said: Said) -> None:
    """Texts that wait for "which report?" become a report of their own, so that somebody reads them."""
    if len(said.conversation.offered) > 1:
        _file_held(said, None)


def paused(inbound: Inbound, facts: Facts) -> Step:
    """They wrote in several texts, and have paused: now one answer to all of them."""
    said = Said(inbound, facts)
    case, now = said.case(inbound.value("case")), inbound.received_at
    since = now - facts.last_text if facts.last_text else PAUSE
    if case is None or since < PAUSE:
        return said.step()
    if since > LATE and now < (later := next_text_time(facts.jurisdiction, now)):
        said.do(Remind(later, "paused", facts.thread, {"case": case.id}))
    elif said.conversation.interview == case.id and said.conversation.asked:
        ask(said, case, said.words("hotline.paused"))
    else:
        said.say("hotline.added", case)
    return said.step()


def status(said: Said) -> None:
    """Stage, next promised date and days left."""
    said.say_text(progress_of_all(said))


def another(said: Said) -> None:
    """The next text begins another report."""
    if said.conversation.waiting:  # the answer to "which report?" or to "reopen or new?"
        _file_held(said, None)
        return
    if not said.cases:
        said.say("hotline.nothing")
        return
    said.change(interview="", asked=threads.NEW, answered={}, asked_again=0)
    said.say("thread.tell")


def ask(said: Said, case: Case, before: str = "") -> None:
    """Ask the first question without an answer, after some words; thank when there is none."""
    question = open_question(questions, said.conversation.answered, said.facts, said.language)
    if question is None:
        said.change(asked="", asked_again=0)
        said.say("hotline.finished", case, promise=promise(said, case))
        return
    said.change(asked=question.id)
    said.say_text(f"{before} {question.prompt}".strip(), case)


PROGRAM = Program(NAME, questions, hear, file_held, {"status": status, "new": another})


@lru_cache
def _questions(texts: Texts, offices: tuple[Office, ...], language: str) -> tuple[Question, ...]:
    """All there are, in their order; they are the same in every turn."""

    def words(key: str) -> str:
        return texts.say(language, f"hotline.{key}")

    def options(key: str, *names: str) -> tuple[Option, ...]:
        return tuple(Option(name, words(f"{key}.{name}"), _also(texts, key, name)) for name in names)

    named = (Option(office.key, office.names[language], tuple(office.names.values())) for office in offices)
    return (
        yes_no("safe", words("safe.text"), words("safe.yes"), words("safe.no"), words("safe.unsure")),
        Text("what", words("what")),
        Choice("involved", words("involved.text"), (*named, *options("involved", NONE)), many=True, generous=True),
        Text("where", words("where")),
        Text("when", words("when")),
        Text("who", words("who")),
        yes_no("ongoing", words("ongoing.text"), words("ongoing.yes"), words("ongoing.no"), words("ongoing.unsure")),
        Choice("known", words("known.text"), options("known", "seen", "heard", "papers", "other")),
        Choice("told", words("told.text"), options("told", "nobody", "boss", "office", "other")),
        Pictures("pictures", words("pictures")),
    )


def _also(texts: Texts, key: str, name: str) -> tuple[str, ...]:
    """Other words for an option: its labels in the other languages, and further ones from the catalogues."""
    catalogues = texts.catalogues.values()
    labels = (catalogue.get(f"hotline.{key}.{name}", "") for catalogue in catalogues)
    further = (word for catalogue in catalogues for word in catalogue.get(f"hotline.{key}.{name}_also", "").split("|"))
    return tuple(filter(None, (*labels, *further)))


def _begin(said: Said, held: tuple[str, ...] = ()) -> None:
    """Open a case with this text, and those held besides it; greet, and ask the first question."""
    case = filing.begin(said, NAME)
    _note(said, told.told(said.text, len(said.media)))
    for waiting in held:
        said.take_up(waiting)
        case = filing.add(said, case, "New message")
        _note(said, told.told(said.text, len(said.media)))
    code = said.facts.fresh.code
    city, emergency = said.facts.jurisdiction.name, filing.emergency(said)
    first = said.words("hotline.first", city=city, emergency=emergency, word=case.word, code=code)
    said.say_text(first, case, tag=False)
    ask(said, case)


def _asks_us(said: Said) -> str:
    """The text that answers somebody who asks who we are, or why a question; "" for what tells something."""
    if said.media or said.conversation.stopped:
        return ""
    if steering.read(said.text)[0] == "who":
        return "hotline.who_reads"
    asking = said.conversation.asked and said.conversation.interview and not said.conversation.offered
    return "hotline.why" if asking and words.is_puzzled(said.text) else ""


def _explain(said: Said, key: str) -> None:
    """An answer about us, and the open question again; no case begins by it."""
    said.say(key, city=said.facts.jurisdiction.name)
    case = said.case(said.conversation.interview)
    if case and said.conversation.asked:
        ask(said, case)


def _from_elsewhere(said: Said, case: Case | None) -> None:
    if case is None:
        said.say("hotline.code_unknown")
        return
    if not said.conversation.language and case.language in said.facts.jurisdiction.languages:
        said.speak(case.language)
    said.say_text(said.words("hotline.moved", word=case.word), case, tag=False)
    said.say_text(progress(said, case), case, tag=False)
    if said.text or said.media:
        filing.add(said, case, "New message")


def _tagged(said: Said, case: Case) -> None:
    text, media, waiting = said.text, said.media, len(said.conversation.offered) > 1
    if waiting:
        _file_held(said, case)
    said.change(waiting=(), offered=())
    said.text, said.media = text, media
    if words.read(text) == "status" or not (text or media or waiting):
        said.say_text(progress(said, case), case, tag=False)
    elif text or media:
        _deliver(said, said.case(case.id) or case)


def _choose(said: Said) -> None:
    """The answer to "which report?", or to "reopen or new?"."""
    if len(said.conversation.offered) == 1:
        _reopen_or_begin(said, said.conversation.offered[0])
        return
    reading = threads.which(said).read(said.text)
    if reading and reading.code != SKIPPED and reading.confidence >= SURE:
        if said.media:
            said.change(waiting=(*said.conversation.waiting, said.held()))
        _file_held(said, said.case(reading.code))
    elif _cannot_wait(said) or len(said.conversation.waiting) > 1:
        said.change(waiting=(*said.conversation.waiting, said.held()))
        _file_held(said, None)
    else:
        threads.ask_which(said)


def _reopen_or_begin(said: Said, id: str) -> None:
    case, held = said.case(id), said.conversation.waiting
    reading = threads.reopening(said, case).read(said.text) if case else None
    said.change(waiting=(), offered=())
    if reading and reading.confidence < SURE:
        reading = None
    if case and reading and reading.code == "reopen":
        case = filing.reopen(said, case)
        if said.media:
            filing.add(said, case, "New message")
        said.say_text(said.words("thread.reopened", word=case.word), case, tag=False)
    elif reading and reading.code == threads.NEW and held:
        more = (said.held(),) if said.media else ()
        said.take_up(held[-1])
        _begin(said, more)
    else:
        _untagged(said)


def _file_held(said: Said, case: Case | None) -> None:
    """File the texts that waited for an answer: into the case chosen, or into one of their own."""
    first, *others = said.conversation.waiting
    said.change(waiting=(), offered=())
    said.take_up(first)
    if case is None:
        _begin(said, tuple(others))
        return
    _deliver(said, case)
    for waiting in others:
        said.take_up(waiting)
        filing.add(said, said.case(case.id) or case, "New message")


def _untagged(said: Said) -> None:
    begins = said.conversation.asked == threads.NEW or not said.cases
    if begins and _takes_back(said):
        said.change(asked="")
        said.say("hotline.not_opened", city=said.facts.jurisdiction.name, emergency=filing.emergency(said))
    elif begins:
        _begin(said)
    elif case := threads.meant(said):
        _deliver(said, case)
    elif _cannot_wait(said):
        _begin(said)  # a case of its own is seen at once, and tells no other case's staff
    else:
        threads.ask_which(said)


def _takes_back(said: Said) -> bool:
    """Pictures tell something, whatever stands beside them."""
    return words.takes_back(said.text) and not said.media


def _cannot_wait(said: Said) -> bool:
    """In danger there is no time to ask which case; whoever stopped texts cannot be asked."""
    return said.conversation.stopped or danger.level(said.text) != "none"


def _deliver(said: Said, case: Case) -> None:
    conversation = said.conversation
    if conversation.stopped:
        filing.add(said, case, "New message")
    elif case.stage == "concluded" and (_takes_back(said) or (words.is_courtesy(said.text) and not said.media)):
        filing.add(said, case, "New message after closing")
        said.say("thread.thanks", case, word=case.word)
    elif case.stage == "concluded":
        filing.add(said, case, "New message after closing")
        said.change(waiting=(said.held(),), offered=(case.id,))
        said.say_text(threads.reopening(said, case).prompt, case, tag=False)
    elif _takes_back(said) and (conversation.asked != "safe" or conversation.asked_again):
        _leave(said, case)
    elif conversation.interview == case.id and conversation.asked:
        _answer(said, case)
    else:
        _add(said, case)


def _leave(said: Said, case: Case) -> None:
    """They would rather leave it: what they sent is a record and stays, but nothing more is asked."""
    filing.add(said, case, "New message")
    said.do(Forget("paused", said.facts.thread))
    if said.conversation.interview == case.id:
        said.change(asked="", asked_again=0)
    said.say("hotline.let_be", case)


def _add(said: Said, case: Case) -> None:
    """Add to a case that asks nothing; in danger the interview turns to it, to ask whether they are safe."""
    calm = danger.level(said.text) == "none"
    if calm and _hurries(said):
        _gather(said, case)
        return
    case = filing.add(said, case, "New message")
    if not calm and said.conversation.interview != case.id:
        others = {question.id: SKIPPED for question in questions({}, said.facts, said.language)}
        said.change(interview=case.id, answered={**others, "danger": "danger"}, asked_again=0)
    if calm or "safe" in said.conversation.answered:
        _thank(said, case)
    else:
        ask(said, case)


def _thank(said: Said, case: Case) -> None:
    """Say that it is added; to a mere "thanks", what comes next."""
    if words.is_courtesy(said.text) and not said.media:
        said.say("hotline.finished", case, promise=promise(said, case))
    else:
        said.say("hotline.added", case)


def _answer(said: Said, case: Case) -> None:
    question = open_question(questions, said.conversation.answered, said.facts, said.language)
    reading = _reading(said, question) if question else None
    if question and _hurries(said) and not (question.options and reading and reading.confidence >= SURE):
        _gather(said, case)
    elif question and question.id != said.conversation.asked:
        ask(said, filing.add(said, case, "New message"))  # the questions changed since it was asked
    elif isinstance(question, Choice) and question.id == "involved":
        _involved(said, case, question)
    elif question and reading is None:
        _unread(said, case, question)
    elif question and reading:
        _read(said, case, question, reading)
    else:
        ask(said, filing.add(said, case, "New message"))


def _reading(said: Said, question: Question) -> Reading | None:
    """What the text means as an answer; one that names no option may answer in words: "every Friday" goes on."""
    if _idle(said, question):
        return None
    found = question.read(said.text, len(said.media))
    if not found and question.id in told.told(said.text, 0):
        return Reading(GIVEN, "text", told.SURE)
    return found


def _hurries(said: Said) -> bool:
    before = said.facts.last_text
    return before is not None and said.inbound.received_at - before < HURRY


def _gather(said: Said, case: Case) -> None:
    """One of several texts in a row: what they have not read yet is asked when they pause; in danger at once."""
    case = filing.add(said, case, "New message")
    _note(said, told.told(said.text, len(said.media)))
    question = open_question(questions, said.conversation.answered, said.facts, said.language)
    if question and question.id == "safe" != said.conversation.asked:
        ask(said, case)
        return
    thread, at = said.facts.thread, said.inbound.received_at + PAUSE
    said.do(Forget("paused", thread), Remind(at, "paused", thread, {"case": case.id}))


def _idle(said: Said, question: Question) -> bool:
    """Whether words answer nothing though any words would do: a greeting, thanks, marks alone."""
    if not isinstance(question, Text) or said.media:
        return False
    return not plain(said.text) or words.is_courtesy(said.text) or (question.id == "what" and is_bare(said.text))


def _involved(said: Said, case: Case, question: Choice) -> None:
    """Who must not read it. What is unclear is asked once more in other words; then all of them are kept out."""
    again = said.conversation.asked_again > 0
    answer = involved.read(said.text, question, said.facts, again)
    unclear = not answer.code
    if unclear and not (again and (answer.yes or not involved.goes_on(said.text))):
        _unread(said, case, question, "hotline.which_ones" if answer.yes else "hotline.unclear")
        return
    if unclear:
        answer = involved.everybody(question, said.facts)
    if answer.code != SKIPPED or said.media:
        case = filing.lock_out(said, case, answer.out)
        denied = answer.code == NONE and answer.spared
        meaning, asked = question.labels(answer.code), "" if denied else question.id  # named, but not as their wish
        filing.add(said, case, "New answer", "answer", asked, meaning, answer.spared)
    more = {name: GIVEN for name in told.told(said.text, len(said.media)) if name != "who"}
    _settle(said, case, {**more, question.id: answer.code}, "hotline.all_out" if unclear else "")


def _unread(said: Said, case: Case, question: Question, other: str = "") -> None:
    """Words that do not answer the question are part of the report; it is asked once more, then left."""
    again = said.conversation.asked_again == 0
    case = filing.add(said, case, "New message")
    more = {name: GIVEN for name in told.told(said.text, len(said.media)) if name != question.id}
    _note(said, more if again else {**more, question.id: SKIPPED})
    following = open_question(questions, said.conversation.answered, said.facts, said.language)
    again = again and following == question  # danger asks something else first
    said.change(asked_again=1 if again else 0)
    if again and other and isinstance(question, Choice):
        said.say_text(replace(question, text=said.words(other)).prompt, case)
    else:
        ask(said, case, said.words("hotline.again") if again else "")


def _read(said: Said, case: Case, question: Question, reading: Reading) -> None:
    known = {question.id: reading.code}
    if reading.code != SKIPPED or said.media:
        meaning = question.labels(reading.code) if isinstance(question, Choice) else ""
        case = filing.add(said, case, "New answer", "answer", question.id, meaning)
        if question.id == "safe" and reading.code != "yes":
            case = filing.alarm(said, case, "danger")
        if not question.options or reading.confidence < SURE:  # they said more than the answer
            known = {**told.told(said.text, len(said.media)), **known}
    _settle(said, case, known)


def _settle(said: Said, case: Case, known: dict[str, str], before: str = "") -> None:
    """The question has its answer; on to the next one."""
    _note(said, known)
    said.change(asked_again=0)
    ask(said, case, said.words(before) if before else "")


def _note(said: Said, answers: dict[str, str]) -> None:
    """Answers of now; what was answered before stays."""
    said.change(answered={**answers, **said.conversation.answered})

"""Pages of an exit interview for a chat: a few questions on a form, and what is entered read as strictly as a text."""

from handlers.cards import Button, Buttons, Form, Input, Part, Text
from handlers.casework import danger
from handlers.casework.filing import emergency
from handlers.clean import clean
from handlers.exits.sitting import CONSENT, SURE, Sitting
from handlers.messages import Value
from handlers.questions import GIVEN, REFUSED, SKIPPED, Choice, Date, Question, Scale
from handlers.questions import Text as FreeText
from handlers.talking import hotline

PAGE = 5
LONGEST = 1000


def open_page(sitting: Sitting) -> list[Question]:
    """The next open questions; none of them hangs on the answer to another."""
    answers, page = sitting.interview.answers, list[Question]()
    known = {question.id: question for question in sitting.ahead(answers)}
    for item in sitting.form.items:
        here = {question.id for question in page}
        if len(page) == PAGE or any(condition.item in here for condition in item.when):
            break
        if item.id in known and item.id not in answers:
            page.append(known[item.id])
    return page


def answered_page(sitting: Sitting, before: int) -> list[Question]:
    """Those that were answered before the one at a place on their path, for changing."""
    chosen = sitting.path()[max(0, before - PAGE) : before]
    return [question for question in sitting.ahead(sitting.interview.answers) if question.id in chosen]


def agreement(sitting: Sitting) -> Form:
    """What it is, who sees it, and whether they agree."""
    labels = tuple((option.code, option.label) for option in sitting.gate(CONSENT).options)
    said: tuple[Part, ...] = tuple(Text(line) for line in terms(sitting))
    agree = Input("agree", sitting.words("chat_begin"), "choice", labels)
    parts = (*said, agree, _ways(sitting, "later"))
    return Form("interview_agree", sitting.words("chat_title"), parts, sitting.words("chat_next"))


def terms(sitting: Sitting) -> tuple[str, str]:
    """The wording that the ledger keeps."""
    return sitting.words("chat_invite"), sitting.words("chat_consent")


def asking(
    sitting: Sitting, page: list[Question], before: int, again: bool = False, first: tuple[Part, ...] = ()
) -> Form:
    """A page of questions; `again` asks some that have an answer, which stays where nothing is entered."""
    done = len(sitting.path())
    hint = sitting.words("chat_change" if again else "chat_hint")
    left = sitting.words("chat_progress", done=done, left=sitting.length - done)
    fields: tuple[Part, ...] = tuple(_field(question, sitting.words("chat_refuse")) for question in page)
    parts = (*first, Text(f"{left} {hint}", "quiet"), *fields, _ways(sitting, "later", before=before))
    carry = {"asked": " ".join(question.id for question in page), "again": "yes" if again else ""}
    return Form("interview_answer", sitting.words("chat_title"), parts, sitting.words("chat_next"), carry)


def ended(sitting: Sitting, first: tuple[Part, ...] = ()) -> Form:
    """The thanks, and the way back."""
    parts = (*first, Text(sitting.words("chat_thanks")), _ways(sitting, before=len(sitting.path())))
    return Form("interview_ended", sitting.words("chat_title"), parts)


def note(sitting: Sitting, key: str, *ways: str, **fields: object) -> Form:
    """A text of the program, and some of the ways on."""
    parts: tuple[Part, ...] = (Text(sitting.words(key, **fields)),)
    if ways:
        parts = (*parts, Buttons(tuple(_way(sitting, way) for way in ways)))
    return Form("interview_note", sitting.words("chat_title"), parts)


def safety(sitting: Sitting, entered: list[str]) -> tuple[Part, ...]:
    """Where help is, for whoever tells of danger."""
    if all(danger.level(text) == "none" for text in entered):
        return ()
    return (Text(sitting.words("safety", emergency=emergency(sitting.said), hotline=hotline(sitting.said)), "warning"),)


def read(question: Question, entered: Value) -> str | None:
    """An entry as the answer that is kept; None if it is none."""
    if isinstance(question, Choice | Scale):
        return _chosen(question, (entered,) if isinstance(entered, str) else entered)
    text = clean(entered if isinstance(entered, str) else " ".join(entered), LONGEST).strip()
    if not text:
        return SKIPPED
    reading = question.read(text)
    if reading is None or reading.confidence < SURE:
        return None
    return text if reading.code == GIVEN else reading.code


def _chosen(question: Choice | Scale, entered: tuple[str, ...]) -> str | None:
    chosen = {code for code in entered if code}
    if not chosen:
        return SKIPPED
    if REFUSED in chosen:
        return REFUSED if question.refusable else None
    known = [option.code for option in question.options]
    many = isinstance(question, Choice) and question.many
    if not chosen.issubset(known) or (len(chosen) > 1 and not many):
        return None
    return " ".join(code for code in known if code in chosen)


def _field(question: Question, refuse: str) -> Input:
    """All may be left empty, which skips them."""
    match question:
        case Choice() | Scale():
            options = (*_options(question), *(((REFUSED, refuse),) if question.refusable else ()))
            many = isinstance(question, Choice) and question.many
            return Input(question.id, question.text, "checks" if many else "choice", options, optional=True)
        case Date():
            return Input(question.id, question.text, "date", optional=True)
        case FreeText():
            return Input(question.id, question.text, "long_text", optional=True, longest=LONGEST)
        case _:
            return Input(question.id, question.text, optional=True, longest=LONGEST)


def _options(question: Choice | Scale) -> tuple[tuple[str, str], ...]:
    ends = dict(zip((question.low, question.high), question.ends, strict=True)) if isinstance(question, Scale) else {}
    named = {str(place): f"{place} ({label})" for place, label in ends.items() if label}
    return tuple((option.code, named.get(option.code, option.label)) for option in question.options)


def _ways(sitting: Sitting, *ways: str, before: int = 0) -> Buttons:
    back = (Button(sitting.words("chat_back"), "interview_back", {"before": str(before)}),) if before else ()
    return Buttons((*back, *(_way(sitting, way) for way in (*ways, "stop", "erase") if way)))


def _way(sitting: Sitting, way: str) -> Button:
    sure = sitting.words("chat_erase_sure") if way == "erase" else ""
    return Button(sitting.words(f"chat_{way}"), f"interview_{way}", style="danger" if sure else "", confirm=sure)

"""`/exit comments`: a person reads what leavers wrote, page by page, and lets it go out, corrects or withholds it."""

from handlers.cards import Answer, Form, Input, Open, Part, Refuse, Text, say
from handlers.clean import clean
from handlers.effects import Audit, Effect, JudgeComment, Step
from handlers.exits.rights import coordinator, runs
from handlers.messages import Inbound
from handlers.state import Facts

PAGE = 3
LONGEST = 2000
CHOICES = (("release", "Let it go out as it stands below"), ("withhold", "Withhold it"), ("later", "Decide later"))
NONE = say(
    "Comments", "No comment waits to be read. Those of a quarter in which fewer than eight people answered never are."
)
HINT = "Take out whatever may tell who wrote it, or whom it is about."


def comments(inbound: Inbound, facts: Facts) -> Step:
    """The next ones that wait; what was decided of those before is done at once."""
    if inbound.kind != "submit":
        return Step(answer=_page(facts, frozenset()))
    effects: list[Effect] = []
    waiting = {comment.id: comment for comment in facts.comments}
    for number in map(str, range(PAGE)):
        comment, what = waiting.get(inbound.value(f"id_{number}")), inbound.value(f"what_{number}")
        if comment is None or what not in ("release", "withhold"):
            continue
        text = clean(inbound.value(f"text_{number}")).strip()
        if what == "release" and not text:
            return Step(answer=Refuse({f"text_{number}": "There is nothing here to let go out."}))
        city = facts.jurisdictions[comment.city]
        released = what == "release"
        effects += [
            JudgeComment(comment.id, comment.city, released, text),
            Audit("comment_released" if released else "comment_withheld", comment.id, coordinator(facts, city).id),
        ]
    done = frozenset(effect.comment for effect in effects if isinstance(effect, JudgeComment))
    return Step(tuple(effects), answer=_page(facts, done) if done else say("Comments", "Nothing was decided."))


def _page(facts: Facts, done: frozenset[str]) -> Answer:
    mine = {city.key for city in runs(facts)}
    waiting = [comment for comment in facts.comments if comment.city in mine and comment.id not in done]
    if not waiting:
        return NONE
    parts: list[Part] = [
        Text(f"{len(waiting)} wait. Names and numbers were taken out by rule; read them all the same.")
    ]
    carry = {}
    for number, comment in enumerate(waiting[:PAGE]):
        carry[f"id_{number}"] = comment.id
        parts += [
            Text(f"{facts.jurisdictions[comment.city].name}: {comment.question}", "strong"),
            Input(
                f"text_{number}",
                "Comment",
                "long_text",
                initial=comment.text,
                hint=HINT,
                longest=LONGEST,
                optional=True,
            ),
            Input(f"what_{number}", "What becomes of it", "choice", CHOICES, "later"),
        ]
    return Open(Form("exit_comments", "Comments", tuple(parts), "Save and go on", carry))

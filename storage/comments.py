"""Words of people who left: apart from their other answers from the lock on, unseen until somebody read them."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from handlers import effects as e
from handlers.exits.interviews import PROGRAM, Comment
from handlers.redact import redact
from handlers.release.rules import Rules
from handlers.surveys.questionnaire import Questionnaire
from storage.database import Row, Transaction
from storage.scene import Scene
from storage.vault import Vault

# Few people make every comment theirs: neither staff who read them nor a report sees those of a small quarter.
ENOUGH = (
    """(SELECT count(*) FROM responses r WHERE r.jurisdiction = c.jurisdiction AND r.quarter = c.quarter) >= :least"""
)


async def add(scene: Scene, city: str, quarter: str, comments: Iterable[tuple[str, str]]) -> None:
    """Keep (question id, words), redacted; who adds them has shuffled them: databases tell the order of writing."""
    for item, words in comments:
        row = secrets.token_hex(16)
        await scene.tx.execute(
            """INSERT INTO comments (id, jurisdiction, quarter, item, state, body)
            VALUES (:id, :city, :quarter, :item, 'waiting', :body)""",
            id=row,
            city=city,
            quarter=quarter,
            item=item,
            body=scene.vault.seal(redact(words).encode(), place="comments.body", row=row, jurisdiction=city),
        )


async def waiting(scene: Scene, cities: Sequence[str]) -> tuple[Comment, ...]:
    """Those that nobody has decided on, in an order of chance that stays the same."""
    form = scene.region.forms[PROGRAM]
    found = await _read(scene.tx, "waiting")
    return tuple(_as_comment(scene.vault, form, row) for row in found if row["jurisdiction"] in cities)


async def released(
    tx: Transaction, vault: Vault, form: Questionnaire, city: str, quarters: Sequence[str]
) -> tuple[Comment, ...]:
    """Those of a city that may be read, of some quarters."""
    found = await _read(tx, "released")
    return tuple(
        _as_comment(vault, form, row) for row in found if row["jurisdiction"] == city and row["quarter"] in quarters
    )


async def _read(tx: Transaction, state: str) -> list[Row]:
    return await tx.fetch(
        f"SELECT c.* FROM comments c WHERE c.state = :state AND {ENOUGH} ORDER BY c.id",  # noqa: S608 -- a constant
        state=state,
        least=Rules().comments,
    )


def _as_comment(vault: Vault, form: Questionnaire, row: Row) -> Comment:
    words = vault.open(row["body"], place="comments.body", row=row["id"], jurisdiction=row["jurisdiction"]).decode()
    item = form.item(row["item"])
    question = item.text[form.languages[0]] if item else row["item"]
    return Comment(row["id"], row["jurisdiction"], question, words)


async def _judge(scene: Scene, effect: e.JudgeComment) -> None:
    """What is withheld is deleted; what is released stays as it was corrected."""
    if not effect.released:
        await scene.tx.execute("DELETE FROM comments WHERE id = :id AND state = 'waiting'", id=effect.comment)
        return
    where = {"place": "comments.body", "row": effect.comment, "jurisdiction": effect.city}
    await scene.tx.execute(
        "UPDATE comments SET state = 'released', body = :body WHERE id = :id AND state = 'waiting'",
        body=scene.vault.seal(effect.text.encode(), **where),  # type: ignore[arg-type]
        id=effect.comment,
    )


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {e.JudgeComment: _judge}

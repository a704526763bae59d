"""Puts a message into the outbox, in the transaction of whatever it follows from."""

import json
from collections.abc import Mapping
from typing import Any

from storage.database import Transaction
from storage.ids import new_id
from storage.vault import Vault


async def owe(
    tx: Transaction,
    vault: Vault,
    now: int,
    jurisdiction: str,
    kind: str,
    lane: str,
    body: Mapping[str, Any],
    *,
    alias: str = "",
    channel: str = "",
    case: str = "",
    message: str = "",
    due: int = 0,
    until: int = 0,
    subject: str = "",
) -> None:
    """Owe a message; of one lane only one is under way. Times are milliseconds; `until` is when any hour ends."""
    row = new_id(now)
    plain = json.dumps(body, ensure_ascii=False).encode()
    await tx.execute(
        """INSERT INTO outbox (id, lane, kind, state, due_at, tries, created_at, lease_until, jurisdiction,
        channel, alias, case_id, message, reference, code, body, any_hour_until, subject)
        VALUES (:id, :lane, :kind, 'queued', :due, 0, :now, 0, :jurisdiction, :channel, :alias, :case_id, :message,
        '', '', :body, :until, :subject)""",
        id=row,
        lane=lane,
        kind=kind,
        due=due or now,
        now=now,
        until=until,
        subject=subject,
        jurisdiction=jurisdiction,
        channel=channel,
        alias=alias,
        case_id=case,
        message=message,
        body=vault.seal(plain, place="outbox.body", row=row, jurisdiction=jurisdiction),
    )

"""One turn in progress: its transaction, where it plays, what was read, and the keys to what it may open."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from handlers.jurisdiction import Jurisdiction, Line
from handlers.messages import Inbound
from handlers.state import Conversation, Facts
from handlers.surveys.questionnaire import Questionnaire
from handlers.texts import Texts
from storage.database import Row, Transaction
from storage.ids import milliseconds
from storage.vault import Vault

PACKED = tuple(part.name for part in fields(Conversation) if part.name != "stopped")


class Again(Exception):
    """Chance or another turn was in the way; the same turn may be tried again with what is true now."""


class UnknownLine(Exception):
    """The message was written to an address that is not ours."""


@dataclass(frozen=True, slots=True)
class Region:
    """What is the same for every turn: the member cities, their texts, where the reading room is, questionnaires.

    `crosswalks` are those that are shipped: what each is for, by name.
    """

    jurisdictions: Mapping[str, Jurisdiction]
    texts: Texts
    desk_url: str
    lines: Mapping[tuple[str, str], tuple[str, Line]]
    forms: Mapping[str, Questionnaire] = field(default_factory=dict)
    crosswalks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        jurisdictions: Mapping[str, Jurisdiction],
        texts: Texts,
        desk_url: str,
        forms: Mapping[str, Questionnaire] | None = None,
        crosswalks: Mapping[str, str] | None = None,
    ) -> "Region":
        """Index the lines of all jurisdictions by channel and address."""
        lines = {(ln.channel, ln.address): (key, ln) for key, city in jurisdictions.items() for ln in city.lines}
        return cls(jurisdictions, texts, desk_url, lines, forms or {}, crosswalks or {})


@dataclass(slots=True)
class Scene:
    """`jurisdiction` and `program` say where the turn plays; `rows` holds the case rows read, by id.

    `alias` and `channel` are those of the person whose conversation it is, if any. `now` is the turn's time in
    milliseconds since 1970: when its message reached us.
    """

    tx: Transaction
    vault: Vault
    region: Region
    inbound: Inbound
    jurisdiction: str
    program: str
    alias: str = ""
    channel: str = ""
    now: int = field(init=False)
    facts: Facts = field(init=False)
    rows: dict[str, Row] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = milliseconds(self.inbound.received_at)

    def seal(self, text: str, place: str, row: str) -> bytes:
        """Seal under the city's key."""
        return self.vault.seal(text.encode(), place=place, row=row, jurisdiction=self.jurisdiction)

    def case_key(self, case: str) -> bytes:
        """The case's own key; unwrapped once a turn."""
        if case not in self.keys:
            row = self.rows[case]
            self.keys[case] = self.vault.unwrap(row["data_key"], row=case, jurisdiction=row["jurisdiction"])
        return self.keys[case]

    def case_jurisdiction(self, case: str) -> str:
        """The city a case belongs to, whoever handles it."""
        return str(self.rows[case]["jurisdiction"]) if case in self.rows else self.jurisdiction


def pack_state(conversation: Conversation) -> str:
    """The conversation as JSON, without what is unset; `stopped` has a column of its own."""
    held = {name: value for name in PACKED if (value := getattr(conversation, name))}
    return json.dumps(held, default=dict)


def unpack_state(text: str, stopped: bool) -> Conversation:
    """The conversation as it was packed."""
    held = json.loads(text)
    for name in ("waiting", "offered"):
        held[name] = tuple(held.get(name, ()))
    return Conversation(**held, stopped=stopped)

"""What a race for seats must come to, by plain counting: every change as the database saw it, held against the rule."""

from collections import Counter
from dataclasses import dataclass, field

from storage.database import Row, Transaction

SEATED = ("requested", "enrolled", "offered", "attended", "missed")
NEW = ("", "prompted", "later", "declined", "cancelled")

# The database itself notes each change in the order in which it was made; no code of ours can forget one.
SQLITE = (
    """CREATE TABLE trace (id INTEGER PRIMARY KEY, session TEXT, city TEXT, number BIGINT, before TEXT, after TEXT)""",
    """CREATE TRIGGER came AFTER INSERT ON enrolments BEGIN INSERT INTO trace (session, city, number, before, after)
    VALUES (new.session, new.jurisdiction, new.number, '', new.state); END""",
    """CREATE TRIGGER moved AFTER UPDATE ON enrolments BEGIN INSERT INTO trace (session, city, number, before, after)
    VALUES (new.session, new.jurisdiction, new.number, old.state, new.state); END""",
    """CREATE TRIGGER sized AFTER UPDATE OF seats ON sessions BEGIN
    INSERT INTO trace (session, city, number, before, after) VALUES (new.id, '', new.seats, 'seats', 'seats'); END""",
)
POSTGRESQL = (
    "CREATE TABLE trace (id BIGSERIAL PRIMARY KEY, session TEXT, city TEXT, number BIGINT, before TEXT, after TEXT)",
    """CREATE FUNCTION came() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO trace (session, city, number, before, after)
    VALUES (new.session, new.jurisdiction, new.number, CASE TG_OP WHEN 'INSERT' THEN '' ELSE old.state END, new.state);
    RETURN new; END $$""",
    """CREATE FUNCTION sized() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO trace (session, city, number, before, after) VALUES (new.id, '', new.seats, 'seats', 'seats');
    RETURN new; END $$""",
    "CREATE TRIGGER came AFTER INSERT OR UPDATE ON enrolments FOR EACH ROW EXECUTE FUNCTION came()",
    "CREATE TRIGGER sized AFTER UPDATE OF seats ON sessions FOR EACH ROW EXECUTE FUNCTION sized()",
)


async def watch(tx: Transaction, scheme: str) -> None:
    """Let the database note every change from now on."""
    for statement in SQLITE if scheme == "sqlite" else POSTGRESQL:
        await tx.execute(statement)


async def mark(tx: Transaction, session: str, what: str) -> None:
    """Note that something happened that no row shows, such as the end of the shares."""
    await tx.execute(
        "INSERT INTO trace (session, city, number, before, after) VALUES (:session, '', 0, :what, :what)",
        session=session,
        what=what,
    )


@dataclass
class Book:
    """One session, counted by hand. `shares` are kept for each city until they are dropped."""

    seats: int
    shares: dict[str, int]
    taken: Counter[str] = field(default_factory=Counter)
    waiting: dict[int, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    most: int = 0

    def follow(self, rows: list[Row]) -> "Book":
        """Go through all that happened, in order."""
        for row in rows:
            before, after, city, number = row["before"], row["after"], row["city"], row["number"]
            if before == "seats":
                self.seats = number
            elif before == "shares end":
                self.shares = {}
            elif before != after:
                self._change(before, after, city, number)
            self.most = max(self.most, sum(self.taken.values()))
            if sum(self.taken.values()) > self.seats:
                self.faults.append(f"{row['id']}: {sum(self.taken.values())} seats taken of {self.seats}")
        return self

    def _change(self, before: str, after: str, city: str, number: int) -> None:
        if before in NEW and after in SEATED and not self._would_sit(city):
            self.faults.append(f"{number} of {city} got a seat before others")
        if before in NEW and after == "waitlisted" and self._would_sit(city):
            self.faults.append(f"{number} of {city} had to wait although a seat was theirs")
        if before == "waitlisted" and after == "offered" and self._first() != number:
            self.faults.append(f"{number} was offered a seat, but {self._first()} is first")
        if before == "waitlisted":
            self.waiting.pop(number, None)
        if after == "waitlisted":
            self.waiting[number] = city
        self.taken[city] += (after in SEATED) - (before in SEATED)

    def _open_to(self, city: str) -> int:
        """Seats that nobody has and that are not kept for somebody else."""
        left = self.seats
        for count in self.taken.values():
            left -= count
        for other, share in self.shares.items():
            if other != city and share > self.taken[other]:
                left -= share - self.taken[other]
        return left

    def _would_sit(self, city: str) -> bool:
        if self._open_to(city) <= 0 or city in self.waiting.values():
            return False
        has_own = self.shares.get(city, 0) > self.taken[city]
        return has_own or not any(self._open_to(other) > 0 for other in set(self.waiting.values()))

    def _first(self) -> int:
        """Who came first of those who wait and may have a seat; 0 for nobody."""
        cities = {city for city in set(self.waiting.values()) if self._open_to(city) > 0}
        return min((number for number, city in self.waiting.items() if city in cities), default=0)

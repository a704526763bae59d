"""Certificates for whoever asks whether one counts, and the one download that its holder was given."""

from datetime import datetime
from typing import Any

from handlers import effects as e
from handlers.calendar import local_day
from handlers.training.certificates import Paper, Verified, paper, verified
from handlers.training.values import Certificate, Course, Learner
from storage import training_rows
from storage.database import Database, Row, Transaction
from storage.ids import milliseconds
from storage.scene import Region, Scene
from storage.vault import Vault

HOLDER = "certificate"
"""Stands where a pass to the reading room names a member of staff."""
NOBODY = Learner("", "", "", "")


class Registry:
    """Every method is one transaction of its own. An unknown code costs the same work as a known one."""

    def __init__(self, database: Database, vault: Vault, region: Region) -> None:
        self._database = database
        self._vault = vault
        self._region = region
        self._decoy = vault.seal(b"{}" + b" " * 300, place="learners.body", row="", jurisdiction="")

    async def verify(self, code: str, now: datetime) -> Verified | None:
        """What a code tells; None for one that was never given out."""

        async def work(tx: Transaction) -> Verified | None:
            found = await self._found(tx, code)
            if found is None:
                return None
            certificate, course, learner = found
            city = self._region.jurisdictions[course.runner]
            return verified(certificate, course, learner.name, local_day(city, now))

        return await self._database.read(work)

    async def open_link(self, token: str, now: datetime) -> Paper | None:
        """Use up a token: the certificate that it opens, or None where it is unknown, used or too old."""

        async def work(tx: Transaction) -> Paper | None:
            await tx.execute("DELETE FROM passes WHERE until < :now", now=milliseconds(now))
            lent = await tx.fetch(
                "DELETE FROM passes WHERE token = :token AND staff = :holder RETURNING case_id",
                token=self._vault.fingerprint(HOLDER, token),
                holder=HOLDER,
            )
            found = await self._found(tx, lent[0]["case_id"]) if lent else None
            return None if found is None or found[2] is NOBODY else self._paper(*found)

        return await self._database.transact(work)

    def _paper(self, certificate: Certificate, course: Course, learner: Learner) -> Paper:
        runner = self._region.jurisdictions[course.runner].name
        address = f"{self._region.desk_url}/certificates/{certificate.code}"
        return paper(self._region.texts, learner, course, certificate, runner, address)

    async def _found(self, tx: Transaction, code: str) -> tuple[Certificate, Course, Learner] | None:
        """The certificate of a code with its course and holder, who may be nobody's by now."""
        rows = await tx.fetch("SELECT * FROM certificates WHERE code = :code", code=code)
        certificate = training_rows.as_certificate(rows[0]) if rows else None
        courses = await tx.fetch("SELECT body FROM courses WHERE id = :id", id=rows[0]["course"] if rows else "")
        people = await tx.fetch("SELECT * FROM learners WHERE id = :id", id=rows[0]["learner"] if rows else "")
        learner = self._holder(people)
        return (certificate, training_rows.as_course(courses[0]["body"]), learner) if certificate else None

    def _holder(self, rows: list[Row]) -> Learner:
        if not rows:
            self._vault.open(self._decoy, place="learners.body", row="", jurisdiction="")
            return NOBODY
        row = rows[0]
        return training_rows.as_learner(self._vault, bytes(row["body"]), row["id"], row["jurisdiction"])


async def _lend(scene: Scene, effect: e.LendCertificate) -> None:
    await scene.tx.execute(
        "INSERT INTO passes (token, case_id, staff, until) VALUES (:token, :code, :holder, :until)",
        token=scene.vault.fingerprint(HOLDER, effect.token),
        code=effect.code,
        holder=HOLDER,
        until=milliseconds(effect.until),
    )


PERFORM: dict[type, Any] = {e.LendCertificate: _lend}

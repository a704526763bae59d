"""A process that writes pairs of rows and says which ones were answered, until it is killed: `writer URL ROUND`."""

import asyncio
import sys
from itertools import count

from storage import open_database
from storage.database import Database, Transaction

TASKS = 16


async def main(url: str, turn: str) -> None:
    database = await open_database(url)
    numbers = count()
    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(_write(database, turn, numbers))


async def _write(database: Database, turn: str, numbers: "count[int]") -> None:
    while True:
        row = f"{turn}-{next(numbers)}"

        async def work(tx: Transaction, row: str = row) -> None:
            await tx.execute("INSERT INTO ones (id) VALUES (:id)", id=row)
            await tx.execute("INSERT INTO others (id) VALUES (:id)", id=row)

        await database.transact(work)
        print(row, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

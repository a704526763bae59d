"""Shows how far long work is: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]
QUARTERS = 4


@contextmanager
def progress() -> Iterator[Progress]:
    """What long work calls with the name of its step, how much is done, and of how much (0: nobody knows)."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    with Bars(console=Console(stderr=True)) as bars:
        steps: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step)
            bars.update(steps[step], completed=done, total=total or None)

        yield show


def _lines() -> Progress:
    """One line at the begin of a step and at each quarter of it."""
    said: dict[str, int] = {}

    def show(step: str, done: int, total: int) -> None:
        quarter = QUARTERS * done // total if total else 0
        if said.get(step) != quarter:
            said[step] = quarter
            print(f"{step}: {100 * quarter // QUARTERS} %" if total else f"{step} …", file=sys.stderr, flush=True)

    return show

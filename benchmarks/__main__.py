"""`python -m benchmarks [inbound] [slack] [tick] [start]`: runs the measurements that are named, by default all."""

import signal
import sys
from importlib import import_module

from rich.console import Console

ALL = ("start", "slack", "tick", "inbound")


def main(names: list[str]) -> int:
    """Run them one after the other and print a table each; 2 for a name that there is not."""
    if unknown := [name for name in names if name not in ALL]:
        print(f"No measurement is called {unknown[0]}; there are {', '.join(ALL)}.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no process of ours is left behind
    console = Console()
    for name in names or ALL:
        with console.status(f"Measuring {name} …"):
            table = import_module(f"benchmarks.{name}").measure()
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Finds the Chromium that the browser tests drive: the system's, else Playwright's, else Debian's, installed here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# As root there is no sandbox to be had; the rest keeps the browser from calling home on a closed network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> Path | None:
    """The browser's program, if there is one on this machine."""
    return next(_found(), None)


def install() -> None:
    """Install Debian's where we may; says what it does, since it takes a while."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium for the browser tests (once; a minute or two) …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "check": False}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)  # type: ignore[call-overload]  # noqa: S607
    subprocess.run(  # type: ignore[call-overload]
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],  # noqa: S607
        **quiet,
    )


def _found() -> Iterator[Path]:
    yield from (Path(program) for name in NAMES if (program := shutil.which(name)))
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    yield from sorted(own.glob("chromium*/chrome-linux*/*chrom*"))
    yield from sorted(own.glob("chromium*/chrome-mac*/*.app/Contents/MacOS/*"))


if __name__ == "__main__":
    if find() is None:
        install()
    if find() is None:
        sys.stderr.write("No Chromium can be had here: THE BROWSER TESTS WILL BE SKIPPED.\n")

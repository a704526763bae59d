"""Keeps out of the service what libraries bring for uses that it has not: a fifth of its start and of its memory."""

import sys
import warnings
from importlib.util import find_spec
from types import ModuleType

# Packages that import all they have when one part is asked for: 250 countries; 80 of Twilio's products beside texts.
# Each part is imported all the same when it is asked for by its own name.
BULKY = ("holidays.countries", "twilio.rest.api", "twilio.rest.api.v2010", "twilio.rest.api.v2010.account")


def leave_out() -> None:
    """To be called before anything else is imported; what is there already stays."""
    # structlog paints tracebacks for a terminal with it, and ours are never printed.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # Python's way to say "as if not installed"
    # requests guesses with it in what encoding an answer is; Twilio brings requests along for calls that we never make.
    sys.modules.setdefault("charset_normalizer", None)  # type: ignore[arg-type]
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection dependency")
    for name in BULKY:
        sys.modules.setdefault(name, _folder(name))


def _folder(name: str) -> ModuleType:
    """A package of that name whose own code has not run."""
    package = ModuleType(name)
    library, *path = name.split(".")
    found = find_spec(library)
    package.__path__ = ["/".join((folder, *path)) for folder in (found and found.submodule_search_locations) or ()]
    return package

"""Reads what is data: one TOML file per city and questionnaire, one catalogue of texts per language."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.settings import Settings
from handlers.jurisdiction import Faulty, Jurisdiction, check_together, read_jurisdiction
from handlers.surveys.questionnaire import Questionnaire, read_toml
from handlers.texts import Texts
from storage.scene import Region

LANGUAGES = Path(__file__).parent / "languages"
QUESTIONNAIRES = Path(__file__).parent / "questionnaires"
CROSSWALKS = Path(__file__).parent / "crosswalks"
READING_ROOM = "/desk"


def load_region(settings: Settings) -> Region:
    """The member cities with their texts; raises Faulty with one sentence that names the file and its key."""
    cities = read_cities(settings.jurisdictions)
    texts = read_texts()
    for city in cities.values():
        for language in city.languages:
            if language not in texts.catalogues:
                raise Faulty(f"{city.key}.toml: languages: there is no catalogue for {language}")
    return Region.of(cities, texts, settings.public_url + READING_ROOM, read_forms(), read_crosswalks())


def read_cities(folder: Path) -> dict[str, Jurisdiction]:
    """Every city of a folder by key, in order, checked alone and together; raises Faulty."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise Faulty(f"JURISDICTIONS is wrong: {folder} holds no city file (NAME.toml)")
    cities = {file.stem: read_jurisdiction(file.stem, parse(file)) for file in files}
    check_together(cities.values())
    return cities


def read_texts(folder: Path = LANGUAGES) -> Texts:
    """The catalogues by language; tables become dots in the key."""
    return Texts({file.stem: dict(_flat(parse(file))) for file in sorted(folder.glob("*.toml"))})


def read_forms(folder: Path = QUESTIONNAIRES) -> dict[str, Questionnaire]:
    """The questionnaires by name; raises Faulty with file, line and reason."""
    return {file.stem: read_toml(file.read_text("utf-8"), file.name) for file in sorted(folder.glob("*.toml"))}


def read_crosswalks(folder: Path = CROSSWALKS) -> dict[str, str]:
    """What each crosswalk is for, by its name; it is checked as a whole when a file is read by it."""
    return {file.stem: str(parse(file).get("about", file.stem)) for file in sorted(folder.glob("*.toml"))}


def parse(file: Path) -> dict[str, Any]:
    """A TOML file; raises Faulty with its name and what is wrong."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Faulty(f"{file.name}: is not TOML: {error}") from None
    except OSError as error:
        raise Faulty(f"{file.name}: cannot be read: {error.strerror}") from None


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)

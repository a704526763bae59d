"""The questionnaires on disk: one TOML file each, checked when they are loaded."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from handlers.surveys.lint import check
from handlers.surveys.questionnaire import Questionnaire, plain, read_toml
from handlers.tables import Faulty

FOLDER = Path(__file__).parent / "questionnaires"


def load(file: Path) -> Questionnaire:
    """The questionnaire of a TOML file; raises Faulty with file, line and reason where it cannot be read."""
    try:
        return read_toml(file.read_text("utf-8"), file.name)
    except UnicodeDecodeError:
        raise Faulty(f"{file.name}: is not UTF-8") from None
    except OSError as error:
        raise Faulty(f"{file.name}: cannot be read: {error.strerror}") from None


def load_all(folder: Path = FOLDER) -> dict[str, Questionnaire]:
    """Every questionnaire of a folder by id, none with a fault; raises Faulty with file, line and reason."""
    found: dict[str, Questionnaire] = {}
    for file in sorted(folder.glob("*.toml")):
        questionnaire = load(file)
        check(questionnaire, file.name)
        if questionnaire.id in found:
            raise Faulty(f"{file.name}: id: another file has {questionnaire.id} already")
        found[questionnaire.id] = questionnaire
    return found


def to_toml(questionnaire: Questionnaire) -> str:
    """A questionnaire as the text of its file."""
    tables = plain(questionnaire)
    items = tables.pop("items")
    head = "".join(f"{key} = {_inline(value)}\n" for key, value in tables.items())
    return head + "".join(f"\n[[items]]\n{''.join(_rows(item))}" for item in items)


def _rows(item: Mapping[str, Any]) -> Iterator[str]:
    for key, value in item.items():
        if key in ("options", "when"):
            inner = "".join(f"  {_inline(one)},\n" for one in value)
            yield f"{key} = [\n{inner}]\n"
        else:
            yield f"{key} = {_inline(value)}\n"


def _inline(value: Any) -> str:
    """A value of a file on one line; JSON's escapes are TOML's, too."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

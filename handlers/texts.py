"""Looks up a text in the reader's language; the catalogues are data, one file per language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Catalogues by language code, each a flat mapping such as {"hotline.first": "…{word}…"}; read once."""

    catalogues: Mapping[str, Mapping[str, str]]

    def say(self, language: str, key: str, **fields: object) -> str:
        """The text of `key` in `language`, its {fields} filled in. A missing text is a fault of ours: KeyError."""
        return self.catalogues[language][key].format(**fields)

    def has(self, language: str, key: str) -> bool:
        """Whether that language has that text."""
        return key in self.catalogues.get(language, {})

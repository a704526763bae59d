"""What was released, kept for ever as facts that every later attack starts from."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.release.audit import Fact
from handlers.release.table import (
    BATCH,
    EMPLOYER,
    Crossing,
    Place,
    Population,
    Region,
    Table,
    regions,
)


@dataclass(frozen=True, slots=True)
class Band:
    """A share of a group that is published as a range: `low` to `high` in percent, `people` between two counts."""

    label: str
    region: Region
    low: int
    high: int
    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class Release:
    """A set of tables and bands that went out at one time; `name` is shown ("2026Q3").

    `audience` holds the employers whose staff may read it; empty means everybody.
    """

    name: str
    tables: tuple[Table, ...] = ()
    bands: tuple[Band, ...] = ()
    audience: frozenset[str] = frozenset()


def facts(population: Population, releases: Iterable[Release]) -> list[Fact]:
    """All that releases tell: counts, that a hidden cell is not empty, and how far a band reaches.

    Who reads a band is taken to know how many people each employer in it heard from, though no band says so.
    """
    found: list[Fact] = []
    for release in releases:
        for table in release.tables:
            found += table_facts(population, table, release.audience)
        for band in release.bands:
            found.append(Fact(band.region, band.fewest, band.most, release.audience))
            found += _totals(population, band.region)
    return found


def table_facts(population: Population, table: Table, audience: frozenset[str]) -> Iterator[Fact]:
    """What one table tells. Who knows the rules knows that an empty cell is always shown as 0."""
    for place, region in regions(population, table.crossing).items():
        count = table.cells[place]
        yield Fact(region, 1, None, audience) if count is None else Fact(region, count, count, audience)


def data_hash(release: Release) -> str:
    """SHA-256 of the release in canonical JSON: the same figures always have the same hash, on any machine."""
    text = json.dumps(as_json(release), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(release: Release) -> dict[str, Any]:
    """A release as plain JSON values, every list in one order; `from_json` reads it back."""
    return {
        "name": release.name,
        "audience": sorted(release.audience),
        "tables": [_table_as_json(table) for table in release.tables],
        "bands": [
            {
                "label": band.label,
                "region": _region_as_json(band.region),
                "percent": [band.low, band.high],
                "people": [band.fewest, band.most],
            }
            for band in release.bands
        ],
    }


def from_json(values: Mapping[str, Any]) -> Release:
    """A release as it was written by `as_json`; KeyError, TypeError or ValueError if it was not."""
    return Release(
        values["name"],
        tuple(_table_from_json(table) for table in values["tables"]),
        tuple(
            Band(band["label"], _region_from_json(band["region"]), *band["percent"], *band["people"])
            for band in values["bands"]
        ),
        frozenset(values["audience"]),
    )


def _totals(population: Population, region: Region) -> Iterator[Fact]:
    for employer in sorted(region[EMPLOYER]):
        heard: Region = {EMPLOYER: frozenset({employer}), BATCH: region[BATCH]}
        yield Fact(heard, population.count(heard), population.count(heard))


def _table_as_json(table: Table) -> dict[str, Any]:
    crossing = table.crossing
    return {
        "rows": [crossing.rows, list(table.rows)],
        "columns": [crossing.columns, list(table.columns)],
        EMPLOYER: sorted(crossing.employers),
        BATCH: sorted(crossing.batches),
        "groups": {axis: [[label, list(of)] for label, of in groups] for axis, groups in crossing.groups.items()},
        "cells": [[row, column, count] for (row, column), count in sorted(table.cells.items())],
    }


def _table_from_json(values: Mapping[str, Any]) -> Table:
    groups = {axis: tuple((label, tuple(of)) for label, of in some) for axis, some in values["groups"].items()}
    (rows, row_labels), (columns, column_labels) = values["rows"], values["columns"]
    crossing = Crossing(rows, columns, frozenset(values[EMPLOYER]), frozenset(values[BATCH]), groups)
    cells: dict[Place, int | None] = {(row, column): count for row, column, count in values["cells"]}
    return Table(crossing, tuple(row_labels), tuple(column_labels), cells)


def _region_as_json(region: Region) -> dict[str, list[str]]:
    return {axis: sorted(categories) for axis, categories in region.items()}


def _region_from_json(values: Mapping[str, list[str]]) -> Region:
    return {axis: frozenset(categories) for axis, categories in values.items()}

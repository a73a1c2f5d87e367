"""Data files out of the catalogue: JSON lines, CSV, Parquet. The same catalogue, the same bytes.

`jsonl` has one contract document a line when the table is `documents`; every other form is a flat
table whose columns are listed in `TABLES`.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb

from crawler.errors import WrongUse
from pipelines.across import across
from pipelines.series import SERIES, series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipelines.across import Renamed
    from pipelines.catalogue import Catalogue

Row = dict[str, Any]
Columns = dict[str, str]

_SOURCE = {
    "document": "VARCHAR", "portal": "VARCHAR", "organ": "VARCHAR", "year": "INTEGER",
    "class": "VARCHAR",
}  # fmt: skip
_CAPTURE = {
    "url": "VARCHAR", "captured_at": "VARCHAR", "file": "VARCHAR", "offset": "BIGINT",
    "record_id": "VARCHAR",
}  # fmt: skip

# Columns and their types in Parquet.
TABLES: dict[str, Columns] = {
    "documents": {
        **_SOURCE, "title": "VARCHAR", "scope": "VARCHAR", "year_evidence": "VARCHAR",
        "published_at": "VARCHAR", "written_on": "VARCHAR", "index_no": "VARCHAR",
        "doc_no": "VARCHAR", "forms": "VARCHAR", "text": "VARCHAR", **_CAPTURE,
    },
    "figures": {
        **_SOURCE, "key": "VARCHAR", "value": "DOUBLE", "unit": "VARCHAR", "status": "VARCHAR",
        "approx": "VARCHAR", "raw": "VARCHAR", "value_yuan": "DOUBLE", **_CAPTURE,
    },
    "checks": {
        **_SOURCE, "check": "VARCHAR", "result": "VARCHAR", "severity": "VARCHAR",
        "says": "VARCHAR", **_CAPTURE,
    },
    "series": {
        "portal": "VARCHAR", "organ": "VARCHAR", "year": "INTEGER",
        **dict.fromkeys(SERIES, "DOUBLE"),
        **{f"{name}_from": "VARCHAR" for name in SERIES},
    },
    "issues": {
        "id": "VARCHAR", "crawl": "VARCHAR", "portal": "VARCHAR", "document": "VARCHAR",
        "url": "VARCHAR", "code": "VARCHAR", "says": "VARCHAR",
    },
}  # fmt: skip


def export(
    catalogue: Catalogue,
    format_: str,
    out: BinaryIO | Path,
    table: str = "",
    renamed: Renamed | None = None,
) -> None:
    """Write one table as `jsonl`, `csv` or `parquet`. A path is replaced only when all is written.

    Without a table `jsonl` has documents, the others figures. `renamed` says which organs of a
    portal are one and the same under another name: {portal: {as printed: the name to use}}. Raises
    WrongUse for a format or table that does not exist.
    """
    table = table or ("documents" if format_ == "jsonl" else "figures")
    if format_ not in WRITERS or table not in TABLES:
        raise WrongUse(f"formats: {', '.join(WRITERS)}; tables: {', '.join(TABLES)}")
    whole = format_ == "jsonl" and table == "documents"
    found = documents(catalogue, renamed) if whole else rows(catalogue, table, renamed)
    if not isinstance(out, Path):
        WRITERS[format_](found, TABLES[table], out)
        return
    unfinished = out.with_name(f"{out.name}.part")
    with unfinished.open("wb") as file:
        WRITERS[format_](found, TABLES[table], file)
    unfinished.replace(out)


def documents(catalogue: Catalogue, renamed: Renamed | None = None) -> Iterator[Row]:
    """The catalogue's documents, with the checks against their neighbours in time."""
    found = across(catalogue.documents(class_="annual_report"), renamed or {})
    for row in catalogue.documents():
        more = [asdict(check) for check in found.get(row["id"], ())]
        yield {**row, "checks": row["checks"] + more}


def rows(catalogue: Catalogue, table: str, renamed: Renamed | None = None) -> Iterator[Row]:
    """The rows of a flat table, in the order of the documents."""
    if table == "series":
        yield from series(catalogue.documents(), renamed or {})
        return
    if table == "issues":
        yield from ({**issue, "document": None} for issue in catalogue.issues())
    for document in documents(catalogue, renamed):
        source = _source(document)
        for part in _PARTS[table](document):
            whole = {**source, **part}
            yield {name: whole.get(name) for name in TABLES[table]}


def _source(document: Row) -> Row:
    """Where something came from: the columns that every table of documents shares."""
    capture = document["capture"]
    return {
        **{name: document[name] for name in ("portal", "organ", "year", "class", "url")},
        "document": document["id"],
        "captured_at": capture["at"],
        **{name: capture[name] for name in ("file", "offset", "record_id")},
    }


def _issues(document: Row) -> list[Row]:
    return [{"id": None, "crawl": None, **issue} for issue in document["issues"]]


_PARTS: dict[str, Callable[[Row], list[Row]]] = {
    "documents": lambda document: [{**document, "forms": "".join(document["forms"])}],
    "figures": lambda document: document["figures"],
    "checks": lambda document: [{**check, "check": check["id"]} for check in document["checks"]],
    "issues": _issues,
}


def _write_jsonl(found: Iterable[Row], _columns: Columns, out: BinaryIO) -> None:
    for row in found:
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, allow_nan=False)
        out.write(f"{line}\n".encode())


def _write_csv(found: Iterable[Row], columns: Columns, out: BinaryIO) -> None:
    """UTF-8, RFC 4180; null is an empty field."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(found)
    text.detach()  # `out` stays open: it is the caller's


def _write_parquet(found: Iterable[Row], columns: Columns, out: BinaryIO) -> None:
    """By DuckDB, from JSON lines: nothing has to be held in memory or fetched from a network."""
    with tempfile.TemporaryDirectory() as folder:
        lines, packed = Path(folder, "rows.jsonl"), Path(folder, "rows.parquet")
        with lines.open("wb") as file:
            for row in found:
                file.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())
        with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False}) as engine:
            source = engine.read_json(
                str(lines), columns=columns, format="newline_delimited", maximum_object_size=2**26
            )
            source.write_parquet(str(packed), compression="zstd")
        with packed.open("rb") as file:
            while block := file.read(1 << 20):
                out.write(block)


WRITERS: dict[str, Callable[[Iterable[Row], Columns, BinaryIO], None]] = {
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "parquet": _write_parquet,
}

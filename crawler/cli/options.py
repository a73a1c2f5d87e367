"""The options that several commands share, said once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from crawler.errors import WrongUse

STORE = "archive/store"

Store = Annotated[
    Path, typer.Option("--store", envvar="GONGKAI_STORE", help="Where WARC files and data live.")
]
Redis = Annotated[
    str,
    typer.Option(
        "--redis", envvar="GONGKAI_REDIS", help="Redis of the frontier; none: the embedded one."
    ),
]
CatalogueUrl = Annotated[
    str,
    typer.Option(
        "--catalogue", envvar="GONGKAI_CATALOGUE", help="Database URL; none: SQLite in the store."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ConnectTo = Annotated[
    str,
    typer.Option(
        "--connect-to",
        metavar="HOST:PORT",
        help="Open every connection there, without TLS; URLs and Host headers stay as they are.",
    ),
]


def print_json(value: object) -> None:
    """One JSON value on stdout, Chinese readable."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def checked_address(text: str) -> str:
    """HOST:PORT as given; "" stays "". Raises WrongUse for anything else."""
    host, _, port = text.rpartition(":")
    if text and not (host and port.isdigit() and 0 < int(port) < 65536):
        raise WrongUse(f"--connect-to {text}: say HOST:PORT, for example 127.0.0.1:9000")
    return text


def checked_section(text: str) -> str:
    """A section's key; "" stays ""."""
    if text not in {"", "annual_report", "guide"}:
        raise WrongUse(f"--only {text}: the sections are annual_report and guide")
    return text


def moment(text: str) -> str:
    """A date (its end) or a time as the archive writes it: RFC 3339, UTC, microseconds."""
    if not text:
        return ""
    try:
        if len(text) == 10:
            when = datetime.combine(date.fromisoformat(text), time.max, UTC)
        else:
            when = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--as-of {text}: say a date as 2026-11-22 or 2026-11-22T02:13Z") from error
    return f"{when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"

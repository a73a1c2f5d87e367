"""The options that several commands share, said once."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from crawler.errors import WrongUse

if TYPE_CHECKING:
    from crawler.order import Order

STORE = "archive/store"
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

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
        help="Open every connection there; URLs and Host headers stay as they are.",
    ),
]


Egress = Annotated[
    list[str] | None,
    typer.Option(
        "--egress",
        envvar="GONGKAI_EGRESS",
        metavar="NAME=WAY",
        help="A way out for portals: http://HOST:PORT, a source address, direct; may be repeated.",
    ),
]
World = Annotated[str, typer.Option("--world", help="live, practice or archive.")]
AsOf = Annotated[str, typer.Option("--as-of", help="A date or time (UTC): nothing newer counts.")]
Delay = Annotated[
    float | None,
    typer.Option("--delay", min=0, help="Seconds between requests to one server."),
]
Limit = Annotated[int, typer.Option("--limit", min=0, help="At most so many fetches per portal.")]
Only = Annotated[str, typer.Option("--only", help="One section: annual_report or guide.")]
CrawlName = Annotated[str, typer.Option("--crawl", help="Name of the crawl; to go on with one.")]
Metrics = Annotated[
    int,
    typer.Option(
        "--metrics", metavar="PORT", min=0, max=65535, help="Figures for Prometheus, on loopback."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No live display on a terminal.")]


@dataclass(frozen=True, slots=True)
class Fetching:
    """What everything that fetches is told in the same words."""

    store: Store = Path(STORE)
    world: World = "live"
    connect_to: ConnectTo = ""
    egress: Egress = None
    delay: Delay = None
    limit: Limit = 0
    name: CrawlName = ""
    redis: Redis = ""
    catalogue: CatalogueUrl = ""
    metrics: Metrics = 0
    quiet: Quiet = False

    def order(
        self, portals: Iterable[str] = (), *, crawl: str = "", as_of: str = "", only: str = ""
    ) -> Order:
        """The order for these portals. Raises WrongUse for what cannot be meant."""
        from crawler.order import Order

        return Order(
            portals=tuple(dict.fromkeys(portals)),
            store=self.store,
            world=self.world,
            connect_to=checked_address(self.connect_to),
            egress=" ".join(self.egress or ()),
            as_of=moment(as_of),
            crawl=self.name or crawl,
            delay=self.delay,
            limit=self.limit,
            only=checked_section(only),
            redis=self.redis,
            catalogue=self.catalogue,
            metrics=self.metrics,
            progress=not self.quiet and sys.stderr.isatty(),
        )


def takes(shared: type[Fetching]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command take `shared` as its first parameter, each field an option of its own."""
    hints = get_type_hints(shared, include_extras=True)
    options = [
        inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name]
        )
        for f in fields(shared)
    ]

    def wrapped(command: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            command(shared(**{option.name: given.pop(option.name) for option in options}), **given)

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        run.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return wrapped


def print_json(value: object) -> None:
    """One JSON value on stdout, Chinese readable."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def print_json_list(values: Iterable[object]) -> None:
    """The same of a list, of which no more than one value is held at a time."""
    between = "[\n"
    for value in values:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        print(between + indent(text, " "), end="")
        between = ",\n"
    print("[]" if between == "[\n" else "\n]")


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
        if not DAY.match(text):  # 20261122 would be the beginning of that day
            raise ValueError(text)
        when = datetime.fromisoformat(text)
        if DAY.fullmatch(text):
            when = datetime.combine(when, time.max)
        utc = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongUse(f"--as-of {text}: say a date as 2026-11-22 or 2026-11-22T02:13Z") from error
    return f"{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

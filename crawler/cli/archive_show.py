"""`gongkai archive show`: one capture, as it came or as it can be read."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.options import STORE, AsJson, Store, moment, print_json
from crawler.errors import FetchFailed, WrongUse

if TYPE_CHECKING:
    from scrapy.http import Response

    from archive import Capture, Index, Message, Stored
    from archive.large import Content

PARTS = ("response", "request", "headers", "body", "text", "facts")


def register(app: typer.Typer) -> None:
    app.command("show")(show)


def show(
    what: Annotated[str, typer.Argument(metavar="URL|ID", help="An address, or urn:uuid:….")],
    store: Store = Path(STORE),
    as_of: Annotated[str, typer.Option("--as-of", help="The newest answer up to then.")] = "",
    part: Annotated[
        str,
        typer.Option(
            "--part",
            help="response: every byte as it came; request; headers; body: its coding taken off; "
            "text: as the parser reads it; facts: of the fetch.",
        ),
    ] = "response",
    as_json: AsJson = False,
) -> None:
    """A capture on stdout. With --json: where it lies, its headers, the facts, and its text."""
    from archive import read

    if part not in PARTS:
        raise WrongUse(f"--part {part}: say {', '.join(PARTS)}")
    found = _found(store, what, moment(as_of))
    stored = read(store, found)
    if found.record_type == "metadata":
        print(f"no answer came: {stored.error or 'nothing more is known'}", file=sys.stderr)
    if as_json:
        print_json(_described(found, stored))
    elif part == "facts":
        print_json(stored.facts)
    elif part == "text":
        print(_text(found, stored), end="")
    else:
        sys.stdout.buffer.writelines(_bytes(found, stored, part))


def opened(store: Path) -> Index:
    """The index of a store that has one."""
    from archive import Index

    if not (store / "index" / "captures.sqlite").exists():
        if any((store / held).is_dir() for held in ("warc", "import")):
            raise WrongUse(f"{store} has WARC files and no index: run `gongkai archive index`")
        raise WrongUse(f"there is no archive in {store}: crawl first, or name a --store")
    return Index(store)


def _found(store: Path, what: str, as_of: str) -> Capture:
    with opened(store) as index:
        if what.startswith("urn:uuid:"):
            found = index.get(what)
        else:
            answered = index.find(what, as_of=as_of or None)
            found = answered or index.find(what, as_of=as_of or None, failed=True)
    if found is None:
        raise WrongUse(
            f"the archive in {store} holds no capture of {what}: see `archive list`, with --json "
            "for the ids of what was not asked for by GET"
        )
    return found


def _bytes(found: Capture, stored: Stored, part: str) -> Iterable[bytes]:
    from archive.large import pieces

    if part == "request":
        return [stored.request or b""]
    if part == "response":
        return pieces(stored.response)
    message = _message(found, stored)
    if part == "headers":
        return [message.start[: message.head.size] if message.head else b""]
    try:
        return [_page(found, stored).body]
    except FetchFailed:
        return pieces(_entity(stored, message))


def _message(found: Capture, stored: Stored) -> Message[Content]:
    """The response; of a page as its scripts made it, which has no head, nothing."""
    from archive import Message

    return Message(b"") if found.record_type == "resource" else stored.received


def _entity(stored: Stored, message: Message[Content]) -> Content:
    """The body of a message of any size: framing off; content coding stays, and that is said."""
    if message.head is None:
        return stored.response
    if coding := message.head.get(b"Content-Encoding"):
        print(f"left as it came, {coding.decode('latin-1')}", file=sys.stderr)
    return message.entity


def _page(found: Capture, stored: Stored) -> Response:
    """What a spider would have been given. Raises FetchFailed for what it would not have been."""
    import scrapy
    from scrapy.http import HtmlResponse

    from archive.dom import URN
    from crawler.cli.as_crawled import as_crawled
    from crawler.download.messages import response_of
    from crawler.items import Kind, Link

    if found.record_type == "resource":
        url = found.url.removeprefix(URN)
        return HtmlResponse(url, body=bytes(stored.response), encoding="utf-8")
    request = scrapy.Request(found.url, meta={"link": Link(found.url, Kind.ATTACHMENT)})
    response = response_of(request, stored)
    if "unread" in response.flags:
        raise FetchFailed("too_large", "too large to be read in one piece")
    return as_crawled(request, response)


def _text(found: Capture, stored: Stored) -> str:
    """What can be read of a page: of HTML the main part, of other text all of it.

    Raises WrongUse for what is no text.
    """
    from scrapy.http import HtmlResponse, TextResponse

    from pipelines.html import as_text, read_html

    why = f"is {found.media_type or 'of no stated type'}, not text"
    try:
        page = _page(found, stored)
    except FetchFailed as error:
        why = f"cannot be read: {error}"
    else:
        if isinstance(page, HtmlResponse):
            return as_text(read_html(page.text))
        if isinstance(page, TextResponse):
            return page.text
    raise WrongUse(f"{found.url} {why}; `--part body` writes it down, `gongkai parse` reads files")


def _described(found: Capture, stored: Stored) -> dict[str, Any]:
    from archive import Message

    answer, asked = _message(found, stored).head, Message(stored.request or b"").head
    text = None
    with suppress(WrongUse):
        text = _text(found, stored)
    return {
        **asdict(found),
        "status_line": answer.start_line.decode("latin-1") if answer else None,
        "headers": _pairs(answer.headers if answer else ()),
        "request_line": asked.start_line.decode("latin-1") if asked else None,
        "request_headers": _pairs(asked.headers if asked else ()),
        "error": stored.error,
        "tls": stored.tls,
        "facts": stored.facts,
        "text": text,
    }


def _pairs(headers: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
    """Bytes read as Latin-1, so that each of them is there."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]

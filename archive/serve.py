"""A read-only HTTP server on a store: what was archived as it was, and what there is.

    /                        the crawls; ?crawl=NAME its captures
    /<time>id_/<url>         the archived answer nearest to a time: its status, headers and body
    /<time>/<url>, /<url>    redirects there; without a time, as Accept-Datetime says
    /cdx?url=…               the index, as pywb and other CDX servers answer
    /timemap/link/<url>      all captures of an address (RFC 7089)

Pages are served unchanged but locked in: no scripts, no cookies, no way out of the sandbox. Chunked
framing is taken off, content-encoding stays.
"""

from __future__ import annotations

import html
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from archive import cdx_api, memento
from archive.errors import ArchiveError
from archive.index import Index
from archive.large import Content, pieces
from archive.reader import read
from archive.record import PRINTABLE
from archive.served_head import SAFE, handed_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.capture import Capture

RAW = re.compile(r"/(\d{1,14})id_/(.+)", re.DOTALL)
TIMED = re.compile(r"/(\d{1,14})/(.+)", re.DOTALL)
PLAIN = re.compile(r"/(https?:/.+)", re.DOTALL | re.IGNORECASE)
LISTED = 1000  # captures on a page

Headers = list[tuple[str, str]]


class Server(ThreadingHTTPServer):
    """Serves a store to this machine on `port`, 0 for a free one. Close it after use."""

    daemon_threads = True
    request_queue_size = 64  # a browser opens several connections, and waits a second if refused

    def __init__(self, store: Path, port: int = 0) -> None:
        self.store = store
        self.index = Index(store)
        try:
            self.index.get("")  # of another version, or damaged: not at the first reader's cost
            super().__init__(("127.0.0.1", port), _Handler)
        except (OSError, ArchiveError):
            self.index.close()
            raise

    @property
    def base(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def server_close(self) -> None:
        """Let go of the port and the index."""
        super().server_close()
        self.index.close()

    def named(self, error: ArchiveError) -> str:
        """What is wrong and what to do, without where on this machine."""
        path = error.path.removeprefix(f"{self.store}/")
        return f"{path}: {error.problem}; {error.advice}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of readers who went away in the middle."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = 1 << 16  # lines of an index are short

    def do_GET(self) -> None:
        """Answer, whatever is asked."""
        host = (self.headers.get("Host") or "").rpartition("]")[2].partition(":")[0]
        if host not in ("127.0.0.1", "localhost", ""):
            # A page elsewhere may have made its own name point here.
            self._say(421, f"this server is not {host}\n")
            return
        self._begun = False
        try:
            self._answer(quote(self.path.encode("latin-1"), safe=PRINTABLE))
        except (ValueError, ArchiveError) as error:
            if self._begun:
                self.close_connection = True  # so that what came is not taken for the whole
            elif isinstance(error, ArchiveError):
                self._say(502, f"{self.server.named(error)}\n")
            else:
                self._say(400, f"{error}\n")

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self.do_GET()

    def __getattr__(self, name: str) -> object:
        """Every method but GET and HEAD."""
        if name.startswith("do_"):
            return self._refuse
        raise AttributeError(name)

    def _refuse(self) -> None:
        self.close_connection = True  # its body is not read
        self._say(405, "this archive can only be read\n", [("Allow", "GET, HEAD")])

    def _answer(self, path: str) -> None:
        base, _, search = path.partition("?")
        if base == "/":
            self._list(dict(parse_qsl(search)).get("crawl", ""))
        elif base == "/cdx":
            self._cdx(cdx_api.query(search))
        elif path.startswith(memento.MAP):
            self._timemap(memento.address(path[len(memento.MAP) :]))
        elif raw := RAW.fullmatch(path):
            self._archived(raw[1], memento.address(raw[2]))
        elif timed := TIMED.fullmatch(path):
            self._redirect(memento.moment(timed[1]), memento.address(timed[2]))
        elif plain := PLAIN.fullmatch(path):
            said = self.headers.get("Accept-Datetime")
            wanted = memento.accepted(said) if said else memento.moment("")
            self._redirect(wanted, memento.address(plain[1]), ("Vary", "accept-datetime"))
        else:
            self._say(404, "nothing here: see /\n")

    def _nearest(self, at: str, url: str) -> Capture | None:
        found = memento.nearest(self.server.index, url, at)
        if found is None:
            self._say(404, f"the archive holds no capture of {url}\n")
        return found

    def _redirect(self, at: str, url: str, *more: tuple[str, str]) -> None:
        if found := self._nearest(at, url):
            place, links = memento.place(found), memento.links(url, self.server.base)
            self._say(302, f"{place}\n", [("Location", place), ("Link", links), *more])

    def _archived(self, time: str, url: str) -> None:
        """Give an archived answer back."""
        found = self._nearest(memento.moment(time), url)
        if found is None:
            return
        message = read(self.server.store, found).received
        head = message.head
        if head is None or not 200 <= head.status <= 599:
            self._say(502, f"what was archived of {url} is no whole HTTP answer\n")
            return
        headers = [
            *handed_out(head, found),
            ("Memento-Datetime", memento.http_date(found)),
            ("Content-Location", memento.place(found)),
            ("Link", memento.links(found.url, self.server.base)),
            *([("X-Archive-Truncated", found.truncated)] if found.truncated else []),
        ]
        reason = head.reason.decode("latin-1").replace("\r", "")
        self._send(head.status, headers, message.entity, reason)

    def _cdx(self, asked: cdx_api.Query) -> None:
        lines = cdx_api.answer(self.server.index, asked)
        first = next(lines, b"")  # what cannot be answered is said before the head
        self._stream(
            [("Content-Type", cdx_api.OUTPUTS[asked.output]), *SAFE], chain([first], lines)
        )

    def _timemap(self, url: str) -> None:
        text = memento.timemap(self.server.index, url, self.server.base)
        if text is None:
            self._say(404, f"the archive holds no capture of {url}\n")
        else:
            self._send(200, [("Content-Type", memento.LINKS), *SAFE], text)

    def _list(self, crawl: str) -> None:
        """Show the crawls, or the first captures of one."""
        index = self.server.index
        rows = []
        if not crawl:
            for one in index.crawls():
                link = f"/?crawl={quote(one.crawl, safe='')}"
                rows.append((link, one.crawl, f"{one.captures} {one.first_at} – {one.last_at}"))
        else:
            for found in index.captures(crawl=crawl, limit=LISTED):
                place = memento.place(found) if memento.shown(found) else ""
                rows.append((place, found.url, f"{found.at} {found.status} {found.media_type}"))
            if len(rows) == LISTED:
                rows.append(("", "…", f"all of them: gongkai archive list --crawl {crawl}"))
        text = "".join(
            f"<li>{_linked(html.escape(link), html.escape(name))} {html.escape(more)}\n"
            for link, name, more in rows
        )
        page = f"<!doctype html><meta charset=utf-8><title>Archive</title><ul>\n{text}</ul>\n"
        headers = [("Content-Type", "text/html; charset=utf-8"), *SAFE]
        self._send(200, headers, page.encode("utf-8", "replace"))

    def _say(self, status: int, text: str, headers: Headers | None = None) -> None:
        kind = ("Content-Type", "text/plain; charset=utf-8")
        self._send(status, [*(headers or []), kind, *SAFE], text.encode())

    def _send(
        self, status: int, headers: Headers, body: Content, reason: str | None = None
    ) -> None:
        """Write an answer; the body not for HEAD, 204 and 304."""
        bodiless = status in {204, 304}
        if not bodiless:
            headers = [*headers, ("Content-Length", str(len(body)))]
        self._head(status, headers, reason)
        if self.command != "HEAD" and not bodiless:
            for piece in pieces(body):
                self.wfile.write(piece)

    def _stream(self, headers: Headers, lines: Iterator[bytes]) -> None:
        """Write an answer of unknown length; nothing of it is held."""
        chunked = self.request_version == "HTTP/1.1"
        self.close_connection = self.close_connection or not chunked
        framing = ("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")
        self._head(200, [*headers, framing])
        if self.command == "HEAD":
            return
        for line in lines:
            if line:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line) if chunked else line)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, headers: Headers, reason: str | None = None) -> None:
        self._begun = True
        self.send_response_only(status, reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base names it
        """Say nothing: the archive keeps no record of its readers."""


def _linked(place: str, name: str) -> str:
    return f'<a href="{place}">{name}</a>' if place else name

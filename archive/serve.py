"""A read-only HTTP server on a store: what was archived as it was, and what there is.

    /                        the crawls; ?crawl=NAME its captures
    /<time>id_/<url>         the archived answer nearest to a time: its status, headers and body
    /<time>/<url>, /<url>    redirects there; without a time to the newest
    /cdx?url=…               the index, as pywb and other CDX servers answer
    /timemap/link/<url>      all captures of an address (RFC 7089)

Pages are served unchanged but locked in: no scripts, no cookies, no way out of the sandbox. Chunked
framing is taken off, content-encoding stays.
"""

from __future__ import annotations

import html
import ipaddress
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urljoin

from archive import cdx_api
from archive.errors import ArchiveError
from archive.index import Index
from archive.large import Content, pieces
from archive.reader import read
from archive.record import PRINTABLE, target_uri

if TYPE_CHECKING:
    from pathlib import Path

    from archive.capture import Capture
    from archive.http import Head

RAW = re.compile(r"/(\d{1,14})id_/(.+)", re.DOTALL)
TIMED = re.compile(r"/(\d{1,14})/(.+)", re.DOTALL)
PLAIN = re.compile(r"/(https?:/.+)", re.DOTALL | re.IGNORECASE)
MAP = "/timemap/link/"
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
SLASH = re.compile(r"(?i)(https?):/+")
LISTED = 1000  # captures on a page

Headers = list[tuple[str, str]]

SAFE: Headers = [
    ("Content-Security-Policy", "sandbox; default-src 'self' data:; script-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
# They speak of the connection then, or would act on whoever looks at the page now.
HELD_BACK = frozenset(
    b"connection keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding "
    b"upgrade content-length set-cookie set-cookie2 clear-site-data strict-transport-security "
    b"public-key-pins refresh location alt-svc nel report-to link memento-datetime date server "
    b"service-worker-allowed www-authenticate content-location".split()
)


class Server(ThreadingHTTPServer):
    """Serves a store on `host` (an IP address) and `port`, 0 for a free one. Close it after use."""

    daemon_threads = True

    def __init__(self, store: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.store = store
        self.index = Index(store)
        self.local = ipaddress.ip_address(host).is_loopback
        try:
            super().__init__((host, port), _Handler)
        except OSError:
            self.index.close()
            raise

    @property
    def base(self) -> str:
        """Its address, without a slash at the end."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_close(self) -> None:
        """Let go of the port and the index."""
        super().server_close()
        self.index.close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Answer, whatever is asked."""
        host = (self.headers.get("Host") or "").rpartition("]")[2].partition(":")[0]
        if self.server.local and host not in ("127.0.0.1", "localhost", ""):
            # A page elsewhere may have made its own name point here.
            self._say(421, f"this server is not {host}\n")
            return
        raw = self.path.encode("latin-1")
        try:
            self._answer(quote(raw, safe=PRINTABLE))
        except ValueError as error:
            self._say(400, f"{error}\n")
        except ArchiveError as error:
            self._say(502, f"{error.problem}\n")

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
            self._cdx(cdx_api.query(dict(parse_qsl(search))))
        elif path.startswith(MAP):
            self._timemap(_address(path[len(MAP) :]))
        elif raw := RAW.fullmatch(path):
            self._archived(raw[1], _address(raw[2]))
        elif timed := TIMED.fullmatch(path):
            self._redirect(timed[1], _address(timed[2]))
        elif plain := PLAIN.fullmatch(path):
            self._redirect(cdx_api.LATEST, _address(plain[1]))
        else:
            self._say(404, "nothing here: see /\n")

    def _nearest(self, time: str, url: str) -> Capture | None:
        found = cdx_api.nearest(self.server.index, url, cdx_api.moment(time, cdx_api.EARLIEST))
        if found is None:
            self._say(404, f"the archive holds no capture of {url}\n")
        return found

    def _redirect(self, time: str, url: str) -> None:
        if found := self._nearest(time, url):
            place = f"/{cdx_api.stamp(found)}id_/{found.url}"
            self._say(302, f"{place}\n", [("Location", place)])

    def _archived(self, time: str, url: str) -> None:
        """Give an archived answer back."""
        found = self._nearest(time, url)
        if found is None:
            return
        message = read(self.server.store, found).received
        head = message.head
        if head is None or not 200 <= head.status <= 599:
            self._say(502, f"what was archived of {url} is no whole HTTP answer\n")
            return
        reason = head.reason.decode("latin-1").replace("\r", "")
        headers = _kept(head, found) + self._memento(found)
        self._send(head.status, headers, message.entity, reason)

    def _memento(self, found: Capture) -> Headers:
        here, base = f"/{cdx_api.stamp(found)}id_/{found.url}", self.server.base
        links = (
            f'<{cdx_api.cited(found.url)}>; rel="original", '
            f'<{base}{MAP}{cdx_api.cited(found.url)}>; rel="timemap"; '
            'type="application/link-format"'
        )
        headers = [("Memento-Datetime", cdx_api.http_date(found)), ("Content-Location", here)]
        if found.truncated:
            headers.append(("X-Archive-Truncated", found.truncated))
        return [*headers, ("Link", links)]

    def _cdx(self, asked: cdx_api.Query) -> None:
        lines = [cdx_api.line(one, asked.output) for one in cdx_api.found(self.server.index, asked)]
        kind = "application/x-ndjson" if asked.output == "json" else "text/x-cdxj"
        self._send(200, [("Content-Type", kind), *SAFE], b"".join(lines))

    def _timemap(self, url: str) -> None:
        asked = cdx_api.query({"url": url, "matchType": "exact"})
        captures = list(cdx_api.found(self.server.index, asked))
        if not captures:
            self._say(404, f"the archive holds no capture of {url}\n")
            return
        text = cdx_api.timemap(url, self.server.base, captures)
        self._send(200, [("Content-Type", "application/link-format"), *SAFE], text)

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
                place = f"/{cdx_api.stamp(found)}id_/{found.url}"
                rows.append((place, found.url, f"{found.at} {found.status} {found.media_type}"))
        text = "".join(
            f'<li><a href="{html.escape(link)}">{html.escape(name)}</a> {html.escape(more)}\n'
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
        self.send_response_only(status, reason)
        for name, value in headers:
            self.send_header(name, value)
        bodiless = status in {204, 304}
        if not bodiless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            for piece in pieces(body):
                self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base names it
        """Say nothing: the archive keeps no record of its readers."""


def _address(text: str) -> str:
    """An address as it was asked for; on the way `//` may have become `/`."""
    found = SLASH.match(text)
    url = f"{found[1]}://{text[found.end() :]}" if found else f"http://{text}"
    return target_uri(url)


def _kept(head: Head, found: Capture) -> Headers:
    """The archived headers, bytes as they came; those that must not act now under other names."""
    kept: Headers = []
    for name, value in head.headers:
        if not TOKEN.fullmatch(name) or any(byte in value for byte in b"\r\n\0"):
            continue
        aside = "X-Archive-Orig-" if name.lower() in HELD_BACK else ""
        kept.append((aside + name.decode("latin-1"), value.decode("latin-1")))
    if (target := head.get(b"Location")) is not None:
        goal = target_uri(urljoin(found.url, quote(target, safe=PRINTABLE)))
        kept.append(("Location", f"/{cdx_api.stamp(found)}id_/{goal}"))
    return [*kept, *SAFE]

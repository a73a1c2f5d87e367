"""One lease being worked on, and what an HTTP status means for it. Pure."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from scrapy.http import Request, TextResponse

from crawler.errors import Blocked, CrawlError, EgressFailed, FetchFailed
from crawler.frontier.record import Record, Strike
from crawler.frontier.robots import ROBOTS_AWAY
from crawler.items import Issue, Kind, Link, Receipt, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.http import Response

    from crawler.frontier.client import Lease

CHALLENGES = {403, 412, 418, 521}  # how firewalls of this field answer; never hammered
BUSY = {429, 503}
# Scripts that firewalls send in the place of a page. Some add them to real pages as well, so only
# a page without a single link is taken for a challenge.
SCRIPTS = (b"$_ts", b"acw_sc__v2", b"__jsl_clearance", b"wzws_cid")
LINK = re.compile(rb"<a\s", re.IGNORECASE)
GONE = {404, 410}
REDIRECTS = {301, 302, 303, 307, 308}
LONGEST_BLOCK = 24 * 3600
Verdict = Literal["done", "gone", "skipped", "failed"]


@dataclass(slots=True, eq=False)
class Work:
    """A lease from the moment it becomes a request until it is settled."""

    lease: Lease
    link: Link
    session: str  # the name under which it is leased
    egress: str = ""  # the way by which it is asked
    status: int = 0
    how: str = ""  # nothing whole came: dns, refused, timeout, reset, tls …
    size: int = 0  # bytes of the answer's body
    verdict: Verdict = "done"
    strike: Strike = Strike.NEUTRAL
    links: list[Link] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    pending: int = 0  # items that the pipelines still hold
    exhausted: bool = False  # the callback will yield no more
    settling: bool = False
    crawl_delay_ms: int = 0
    receipt: Receipt | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def finished(self) -> bool:
        return self.exhausted and self.pending == 0 and not self.settling

    @property
    def elapsed_ms(self) -> int:
        """How long the exchange took, as a measure of how busy the server is."""
        ended = self.receipt.ended if self.receipt else time.monotonic()
        return max(0, int(1000 * (ended - self.started)))

    @property
    def idle_ms(self) -> int:
        """How long the server has been left alone since."""
        return int(1000 * (time.monotonic() - self.receipt.ended)) if self.receipt else 0

    @property
    def code(self) -> str:
        """Why it is not done, as the last issue has it."""
        return self.issues[-1].code if self.issues else ""

    @property
    def outcome(self) -> str:
        """How far the server was reached: ok, gone, moved, challenge, error, or what `how` says."""
        if not self.status:
            return self.how
        if self.link.kind == Kind.ROBOTS and self.status in GONE | {403}:
            return "ok"  # it answers, and has none
        if self.strike == Strike.CHALLENGE or self.status in CHALLENGES:
            return "challenge"
        if self.status in GONE:
            return "gone"
        if self.code == "redirect_offsite":
            return "moved"
        return "error" if self.status >= 500 else "ok"

    def note(self, code: str, says: str) -> None:
        self.issues.append(Issue(code, says, self.link.url))

    def fail(self, error: CrawlError, verdict: Verdict = "failed") -> None:
        self.verdict = verdict
        self.note(error.code, str(error))

    def visit(self, verdict: str) -> Visit:
        """What others are told of it."""
        return Visit(
            portal=self.lease.record.portal,
            link=self.link,
            verdict=verdict,
            status=self.status,
            elapsed_ms=self.elapsed_ms,
            capture=self.receipt.capture if self.receipt else None,
            issues=tuple(issue for issue in self.issues if issue.code != ROBOTS_AWAY),
            worker=self.session,
            group=self.lease.group,
            attempt=self.lease.attempt,
            size=self.size,
            code="" if verdict == "done" else self.code,
            egress=self.egress,
            outcome=self.outcome,
        )


def judge(response: Response, work: Work) -> CrawlError | None:
    """What is wrong with `response` as a whole; None when a portal may read it."""
    status = response.status
    if 200 <= status < 300:
        if _is_challenge(response):
            return Blocked("a firewall answered with scripts in the place of the page")
        return None
    name = HTTPStatus(status).phrase if status in set(HTTPStatus) else "unknown status"
    says = f"the server answered {status} {name}"
    if work.link.parent:
        says += f"; linked from {work.link.parent}"
    if status in CHALLENGES:
        return Blocked(says)
    return FetchFailed(f"http_{status}", says)


def strike_of(response: Response, work: Work) -> Strike:
    """What an answer says about the health of its server."""
    status, robots = response.status, work.link.kind == Kind.ROBOTS
    if status in CHALLENGES:  # but 403 is how many servers say that they have no robots.txt
        return Strike.NEUTRAL if robots and status == 403 else Strike.CHALLENGE
    if status in BUSY:
        return Strike.BUSY
    if status >= 500:  # one page may be broken on a server that is well
        return Strike.NEUTRAL
    return Strike.CHALLENGE if _is_challenge(response) else Strike.NONE


def _is_challenge(response: Response) -> bool:
    if "rendered" in response.flags or not isinstance(response, TextResponse):
        return False
    scripted = any(mark in response.body for mark in SCRIPTS)
    return scripted and LINK.search(response.body) is None


def may_retry(error: CrawlError) -> bool:
    """Whether the same request may well be answered later."""
    if error.code in {"unreachable", "timeout", "truncated", EgressFailed.code}:
        return True
    return error.code == "http_429" or error.code.startswith("http_5")


def retry_after_ms(response: Response | None) -> int:
    """What a Retry-After header asks for, at most a day; 0 without one that can be read."""
    value = response.headers.get("Retry-After", b"") if response is not None else b""
    text = (value or b"").decode("latin-1").strip()
    if text.isdigit():
        seconds = int(text)
    else:
        try:
            seconds = int(parsedate_to_datetime(text).timestamp() - time.time())
        except ValueError:
            return 0
    return 1000 * min(max(seconds, 0), LONGEST_BLOCK)


def failure_strike(error: CrawlError) -> Strike:
    """What it says about a server that no whole answer came from it."""
    return Strike.BUSY if error.code in {"unreachable", "timeout"} else Strike.NEUTRAL


def request_of(
    record: Record, callback: Callable[..., Any], errback: Callable[..., Any], meta: dict[str, Any]
) -> Request:
    """What to ask for. Raises ValueError when nobody could ask for that."""
    return Request(
        record.url,
        callback,
        method=record.method,
        body=record.body,
        headers=record.headers(),
        errback=errback,
        dont_filter=True,
        meta=meta,
    )


def link_of(lease: Lease) -> Link:
    """The link that a record was made of."""
    r = lease.record
    kind = Kind(r.kind)
    return Link(r.url, kind, r.section, r.title, r.date, r.parent, r.body, r.rendered, r.agenda)

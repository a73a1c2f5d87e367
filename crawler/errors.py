"""Every error of ours, and who catches it.

    GongkaiError
    ├── WrongUse           the command was called wrongly              exit 2
    ├── Unavailable        Redis, browser or store is missing          exit 3
    └── CrawlError         one page, or one portal, is not as expected
        ├── LayoutChanged  a selection that must not be empty was empty
        │   ├── HomePage   a home page in the place of a listing or an article
        │   └── StateLost  a page that was asked for by the state of another did not come
        ├── FetchFailed    no whole answer came: refused, timed out, cut off
        ├── EgressFailed   our own way out failed: the portal was never asked
        └── Blocked        a challenge page instead of the page asked for

A `CrawlError` ends its page, becomes an issue, and stops nothing else; it is caught where a lease
is settled (`crawler/frontier`). The other two end the command and are caught in `crawler/cli`.
Messages say what was expected, where, and what to do next.
"""


class GongkaiError(Exception):
    """The root of the tree above."""


class WrongUse(GongkaiError):
    """The caller asked for something that does not exist or does not fit together."""


class Unavailable(GongkaiError):
    """Something outside this process is missing: Redis, a browser, a writable store."""


class CrawlError(GongkaiError):
    """A page or a portal is not as expected; `code` names the issue it becomes."""

    code = "crawl_error"


class LayoutChanged(CrawlError):
    """A selector that must match something matched nothing."""

    code = "layout_changed"


class HomePage(LayoutChanged):
    """The portal answers with a home page where something else should be."""

    code = "home_page"


class StateLost(LayoutChanged):
    """A list that goes on only from the state of the page before has lost its place."""

    code = "state_lost"


class FetchFailed(CrawlError):
    """No whole answer came. `code` says how: unreachable, timeout, truncated, too_large …

    `how` says it more exactly where nothing came at all: dns, refused, timeout, reset, tls or
    no_route.
    """

    def __init__(self, code: str, says: str, how: str = "") -> None:
        super().__init__(says)
        self.code = code
        self.how = how or code


class EgressFailed(CrawlError):
    """A proxy, or a source address, let nothing through. It says nothing about the portal."""

    code = how = "egress"


class Blocked(CrawlError):
    """The portal answered with a challenge. It is never solved; the group rests for the night."""

    code = "blocked"


def unreached(code: str) -> bool:
    """Whether an issue of this code leaves open what the server holds: it did not say."""
    known = {"unreachable", "timeout", "truncated", "robots_unreachable", "blocked", "egress"}
    return code in known or code.startswith("http_5")

"""What of an archived head is said to whoever looks at the page now."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from archive.cdxj import stamp
from archive.record import PRINTABLE, target_uri

if TYPE_CHECKING:
    from archive.capture import Capture
    from archive.http import Head

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
SAFE = [
    ("Content-Security-Policy", "sandbox; default-src 'self' data:; script-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
# They speak of the connection then, or would act on whoever looks at the page now: a policy of the
# page's, too, has its breaches reported to the site.
HELD_BACK = frozenset(
    b"connection keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding "
    b"upgrade content-length set-cookie set-cookie2 clear-site-data strict-transport-security "
    b"public-key-pins refresh location alt-svc nel report-to reporting-endpoints link "
    b"content-security-policy content-security-policy-report-only expect-ct memento-datetime date "
    b"server service-worker-allowed www-authenticate content-location accept-ranges".split()
)
SHARED = b"access-control-"  # begins the names of what lets pages elsewhere read this one


def handed_out(head: Head, found: Capture) -> list[tuple[str, str]]:
    """The archived headers, bytes as they came; those that must not act now under other names."""
    kept = []
    for name, value in head.headers:
        if not TOKEN.fullmatch(name) or any(byte in value for byte in b"\r\n\0"):
            continue
        low = name.lower()
        aside = "X-Archive-Orig-" if low in HELD_BACK or low.startswith(SHARED) else ""
        kept.append((aside + name.decode("latin-1"), value.decode("latin-1")))
    target = head.get(b"Location")
    with suppress(ValueError):  # it leads nowhere
        if target is not None:
            goal = target_uri(urljoin(found.url, quote(target, safe=PRINTABLE)))
            kept.append(("Location", f"/{stamp(found)}id_/{goal}"))
    return [*kept, *SAFE]

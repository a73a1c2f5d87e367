"""What a browser made of an answer: a record of its own, beside the bytes that came over the wire.

A DOM is no response: nothing may replay it as the page. It stands under an address of its own,
`urn:dom:<url>`, as a `resource`, followed by the metadata that ends every group of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive import fields
from archive.build import FIELDS, OWN, Built, Place
from archive.capture import Capture
from archive.member import pack
from archive.record import record_id, sha256, target_uri, timestamp

if TYPE_CHECKING:
    from datetime import datetime

URN = "urn:dom:"
HTML = ("Content-Type", "text/html;charset=utf-8")


@dataclass(slots=True)
class Dom:
    """A document after its scripts ran. `beside` is the id of the response it was made of."""

    url: str
    html: bytes  # UTF-8
    at: datetime
    beside: str
    facts: dict[str, str] = field(default_factory=dict)


def build_dom(dom: Dom, place: Place, *, portal: str, crawl: str) -> Built:
    """Turn a DOM into records that will stand at `place`.

    ValueError when a fact is named like a field of the archive's.
    """
    facts = {"portal": portal, "crawl": crawl, **dom.facts}
    if taken := [name for name in facts if name.startswith(OWN)]:
        raise ValueError(f"facts must not be named {taken}; {OWN}… is the archive's own")
    notes = fields.dump(sorted(facts.items()))
    uri, at = URN + target_uri(dom.url), timestamp(dom.at)
    block, digest = sha256(dom.html), sha256(notes)
    name = record_id("resource", uri, at, block, dom.beside)
    shared = [
        ("WARC-Date", at),
        ("WARC-Target-URI", uri),
        ("WARC-Warcinfo-ID", f"<{place.warcinfo_id}>"),
    ]
    resource = [
        ("WARC-Type", "resource"),
        ("WARC-Record-ID", f"<{name}>"),
        *shared,
        ("WARC-Block-Digest", f"sha256:{block}"),
        ("WARC-Payload-Digest", f"sha256:{block}"),
        ("WARC-Concurrent-To", f"<{dom.beside}>"),
        HTML,
    ]
    metadata = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<{record_id('metadata', name, digest)}>"),
        *shared,
        ("WARC-Block-Digest", f"sha256:{digest}"),
        ("WARC-Concurrent-To", f"<{name}>"),
        FIELDS,
    ]
    member = pack(resource, dom.html)
    capture = Capture(
        url=uri,
        method="GET",
        body_sha256="",
        at=at,
        status=0,
        media_type="",
        payload_sha256=block,
        block_sha256=block,
        file=place.file,
        offset=place.offset,
        length=len(member),
        record_id=name,
        record_type="resource",
        refers_to=None,
        truncated=None,
        portal=facts["portal"],
        crawl=facts["crawl"],
        kind=facts.get("kind", ""),
        ip=None,
    )
    return Built([member, pack(metadata, notes)], capture)

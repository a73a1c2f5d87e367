"""The digests that a record states, held against its bytes."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Literal

from archive.http import Dechunker, find_head, head_size, is_chunked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.verify_fields import Fielded

Verdict = Literal["entity", "wire", "fail", "none"]
"""A payload digest: right over the entity body, right only over its framing, wrong, unknown."""

ALGORITHMS: dict[str, hashlib._Hash] = {
    name: hashlib.new(name, usedforsecurity=False)  # a copy of each is soon made
    for name in ("sha256", "sha1", "md5", "sha512", "sha384", "sha224")
}
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TO_DIGITS = bytes(  # base 32 as `int` reads it; what is no digit becomes "!"
    b"0123456789abcdefghijklmnopqrstuv!"[BASE32.find(chr(byte).upper())] for byte in range(256)
)
MESSAGES = {"response", "request", "revisit"}


class Stated:
    """A digest as a record states it: `sha256:…` in hex, base32 or base64; None: not at all."""

    __slots__ = ("_value", "algorithm", "text")

    def __init__(self, text: str | None) -> None:
        self.text = text
        name, _, self._value = (text or "").partition(":")
        self.algorithm = ALGORITHMS.get(name)
        if self.algorithm is None:
            self.algorithm = ALGORITHMS.get(name.strip().lower().replace("-", ""))

    def begin(self) -> hashlib._Hash | None:
        """Begin to digest as it was made; None when that is unknown."""
        return self.algorithm.copy() if self.algorithm else None

    def fits(self, made: hashlib._Hash) -> bool:
        """Whether it is this digest."""
        value, size = self._value.strip(), made.digest_size
        if len(value) == 2 * size and "=" not in value:
            return made.hexdigest() == value.lower()
        try:
            if len(value) == -(-size // 3) * 4:
                return made.digest() == base64.b64decode(value, validate=True)
            return made.digest() == _base32(value, size)
        except ValueError:
            return False

    def unchecked(self, name: str) -> tuple[str, str]:
        """Say why it cannot be checked."""
        if self.text is None:
            return "digest-missing", f"it has no WARC-{name}-Digest"
        return "digest-unknown", f"its WARC-{name}-Digest is of a form unknown here"


class Digests:
    """Digests a block as it goes by: whole, and its payload with and without chunk framing.

    `block_wrong` and `payload` are the verdicts, after `end`. `kept` is the HTTP head, or the
    beginning of what is no HTTP message.
    """

    def __init__(self, made: Fielded, keep: int) -> None:
        first = made.first
        kind = first.get("WARC-Type", "")
        self.block_wrong = False
        self.payload: Verdict = "none"
        self.kept = b""
        self._keep = keep if kind in MESSAGES or kind == "metadata" else 0
        self._http = self._in_head = kind in MESSAGES and "http" in first.get("Content-Type", "")
        self._said = Stated(first.get("WARC-Block-Digest"))
        self._payload_said = Stated(first.get("WARC-Payload-Digest"))
        self._block = self._said.begin()
        # what is no HTTP message is its own payload; that of a revisit stands in another record
        self._whole = not self._http and self._said.text == self._payload_said.text
        apart = not self._whole and kind != "revisit"
        self._wire = self._payload_said.begin() if apart else None
        self._entity: hashlib._Hash | None = None
        self._chunks: Dechunker | None = None

    def feed(self, piece: memoryview) -> int:
        """Take in the next piece of the block; returns its length."""
        if self._block:
            self._block.update(piece)
        if self._in_head:
            self._find_head(piece)
        elif self._http:
            self._body(piece)
        else:
            if self._wire:
                self._wire.update(piece)
            if len(self.kept) < self._keep:
                self.kept += piece
        return len(piece)

    def end(self) -> None:
        """Reach the verdicts."""
        if self._block:
            self.block_wrong = not self._said.fits(self._block)
            if self._whole:
                self.payload = "fail" if self.block_wrong else "entity"
        if self._wire:
            wire = self._payload_said.fits(self._wire)
            unframed = self._unframed()
            right = self._payload_said.fits(unframed) if unframed else wire
            self.payload = "entity" if right else "wire" if wire else "fail"

    def problems(self) -> Iterator[tuple[str, str]]:
        """Say which digests are wrong, missing, or beyond us."""
        if self.block_wrong:
            yield "block-digest", "its block does not have the digest that it states"
        if self.payload == "fail":
            yield "payload-digest", "its payload does not have the digest that it states"
        elif self.payload == "wire":
            yield "payload-wire", "its payload digest covers the chunk framing too"
        if self._block is None:
            yield self._said.unchecked("Block")
        said = self._payload_said
        if said.algorithm is None and (self._http or said.text is not None):
            yield said.unchecked("Payload")

    def _find_head(self, piece: memoryview) -> None:
        """Look for the end of the HTTP head; a message that has none has no payload."""
        if len(self.kept) > self._keep:
            return
        data = self.kept + piece if self.kept else piece
        size = head_size(data)
        self.kept = bytes(data[:size])  # all of it while there is no end
        if size is None:
            return
        self._in_head = False
        if self._wire and b"chunked" in self.kept.lower():
            head = find_head(self.kept)
            if head and is_chunked(head):
                self._entity, self._chunks = self._payload_said.begin(), Dechunker()
        self._body(memoryview(data)[size:])

    def _body(self, piece: memoryview) -> None:
        if self._wire:
            self._wire.update(piece)
        chunks = self._chunks
        if chunks and self._entity and not (chunks.done or chunks.broken):
            self._entity.update(chunks.feed(piece))

    def _unframed(self) -> hashlib._Hash | None:
        """Return the digest of the body without framing; None when there was none to take off."""
        chunks = self._chunks
        if chunks is None or (chunks.broken and not chunks.chunks) or not chunks.consumed:
            return None
        return self._entity


def _base32(value: str, size: int) -> bytes:
    """Do what `base64.b32decode` does, in a tenth of its time. Raises ValueError as that does."""
    digits = value.rstrip("=").encode().translate(TO_DIGITS)
    if len(digits) != -(-size * 8 // 5):
        return b""
    return (int(digits, 32) >> (-size * 8 % 5)).to_bytes(size)

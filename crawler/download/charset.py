"""Which charset a page is in, by its bytes; what header and meta declare only breaks ties.

Government pages declare GB2312 and are GB18030, declare UTF-8 and are GBK, and the other way
round. Valid UTF-8 is never anything else by chance; the rest is strict decoding, then statistics.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding

BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

_SAME = {  # what pages call it, or a judge does: the codec that reads all of it
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz", "x-gbk", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("iso8859-1", "latin_1", "cp1252", "ascii"), "cp1252"),
}
_OTHER = {"gb18030": "big5hkscs", "big5hkscs": "gb18030"}
# Nine in ten characters of a text in GB are of its first level, B0A1–D7FE; four in ten of Big5.
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_PARAMETER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META = re.compile(
    r"<(?:meta|\?xml)\b[^>]{0,300}?\b(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)  # to the end where none comes, at one go


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a body and why it was read that way.

    `declared` has what was found under `header`, `meta` and `bom`, as printed; `conflict` is True
    if header or meta disagree with the bytes.
    """

    text: str
    encoding: str
    declared: dict[str, str]
    evidence: str
    conflict: bool

    def record(self) -> dict[str, object]:
        """The decision as a document keeps it: everything but the text."""
        return {
            "encoding": self.encoding, "declared": self.declared, "evidence": self.evidence,
            "conflict": self.conflict,
        }  # fmt: skip


def decode(body: bytes, content_type: bytes | str | None) -> Decoded:
    """Read a body: BOM, UTF-8, a declared Chinese charset that the characters bear out, the judge.

    Only bytes that mean nothing in the charset become U+FFFD, and `evidence` counts them; a
    character cut off at the end is dropped.
    """
    declared = _declared(body, content_type)
    encoding, why = _choose(body, declared)
    start = next((len(mark) for mark in BOMS if body.startswith(mark)), 0)
    text, cut = _read(body[start:], encoding, "replace")
    printed = "\ufffd".encode(encoding, "ignore")  # U+FFFD in the page itself is no damage of ours
    bad = text.count("\ufffd") - (body.count(printed) if printed else 0)
    why += f"; {bad} undecodable byte{'s' if bad > 1 else ''} replaced" if bad > 0 else ""
    why += f"; {cut} byte{'s' if cut > 1 else ''} of a cut character dropped" if cut else ""
    named = [_codec(name) for by, name in declared.items() if by != "bom"]
    plain = body.isascii()
    conflict = not plain and any(name not in ("", encoding) for name in named)
    return Decoded(text, encoding, declared, why, conflict)


def _choose(body: bytes, declared: dict[str, str]) -> tuple[str, str]:
    """The codec of a body, and the evidence for it."""
    if "bom" in declared:
        return declared["bom"], "byte order mark"
    if _fits(body, "utf-8"):
        return "utf-8", "valid UTF-8"
    if _is_damaged_utf8(body):
        return "utf-8", "UTF-8 but for single bytes"
    for by, name in declared.items():
        if (codec := _codec(name)) in _OTHER and _fits(body, codec) and not _is_other(body, codec):
            return codec, f"declared in {by}, and valid"
    judged = _judged(body)
    if judged == "big5hkscs" or (judged == "cp1252" and not _fits(body, "gb2312")):
        return judged, "statistics"
    return "gb18030", "statistics" if judged == "gb18030" else "nothing else fits"


def _declared(body: bytes, content_type: bytes | str | None) -> dict[str, str]:
    """Charset names as printed, under `header`, `meta` and `bom`; what is absent is left out."""
    header = content_type.decode("latin-1") if isinstance(content_type, bytes) else content_type
    head = _COMMENT.sub("", body[:65536].decode("latin-1"))  # some pages say it after 1 KB
    found = {"header": _PARAMETER.search(header or ""), "meta": _META.search(head)}
    declared = {by: match[1] for by, match in found.items() if match}
    bom = next((name for mark, name in BOMS.items() if body.startswith(mark)), "")
    return {**declared, "bom": bom} if bom else declared


def _codec(name: str) -> str:
    """The codec for a charset name; "" for a name that means nothing."""
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = name.lower()
        return _SAME.get(known, "")
    return _SAME.get(known, known)


def _read(body: bytes, encoding: str, errors: str) -> tuple[str, int]:
    """The text, and how many bytes of an unfinished character stand at the end."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    text = decoder.decode(body)
    return text, len(decoder.getstate()[0])


def _fits(body: bytes, encoding: str) -> bool:
    try:
        _read(body, encoding, "strict")
    except UnicodeDecodeError:
        return False
    return True


def _judged(body: bytes) -> str:
    return _codec(detect_encoding(body) or "")


def _is_other(body: bytes, encoding: str) -> bool:
    """GB declared as Big5, or Big5 as GB: valid by chance, and judge and characters say so."""
    other = _OTHER[encoding]
    if _judged(body) != other or not _fits(body, other):
        return False
    pairs = [pair for pair in _PAIR.findall(body) if pair >= b"\xb0"]  # below are signs
    common = sum(pair < b"\xd8" and pair[1] >= 0xA1 for pair in pairs)
    is_gb = common * 10 >= len(pairs) * 7
    return is_gb if other == "gb18030" else not is_gb


def _is_damaged_utf8(body: bytes) -> bool:
    """Chinese text that is not UTF-8 has a bad byte in nearly every character, not in one of 50."""
    text, _ = _read(body, "utf-8", "replace")
    wide = sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text))
    return text.count("\ufffd") * 50 < wide

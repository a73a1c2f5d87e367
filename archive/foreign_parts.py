"""Which WARC and ARC files a file of others holds: itself, or those inside a WACZ."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from archive.foreign_frames import Form, form_of
from archive.foreign_stream import Stream, stretch
from archive.member import BLOCK, DamagedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

DESCRIPTION = "datapackage.json"
DIGEST = "datapackage-digest.json"
DESCRIPTION_LIMIT = 2**24
ENTRIES = 100_000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # packed in a way that zipfile does not know
    RuntimeError,  # encrypted
    lzma.LZMAError,
)
FEED = 1024  # bytes inflated at once: what is lost before damage
TWICE = " ("  # between the name of an entry and its number, where others have the name too
NEITHER = "is neither WARC nor ARC nor WACZ"
SPOILT = "begins as a WARC does, but its line ends are no longer CR LF: a copy was made as text"


@dataclass(frozen=True, slots=True)
class Part:
    """A WARC or ARC of `size` bytes in the file, at `place`; `deflated` in a zip or as it is."""

    file: BinaryIO
    name: str
    form: Form
    size: int
    place: int
    deflated: bool = False
    crc: int = 0
    """In a zip: the CRC-32 of what is unpacked."""

    @property
    def start(self) -> int | None:
        """Where its bytes lie as they are; None when it is compressed."""
        return None if self.deflated else self.place

    def open(self) -> BinaryIO:
        """Read it from its beginning; where it cannot be unpacked further it ends."""
        return _opened(self.file, self.place, self.size, deflated=self.deflated)


def _opened(file: BinaryIO, place: int, size: int, *, deflated: bool) -> BinaryIO:
    inner = stretch(file, place, place + size)
    return io.BufferedReader(_Inflated(inner), BLOCK) if deflated else inner


class _Inflated(io.RawIOBase):
    """What was deflated, unpacked; ends where it cannot be unpacked further."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__()
        self._packed = packed
        self._begin()

    def _begin(self) -> None:
        self._packed.seek(0)
        self._inflater, self._pending = zlib.decompressobj(-zlib.MAX_WBITS), b""
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go forward by reading, back by beginning again. Nobody asks from the end."""
        target = offset + (self._at if whence == io.SEEK_CUR else 0)
        if target < self._at:
            self._begin()
        while self._at < target and self.read(min(BLOCK, target - self._at)):
            pass
        return self._at

    def readinto(self, target: WriteableBuffer) -> int:
        view, data = memoryview(target), b""
        while not data and not self._inflater.eof:
            pending = self._pending or self._packed.read(FEED)
            try:
                data = self._inflater.decompress(pending, len(view))
            except zlib.error:
                return 0
            self._pending = self._inflater.unconsumed_tail
            if not pending and not data:
                return 0
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


@dataclass(slots=True)
class Whole:
    """A file: its format, what it holds, what is wrong with it; `refused` when it is not for us."""

    format: str = ""
    parts: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: str = ""


def parts_of(file: BinaryIO) -> Whole:
    """Look at the first bytes, or into the zip. The parts can be read while `file` is open."""
    magic = file.read(4)
    size = file.seek(0, io.SEEK_END)
    if magic == b"PK\x03\x04":
        return _wacz(file)
    stream = Stream(stretch(file, 0, size), packed=size)
    form = form_of(stream)
    if form is None:
        if stream.damage:
            return Whole(refused=f"{NEITHER} ({stream.damage.why})")
        spoilt = stream.buffer.startswith(b"WARC/")
        return Whole(refused=SPOILT if spoilt else NEITHER)
    packed = f".{stream.packing}" if stream.packing else ""
    return Whole(form.name + packed, [Part(file, "", form, size, 0)])


def _wacz(file: BinaryIO) -> Whole:
    """Find the files under archive/ and compare them with what the description says."""
    try:
        inside = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        return Whole(refused=f"is a zip that cannot be read ({error})")
    whole = Whole("wacz")
    entries = [one for one in inside.infolist() if one.filename.startswith("archive/")]
    if len(entries) > ENTRIES:
        return Whole(refused=f"is a WACZ of more than {ENTRIES} files")
    for entry in entries:
        if not entry.is_dir():
            _entry(file, inside, entry, whole)
    if not whole.parts:
        why = "; ".join(whole.problems[:3]) or "there is none under archive/"
        return Whole(refused=f"is a zip without a WARC file that can be read ({why})")
    _compare(inside, whole)
    return whole


def _entry(file: BinaryIO, inside: zipfile.ZipFile, entry: zipfile.ZipInfo, whole: Whole) -> None:
    """Add one file of a WACZ, or say why not."""
    deflated = entry.compress_type == zipfile.ZIP_DEFLATED
    try:
        place, size = _place(file, inside, entry)
        with _opened(file, place, size, deflated=deflated) as data:
            form = form_of(Stream(data, packed=size))
    except (*UNREADABLE, OSError, DamagedError, ValueError) as error:
        whole.problems.append(f"{entry.filename}: cannot be read ({error})")
        return
    if form is None:
        whole.problems.append(f"{entry.filename}: {NEITHER}")
        return
    taken = sum(one.name.partition(TWICE)[0] == entry.filename for one in whole.parts)
    name = f"{entry.filename}{TWICE}{taken + 1})" if taken else entry.filename
    if size < entry.compress_size:
        whole.problems.append(f"{name}: the zip says it is longer than there are bytes")
    whole.parts.append(Part(file, name, form, size, place, deflated, entry.CRC))


def _place(file: BinaryIO, inside: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """Where the bytes of an entry lie, and how many. Opening it checks the zip's own header."""
    with inside.open(entry):
        pass
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"packed by method {entry.compress_type}, as no WACZ is")
    file.seek(entry.header_offset + 26)
    sizes = file.read(4)
    name, extra = int.from_bytes(sizes[:2], "little"), int.from_bytes(sizes[2:], "little")
    place = entry.header_offset + 30 + name + extra
    return place, max(0, min(entry.compress_size, file.seek(0, io.SEEK_END) - place))


def _compare(inside: zipfile.ZipFile, whole: Whole) -> None:
    """Compare digests with the description and the zip."""
    hashes: dict[str, str] | None = None
    try:
        with inside.open(DESCRIPTION) as file:
            description = file.read(DESCRIPTION_LIMIT)
        stated = json.loads(description)["resources"]
        hashes = {str(one["path"]): str(one.get("hash", "")) for one in stated}
        if DIGEST in inside.namelist():
            with inside.open(DIGEST) as file:
                digest = json.loads(file.read(DESCRIPTION_LIMIT))["hash"]
            if digest != f"sha256:{hashlib.sha256(description).hexdigest()}":
                whole.problems.append(f"{DESCRIPTION}: is not what {DIGEST} says")
    except (*UNREADABLE, KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        whole.problems.append(f"{DESCRIPTION}: cannot be read ({error})")
    for part in whole.parts:
        kind, _, value = (hashes or {}).get(part.name, "").partition(":")
        listed = kind in ("sha256", "md5")
        actual, crc = hashlib.new(kind if listed else "md5", usedforsecurity=False), 0
        with part.open() as file:
            while data := file.read(BLOCK):
                actual.update(data)
                crc = zlib.crc32(data, crc)
        if hashes is not None and not listed:
            whole.problems.append(f"{part.name}: {DESCRIPTION} has no digest of it")
        if listed and actual.hexdigest() != value:
            whole.problems.append(f"{part.name}: is not what {DESCRIPTION} says")
        if crc != part.crc:
            whole.problems.append(f"{part.name}: is not what the zip says it is (CRC-32)")

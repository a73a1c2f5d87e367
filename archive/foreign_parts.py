"""Which WARC and ARC files a file of others holds: itself, or those inside a WACZ."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, BinaryIO

from archive.foreign_frames import Form, form_of
from archive.foreign_stream import Stream, stretch
from archive.member import BLOCK, DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

DESCRIPTION = "datapackage.json"
DIGEST = "datapackage-digest.json"
DESCRIPTION_LIMIT = 2**26
ENTRIES = 100_000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # packed in a way that zipfile does not know
    RuntimeError,  # encrypted
)
NEITHER = "is neither WARC nor ARC nor WACZ"
SPOILT = "begins as a WARC does, but its line ends are no longer CR LF: a copy was made as text"


@dataclass(frozen=True, slots=True)
class Part:
    """A WARC or ARC of `size` bytes in the file, at `start`; None there when it is compressed."""

    file: BinaryIO
    name: str
    form: Form
    size: int
    start: int | None
    inside: zipfile.ZipFile | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Read it from its beginning; where it cannot be unpacked further it ends."""
        with _opened(self.file, self.name, self.size, self.start, self.inside) as file:
            yield file


@contextmanager
def _opened(
    file: BinaryIO, name: str, size: int, start: int | None, inside: zipfile.ZipFile | None
) -> Iterator[BinaryIO]:
    if start is not None or inside is None:
        yield stretch(file, start or 0, (start or 0) + size)
        return
    with inside.open(name) as entry:
        yield io.BufferedReader(_Guarded(entry), BLOCK)


class _Guarded(io.RawIOBase):
    """An entry of a zip; ends where it cannot be unpacked further."""

    def __init__(self, entry: IO[bytes]) -> None:
        super().__init__()
        self._entry = entry

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._entry.seek(offset, whence)

    def readinto(self, target: WriteableBuffer) -> int:
        view = memoryview(target)
        try:
            data = self._entry.read(len(view))
        except UNREADABLE:
            return 0
        view[: len(data)] = data
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
        return Whole(refused="is a zip without WARC files under archive/")
    _compare(inside, whole)
    return whole


def _entry(file: BinaryIO, inside: zipfile.ZipFile, entry: zipfile.ZipInfo, whole: Whole) -> None:
    """Add one file of a WACZ, or say why not."""
    try:
        start, size = _start(file, inside, entry), entry.compress_size
        with _opened(file, entry.filename, size, start, inside) as data:
            form = form_of(Stream(data, packed=size))
    except (*UNREADABLE, OSError, DamagedError, ValueError) as error:
        whole.problems.append(f"{entry.filename}: cannot be read ({error})")
        return
    if form is None:
        whole.problems.append(f"{entry.filename}: {NEITHER}")
        return
    whole.parts.append(Part(file, entry.filename, form, size, start, inside))


def _start(file: BinaryIO, inside: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int | None:
    """Where the bytes of an entry lie as they are. Opening it checks the zip's own header."""
    with inside.open(entry):
        pass
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
        return None
    file.seek(entry.header_offset + 26)
    sizes = file.read(4)
    name, extra = int.from_bytes(sizes[:2], "little"), int.from_bytes(sizes[2:], "little")
    return entry.header_offset + 30 + name + extra


def _compare(inside: zipfile.ZipFile, whole: Whole) -> None:
    """Compare digests with the description, if there is one."""
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
        return
    for part in whole.parts:
        kind, _, value = hashes.get(part.name, "").partition(":")
        if kind not in ("sha256", "md5"):
            whole.problems.append(f"{part.name}: {DESCRIPTION} has no digest of it")
            continue
        actual = hashlib.new(kind, usedforsecurity=False)
        with part.open() as file:
            while data := file.read(BLOCK):
                actual.update(data)
        if actual.hexdigest() != value:
            whole.problems.append(f"{part.name}: is not what {DESCRIPTION} says")

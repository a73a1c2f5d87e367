"""One WACZ for a portal and a year: the WARC files, an index, the pages' titles and texts.

Same store in, same bytes out. Files go into the zip as they are when all their exchanges belong;
of others, and of responses elsewhere that a revisit stands for, the records that belong are copied
byte for byte, but for what is not handed out (`withhold`). Nothing is held in memory whole but the
index.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive import cdxj
from archive.disk import drafted, failure, fsync_folder
from archive.member import GZIP
from archive.record import target_uri
from archive.wacz_choice import Choice, chosen, free

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.capture import Capture
    from archive.wacz_slices import Slices

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can say; the real ones are in the records
UNNAMED = re.compile(r"[^-a-z0-9._]")  # what the name of a resource must not hold; its path may
LINES = 1024  # of the index in one gzip member


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A page to be listed. `ts` as `Capture.at` of the capture that was read."""

    url: str
    ts: str
    title: str
    text: str


@dataclass(slots=True)
class Packed:
    """What went into a WACZ. `problems` name what could not."""

    path: Path
    captures: int = 0
    copied: int = 0
    """Responses from elsewhere that revisits stand for."""
    pages: int = 0
    left_out: int = 0
    """Pages that were given but have no capture here."""
    problems: list[str] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)


def pack(store: Path, *, portal: str, year: int, out: Path, pages: Iterable[PageInfo]) -> Packed:
    """Write what a portal's captures of a year hold into a WACZ.

    The file is there whole or not at all. Raises ArchiveError when the disk refuses or a WARC
    file cannot be read, ValueError when there is nothing to pack.
    """
    choice = chosen(store, portal, year)
    if not choice.captures:
        raise ValueError(f"the archive holds no captures of {portal} in {year}")
    packed = Packed(out, len(choice.captures), len(choice.originals), problems=choice.problems)
    try:
        with (
            drafted(out) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
        ):
            _Writer(archive, packed).run(store, choice, pages, f"{portal} {year}")
        fsync_folder(out.parent)
    except OSError as error:
        raise failure(out, error) from error
    return packed


class _Entry:
    """An entry of the zip while it is written, and its digest."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.sha256.update(data)
        self.size += len(data)


class _Writer:
    """Writes the entries of a WACZ, in the order in which readers want them."""

    def __init__(self, archive: zipfile.ZipFile, packed: Packed) -> None:
        self._archive = archive
        self._packed = packed
        self._names: set[str] = set()

    def run(self, store: Path, choice: Choice, pages: Iterable[PageInfo], title: str) -> None:
        lines: list[bytes] = []
        for slices in choice.files:
            lines += self._warc(store, slices)
        self._index(sorted(set(lines)))
        self._pages(choice.captures, pages)
        self._description(choice.captures, title)

    def _warc(self, store: Path, slices: Slices) -> Iterator[bytes]:
        """Copy the chosen stretches of a file, one after another; returns its index lines."""
        with self._entry(f"archive/{slices.name}", slices.size) as entry:
            for piece in slices.read(store):
                entry.write(piece)
        yield from map(cdxj.line, slices.captures)

    def _index(self, lines: Sequence[bytes]) -> None:
        """Write the index as ZipNum: gzip members of some lines each, and where they begin."""
        table = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
        with self._entry("indexes/index.cdx.gz") as entry:
            for first in range(0, len(lines), LINES):
                packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
                block = packer.compress(b"".join(lines[first : first + LINES])) + packer.flush()
                place = {
                    "offset": entry.size,
                    "length": len(block),
                    "digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
                }
                key = lines[first].partition(b" {")[0]
                table.append(key + b" " + json.dumps(place).encode() + b"\n")
                entry.write(block)
        with self._entry("indexes/index.idx") as entry:
            entry.write(b"".join(table))

    def _pages(self, captures: Sequence[Capture], pages: Iterable[PageInfo]) -> None:
        """List the pages that are here, as they are given."""
        here = {one.url for one in captures}
        first = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}
        with self._entry("pages/pages.jsonl") as entry:
            entry.write(json.dumps(first).encode() + b"\n")
            for page in pages:
                if target_uri(page.url) not in here:
                    self._packed.left_out += 1
                    continue
                self._packed.pages += 1
                line = {"id": str(self._packed.pages), "url": page.url, "ts": page.ts}
                line |= {"title": page.title, "text": page.text}
                text = json.dumps(line, ensure_ascii=False)
                entry.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def _description(self, captures: Sequence[Capture], title: str) -> None:
        """Say what is in the file. It was "created" when its last capture was."""
        last = max(one.at for one in captures)
        description = {
            "profile": "data-package",
            "title": title,
            "resources": self._packed.resources.copy(),
            "created": last[:19] + "Z",
            "wacz_version": "1.1.1",
            "software": "Gongkai",
        }
        text = json.dumps(description, ensure_ascii=False, indent=2).encode()
        with self._entry("datapackage.json") as entry:
            entry.write(text)
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
        with self._entry("datapackage-digest.json") as entry:
            entry.write(json.dumps(digest, indent=2).encode())

    @contextmanager
    def _entry(self, path: str, size: int = 0) -> Iterator[_Entry]:
        """Write one entry; `size` in bytes need only be near the truth when it is large."""
        info = zipfile.ZipInfo(path, EPOCH)
        info.file_size = size
        info.external_attr = 0o644 << 16
        with self._archive.open(info, "w") as file:
            entry = _Entry(file)
            yield entry
        name = free(UNNAMED.sub("_", path.rpartition("/")[2].lower()), self._names)
        resource = {"name": name, "path": path}
        resource["hash"] = f"sha256:{entry.sha256.hexdigest()}"
        self._packed.resources.append({**resource, "bytes": entry.size})

"""Opening ZIP files that may be bombs: what their directory claims is judged, then held to."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import IO

from lxml import etree

from pipelines.attachments.reading import Member, UnreadableError

MOST_MEMBERS = 2000
MOST_BYTES = 128 * 2**20  # unpacked, all members together
MOST_OF_ONE = 48 * 2**20
WORST_RATIO = 400  # an empty sheet of Word's own XML reaches 150
SMALL = 2**20  # a member below this is never a bomb
ENCRYPTED = 0x1
UTF8 = 0x800
_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class Package:
    """A ZIP file whose members are read one by one, within bounds. Raises UnreadableError."""

    def __init__(self, body: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(body))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise UnreadableError(
                "file_damaged", f"not a ZIP file that can be read: {error}"
            ) from error
        self._infos = {_name(info): info for info in self._zip.infolist()}
        self._left = MOST_BYTES
        claimed = sum(info.file_size for info in self._infos.values())
        if len(self._zip.infolist()) > MOST_MEMBERS or claimed > MOST_BYTES:
            raise UnreadableError(
                "archive_bomb",
                f"{len(self._zip.infolist())} members of {claimed} bytes unpacked: not opened",
            )

    @property
    def names(self) -> list[str]:
        """Paths of all members, decoded; folders are left out."""
        return [name for name in self._infos if not name.endswith("/")]

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        info = self._infos[name]
        if info.flag_bits & ENCRYPTED:
            raise UnreadableError(
                "file_encrypted", f"{name} is encrypted: ask the portal for an open one"
            )
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > MOST_OF_ONE or (info.file_size > SMALL and ratio > WORST_RATIO):
            raise UnreadableError(
                "archive_bomb",
                f"{name} would unpack {info.compress_size} bytes to {info.file_size}: not opened",
            )
        try:
            with self._zip.open(info) as member:
                data = self._bounded(member)
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError) as error:
            raise UnreadableError("file_damaged", f"{name}: {error}") from error
        return data

    def _bounded(self, member: IO[bytes]) -> bytes:
        # The directory may lie about sizes.
        most = min(MOST_OF_ONE, self._left)
        data = member.read(most + 1)
        if len(data) > most:
            raise UnreadableError("archive_bomb", "it unpacks to more than its directory says")
        self._left -= len(data)
        return data

    def xml(self, name: str) -> etree._Element:
        """One member as XML."""
        return xml_of(name, self.read(name))


def xml_of(name: str, data: bytes) -> etree._Element:
    """The root; no entity is resolved, nothing is fetched. Raises UnreadableError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    if b"<!ENTITY" in data[:65536]:
        raise UnreadableError(
            "xml_entities", f"{name} declares entities, as no office program does"
        )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("file_damaged", f"{name}: {error}") from error
    if root is None:
        raise UnreadableError("file_damaged", f"{name} holds no XML")
    return root


def unpack(body: bytes) -> tuple[tuple[Member, ...], tuple[UnreadableError, ...]]:
    """Every member of an archive that can be unpacked, and what stood in the way of the others."""
    package = Package(body)
    members, problems = [], []
    for name in sorted(package.names):
        if any(part in name for part in _SYSTEM):
            continue
        try:
            members.append(Member(name, package.read(name)))
        except UnreadableError as problem:
            problems.append(problem)
    return tuple(members), tuple(problems)


def _name(info: zipfile.ZipInfo) -> str:
    """The path as its writer meant it: without the UTF-8 flag a name is GBK, in this country."""
    if info.flag_bits & UTF8:
        return info.filename
    raw = info.orig_filename.encode("cp437", "replace")
    for charset in ("utf-8", "gb18030"):  # macOS forgets the flag
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return info.filename

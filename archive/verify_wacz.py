"""A WACZ as a package: its entries, the list of them, and what seals the list."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO

from archive.foreign_parts import UNREADABLE
from archive.member import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.verify_problem import Findings
    from archive.verify_tape import Source

ZIP = b"PK\x03\x04"
LIST, SEAL = "datapackage.json", "datapackage-digest.json"
LARGEST = 1 << 24  # bytes of a list of entries
WARC = re.compile(r"archive/.+\.warc(\.gz)?")
NEEDED = {
    "WARC file": WARC,
    "index": re.compile(r"indexes/.+"),
    "pages": re.compile(r"pages/.+"),
}


def warcs(file: BinaryIO, findings: Findings) -> Iterator[tuple[str, Source]]:
    """Judge the package; yields the WARC files in it, each by its name, to be judged as such."""
    try:
        with zipfile.ZipFile(file) as package:
            infos: dict[str, zipfile.ZipInfo] = {}
            for one in package.infolist():
                if one.filename in infos:
                    findings.note("wacz", f"it holds more than one {one.filename}")
                if not one.is_dir():
                    infos[one.filename] = one
            listed = _listed(package, infos, findings)
            for name, one in infos.items():
                _entry(package, one, listed.pop(name, None), findings)
            for name in listed:
                findings.note("wacz-missing", f"it lists {name}, which is not there")
            for what, wanted in NEEDED.items():
                if not any(wanted.fullmatch(name) for name in infos):
                    findings.note("wacz-missing", f"it holds no {what}")
            for name, one in infos.items():
                if WARC.fullmatch(name) and one.compress_type == zipfile.ZIP_STORED:
                    with package.open(one) as inner:
                        yield name, inner
    except (*UNREADABLE, ValueError) as error:
        findings.note("wacz", f"the zip cannot be read: {error}")


def _listed(
    package: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo], findings: Findings
) -> dict[str, dict[str, Any]]:
    """Read the list of entries, and hold it against its seal."""
    raw = {}
    for name in (LIST, SEAL):
        if name not in infos:
            findings.note("wacz-missing", f"it has no {name}")
        elif infos[name].file_size > LARGEST:
            findings.note("wacz", f"{name} has {infos[name].file_size} bytes")
        else:
            raw[name] = package.read(name)
    try:
        if len(raw) == 2 and not _same(raw[LIST], str(json.loads(raw[SEAL])["hash"])):
            findings.note("wacz-digest", f"{LIST} does not have the digest that {SEAL} states")
        listed = json.loads(raw[LIST])["resources"] if LIST in raw else []
        return {str(one["path"]): dict(one) for one in listed}
    except (ValueError, KeyError, TypeError) as error:
        findings.note("wacz", f"its {LIST} or {SEAL} cannot be read: {error!r}")
        return {}


def _entry(
    package: zipfile.ZipFile,
    one: zipfile.ZipInfo,
    said: dict[str, Any] | None,
    findings: Findings,
) -> None:
    """Read an entry through, and hold it against what the list says of it."""
    name = one.filename
    if name.startswith("archive/") and one.compress_type != zipfile.ZIP_STORED:
        findings.note("wacz-packed", f"{name} is compressed in the zip, so nothing can be replayed")
    if name in (LIST, SEAL):
        return
    algorithm = str(said.get("hash", "")).partition(":")[0] if said else "sha256"
    digest = hashlib.sha256() if algorithm == "sha256" else None
    size = 0
    with package.open(one) as file:
        while piece := file.read(BLOCK):
            size += len(piece)
            if digest:
                digest.update(piece)
    if said is None:
        findings.note("wacz-unlisted", f"{LIST} does not list {name}")
    elif digest and f"sha256:{digest.hexdigest()}" != str(said["hash"]).lower():
        findings.note("wacz-digest", f"{name} does not have the digest that {LIST} states")
    elif size != said.get("bytes", size):
        findings.note("wacz-digest", f"{name} has {size} bytes, not {said['bytes']}")


def _same(data: bytes, said: str) -> bool:
    return f"sha256:{hashlib.sha256(data).hexdigest()}" == said.lower()

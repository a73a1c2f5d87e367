"""RAR and 7z by libarchive, where the machine has it."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Any

from pipelines.attachments.reading import Member, UnreadableError
from pipelines.attachments.zips import MOST_BYTES, MOST_MEMBERS, MOST_OF_ONE

INSTALL = "install libarchive (Debian: apt-get install libarchive13)"
_END = 1  # ARCHIVE_EOF; errors are negative
_BLOCK = 1 << 16


@cache
def _library() -> Any:
    """The library, or None. To be called before the process gives up its rights."""
    name = ctypes.util.find_library("archive") or "libarchive.so.13"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return None
    for function in ("archive_read_new", "archive_entry_pathname", "archive_error_string"):
        getattr(library, function).restype = ctypes.c_void_p
    library.archive_entry_pathname.restype = ctypes.c_char_p
    library.archive_entry_pathname_utf8.restype = ctypes.c_char_p
    library.archive_error_string.restype = ctypes.c_char_p
    library.archive_read_data.restype = ctypes.c_ssize_t
    library.archive_entry_is_encrypted.restype = ctypes.c_int
    return library


def prepare() -> None:
    """Load the library while that is still allowed."""
    _library()


def unpack_with_libarchive(body: bytes) -> tuple[tuple[Member, ...], tuple[UnreadableError, ...]]:
    """Every member that can be unpacked, in the archive's order, and what stood in the way."""
    library = _library()
    if library is None:
        raise UnreadableError("needs_libarchive", f"RAR and 7z: {INSTALL}")
    handle = ctypes.c_void_p(library.archive_read_new())
    try:
        for support in ("format_rar", "format_rar5", "format_7zip"):
            getattr(library, f"archive_read_support_{support}")(handle)
        library.archive_read_support_filter_all(handle)
        if library.archive_read_open_memory(handle, body, ctypes.c_size_t(len(body))) != 0:
            raise UnreadableError("file_damaged", _says(library, handle))
        return _members(library, handle)
    finally:
        library.archive_read_free(handle)


def _members(
    library: Any, handle: ctypes.c_void_p
) -> tuple[tuple[Member, ...], tuple[UnreadableError, ...]]:
    members: list[Member] = []
    problems: list[UnreadableError] = []
    entry, left = ctypes.c_void_p(), MOST_BYTES
    while (status := library.archive_read_next_header(handle, ctypes.byref(entry))) != _END:
        if status < 0:
            problems.append(UnreadableError("file_damaged", _says(library, handle)))
            break
        name = _name(library, entry)
        if name.endswith("/"):
            continue
        if library.archive_entry_is_encrypted(entry) == 1:
            problems.append(UnreadableError("file_encrypted", f"{name} is encrypted"))
            continue
        data = _data(library, handle, min(left, MOST_OF_ONE))
        if data is None:
            problems.append(UnreadableError("file_damaged", f"{name}: {_says(library, handle)}"))
        elif len(data) > min(left, MOST_OF_ONE) or len(members) >= MOST_MEMBERS:
            raise UnreadableError("archive_bomb", f"{name} and others unpack to more than a report")
        elif data:
            left -= len(data)
            members.append(Member(name, data))
    if not members and problems:
        raise problems[0]
    return tuple(members), tuple(problems)


def _data(library: Any, handle: ctypes.c_void_p, most: int) -> bytes | None:
    """The bytes of the current entry, at most one block more than `most`; None if damaged."""
    buffer = ctypes.create_string_buffer(_BLOCK)
    parts: list[bytes] = []
    size = 0
    while size <= most:
        count = library.archive_read_data(handle, buffer, ctypes.c_size_t(_BLOCK))
        if count <= 0:
            return None if count < 0 else b"".join(parts)
        parts.append(buffer.raw[:count])
        size += count
    return b"".join(parts)


def _name(library: Any, entry: ctypes.c_void_p) -> str:
    raw = library.archive_entry_pathname(entry) or library.archive_entry_pathname_utf8(entry) or b""
    for charset in ("utf-8", "gb18030"):
        try:
            return str(raw.decode(charset))
        except UnicodeDecodeError:
            continue
    return str(raw.decode("utf-8", "replace"))


def _says(library: Any, handle: ctypes.c_void_p) -> str:
    said = library.archive_error_string(handle) or b"the archive is damaged"
    return str(said.decode("utf-8", "replace"))

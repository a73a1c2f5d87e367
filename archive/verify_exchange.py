"""Records together: which belong to one exchange, and whether they say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.build import OWN
from archive.record import EMPTY, record_id
from archive.scan import Group, capture, digest

if TYPE_CHECKING:
    from archive.capture import Capture
    from archive.member import Record
    from archive.verify_problem import Findings
    from archive.verify_record import Seen

WHOLE = {
    ("metadata",),
    ("request", "metadata"),
    ("response", "metadata"),
    ("revisit", "metadata"),
    ("resource", "metadata"),
    ("response", "request", "metadata"),
    ("revisit", "request", "metadata"),
}
BEGINNINGS = {kinds[:count] for kinds in WHOLE for count in range(1, len(kinds) + 1)}


class Exchanges:
    """Puts the records of one file of ours together again. `name` is its name in the index."""

    def __init__(self, findings: Findings, name: str) -> None:
        self.findings = findings
        self.name = name
        self._warcinfo = ""
        self._waiting: list[Record] = []
        self._first = True

    def add(self, record: Seen) -> Capture | None:
        """Take the next record; returns the capture of the exchange that it completes."""
        if record.type == "warcinfo":
            self._begin_file(record)
            return None
        if self._first:
            self.findings.note("first-record", f"the file begins with a {record.type}", 0)
            self._first = False
        self._warcinfo = self._warcinfo or (record.get("WARC-Warcinfo-ID") or "")
        if not self._fits(record):
            self.end()
        self._waiting.append(record)
        if record.type != "metadata":
            return None
        group, self._waiting = Group(tuple(self._waiting)), []
        return self._whole(group)

    def end(self) -> None:
        """Reach the end of the file, or of what belongs together."""
        if self._waiting:
            kinds = ", ".join(one.type for one in self._waiting)
            self._note("exchange-cut", f"{kinds} without the metadata that completes it")
        self._waiting = []

    def _fits(self, record: Record) -> bool:
        """Whether a record may follow those that wait."""
        if not self._waiting or record.offset != self._waiting[-1].end:
            return not self._waiting
        return (*[one.type for one in self._waiting], record.type) in BEGINNINGS

    def _note(self, code: str, says: str, record: Record | None = None) -> None:
        about = record or self._waiting[0]
        self.findings.note(code, says, about.offset, about.id)

    def _begin_file(self, record: Record) -> None:
        """Read the warcinfo, which is to be the first record and the only one."""
        self.end()
        if not self._first:
            self._note("first-record", "another warcinfo inside the file", record)
        self._first = False
        self._warcinfo = f"<{record.id}>"
        stated = record.get("WARC-Filename")
        if stated != self.name.rpartition("/")[2]:
            self._note("file-name", f"the file was written as {stated}", record)

    def _whole(self, group: Group) -> Capture | None:
        """Judge an exchange."""
        self._same(group)
        first = group.records[0]
        for one in group.records:
            named = one.all("WARC-Concurrent-To")
            if one is first and one.type == "resource":
                right = len(named) == 1  # the response it was made of, anywhere
            else:
                right = named == ([] if one is first else [f"<{first.id}>"])
            if not right:
                self._note("concurrent-to", "it does not name the record beside it", one)
        self._names(group)
        return capture(group, self.name) if group.whole else None

    def _same(self, group: Group) -> None:
        """Hold the records of an exchange against each other."""
        for field, code in (
            ("WARC-Date", "exchange-dates"),
            ("WARC-Target-URI", "exchange-uris"),
        ):
            said = {one.get(field) for one in group.records}
            if len(said) > 1:
                self._note(code, f"its records differ in {field}", group.records[0])
        for one in group.records:
            if one.get("WARC-Warcinfo-ID") != self._warcinfo:
                self._note("warcinfo-id", "it names another warcinfo than its file has", one)

    def _names(self, group: Group) -> None:
        """Derive the ids again: they follow from URL, method, time, request and answer."""
        main, request = group.main, group.request
        if main.type == "resource":
            self._names_of_dom(main, group.records[-1])
            return
        notes = dict(group.notes)
        key = (
            main.get("WARC-Target-URI") or "",
            notes.get(OWN + "method", "GET"),
            main.get("WARC-Date") or "",
            digest(request, "WARC-Block-Digest") if request else EMPTY,
            "" if main.type == "metadata" else digest(main, "WARC-Block-Digest"),
        )
        for one in group.records:
            more = [digest(one, "WARC-Block-Digest")] if one.type == "metadata" else []
            if one.id != record_id(one.type, *key, *more):
                self._misnamed(one)
                return

    def _names_of_dom(self, dom: Record, notes: Record) -> None:
        """Derive the ids of a DOM and its metadata again."""
        beside = (dom.get("WARC-Concurrent-To") or "").strip("<>")
        key = (dom.get("WARC-Target-URI") or "", dom.get("WARC-Date") or "")
        if dom.id != record_id("resource", *key, digest(dom, "WARC-Block-Digest"), beside):
            self._misnamed(dom)
        elif notes.id != record_id("metadata", dom.id, digest(notes, "WARC-Block-Digest")):
            self._misnamed(notes)

    def _misnamed(self, record: Record) -> None:
        says = "its id does not follow from this exchange; is a record of it missing?"
        self._note("record-id", says, record)

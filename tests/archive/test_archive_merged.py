"""The index made anew lists nothing that is not owed; the merged CDXJ is whole at every moment."""

import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from archive import Index, WarcWriter
from archive.cdxj import merge as sort
from archive.disk import held
from archive.importer import import_file
from archive.originals import newest_page, with_payload
from archive.rebuild import merge


def names(index):
    return sorted(path.name for path in index.path.parent.glob("*.cdxj"))


def test_it_holds_what_all_sidecars_hold(tmp_path, make, oddities, quick):
    with Index(tmp_path) as index:
        for worker in ("a", "b"):
            with WarcWriter(tmp_path, portal="yanshi", crawl="c", worker=worker) as writer:
                found = [writer.write(replace(one, url=one.url + worker)) for one in oddities]
                found.append(writer.write(make(f"/0{worker}", seconds=99), same_as=found[0]))
                index.add(found)
        whole = merge(index)
        sidecars = [path.read_bytes() for path in tmp_path.glob("warc/**/*.cdxj")]
        lines = b"".join(sidecars).splitlines(keepends=True)
        assert len(sidecars) == 2
        assert len(lines) > 30
        assert whole.read_bytes() == sort(lines)
        assert names(index) == ["captures.cdxj"]


def test_imports_are_in_it_and_captures_in_open_files_are_not_yet(tmp_path, writer, index, make):
    own = writer.write(make("/own"))
    writer.sync()
    index.add([own])
    other = WarcWriter(tmp_path / "other", portal="p", crawl="c", worker="w")
    foreign = other.write(make("/foreign"))
    other.close()
    import_file(tmp_path, tmp_path / "other" / foreign.file, source="s")
    text = merge(index).read_text()
    assert "/foreign" in text
    assert "/own" not in text
    writer.close()
    assert "/own" in merge(index).read_text()


def test_nothing_of_a_file_being_written_is_listed_but_what_was_acknowledged(
    tmp_path, writer, index, make
):
    sealed = [writer.write(make("/0")), writer.write(make("/1"))]
    writer.close()
    known, on_disk, in_flight = (writer.write(make(f"/{n}", seconds=n)) for n in (2, 3, 4))
    writer.sync()
    index.add([known])
    done = index.rebuild()
    assert done.problems == ()
    assert list(index.captures()) == [*sealed, known]
    index.add([on_disk])
    writer.close()
    index.rebuild()
    assert list(index.captures()) == [*sealed, known, on_disk, in_flight]


def test_an_index_that_was_lost_says_what_it_cannot_know(tmp_path, writer, make):
    writer.write(make())
    writer.sync()
    with Index(tmp_path) as index:
        done = index.rebuild()
        assert "once it is sealed" in done.problems[0]
        assert list(index.captures()) == []
        writer.close()
        assert index.rebuild().problems == ()
        assert len(list(index.captures())) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from archive import Index
from archive.rebuild import merge

whole = Index.lines

def lines(self):
    for line in whole(self):
        yield line * 100_000  # more than any buffer
        os.kill(os.getpid(), signal.SIGKILL)

Index.lines = lines
with Index(Path(sys.argv[1])) as index:
    merge(index)
"""


def test_a_merge_that_is_killed_leaves_the_one_before(tmp_path, writer, index, make):
    index.add([writer.write(make("/0"))])
    writer.close()
    before = merge(index).read_bytes()
    index.add([writer.write(make("/1"))])
    writer.close()
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert merge_draft(index).stat().st_size > 10**6
    assert names(index) == ["captures.cdxj"]
    path = index.path.with_name("captures.cdxj")
    assert path.read_bytes() == before
    assert merge(index).read_bytes().count(b"\n") == 2
    assert not merge_draft(index).exists()


def merge_draft(index):
    return index.path.with_name("captures.cdxj.draft")


def test_merges_take_turns_and_hold_up_nobody_else(tmp_path, writer, index, make):
    index.add([writer.write(make("/0"))])
    writer.close()
    merge(index)
    second = threading.Thread(target=merge, args=(index,))
    with held(index.path.with_name("merging")):
        second.start()
        with Index(tmp_path) as other:
            assert len(list(other.captures())) == 1
        second.join(0.2)
        assert second.is_alive()
    second.join(30)
    assert not second.is_alive()


@pytest.fixture
def imported(tmp_path, make):
    """The same page in a file of somebody else, which came to belong to the same portal."""
    elsewhere = WarcWriter(tmp_path / "other", portal="p", crawl="c", worker="w")
    foreign = elsewhere.write(make("/a", seconds=-1000))
    elsewhere.close()
    portals = {"www.yanshi.test": "yanshi"}
    import_file(tmp_path, tmp_path / "other" / foreign.file, source="s", portals=portals)
    return foreign


def test_what_others_kept_is_no_original_of_ours(tmp_path, writer, index, make, imported):
    found = index.get(imported.record_id)
    assert (found.portal, found.status) == ("yanshi", 200)
    assert with_payload(index, "yanshi", found.payload_sha256) is None
    assert newest_page(index, "yanshi", found.url) is None
    own = writer.write(make("/b"))
    page = writer.write(make("/a", seconds=-2000))
    index.add([own, page])
    assert with_payload(index, "yanshi", found.payload_sha256) == page
    assert newest_page(index, "yanshi", found.url) == page

"""Whatever moment a writer dies at, what was acknowledged stays."""

import errno
import gzip
import os
import shutil
import signal
import subprocess
import sys

import pytest

from archive import ArchiveError, Index, WarcWriter, read
from archive import recover as recover_into
from archive.member import MAGIC
from archive.openfile import seal

DIE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from archive import Exchange, WarcWriter
writer = WarcWriter(Path(sys.argv[1]), portal="p", crawl="c", worker="w")
body = b"HTTP/1.1 200 OK\\r\\n\\r\\n" + os.urandom(3000)
for number in range(10**6):
    url = f"http://a.test/{number}"
    capture = writer.write(Exchange(url, b"GET / HTTP/1.1\\r\\n\\r\\n", body, datetime.now(UTC)))
    writer.sync()
    print(capture.file, capture.offset, capture.length, capture.record_id, flush=True)
"""
FILL = """
import os, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from archive import ArchiveError, Exchange, WarcWriter
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
writer = WarcWriter(Path(sys.argv[1]), portal="p", crawl="c", worker="w")
failed = 0
for number in range(200):
    body = b"HTTP/1.1 200 OK\\r\\n\\r\\n" + os.urandom(700 if failed else 7000)
    one = Exchange(f"http://a.test/{number}", b"", body, datetime.now(UTC))
    try:
        capture = writer.write(one)
        writer.sync()
    except ArchiveError as error:
        assert "make room" in str(error) and ".warc.gz" in str(error), error
        failed += 1
        if failed > 3:
            break
    else:
        print(capture.file, capture.offset, capture.length, capture.record_id, flush=True)
assert failed, "the disk never filled"
try:
    writer.close()
except ArchiveError as error:
    print("close:", error, file=sys.stderr)
"""


def recover(store):
    with Index(store) as index:
        return recover_into(index)


def paths(store, ending=""):
    return sorted(p for p in store.glob(f"warc/*/*/*/*{ending}") if p.is_file())


def leave_open(store, exchanges):
    """Write without closing, then let go of the locks as death would."""
    writer = WarcWriter(store, portal="p", crawl="c", worker="w")
    captures = [writer.write(one) for one in exchanges]
    writer.sync()
    writer._file.close()
    return captures


def test_a_cut_at_every_byte_keeps_every_whole_exchange(tmp_path, make, quick):
    first = tmp_path / "first"
    captures = leave_open(first, [make(), make(response=b"", seconds=1), make(seconds=2)])
    (opened,) = paths(first, ".warc.gz.open")
    raw = opened.read_bytes()
    ends = [_end(raw, one.offset, one) for one in captures]
    assert ends[-1] == len(raw)
    first_end = raw.index(MAGIC, 1)
    store = tmp_path / "cut"
    path = store / opened.relative_to(first)
    path.parent.mkdir(parents=True)
    with Index(store) as index:
        for size in range(len(raw) + 1):
            near = any(end - 9 < size <= end + 1 for end in (first_end, *ends))
            for zeros in (0, 700) if near or size % 10 == 0 else (0,):
                rest = raw[:size] + bytes(zeros)  # zeros may complete a member that ends in zeros
                path.write_bytes(rest)
                (done,) = recover_into(index)
                kept = [end for end in ends if rest[:end] == raw[:end]]
                whole = captures[: len(kept)]
                assert list(done.captures) == whole, size
                final = store / captures[0].file
                if whole:
                    assert final.read_bytes() == raw[: kept[-1]]
                    assert len(paths(store, ".cdxj")) == len(paths(store, ".sha256")) == 1
                else:
                    assert not final.exists()
                    kept = [first_end] if rest[:first_end] == raw[:first_end] else [0]
                rest = rest[kept[-1] :]
                assert done.cut == len(rest)
                tail = final.with_name(final.name + ".damaged")
                assert (tail.read_bytes() if rest else b"") == rest
                assert not paths(store, ".open")
                assert recover_into(index) == []
                for one in paths(store):
                    one.unlink()


def _end(raw, offset, capture):
    """Where the metadata record of an exchange ends: before the next response, or the file."""
    at = offset + capture.length
    while at < len(raw) and capture.record_type == "response":
        following = raw.find(MAGIC, at + 1)
        end = len(raw) if following < 0 else following
        if b"WARC-Type: metadata" in gzip.decompress(raw[at:end]):
            return end
        at = end
    return at


def test_a_recovered_file_is_as_if_closed(tmp_path, oddities):
    captures = leave_open(tmp_path, oddities)
    (done,) = recover(tmp_path)
    assert list(done.captures) == captures
    assert (done.cut, done.damaged, done.why) == (0, None, "")
    for one in captures:
        read(tmp_path, one)
    endings = [p.suffix for p in paths(tmp_path)]
    assert endings == [".cdxj", ".sha256", ".gz"]
    (checksum,) = paths(tmp_path, ".sha256")
    command = ["sha256sum", "-c", checksum.name]
    assert (
        subprocess.run(command, cwd=checksum.parent, check=False, capture_output=True).returncode
        == 0
    )


def test_recovery_and_closing_write_the_same_sidecars(tmp_path, oddities):
    captures = leave_open(tmp_path / "a", oddities)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    recover(tmp_path / "a")
    (line_file,) = paths(tmp_path / "b", ".cdxj.open")
    (warc,) = paths(tmp_path / "b", ".warc.gz.open")
    final = warc.with_name(warc.name.removesuffix(".open"))
    (checksum,) = paths(tmp_path / "a", ".sha256")
    seal(final, line_file.read_bytes().splitlines(keepends=True), checksum.read_text().split()[0])
    for a, b in zip(paths(tmp_path / "a"), paths(tmp_path / "b"), strict=True):
        assert (a.name, a.read_bytes()) == (b.name, b.read_bytes())
    assert captures


def test_a_living_writer_is_left_alone(tmp_path, writer, make):
    capture = writer.write(make())
    assert recover(tmp_path) == []
    later = writer.write(make(seconds=1))
    writer.close()
    assert read(tmp_path, capture).response == read(tmp_path, later).response
    assert recover(tmp_path) == []


def test_death_between_rename_and_sidecars_is_finished(tmp_path, make):
    captures = leave_open(tmp_path, [make()])
    (opened,) = paths(tmp_path, ".warc.gz.open")
    opened.rename(tmp_path / captures[0].file)
    (done,) = recover(tmp_path)
    assert list(done.captures) == captures
    assert [p.suffix for p in paths(tmp_path)] == [".cdxj", ".sha256", ".gz"]


@pytest.mark.parametrize("steps", range(1, 9))
def test_an_interrupted_recovery_can_be_repeated(tmp_path, make, monkeypatch, steps):
    captures = leave_open(tmp_path, [make(), make(seconds=1)])
    (opened,) = paths(tmp_path, ".warc.gz.open")
    with opened.open("ab") as file:
        file.write(b"half an exchange")
    left = [steps]

    def fsync(descriptor, real=os.fsync):
        left[0] -= 1
        if not left[0]:
            raise OSError(errno.EIO, "died here")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fsync)
        try:
            recover(tmp_path)
        except ArchiveError as error:
            assert "gongkai archive recover" in str(error)  # noqa: PT017
    recover(tmp_path)
    assert read(tmp_path, captures[1]).response == make().response
    assert [p.read_bytes() for p in paths(tmp_path, ".damaged")] == [b"half an exchange"]
    assert [p.suffix for p in paths(tmp_path)] == [".cdxj", ".sha256", ".gz", ".damaged"]


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", DIE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    lines = [process.stdout.readline() for _ in range(30)]
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    acknowledged = [line.split() for line in lines if line.endswith("\n")]
    (done,) = recover(tmp_path)
    _all_there(tmp_path, acknowledged, [done])


def _all_there(store, acknowledged, done):
    recover(store)
    with Index(store) as index:
        assert index.rebuild().problems == ()
        for file, offset, length, name in acknowledged:
            capture = index.get(name)
            assert (capture.file, capture.offset, capture.length) == (
                file,
                int(offset),
                int(length),
            )
            read(store, capture)
    assert acknowledged


def test_a_full_disk_loses_nothing_acknowledged(tmp_path):
    _fill(tmp_path, "limit")


def test_a_full_file_system_loses_nothing_acknowledged(tmp_path):
    where = tmp_path / "small"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", where]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("cannot mount a small file system here")
    try:
        _fill(where, "mount")
    finally:
        subprocess.run(["umount", where], check=True)


def _fill(store, how):
    command = [sys.executable, "-c", FILL, str(store), how]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    acknowledged = [line.split() for line in done.stdout.splitlines()]
    if how == "mount":  # an index needs room too, so look at a copy
        roomy = store.parent / "roomy"
        shutil.copytree(store, roomy)
        store = roomy
    _all_there(store, acknowledged, None)


def test_a_failed_write_leaves_the_exchange_before(tmp_path, writer, make, monkeypatch):
    first = writer.write(make())
    (opened,) = paths(tmp_path, ".warc.gz.open")
    size = opened.stat().st_size

    def half(descriptor, parts, offset, real=os.pwritev):
        real(descriptor, [b"".join(parts)[:100]], offset)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwritev", half)
        with pytest.raises(ArchiveError, match="make room"):
            writer.write(make(seconds=1))
    assert opened.stat().st_size == size
    second = writer.write(make(seconds=1))
    writer.close()
    with Index(tmp_path) as index:
        index.rebuild()
        assert list(index.captures()) == [first, second]


def test_short_writes_are_continued(tmp_path, writer, make, monkeypatch):
    def short(descriptor, parts, offset, real=os.pwritev):
        return real(descriptor, [b"".join(parts)[:100]], offset)

    monkeypatch.setattr("os.pwritev", short)
    assert read(tmp_path, writer.write(make())).response == make().response


def test_after_a_failed_fsync_the_writer_works_no_more(tmp_path, make, monkeypatch):
    writer = WarcWriter(tmp_path, portal="p", crawl="c", worker="w")
    kept = writer.write(make())
    writer.sync()
    writer.write(make(seconds=1))

    def fsync(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fsync)
        with pytest.raises(ArchiveError, match="recover"):
            writer.sync()
    for action in (writer.sync, lambda: writer.write(make())):
        with pytest.raises(ArchiveError):
            action()
    writer.close()
    (done,) = recover(tmp_path)
    assert kept in done.captures


def test_a_file_that_cannot_be_begun_leaves_nothing(tmp_path, make, monkeypatch):
    writer = WarcWriter(tmp_path, portal="p", crawl="c", worker="w")

    def full(descriptor, parts, offset):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwritev", full)
        with pytest.raises(ArchiveError):
            writer.write(make())
    assert paths(tmp_path) == []
    assert writer.write(make()).offset > 0
    writer.close()


def test_damage_in_a_sealed_file_is_not_cut_away(tmp_path, make):
    captures = leave_open(tmp_path, [make(), make(seconds=1), make(seconds=2)])
    (opened,) = paths(tmp_path, ".warc.gz.open")
    raw = bytearray(opened.read_bytes())
    raw[captures[1].offset + 99] ^= 1
    opened.write_bytes(raw)
    opened.rename(tmp_path / captures[0].file)
    (done,) = recover(tmp_path)
    assert (list(done.captures), done.cut) == ([captures[0]], 0)
    assert str(captures[1].offset) in done.why
    assert (tmp_path / captures[0].file).read_bytes() == raw
    assert read(tmp_path, captures[2]).response == make().response


@pytest.mark.parametrize(
    ("module", "step"), [("archive.index", "Index.add"), ("archive.recover", "seal")]
)
def test_what_a_killed_recovery_had_in_hand_the_next_one_indexes(tmp_path, make, module, step):
    kept = leave_open(tmp_path, [make(f"/{n}") for n in range(3)])

    def killed(*_):
        raise KeyboardInterrupt

    with Index(tmp_path) as index:
        with pytest.MonkeyPatch.context() as until:
            holder, _, name = step.rpartition(".")
            place = sys.modules[module]
            until.setattr(getattr(place, holder) if holder else place, name, killed)
            with pytest.raises(KeyboardInterrupt):
                recover_into(index)
        recover_into(index)
        assert list(index.captures()) == kept
        assert recover_into(index) == []

"""Files that want to do harm: each ends within its limits, by name, and nothing else notices."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from make_files import MAKERS, paper, whole

from crawler.practice.attachments_office import zipped
from pipelines.attachments.jail import Limits
from pipelines.attachments.pool import Pool
from pipelines.attachments.protocol import Found, ReadFile, ReadPage
from pipelines.attachments.reading import UnreadableError
from pipelines.attachments.roles import LIMITS
from pipelines.attachments.workspace import Workspace

GOOD = MAKERS["docx"](whole(paper(2023)))


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the root."""
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + head + table + tail


def swollen(size: int) -> bytes:
    """Two kilobytes that unpack to `size` bytes of page content."""
    data = zlib.compress(zlib.compress(b" " * size, 9), 9)
    stream = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>\nstream\n" % len(data)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        stream + data + b"\nendstream",
    )


def boundless_font() -> bytes:
    """A page in a font that says how wide each of four thousand million characters is."""
    text = b"BT /F1 12 Tf 72 700 Td <0041> Tj ET"
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/W[0 4000000000 500]/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        b"<</Type/FontDescriptor/FontName/X/Flags 4>>",
    )


def package(**members: bytes) -> bytes:
    return zipped(
        (name.replace("__", "/").replace("_xml", ".xml"), b) for name, b in members.items()
    )


def test_a_bomb_is_killed_and_others_are_read_meanwhile(run: Callable[[Any], Any]) -> None:
    bomb = swollen(2**28)
    assert len(bomb) < 3000

    async def both() -> tuple[UnreadableError, list[Any], float]:
        pool = Pool(2, {**LIMITS, "read": Limits(cpu=2)})
        try:
            hurt = asyncio.create_task(pool.ask(ReadFile(bomb)))
            others = [await pool.ask(ReadFile(GOOD)) for _ in range(3)]
            early = not hurt.done()
            with pytest.raises(UnreadableError) as caught:
                await hurt
            after = await pool.ask(ReadFile(GOOD))  # its place is taken by a new process
            return caught.value, [*others, after], early
        finally:
            await pool.close()

    problem, answers, early = run(both())
    assert problem.code in {"file_takes_time", "file_takes_memory"}
    assert early
    assert all(isinstance(answer, Found) and answer.content.blocks for answer in answers)


@pytest.mark.soak
def test_a_bomb_costs_at_most_twenty_seconds_of_computing(run: Callable[[Any], Any]) -> None:
    async def one() -> None:
        pool = Pool(1)
        before = time.monotonic()
        with pytest.raises(UnreadableError) as caught:
            await pool.ask(ReadFile(swollen(2**30)))
        assert caught.value.code in {"file_takes_time", "file_takes_memory"}
        assert time.monotonic() - before < LIMITS["read"].clock + 5
        await pool.close()

    run(one())


def test_too_much_memory_and_too_long_an_answer_have_names(run: Callable[[Any], Any]) -> None:
    async def codes() -> list[str]:
        found = []
        for limits, task in (
            (Limits(memory=300 * 2**20), ReadFile(swollen(2**28))),
            (Limits(answer=1000), ReadFile(GOOD)),
        ):
            pool = Pool(1, {**LIMITS, "read": limits})
            with pytest.raises(UnreadableError) as caught:
                await pool.ask(task)
            found.append(caught.value.code)
            await pool.close()
        return found

    memory, answer = run(codes())
    assert memory == "file_takes_memory"
    assert answer == "file_too_long"


def test_a_reader_that_dies_or_hangs_is_replaced(run: Callable[[Any], Any]) -> None:
    async def killed() -> tuple[str, bool]:
        pool = Pool(1, {**LIMITS, "read": Limits(clock=20)})
        await pool.ask(ReadPage("<p>x</p>", "", ""))
        (worker,) = pool._idle["read"]
        os.kill(worker._process.pid, 19)  # SIGSTOP: it will never answer
        asyncio.get_running_loop().call_later(0.3, os.kill, worker._process.pid, 9)
        with pytest.raises(UnreadableError) as caught:
            await pool.ask(ReadPage("<p>y</p>", "", ""))
        again = await pool.ask(ReadPage("<p>z</p>", "", ""))
        await pool.close()
        return caught.value.code, isinstance(again, Found)

    code, goes_on = run(killed())
    assert code == "file_takes_time"
    assert goes_on


PROBE = """
import socket, subprocess, sys
from pipelines.attachments.jail import Limits, enter
enter(Limits())
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", {port}), 5),
    lambda: subprocess.run(["true"]),
    lambda: open({file!r}, "wb").write(b"x" * 200_000_000),
    lambda: bytearray(3 << 30),
):
    try:
        attempt()
    except (PermissionError, OSError, MemoryError) as error:
        print(type(error).__name__)
    else:
        print("done")
"""


def test_a_jailed_process_has_no_network_no_programs_and_bounds(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        code = PROBE.format(port=server.getsockname()[1], file=str(tmp_path / "big"))
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
    assert ran.stdout.split() == ["PermissionError", "PermissionError", "OSError", "MemoryError"]
    assert (tmp_path / "big").stat().st_size <= Limits().file


def laughs(levels: int) -> bytes:
    """An XML file of entities, each ten times the one before."""
    entities = [b'<!ENTITY e0 "ha">']
    entities += [b'<!ENTITY e%d "%b">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, levels + 1)]
    return b"<!DOCTYPE w [%b]><w>&e%d;</w>" % (b"".join(entities), levels)


def nested(body: bytes, depth: int) -> bytes:
    for level in range(depth + 1):
        body = zipped([(f"{level}.zip" if level else "a.docx", body)])
    return body


BOMBS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "ratio": lambda: (package(a=b"\0" * 30_000_000), "archive_bomb"),
    "laughs": lambda: (
        package(
            word__document_xml=b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><w>&b;</w>'
        ),
        "xml_entities",
    ),
    "nested": lambda: (nested(GOOD, 4), "archive_bomb"),
    "a thousand million laughs": lambda: (
        package(word__document_xml=laughs(9)),
        "xml_entities",
    ),
    "no body": lambda: (package(word__document_xml=b"<w/>"), "file_damaged"),
    "half a zip": lambda: (GOOD[: len(GOOD) // 2], "file_damaged"),
    "half a pdf": lambda: (b"%PDF-1.7\n1 0 obj <</Type", "file_damaged"),
    "an empty workbook": lambda: (package(xl__workbook_xml=b"<workbook/>"), "file_damaged"),
    "an empty ofd": lambda: (package(OFD_xml=b"<OFD/>"), "file_damaged"),
    "ole without streams": lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "file_unknown",
    ),
    "nothing": lambda: (b" \n", "file_empty"),
    "an executable": lambda: (b"MZ\x90\0\3\0\0\0" + bytes(range(256)), "file_unknown"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_cannot_be_read_is_an_issue_with_a_name(
    name: str, read: Callable[[bytes], Any]
) -> None:
    body, code = BOMBS[name]()
    parts, issues = read(body)
    assert [issue.code for issue in issues] == [code]
    assert parts == []


def test_an_encrypted_member_stops_no_other(read: Callable[[bytes], Any]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.docx", GOOD)
        package.writestr("b.docx", GOOD)
    body = bytearray(out.getvalue())
    # Both headers of the first member say that it is encrypted; the files inside have their own.
    body[6] |= 1
    body[body.rindex(b"PK\x01\x02", 0, body.rindex(b"PK\x01\x02")) + 8] |= 1
    parts, issues = read(bytes(body))
    assert [part.name for part in parts] == ["b.docx"]
    assert [issue.code for issue in issues] == ["file_encrypted"]


OWNER = """
import sys, tempfile, time
tempfile.tempdir = sys.argv[1]
from pipelines.attachments.workspace import Workspace
own = Workspace()
print(own.room(), flush=True)
time.sleep(600)
"""


def test_folders_go_with_their_pool_and_those_of_the_killed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    owners = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        rooms = [Path((owner.stdout or io.StringIO()).readline().strip()) for owner in owners]
        for room in rooms:
            (room / "left.doc").write_bytes(b"x")
            os.utime(room.parent, (0, 0))
        owners[0].kill()
        owners[0].wait()
        own = Workspace()
        folder = Path(own.room()).parent
        assert [room.parent.exists() for room in rooms] == [False, True]
        own.close()
        assert not folder.exists()
    finally:
        for owner in owners:
            owner.kill()
            owner.communicate()

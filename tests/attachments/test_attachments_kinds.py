"""What each reader must know of its format, and what a file is called."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from make_files import MAKERS, cells, paper, whole
from make_rar import rar

from crawler.practice.attachments_office import docx, xlsx, zipped
from crawler.practice.attachments_pdf import WIDTH, _Canvas, _file
from crawler.practice.blocks import Block, Cell
from pipelines.attachments import rar as libarchive
from pipelines.attachments.files import read_file
from pipelines.attachments.magic import sniff

REPORT = whole(paper(2023))
HEAD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'


def word(body: str) -> list[Any]:
    text = f"{HEAD}{body}</w:body></w:document>".encode()
    return list(read_file(zipped([("word/document.xml", text)])).blocks)


def test_a_file_is_what_its_bytes_say() -> None:
    for kind, make in MAKERS.items():
        assert sniff(make(REPORT)) == kind
    assert sniff(b"\n\n%PDF-1.4 ") == "pdf"
    assert sniff(zipped([("a.txt", b"x")])) == "zip"
    assert sniff(rar([("a.txt", b"x")])) == "rar"
    assert sniff(rb"{\rtf1\ansi") == "rtf"
    assert sniff(b"\xff\xd8\xff\xe0") == "image"
    assert sniff("<html><table>".encode("utf-16")) == "html"
    assert sniff("年报".encode("gb18030")) == "text"
    for stream, kind in (("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls")):
        body = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + f"{stream}\0".encode("utf-16-le")
        assert sniff(body) == kind
        assert sniff(body + "WordDocument\0".encode("utf-16-le")) == kind  # embedded in it


def test_word_shows_what_is_inserted_and_not_what_is_deleted() -> None:
    body = """<w:p><w:r><w:t>共</w:t></w:r><w:del><w:r><w:delText>3</w:delText></w:r></w:del>
    <w:ins><w:r><w:t>4</w:t></w:r></w:ins><w:sdt><w:sdtContent><w:r><w:t>件</w:t></w:r>
    </w:sdtContent></w:sdt><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"""
    assert [block.text for block in word(body)] == ["共4件"]


def test_a_frame_around_text_is_no_table_in_word() -> None:
    cell = "<w:tr><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    blocks = word(f"<w:tbl>{cell.format('一、概述')}{cell.format('正文')}</w:tbl>")
    assert [(block.text, block.table) for block in blocks] == [("一、概述", None), ("正文", None)]


def test_a_workbook_shows_numbers_as_people_see_them() -> None:
    rows = (
        ("指标", "数"),
        ("甲", "23"),
        ("乙", "26463.43"),
        ("丙", "0.1"),
        ("丁", ""),
        ("戊", "/"),
    )
    table = Block("table", rows=tuple(tuple(map(Cell, row)) for row in rows))
    assert cells(read_file(xlsx([table])).blocks) == [list(row) for row in rows]


def test_titles_above_and_notes_below_a_sheets_table_are_lines() -> None:
    title = Block("table", rows=((Cell("演示市财政局2023年统计表", 2),),))
    table = Block("table", rows=((Cell("指标"), Cell("数")), (Cell("甲"), Cell("1"))))
    note = Block("table", rows=((Cell("填表说明：如实填写"),),))
    blocks = read_file(xlsx([title, table, note])).blocks
    told = [block.text for block in blocks]
    assert told == ["演示市财政局2023年统计表", "", "填表说明：如实填写"]


def page(draw: Callable[[_Canvas], None]) -> bytes:
    """A PDF of one page that `draw` fills; y runs upwards from the foot."""
    canvas = _Canvas()
    draw(canvas)
    used = {chr(code) for code in range(32, 127)} | set(
        "附表自然人商业企业总计本年新收上转接件数公开"
    )
    return _file(["\n".join(canvas.parts)], sorted(used))


def test_white_behind_every_line_is_no_table() -> None:
    def draw(canvas: _Canvas) -> None:
        for line in range(3):
            y = 700 - 30 * line
            canvas.parts.append(f"1 g {72} {y - 8} 450 30 re f 0 g")
            canvas.text(72, y, 16, "本年新收公开件数")

    blocks = read_file(page(draw)).blocks
    assert [block.table for block in blocks] == [None] * len(blocks)


def test_a_table_without_lines_is_read_and_named() -> None:
    rows = [
        ("本年新收", "12", "3", "15"),
        ("上年转接", "1", "0", "1"),
        ("本年公开", "9", "2", "11"),
    ]

    def draw(canvas: _Canvas) -> None:
        for x, text in zip((220, 320, 420), ("自然人", "商业企业", "总计"), strict=True):
            canvas.text(x, 720, 12, text)
        for y, row in enumerate(rows):
            for x, text in zip((72, 230, 335, 425), row, strict=True):
                canvas.text(x, 690 - 24 * y, 12, text)

    content = read_file(page(draw))
    assert [issue.code for issue in content.issues] == ["table_unruled"]
    assert cells(content.blocks) == [["", "自然人", "商业企业", "总计"], *map(list, rows)]


def scanned() -> bytes:
    """A PDF whose one page is a picture."""
    data = zlib.compress(b"\xff" * 40_000)
    image = b"<</Type/XObject/Subtype/Image/Width 200/Height 200/ColorSpace/DeviceGray"
    image += b"/BitsPerComponent 8/Filter/FlateDecode/Length %d>>\nstream\n" % len(data)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length 27>>\nstream\nq 500 0 0 700 50 70 cm /I Do\nendstream",
        image + data + b"\nendstream",
    ]
    out = b"%PDF-1.4\n"
    for number, body in enumerate(objects, 1):
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    return out + b"trailer<</Size 6/Root 1 0 R>>\n%%EOF"


def test_a_page_that_is_a_picture_waits_for_ocr() -> None:
    content = read_file(scanned())
    assert (content.wants, content.pages) == ("ocr", (0,))
    assert [issue.code for issue in content.issues] == ["pages_are_pictures"]
    assert WIDTH == 595


def test_members_of_archives_are_read_under_their_names(read: Callable[[bytes], Any]) -> None:
    members = [("年报/2023年报告.docx", docx(REPORT)), ("说明.txt", "说明".encode("gb18030"))]
    for body in (zipped(members), zipped([("内.zip", zipped(members))])):
        parts, issues = read(body)
        assert issues == []
        assert [(part.name.removeprefix("内.zip/"), part.kind) for part in parts] == [
            ("年报/2023年报告.docx", "docx"), ("说明.txt", "text"),
        ]  # fmt: skip


@pytest.mark.skipif(libarchive._library() is None, reason="libarchive is not installed")
def test_rar_is_unpacked_too(read: Callable[[bytes], Any]) -> None:
    parts, issues = read(rar([("年报.docx", docx(REPORT)), ("数据.xlsx", MAKERS["xlsx"](REPORT))]))
    assert issues == []
    assert [(part.name, part.kind) for part in parts] == [
        ("年报.docx", "docx"), ("数据.xlsx", "xlsx"),
    ]  # fmt: skip


RTF = rb"{\rtf1\ansi\ansicpg936 \'d5\'fe\'b8\'ae\'d0\'c5\'cf\'a2\par}"


def test_rtf_says_what_to_install_or_is_read(read: Callable[[bytes], Any]) -> None:
    parts, issues = read(RTF)
    if shutil.which("soffice"):
        assert [block.text for block in parts[0].blocks] == ["政府信息"]
    else:
        assert [issue.code for issue in issues] == ["needs_libreoffice"]
        assert "libreoffice-writer-nogui" in issues[0].says


def test_html_and_text_under_other_names_are_read() -> None:
    table = "<html><table><tr><td>项目</td><td>数</td></tr><tr><td>甲</td><td>1</td></tr></table>"
    content = read_file(table.encode("gb18030"))  # what Excel saves as .xls
    assert cells(content.blocks) == [["项目", "数"], ["甲", "1"]]
    assert read_file("一、概述".encode("gb18030")).blocks[0].text == "一、概述"


def test_local_files_of_any_kind_are_parsed(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(MAKERS["pdf"](REPORT))
    (tmp_path / "b.bin").write_bytes(MAKERS["docx"](REPORT))
    ran = command("parse", "a.dat", "b.bin", "--json")
    assert ran.code == 0
    for line, kind in zip(ran.lines, ("pdf", "docx"), strict=True):
        (document,) = line["documents"]
        assert (document["class"], document["year"]) == ("annual_report", 2023)
        assert document["file"]["kind"] == kind
    shown = command("parse", "b.bin", "--markdown")
    assert "| 第二十条第".encode() in shown.out

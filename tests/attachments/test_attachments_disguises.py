"""What offices really put online: one format under another's name, turned pages, hidden rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pypdfium2
import pytest
from make_files import MAKERS, SOFFICE, cells, converted, mhtml, paper, squeezed, turned, whole
from openpyxl import Workbook
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from crawler.items import Block
from crawler.practice.attachments_office import zipped
from pipelines.attachments.files import read_file
from pipelines.attachments.magic import sniff

REPORT = whole(paper(2023))
PAGE = (
    "<html><p>年报</p><table><tr><td>项目</td><td>数</td></tr>"
    "<tr><td>甲</td><td>15</td></tr></table>"
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CHOICE = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def told(blocks: Iterable[Block]) -> list[str]:
    return [squeezed(block.text) for block in blocks if not block.table]


@pytest.mark.parametrize(
    "start",
    [
        "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n",
        "From: <Saved by Blink>\r\nSubject: =?utf-8?Q?x?=\r\nMIME-Version: 1.0\r\n",
    ],
)
@pytest.mark.parametrize("coding", ["quoted-printable", "base64"])
def test_a_web_page_in_one_file_is_read_as_a_page(start: str, coding: str) -> None:
    content = read_file(mhtml(PAGE, coding, start))
    assert (content.kind, content.issues) == ("mhtml", ())
    assert told(content.blocks) == ["年报"]
    assert cells(content.blocks) == [["项目", "数"], ["甲", "15"]]


def test_plain_text_with_colons_is_no_web_page() -> None:
    assert sniff("Subject: 年报\r\nmime-version: 没有\r\n".encode("gb18030")) == "text"


def test_excels_one_xml_file_is_a_workbook() -> None:
    def cell(at: int, text: str, more: str = "") -> str:
        return f'<Cell ss:Index="{at}" {more}><Data ss:Type="String">{text}</Data></Cell>'

    wide = 'ss:MergeAcross="1"'
    rows = (
        f"<Row>{cell(1, '项目')}{cell(2, '数', wide)}</Row>"
        f"<Row>{cell(1, '甲')}{cell(3, '<B>1</B>5')}</Row>"
        f'<Row ss:Hidden="1">{cell(1, "乙")}{cell(3, "9")}</Row>'
    )
    sheet = '<Worksheet ss:Name="{}"><Table>{}</Table>{}</Worksheet>'
    unseen = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>"
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    body = f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
    body += f"{sheet.format('a', rows, '')}{sheet.format('b', rows, unseen)}</Workbook>"
    content = read_file(body.encode())
    assert content.kind == "xml"
    assert cells(content.blocks) == [["项目", "数"], ["甲", "", "15"]]
    assert [issue.says for issue in content.issues] == ["1 sheet, 1 row hidden: not read"]


def test_the_main_part_of_a_word_file_may_have_a_number() -> None:
    package = zipfile.ZipFile(io.BytesIO(MAKERS["docx"](REPORT)))
    body = zipped(
        (name.replace("document.xml", "document2.xml"), package.read(name))
        for name in package.namelist()
    )
    assert read_file(body).blocks == read_file(MAKERS["docx"](REPORT)).blocks


def test_what_stands_in_text_boxes_is_read_once() -> None:
    def box(inner: str) -> str:
        boxed = f"<w:txbxContent>{inner}</w:txbxContent>"
        return (
            f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{boxed}</w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict>{boxed}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )

    def line(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    def table(last: str) -> str:
        rows = ((line("项目"), line("数")), (line("甲"), last))
        made = (f"<w:tr><w:tc>{a}</w:tc><w:tc>{b}</w:tc></w:tr>" for a, b in rows)
        return f"<w:tbl>{''.join(made)}</w:tbl>"

    boxed = f"<w:p>{box(line('15'))}</w:p>"
    body = f"<w:p>{box(line('框中'))}</w:p>{table(boxed)}<w:p>{box(table(line('15')))}</w:p>"
    text = f'<w:document xmlns:w="{WORD}" xmlns:mc="{CHOICE}"><w:body>{body}</w:body></w:document>'
    blocks = read_file(zipped([("word/document.xml", text.encode())])).blocks
    assert told(blocks) == ["框中"]
    assert cells(blocks) == [["项目", "数"], ["甲", "15"]] * 2


def hidden() -> bytes:
    book = Workbook()
    sheet = book.active
    for row in (["项目", "旧", "数"], ["去年", "1", "9"], ["甲", "2", "15"], ["", "3", "16"]):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.merge_cells("A2:A4")
    book.create_sheet("底稿").append(["密", 1])
    book["底稿"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def assert_as_seen(body: bytes, kind: str) -> None:
    content = read_file(body)
    assert content.kind == kind
    assert cells(content.blocks) == [["项目", "数"], ["去年", "15"], ["16"]]
    assert [issue.code for issue in content.issues] == ["sheet_hidden"]
    assert content.issues[0].says == "1 sheet, 1 row, 1 column hidden: not read"


def test_what_a_workbook_hides_is_not_read_and_told() -> None:
    assert_as_seen(hidden(), "xlsx")


@pytest.mark.soak
@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_workbooks_hide_as_well(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(hidden())
    converted(kind, tmp_path / "a.xlsx")
    assert_as_seen((tmp_path / f"a.{kind}").read_bytes(), kind)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_turned_pages_are_read_along_their_lines(quarter: int) -> None:
    """A page laid on its side gives 51 for 15, if nobody looks how it lies."""
    straight = MAKERS["pdf"](REPORT)
    assert read_file(turned(straight, quarter)).blocks == read_file(straight).blocks


def drawn(draw: Callable[[Canvas], None]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def test_vertical_writing_runs_from_the_right() -> None:
    font = UnicodeCIDFont("STSong-Light", isVertical=True)
    font.fontName = font.name = "STSong-Light-V"  # beside the level one of the same name
    pdfmetrics.registerFont(font)

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font.fontName, 14)
        canvas.drawString(500, 760, "演示市人民政府信息公开年度报告。")
        canvas.drawString(440, 760, "全年共受理申请一百零五件。")

    assert "".join(told(read_file(drawn(draw)).blocks)) == (
        "演示市人民政府信息公开年度报告。全年共受理申请一百零五件。"
    )


def test_a_label_set_upright_in_a_narrow_cell_turns_no_page() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def draw(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 10)
        for y in (700, 600):
            canvas.line(60, y, 140, y)
        for x in (60, 80, 110, 140):
            canvas.line(x, 700, x, 600)
        for n, char in enumerate("处理结果"):
            canvas.drawString(65, 680 - 14 * n, char)
        canvas.drawString(85, 650, "12")
        canvas.drawString(115, 650, "15")

    assert cells(read_file(drawn(draw)).blocks) == [["处理结果", "12", "15"]]


def test_glyphs_that_nobody_can_name_are_said_and_never_made_up() -> None:
    whole_map = MAKERS["pdf"](REPORT)
    assert b"/ToUnicode 6 0 R" in whole_map
    content = read_file(whole_map.replace(b"/ToUnicode 6 0 R", b" " * 16))
    assert content.blocks == ()
    assert (content.wants, len(content.pages)) == ("ocr", len(pypdfium2.PdfDocument(whole_map)))
    assert [issue.code for issue in content.issues] == ["glyphs_nameless"]


def test_every_document_of_an_ofd_file_is_read() -> None:
    first, second = (MAKERS["ofd"](whole(paper(year))) for year in (2022, 2023))
    members = {}
    for number, body in enumerate((first, second)):
        package = zipfile.ZipFile(io.BytesIO(body))
        for name in package.namelist():
            members[name.replace("Doc_0", f"Doc_{number}")] = package.read(name)
    body = members["OFD.xml"].decode()
    start, end = body.index("<ofd:DocBody>"), body.index("</ofd:OFD>")
    members["OFD.xml"] = (body[:end] + body[start:end].replace("Doc_0", "Doc_1")).encode()
    members["OFD.xml"] += b"</ofd:OFD>"
    content = read_file(zipped(members.items()))
    both = [block for each in (first, second) for block in read_file(each).blocks]
    assert told(content.blocks) == told(both)
    assert cells(content.blocks) == cells(both)

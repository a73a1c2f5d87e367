"""Reports that are pictures: read, and certain only where the form's own sums bear them out."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
from make_files import cells, paper, printed
from make_scans import drawn, has_font, jpeg, png, scanned, scanned_pdf
from PIL import Image

from crawler.items import Page
from crawler.practice import attachments
from crawler.practice.blocks import Block
from crawler.practice.city import City
from crawler.practice.paper import Paper
from crawler.practice.server import serving
from pipelines.attachments.doubt import doubted
from pipelines.attachments.files import lay, read_file
from pipelines.parser import parse

HAS_OCR = find_spec("rapidocr") is not None
with_ocr = pytest.mark.skipif(not HAS_OCR, reason="the extra `ocr` is not installed: `make ocr`")
with_font = pytest.mark.skipif(not has_font(), reason="no Noto CJK font to draw scans with")
PORTAL = "practice_hanweb_gb"
CITY = City(organs=9, years=(2017, 2024), seed=3)


def applications(paper: Paper) -> list[Block]:
    """The title of a report and its third table, where sums hold every number."""
    table = next(b for b in paper.write().blocks if b.rows and "勾稽" in b.rows[0][0].text)
    return [Block("title", paper.title), table]


def stated(paper: Paper) -> dict[str, float]:
    figures = paper.write().figures.items()
    return {key: value for key, value in figures if key.startswith("t3.") and value is not None}


def told(document: dict[str, Any]) -> dict[str, Any]:
    """Key → value of what is certain."""
    return {f["key"]: f["value"] for f in document["figures"] if f["status"] == "number"}


@with_font
def test_without_eyes_a_scan_says_how_to_get_them(read: Callable[[bytes], Any]) -> None:
    if HAS_OCR:
        pytest.skip("the extra `ocr` is installed")
    parts, issues = read(scanned_pdf([scanned(drawn(applications(paper(2023)))[0])]))
    assert [issue.code for issue in issues] == ["pages_are_pictures", "needs_ocr"]
    assert "`make ocr`" in issues[1].says
    assert [(part.kind, part.blocks) for part in parts] == [("pdf", ())]


@with_ocr
@with_font
def test_a_scan_on_a_portal_is_a_report(
    monkeypatch: pytest.MonkeyPatch, command: Callable[..., Any]
) -> None:
    """Captured, read, parsed and exported; every number of the form is held by its sums."""
    entries = [e for lines in CITY.sites()["www.laoxian.test"].entries.values() for e in lines]
    entry = next(e for e in entries if e.file == "pdf" and e.paper.year >= 2019)
    body = scanned_pdf([scanned(page) for page in drawn(applications(entry.paper))])
    made = attachments.body
    monkeypatch.setattr(
        attachments, "body",
        lambda paper, file: body if (paper, file) == (entry.paper, "pdf") else made(paper, file),
    )  # fmt: skip
    with serving(CITY) as address:
        to = ("--world", "practice", "--connect-to", address, "--delay", "0.01")
        command("crawl", PORTAL, "--store", "s", *to)
    link = attachments.link(entry.paper, "pdf")
    (document,) = [d for d in command("export", "--store", "s").lines if d["url"].endswith(link)]
    assert (document["class"], document["year"]) == ("annual_report", entry.paper.year)
    assert document["file"]["kind"] == "pdf"
    assert document["issues"][-1]["code"] == "read_by_ocr"
    assert told(document) == stated(entry.paper)


def test_a_fax_has_as_many_pages_as_it_says() -> None:
    pages = [Image.new("1", (400, 600), shade) for shade in (0, 1)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    content = read_file(out.getvalue())
    assert (content.kind, content.wants, content.pages) == ("image", "ocr", (0, 1))
    if HAS_OCR:
        from pipelines.attachments.scan import picture_of

        assert [picture_of(out.getvalue(), page).mean() for page in content.pages] == [0, 255]


LOOKS: dict[str, Callable[[Image.Image], bytes]] = {
    "as printed": png,
    "scanned": lambda page: jpeg(scanned(page)),
    "at 120 to the inch, two degrees askew": lambda page: jpeg(
        scanned(page, -2.0, 30).resize((page.width * 6 // 10, page.height * 6 // 10)), 45
    ),
    "on its side": lambda page: png(page.rotate(90, expand=True)),
    "upside down": lambda page: jpeg(scanned(page.rotate(180))),
}


@pytest.mark.soak
@with_ocr
@with_font
@pytest.mark.parametrize("look", LOOKS)
def test_every_number_of_a_scan_is_right_or_in_doubt(look: str) -> None:
    from pipelines.attachments.ocr import see

    wrong, cells_right, cells_there, sure, figures = [], 0, 0, 0, 0
    for each in (paper(2023), paper(2025, 7)):
        form = applications(each)
        blocks = lay(see(LOOKS[look](page), 0) for page in drawn(form)).blocks
        truth = [cell for row in printed(form[1]) for cell in row]
        read = [cell for row in cells(blocks) for cell in row]
        cells_there += len(truth)
        cells_right += sum(a == b for a, b in zip(truth, read, strict=True))
        (document,) = parse(Page(tuple(blocks)))
        certain, said = told(doubted(document).as_json()), each.write().figures
        wrong += [key for key, value in certain.items() if value != said[key]]
        sure += len(certain)
        figures += len(stated(each))
    assert wrong == []
    assert cells_right >= 0.95 * cells_there
    assert sure >= 0.9 * figures

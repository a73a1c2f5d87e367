"""Reports published as files: the page says a sentence and links, or says it all and links too."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

from crawler.practice.attachments_office import docx, xlsx, zipped
from crawler.practice.attachments_pdf import pdf
from crawler.practice.blocks import Block, Dialect, html
from crawler.practice.dice import dice
from crawler.practice.paper import Paper

File = Literal["", "pdf", "docx", "xlsx", "zip", "repeated"]

DOWNLOAD = "/module/download/downfile.jsp"
_CYCLE: tuple[File, ...] = ("pdf", "docx", "xlsx", "zip", "repeated")
_FIRST_TABLES = 2019  # reports before have no tables to put into a workbook


def deal_files(seed: int, name: str, papers: Mapping[int, Paper]) -> dict[int, File]:
    """Positions of the reports that come as files: one in fifteen, but at least a few."""
    count = min(max(len(_CYCLE), len(papers) // 15), len(papers) // 4)
    drawn = dice(seed, name, "files").sample(sorted(papers), count)
    dealt = {position: _CYCLE[turn % len(_CYCLE)] for turn, position in enumerate(drawn)}
    early = [p for p, kind in dealt.items() if kind == "xlsx" and papers[p].year < _FIRST_TABLES]
    return dealt | dict.fromkeys(early, "docx")


def link(paper: Paper, file: File) -> str:
    """Where the file lies, below the host; its name says nothing."""
    number = dice(paper.seed, paper.organ.index, paper.year, "file").getrandbits(64)
    return f"{DOWNLOAD}?classid=0&filename={number:016x}.{_suffix(file)}"


def _suffix(file: File) -> str:
    return "docx" if file == "repeated" else file


def body(paper: Paper, file: File) -> bytes:
    """The bytes of the file."""
    written = paper.write().blocks
    whole = (Block("title", paper.title), *written)
    if file == "pdf":
        return pdf(whole)
    if file == "xlsx":
        return xlsx([block for block in written if block.rows])
    if file == "zip":
        notes = f"{paper.name}，联系电话见指南。".encode("gb18030")
        return zipped(((f"{paper.year}年报/{paper.title}.docx", docx(whole)), ("说明.txt", notes)))
    return docx(whole)


def article(paper: Paper, file: File, dialect: Dialect) -> str:
    """The page's own words and the link."""
    written = paper.write().blocks
    told: Sequence[Block] = written
    if file != "repeated":
        says = f"现将{paper.year}年政府信息公开工作年度报告予以公布，全文见附件。"
        told = (Block("paragraph", says), *written[-2:])  # signed like any other
    words = "年报数据" if file == "xlsx" else paper.title
    anchor = f'<a href="{escape(link(paper, file))}">{escape(words)}.{_suffix(file)}</a>'
    return f"{html(told, dialect)}\n<p>附件：{anchor}</p>"

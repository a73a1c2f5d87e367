"""The shared parser: a page's blocks in, its documents out. Pure: no I/O, no clock, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Block, Issue, Page
from pipelines.parser.checks import only_totals, run_checks
from pipelines.parser.classify import classify
from pipelines.parser.columns import Whose
from pipelines.parser.conflicts import date_conflicts, organ_conflicts
from pipelines.parser.flow import Laid, lay
from pipelines.parser.forms import read_forms
from pipelines.parser.guide import read_guide
from pipelines.parser.metadata import (
    doc_no,
    index_no,
    period,
    printed_facts,
    published_at,
    publisher,
    signature,
    written_on,
)
from pipelines.parser.model import Check, Parsed
from pipelines.parser.organ import aliases, organ, scope
from pipelines.parser.prose import read_prose
from pipelines.parser.sections import sections
from pipelines.parser.segment import segment
from pipelines.parser.siblings import link
from pipelines.parser.titles import (
    clean_title,
    first_organ,
    is_title,
    site_parts,
    title_kind,
    title_year,
)
from pipelines.parser.year import year, year_of_file

if TYPE_CHECKING:
    from pipelines.parser.reading import Reading

__all__ = ["PARSER_VERSION", "Parsed", "parse"]

PARSER_VERSION = "0.3.0"

_TITLE_LINES = 12  # a title stands above the text, not in it


def parse(page: Page, file_year: int | None = None) -> list[Parsed]:
    """The documents of a page in reading order; [] for a page without text.

    `file_year` is the year in the name of a local file: the weakest evidence of a report's.
    """
    pieces = segment(page.blocks)
    if not pieces and (page.attachments or page.title):
        pieces = [(Block(page.title or clean_title(page.meta.get("ArticleTitle", ""))),)]
    laid = [each for piece in pieces if (each := lay(piece)).text]
    alone = page if len(laid) == 1 else None
    documents = link([_document(each, page, alone) for each in laid], list(map(aliases, laid)))
    return [year_of_file(each, file_year) for each in documents] if alone else documents


def _document(laid: Laid, page: Page, alone: Page | None) -> Parsed:
    titles = _titles(laid, alone)
    chapters = sections(laid)
    named = next(filter(None, map(title_year, titles)), None)
    tables, read = read_forms(laid, Whose(named, first_organ(titles)))
    prose = read_prose(laid, chapters, read, named)
    attachments = page.attachments if alone else ()
    class_ = classify(laid, titles, chapters, tables + prose, attachments, forms=read)
    reading = _kept(class_, tables, prose)
    facts, signed = printed_facts(laid), signature(laid)
    published = published_at(facts, page, alone is not None)
    stated = period(laid)
    about, evidence, conflicts = year(
        class_, laid, titles, stated_period=stated, signed=signed, page=alone, published=published
    )
    name = organ(laid, titles, facts, signed)
    told = {
        "page's other title": first_organ(
            reversed(titles[:1] if class_ == "catalogue" else titles)
        ),
        "signature": signed.organ,
        "publisher": publisher(facts),
    }
    conflicts = (
        *conflicts,
        *date_conflicts(facts, signed, published, alone),
        *organ_conflicts(first_organ(titles), told),
    )
    checks = run_checks(reading.figures)
    return Parsed(
        class_=class_,
        title=titles[0] if titles else None,
        organ=name,
        scope=scope(name),
        year=about,
        year_evidence=evidence,
        published_at=published,
        written_on=written_on(facts, signed),
        index_no=index_no(facts),
        doc_no=doc_no(facts),
        period=stated,
        forms=reading.forms,
        sections=chapters,
        figures=reading.figures,
        checks=checks,
        guide=read_guide(laid, name, about) if class_ == "disclosure_guide" else None,
        attachments=attachments,
        issues=(*laid.issues, *reading.issues, *conflicts, *_findings(checks, reading)),
        text=laid.text,
        tables=tuple(tuple(tuple(c.text for c in row) for row in t.rows) for t in laid.tables),
    )


def _titles(laid: Laid, alone: Page | None) -> tuple[str, ...]:
    """Titles from the most to the least trusted; a page's own only where it is one document."""
    head = [line.text for line in laid.prose[:_TITLE_LINES]]
    printed = list(filter(is_title, [*head, *(text.split()[0] for text in head[:1])]))
    outside: list[str] = []
    if alone is not None:
        outside = [alone.meta.get("ArticleTitle", "")]
        outside += [] if alone.title.endswith(("…", "...")) else [alone.title]
        printed += site_parts(alone.meta.get("title", ""))
    known = [clean_title(title) for title in (*outside, *printed)]
    return tuple(dict.fromkeys(title for title in known if title_kind(title)))


def _kept(class_: str, tables: Reading, prose: Reading) -> Reading:
    """Only reports tell figures in prose: a plan's numbers are intentions, a guide's are rules."""
    return tables + prose if class_ == "annual_report" else tables


def _findings(checks: tuple[Check, ...], reading: Reading) -> list[Issue]:
    """What failing checks and misprinted units suggest about a form."""
    failed = [check.id for check in checks if check.result == "fail"]
    found = [Issue("sum_mismatch", f"fails: {', '.join(failed)}")] if failed else []
    rows = [row for row in only_totals(reading.figures) if f"t3.row_sum.{row}" in failed]
    if rows:
        says = f"a total, but 0 for every kind of applicant: {', '.join(rows)}"
        found.append(Issue("only_total_filled", says))
    units = any(issue.code == "unit_mismatch" for issue in reading.issues)
    if units and any(name.startswith(("a.", "b.")) for name in failed):
        says = "units and sums of the form do not fit: numbers may stand in the wrong rows"
        found.append(Issue("suspected_row_shift", says))
    return found

"""The documents of a page or a file, by the shared parser; the link fills in what a file lacks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler.items import Page
from crawler.text import only_year
from pipelines.attachments.doubt import doubted
from pipelines.parser import parse

if TYPE_CHECKING:
    from crawler.items import Issue, Part
    from pipelines.attachments.protocol import Parse
    from pipelines.parser import Parsed

_UNTOLD = {"other", "attachment_only"}
_FILE_NAME = re.compile(
    r"\.(?:pdf|docx?|wps|rtf|xlsx?|et|ofd|zip|rar|7z|jpe?g|png)$", re.IGNORECASE
)
_NUMBERED = re.compile(r"^(?:附件|附表|附)\s*[\d一二三四五六七八九十]{0,3}\s*[:：.、]?\s*")
_SIZE = re.compile(r"[(（\[]\s*[\d.]+\s*[KMkm]?[Bb]?\s*[)）\]]\s*$")


def documents(task: Parse) -> bytes:
    """The contract's documents without `id`, as JSON."""
    found: list[dict[str, Any]] = []
    for part in task.parts:
        page = _page(task, part)
        year = only_year(part.name or task.file, task.this_year) if task.file else None
        if task.is_file:
            found += [_with_file(each, part) for each in _of_file(page, part, year)]
        else:
            found += [parsed.as_json() for parsed in parse(page, year)]
    return json.dumps(found).encode()


def _page(task: Parse, part: Part) -> Page:
    return Page(
        part.blocks, task.url, task.section, task.title, task.date, task.meta, task.attachments,
        task.portal,
    )  # fmt: skip


def _of_file(page: Page, part: Part, year: int | None) -> list[Parsed]:
    """What the file says of itself; from its name class, organ, year and title it lacks."""
    title = link_title(part.name.rpartition("/")[2]) or link_title(page.title)
    own = parse(replace(page, url="", title="", date="", attachments=()))
    if len(own) > 1:
        return own
    named = parse(replace(page, title=title, attachments=(page.url,)), year)
    if own and named:
        return [_filled(own[0], named[0])]
    return [replace(each, attachments=()) for each in named if each.title]  # a picture, by its link


def _filled(own: Parsed, named: Parsed) -> Parsed:
    """The file's own facts, and from the link only what it lacks."""
    taken = named if own.class_ in _UNTOLD and named.class_ not in _UNTOLD else own
    evidence = "link" if named.year_evidence == "title" else named.year_evidence
    return replace(
        taken,
        title=own.title or named.title,
        organ=own.organ or named.organ,
        scope=own.scope or named.scope,
        year=own.year or named.year,
        year_evidence=own.year_evidence or evidence,
        published_at=own.published_at or named.published_at,
        issues=own.issues if own.year else (*own.issues, *_year_issues(named)),
        attachments=(),
    )


def _year_issues(named: Parsed) -> list[Issue]:
    return [issue for issue in named.issues if issue.code == "year_from_file_name"]


def link_title(text: str) -> str:
    """The words of a link without what only says that it is a file: 附件1, .pdf, (123KB)."""
    bare = _SIZE.sub("", text.strip())
    bare = _FILE_NAME.sub("", bare.strip())
    return _NUMBERED.sub("", bare).strip("《》 \u3000")


def _with_file(parsed: Parsed, part: Part) -> dict[str, Any]:
    document = (doubted(parsed) if part.seen else parsed).as_json()
    document["file"] = {"kind": part.kind, "member": part.name or None}
    return document

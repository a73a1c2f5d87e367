"""A file's document and the page that links to it: what the page knows, the file need not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.items import Page

Document = dict[str, Any]
_YEARLY = {"annual_report", "statistics_form", "attachment_only", "infographic"}


def joined(
    page: Page, documents: Sequence[Mapping[str, Any]], parents: Iterable[Mapping[str, Any]]
) -> list[Document]:
    """The documents of an attachment with organ, year and title of its page where they have none.

    `parents` are the documents of the page that links here. One of several tells the organ only if
    all agree, and never the year.
    """
    about = list(parents)
    link = {"parent": page.parent, "link": page.title}
    return [_joined({**each, "file": {**each["file"], **link}}, about) for each in documents]


def _joined(document: Document, parents: list[Mapping[str, Any]]) -> Document:
    filled = dict(document)
    organs = {each["organ"]: each for each in parents if each["organ"]}
    if document["organ"] is None and len(organs) == 1:
        parent = next(iter(organs.values()))
        filled |= {"organ": parent["organ"], "scope": parent["scope"]}
        filled["issues"] = [
            *document["issues"],
            {
                "code": "organ_from_parent",
                "says": f"{parent['organ']}: said by the page that links",
            },
        ]
    if len(parents) != 1:
        return filled
    if document["year"] is None and document["class"] in _YEARLY and parents[0]["year"]:
        filled |= {"year": parents[0]["year"], "year_evidence": "parent"}
    for field in ("title", "published_at"):
        filled[field] = document[field] or parents[0][field]
    return filled

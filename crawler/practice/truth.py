"""What the city knows about itself: every document, and every misbehaviour."""

from dataclasses import dataclass, field
from typing import Literal

Value = int | float | None
Kind = Literal["http_404", "truncated", "http_503_once", "wrong_charset", "redirect"]


@dataclass(frozen=True, slots=True)
class Truth:
    """One document that exists in the city, as printed.

    `figures` holds what the page states and nothing else: a key with None is a cell that is there
    but blank or `/`; a key that is missing was never stated.
    """

    portal: str
    host: str
    url: str  # where the document is finally served; several share a Shandong channel page
    document_class: str
    year: int | None
    organ: str
    title: str
    published: str  # ISO date
    form: str | None = None  # "A" to "D", or "prose"; None for what is no report
    figures: dict[str, Value] = field(default_factory=dict)
    failing_checks: tuple[str, ...] = ()
    findable: bool = True
    aliases: tuple[str, ...] = ()  # addresses printed in listings that redirect or link to `url`
    guide: dict[str, str] = field(default_factory=dict)  # contact facts of a disclosure guide
    quirks: tuple[str, ...] = ()  # "lost_labels", "only_total", "inline", "file" …

    def as_json(self) -> dict[str, object]:
        """Plain data for `json.dumps`; `document_class` travels as `class`."""
        return {
            "portal": self.portal,
            "host": self.host,
            "url": self.url,
            "class": self.document_class,
            "year": self.year,
            "organ": self.organ,
            "title": self.title,
            "published": self.published,
            "form": self.form,
            "figures": self.figures,
            "failing_checks": list(self.failing_checks),
            "findable": self.findable,
            "aliases": list(self.aliases),
            "guide": self.guide,
            "quirks": list(self.quirks),
        }


@dataclass(frozen=True, slots=True)
class Trouble:
    """A misbehaviour of the city; for `wrong_charset`, `url` is the host's root and means all."""

    host: str
    url: str
    kind: Kind

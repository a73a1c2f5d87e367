"""A document of a CMS portal with its addresses, and a request for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from crawler.practice import attachments
from crawler.practice.paper import Paper
from crawler.practice.truth import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `fields` are those of the address and of a form."""

    host: str
    path: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]  # by lower-case name
    method: str = "GET"
    body: bytes = b""

    def number(self, name: str, default: int = 1) -> int:
        """A field that counts pages."""
        value = self.fields.get(name, "")
        return int(value) if value.isdecimal() else default


@dataclass(frozen=True, slots=True)
class Entry:
    """A document and where it stands."""

    paper: Paper
    number: int
    url: str
    linked: str  # what listings print: `url`, or for what was moved the address of before
    trouble: Kind | None = None
    file: attachments.File = ""
    file_url: str = ""

    @property
    def title(self) -> str:
        return escape(self.paper.title)

    @property
    def day(self) -> str:
        return self.paper.signed.isoformat()

    @property
    def path(self) -> str:
        """The printed address without its host."""
        return "/" + self.linked.partition("//")[2].partition("/")[2]


def facts(entry: Entry) -> str:
    """The meta tags of an article, as the national guidelines ask for them."""
    tags = {"ArticleTitle": entry.title, "PubDate": f"{entry.day} 09:30",
            "ContentSource": entry.paper.name}  # fmt: skip
    return "\n".join(f'<meta name="{name}" content="{value}">' for name, value in tags.items())


def part(entries: Sequence[Entry], page: int, size: int) -> Sequence[Entry]:
    """One page of a listing, counted from 1."""
    return entries[(page - 1) * size : page * size]


def count(entries: Sequence[Entry], size: int) -> int:
    """How many pages a listing has, one at least."""
    return max(1, -(-len(entries) // size))

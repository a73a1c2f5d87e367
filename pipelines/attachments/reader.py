"""A file from bytes to parts: one process reads, another converts or sees, archives are opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from crawler.items import Issue, Part
from pipelines.attachments import office
from pipelines.attachments.protocol import Convert, Converted, Found, Lay, ReadFile, See, Seen
from pipelines.attachments.reading import Content, UnreadableError

if TYPE_CHECKING:
    from crawler.items import Block
    from pipelines.attachments.pool import Pool
    from pipelines.attachments.protocol import Answer
    from pipelines.attachments.reading import Member

DEEPEST = 3  # archives inside archives
MOST_FILES = 200  # in one attachment
MOST_SEEN = 40  # pages that OCR reads of one file
NEEDS_OCR = "pictures of text are read by OCR, which `make ocr` installs"


@dataclass(slots=True)
class Reader:
    """Reads one attachment; `parts` and `issues` fill up as it goes."""

    pool: Pool
    url: str = ""
    parts: list[Part] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    _files: int = 0

    async def read(self, body: bytes, name: str = "", depth: int = 0) -> None:
        """One file, and whatever it holds. What cannot be read becomes an issue."""
        try:
            content = await self._content(body)
            if content.wants == "members":
                self._told(content, name)
                await self._members(content.members, name, depth)
                return
            content, seen = await self._completed(content, body)
        except UnreadableError as problem:
            self._tell(problem.code, problem.says, name)
            return
        self._told(content, name)
        self.parts.append(Part(content.kind, content.blocks, name, seen))

    async def _completed(self, content: Content, body: bytes) -> tuple[Content, bool]:
        """With what other processes make of it, and whether OCR was among them."""
        if content.wants == "office":
            if not office.available():
                says = f"{content.kind.upper()} is read by LibreOffice: {office.INSTALL}"
                raise UnreadableError("needs_libreoffice", says)
            made = await self.pool.ask(Convert(body, content.kind))
            assert isinstance(made, Converted)
            converted = await self._content(made.body)
            return Content(content.kind, converted.blocks, converted.issues), False
        if content.wants == "ocr":
            return await self._seen(content, body)
        return content, False

    async def _seen(self, content: Content, body: bytes) -> tuple[Content, bool]:
        """With the text of its pictures after its own."""
        pictures = [(body, page) for page in content.pages]
        pictures += [(member.body, 0) for member in content.members]
        if find_spec("rapidocr") is None:
            return _with(content, (), Issue("needs_ocr", NEEDS_OCR)), False
        blocks = await self._looked(pictures[:MOST_SEEN])
        if len(pictures) > MOST_SEEN:
            says = f"{len(pictures) - MOST_SEEN} more pictures of text: not read"
            return _with(content, blocks, Issue("file_too_long", says)), True
        return _with(content, blocks), True

    async def _looked(self, pictures: list[tuple[bytes, int]]) -> tuple[Block, ...]:
        """The blocks of some pictures, read as pages that follow each other."""
        sheets = []
        for picture, page in pictures:
            answer: Answer = await self.pool.ask(See(picture, page))
            assert isinstance(answer, Seen)
            sheets.append(answer.sheet)
        return (await self._found(Lay(tuple(sheets)))).blocks

    async def _members(self, members: tuple[Member, ...], name: str, depth: int) -> None:
        if depth >= DEEPEST:
            raise UnreadableError(
                "archive_bomb", f"archives nested deeper than {DEEPEST}: not opened"
            )
        for member in members:
            self._files += 1
            if self._files > MOST_FILES:
                raise UnreadableError(
                    "archive_bomb", f"more than {MOST_FILES} files: the rest is not read"
                )
            await self.read(
                member.body, f"{name}/{member.name}" if name else member.name, depth + 1
            )

    async def _content(self, body: bytes) -> Content:
        return await self._found(ReadFile(body))

    async def _found(self, task: ReadFile | Lay) -> Content:
        answer: Answer = await self.pool.ask(task)
        assert isinstance(answer, Found)
        return answer.content

    def _told(self, content: Content, name: str) -> None:
        for issue in content.issues:
            self._tell(issue.code, issue.says, name)

    def _tell(self, code: str, says: str, name: str) -> None:
        self.issues.append(Issue(code, f"{name}: {says}" if name else says, self.url))


def _with(content: Content, blocks: tuple[Block, ...], *issues: Issue) -> Content:
    return Content(content.kind, (*content.blocks, *blocks), (*content.issues, *issues))

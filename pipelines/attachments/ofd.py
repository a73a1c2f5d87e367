"""OFD (GB/T 33190), the fixed-layout format of Chinese offices: glyphs and strokes of its XML."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.attachments.ofd_path import IDENTITY, Matrix, compose, moved, numbers, strokes
from pipelines.attachments.reading import Content, Member, UnreadableError
from pipelines.attachments.sheet import Char, Sheet
from pipelines.attachments.sheet_flow import blocks_of
from pipelines.attachments.zips import Package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

MOST_PAGES = 300
MOST_DEPTH = 20
MOST_OBJECTS = 60_000  # on one page
FEW_CHARS = 20
POINT = 72 / 25.4  # points in a millimetre
_ABOVE, _BELOW = 0.85, 0.15  # of a glyph's size, from its baseline
_PAGE: Matrix = (POINT, 0.0, 0.0, POINT, 0.0, 0.0)
_WIDEST = 2.0  # times its usual width, with what sets it apart


def read_ofd(body: bytes) -> Content:
    """Raises UnreadableError for a package without pages."""
    package = Package(body)
    if "OFD.xml" not in package:
        raise UnreadableError("file_damaged", "no OFD.xml in the package")
    sheets: list[Sheet] = []
    pictures: dict[str, str] = {}
    for root in _texts(package.xml("OFD.xml"), "DocRoot"):
        document = _Document(package, root.lstrip("/"))
        sheets += document.sheets()
        pictures |= document.pictures
    if not sheets:
        raise UnreadableError("file_damaged", "the OFD file holds no page")
    blocks, issues = blocks_of(sheets)
    if not pictures:
        return Content("ofd", blocks, issues)
    found = (*issues, Issue("pages_are_pictures", f"{len(pictures)} pages are pictures of text"))
    members = tuple(Member(name, package.read(name)) for name in pictures if name in package)
    return Content("ofd", blocks, found, wants="ocr", members=members)


class _Document:
    """One document of the package: its pages with their templates."""

    def __init__(self, package: Package, path: str) -> None:
        self.pictures: dict[str, str] = {}  # file → page; in the order of pages
        self._package = package
        self._folder = posixpath.dirname(path)
        self._root = package.xml(path)
        self._area = next(iter(_texts(self._root, "PhysicalBox")), "0 0 210 297")
        self._templates = {
            each.get("ID"): self._path(each.get("BaseLoc"))
            for each in _all(self._root, "TemplatePage")
        }

    def sheets(self) -> list[Sheet]:
        pages = [each for group in _all(self._root, "Pages") for each in _all(group, "Page")]
        if len(pages) > MOST_PAGES:
            raise UnreadableError("file_too_long", f"{len(pages)} pages: not read")
        return [self._sheet(self._path(page.get("BaseLoc"))) for page in pages]

    def _path(self, location: str | None) -> str:
        if (location or "").startswith("/"):
            return str(location).lstrip("/")
        return posixpath.normpath(posixpath.join(self._folder, location or ""))

    def _sheet(self, path: str) -> Sheet:
        page = self._package.xml(path)
        area = numbers(next(iter(_texts(page, "PhysicalBox")), self._area)) or [
            0.0,
            0.0,
            210.0,
            297.0,
        ]
        wide, high = area[2:4] if len(area) == 4 else (210.0, 297.0)
        sheet = Sheet(wide * POINT, high * POINT)
        for template in _all(page, "Template"):
            under = self._templates.get(template.get("TemplateID"))
            if under and under in self._package:
                self._content(self._package.xml(under), sheet)
        images = self._content(page, sheet)
        if len(sheet.chars) < FEW_CHARS and images:
            files = self._media()
            self.pictures |= {files[image]: path for image in images if image in files}
        return sheet

    def _content(self, page: etree._Element, sheet: Sheet) -> list[str]:
        """Add what a page draws to the sheet; returns the ids of its pictures."""
        images: list[str] = []
        stack = [(element, _PAGE, 0) for element in _all(page, "Content")]
        seen = 0
        while stack:
            element, matrix, depth = stack.pop()
            seen += 1
            if seen > MOST_OBJECTS or depth > MOST_DEPTH:
                raise UnreadableError("file_too_long", "a page of more objects than any form has")
            match _name(element):
                case "TextObject":
                    sheet.chars += _glyphs(element, _placed(element, matrix))
                case "PathObject" if element.get("Stroke", "true") != "false" or element.get(
                    "Fill"
                ):
                    sheet.edges += strokes(element, _placed(element, matrix))
                case "ImageObject":
                    images.append(element.get("ResourceID") or "")
                case "Content" | "Layer" | "PageBlock":
                    stack += [(child, matrix, depth + 1) for child in element]
        return images

    def _media(self) -> dict[str, str]:
        """Id of a picture → its path in the package."""
        found: dict[str, str] = {}
        for location in (*_texts(self._root, "PublicRes"), *_texts(self._root, "DocumentRes")):
            path = self._path(location)
            if path not in self._package:
                continue
            resources = self._package.xml(path)
            base = posixpath.join(posixpath.dirname(path), resources.get("BaseLoc") or "")
            for media in _all(resources, "MultiMedia"):
                for file in _texts(media, "MediaFile"):
                    found[media.get("ID") or ""] = posixpath.normpath(posixpath.join(base, file))
        return found


def _placed(element: etree._Element, matrix: Matrix) -> Matrix:
    """From an object's own coordinates to those of the page."""
    box = numbers(element.get("Boundary") or "")
    own = numbers(element.get("CTM") or "")
    at = moved(IDENTITY, box[0], box[1]) if len(box) == 4 else IDENTITY
    inner = (own[0], own[1], own[2], own[3], own[4], own[5]) if len(own) == 6 else IDENTITY
    return compose(matrix, compose(at, inner))


def _glyphs(element: etree._Element, matrix: Matrix) -> Iterator[Char]:
    size = (numbers(element.get("Size") or "") or [3.5])[0]
    height = size * (abs(matrix[3]) or POINT)
    x = y = 0.0
    for code in _all(element, "TextCode"):
        x = (numbers(code.get("X") or "") or [x])[0]
        y = (numbers(code.get("Y") or "") or [y])[0]
        across, down = numbers(code.get("DeltaX") or ""), numbers(code.get("DeltaY") or "")
        for place, text in enumerate(code.text or ""):
            width = size * (0.5 if text.isascii() else 1.0)
            step = across[min(place, len(across) - 1)] if across else (0.0 if down else width)
            if text.strip():
                # The next glyph's place says more about this one's width than its kind does.
                wide = min(max(step, width), _WIDEST * width) * (abs(matrix[0]) or POINT)
                left, base = _apply(matrix, x, y)
                top, bottom = base - _ABOVE * height, base + _BELOW * height
                yield Char(text, left, left + wide, top, bottom)
            x += step
            y += down[min(place, len(down) - 1)] if down else 0.0


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    return [element for element in root.iter() if _name(element) == name]


def _texts(root: etree._Element, name: str) -> list[str]:
    return [text for element in _all(root, name) if (text := (element.text or "").strip())]

"""Scans of the city's reports: its pages drawn with a real font, then turned, lit and blurred."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from crawler.practice.attachments_pdf import HEIGHT, WIDTH, _Writer
from crawler.practice.blocks import Block

FONT = "NotoSansCJK-Regular.ttc"
DOTS = 200  # to the inch
_SCALE = DOTS / 72
_TEXT = re.compile(r"BT /F1 ([\d.]+) Tf ([\d.-]+) ([\d.-]+) Td <(\w+)> Tj ET")
_LINE = re.compile(r"([\d.-]+) ([\d.-]+) m ([\d.-]+) ([\d.-]+) l S")


def has_font() -> bool:
    """Whether Chinese can be drawn on this machine."""
    try:
        ImageFont.truetype(FONT, 12)
    except OSError:
        return False
    return True


def drawn(blocks: Sequence[Block]) -> list[Image.Image]:
    """The pages of the city's PDF as pictures."""
    writer = _Writer()
    for block in blocks:
        writer.table(block) if block.rows else writer.paragraph(block)
    return [_page(content) for content in writer.numbered()]


def _page(content: str) -> Image.Image:
    page = Image.new("L", (int(WIDTH * _SCALE), int(HEIGHT * _SCALE)), 255)
    draw = ImageDraw.Draw(page)
    for size, x, y, code in _TEXT.findall(content):
        font = ImageFont.truetype(FONT, float(size) * _SCALE)
        at = float(x) * _SCALE, (HEIGHT - float(y)) * _SCALE
        draw.text(at, bytes.fromhex(code).decode("utf-16-be"), 0, font, anchor="ls")
    for each in _LINE.findall(content):
        x0, y0, x1, y1 = map(float, each)
        ends = (x0 * _SCALE, (HEIGHT - y0) * _SCALE, x1 * _SCALE, (HEIGHT - y1) * _SCALE)
        draw.line(ends, 0, 2)
    return page


def scanned(page: Image.Image, angle: float = 0.6, noise: int = 18, seed: int = 7) -> Image.Image:
    """A page as a scanner gives it back: askew by some degrees, grainy, darker to one side."""
    turned = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    grain = Image.frombytes("L", page.size, random.Random(seed).randbytes(page.width * page.height))
    shade = Image.linear_gradient("L").rotate(90).resize(page.size)
    lit = Image.blend(turned, Image.eval(shade, lambda v: 200 + v // 5), 0.15)
    return Image.blend(lit, grain, noise / 255).filter(ImageFilter.GaussianBlur(0.6))


def png(page: Image.Image) -> bytes:
    return _saved(page, "PNG")


def jpeg(page: Image.Image, quality: int = 60) -> bytes:
    return _saved(page, "JPEG", quality=quality)


def scanned_pdf(made: Sequence[Image.Image]) -> bytes:
    """A PDF whose pages are pictures."""
    return _saved(made[0], "PDF", resolution=DOTS, save_all=True, append_images=made[1:])


def _saved(page: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    page.save(out, form, **options)
    return out.getvalue()

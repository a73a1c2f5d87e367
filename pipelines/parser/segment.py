"""One page, many documents: cut a page at the furniture that CMSs put around every entry."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler.text import squeeze
from pipelines.parser.titles import is_title, title_year

if TYPE_CHECKING:
    from crawler.items import Block

# Both are matched against lines without any white space, of at most `_LONGEST` characters.
_LONGEST = 120
_SEPARATOR = re.compile(
    r"[\[【(]?字[号体]:?[\[\]【】大中小特默认|/]{0,16}[\])】]?"
    r"|(?:扫一扫|扫码|扫描二维码).{0,24}"
    r"|(?:(?:打印|关闭|返回顶部|返回|收藏|分享到?|纠错|下载)(?:本页|内容|窗口|页面|文章)?[:|]?){1,6}"
)
_END = re.compile(r"扫|关闭|返回顶部")
_CHANNEL = 3  # bodies on one page that make it a channel of entries, not an article
_FURNITURE = re.compile(
    r"(?:来源|信息来源|撰稿|校对|一审|二审|三审|编辑|责任编辑|审核|作者|关联稿件|浏览次数|点击数|阅读次数"
    r"|相关附件|相关链接|相关文章):?"
    r"|(?:当前位置|您的位置|所在位置|上一[篇条]|下一[篇条]):?.{0,60}|[>》].{0,80}"
    r"|智能问答机器人|无障碍阅读|关怀版|长者版|网站地图.{0,40}|版权所有.{0,60}|网站主办单位.{0,40}"
    r"|.{0,30}(?:网站标识码|公网安备|ICP备).{0,40}|-\d{1,3}-"
)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|jpe?g|png)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Piece:
    """Blocks between two separators; `ended` by what CMSs print only after an entry."""

    blocks: list[Block] = field(default_factory=list)
    ended: bool = False


def segment(blocks: tuple[Block, ...]) -> list[tuple[Block, ...]]:
    """The documents of a page, furniture removed. Empty entries vanish; an empty page gives []."""
    pieces = [_Piece()]
    for block in _lines(blocks):
        flat = squeeze(block.text)
        if block.table is not None:
            pieces[-1].blocks.append(block)
        elif _matches(_SEPARATOR, flat):
            pieces[-1].ended |= _END.search(flat) is not None
            pieces.append(_Piece())
        elif flat and not _matches(_FURNITURE, flat):
            pieces[-1].blocks.append(block)
    whole = _join_heads(_without_links([piece for piece in pieces if piece.blocks]))
    return [tuple(part) for piece in whole for part in _split_at_titles(piece)]


def _matches(pattern: re.Pattern[str], flat: str) -> bool:
    return len(flat) <= _LONGEST and pattern.fullmatch(flat) is not None


def _lines(blocks: tuple[Block, ...]) -> list[Block]:
    """Blocks with one line of text each, so that text files and `<pre>` pages cut alike."""
    lines: list[Block] = []
    for block in blocks:
        if block.table is not None or "\n" not in block.text:
            lines.append(block)
        else:
            lines.extend(replace(block, text=text) for text in block.text.split("\n"))
    return lines


def _without_links(pieces: list[_Piece]) -> list[_Piece]:
    """A channel's entries that are only the title of a page elsewhere are no documents here."""
    if sum(1 for piece in pieces if _substantial(piece.blocks)) < _CHANNEL:
        return pieces
    return [piece for piece in pieces if not _is_link(piece)]


def _is_link(piece: _Piece) -> bool:
    texts = [block.text for block in piece.blocks]
    only_titles = not any(block.table for block in piece.blocks) and all(map(is_title, texts))
    return piece.ended and only_titles and not any(map(_FILE.search, texts))


def _join_heads(pieces: list[_Piece]) -> list[list[Block]]:
    """Give title and date lines to the body they stand above, and loose ends to the one before."""
    joined: list[list[Block]] = []
    head: list[Block] = []
    for piece in pieces:
        if _substantial(piece.blocks) or _is_file_entry(piece.blocks, len(pieces)):
            joined.append(head + piece.blocks)
            head = []
        else:
            head += piece.blocks
    if head and joined:
        joined[-1] += head
    elif head:
        joined.append(head)
    return joined


def _substantial(piece: list[Block]) -> bool:
    if any(block.table is not None for block in piece):
        return True
    texts = [squeeze(block.text) for block in piece if not is_title(block.text)]
    return any(len(text) >= 60 for text in texts) or sum(map(len, texts)) >= 150


def _is_file_entry(piece: list[Block], pieces: int) -> bool:
    """An entry that holds nothing but the link to its file; only a channel has such entries."""
    return pieces >= _CHANNEL and any(_FILE.search(block.text) for block in piece)


def _split_at_titles(piece: list[Block]) -> list[list[Block]]:
    """Cut where a report's title of another year starts a new body (channels without furniture)."""
    parts: list[list[Block]] = [[]]
    year: int | None = None
    for block in piece:
        found = title_year(block.text) if block.table is None and is_title(block.text) else None
        if found and year and found != year and _substantial(parts[-1]):
            parts.append([])
        year = found or year
        parts[-1].append(block)
    if all(_substantial(part) for part in parts):
        return parts
    # A list of other years' reports under an article is not a row of documents.
    return [piece]

"""Paragraphs and tables, and the three kinds of HTML that portals make of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

Dialect = Literal["plain", "styled", "word"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell; a newline in `text` is a line break inside the cell."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a signature at the right, or a table."""

    kind: Literal["title", "heading", "paragraph", "sign", "table"]
    text: str = ""
    rows: tuple[tuple[Cell, ...], ...] = ()


def html(blocks: Iterable[Block], dialect: Dialect) -> str:
    """The blocks one to a line, as this dialect writes them."""
    return "\n".join(_table(b, dialect) if b.rows else _text(b, dialect) for b in blocks)


def _text(block: Block, dialect: Dialect) -> str:
    text = escape(block.text, quote=False)
    if dialect == "plain":
        return f"<p>{text}</p>"
    if dialect == "word":
        align = {"title": "center", "sign": "right"}.get(block.kind, "justify")
        inner = _word_spans(text)
        bold = f"<b>{inner}</b>" if block.kind in {"title", "heading"} else inner
        return (
            f'<p class="MsoNormal" style="text-align:{align};mso-pagination:widow-orphan">'
            f"<span style='font-size:16.0pt;font-family:仿宋_GB2312'>{bold}</span><o:p></o:p></p>"
        )
    style = {
        "title": "text-align: center; font-size: 22px;",
        "heading": "text-indent: 2em; font-weight: bold;",
        "sign": "text-align: right;",
        "paragraph": "text-indent: 2em;",
    }[block.kind]
    inner = f"<strong>{text}</strong>" if block.kind == "heading" else text
    lead = "&ensp;&ensp;" if block.kind == "paragraph" else ""
    return f'<p style="{style}">{lead}{inner}</p>'


def _word_spans(text: str) -> str:
    """Word sets figures in a run of their own."""
    return re.sub(r"[0-9][0-9.,]*", r'<span lang="EN-US">\g<0></span>', text)


def _table(block: Block, dialect: Dialect) -> str:
    opening = {
        "plain": "<table>",
        "styled": '<table border="1" cellspacing="0" style="width:100%"><tbody>',
        "word": '<table class="MsoNormalTable" border="1" style="mso-yfti-tbllook:1184">',
    }[dialect]
    closing = "</tbody></table>" if dialect == "styled" else "</table>"
    rows = "\n".join(f"<tr>{''.join(_cell(c, dialect) for c in row)}</tr>" for row in block.rows)
    return f"{opening}\n{rows}\n{closing}"


def _cell(cell: Cell, dialect: Dialect) -> str:
    spans = "".join(
        f' {name}="{value}"'
        for name, value in (("colspan", cell.columns), ("rowspan", cell.rows))
        if value > 1
    )
    text = escape(cell.text, quote=False)
    if dialect == "plain":
        return f"<td{spans}>{text.replace(chr(10), '')}</td>"
    text = text.replace("\n", "<br/>")
    if dialect == "styled":
        return f'<td{spans} align="center"><p>{text or "&nbsp;"}</p></td>'
    return f'<td{spans} valign="center"><p class="MsoNormal">{_word_runs(text)}<o:p></o:p></p></td>'


def _word_runs(text: str) -> str:
    """Editing history leaves a number in two runs: 23 becomes <span>2</span><span>3</span>."""
    if not text:
        return "<span>&nbsp;</span>"
    if text.isascii() and text.isdigit() and len(text) > 1:
        return f'<span lang="EN-US">{text[0]}</span><span lang="EN-US">{text[1:]}</span>'
    return f"<span>{text}</span>"

"""Where the label, the unit and the number stand in a form of one number a row (A and B).

Known by the words of the header, which may take two rows: 统计数 above 合计, 本级, 部门. A column
that counts all years, another period or another organ is never taken for the annual sum.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.parser.cells import UNITS
from pipelines.parser.grid import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.grid import Row

_LABEL = re.compile(r"(?:统计)?(?:指标|项目|内容|事项)(?:名称|内容)?|指标(?:名称)?")
_UNIT = re.compile(r"(?:计量)?单位")
_ANNUAL = re.compile(
    r"[本当]年度?(?:累计|实际|发生|统计)?(?:总?数)?|20\d\d年度?(?:累计|统计|实际)?(?:总?数)?"
    r"|全年(?:累计)?(?:总?数)?|年度(?:累计|合计|数)"
)
_COUNT = re.compile(r"统计(?:总?数|数据|数量|数值|结果)|数量|数值|数据|合计|总计|总数")
_SUM = re.compile(r"全?[省市县区州旗镇乡]?(?:级)?(?:合计|总计|总数|汇总)")
_OTHER = re.compile(r"历年|上年|上一年|去年|同期|本期|本月|本季|上期|比上|增减|备注|说明|代码|序号")
_YEAR = re.compile(r"20\d\d")
_OWN_SUM = re.compile(r"(?:统计)?(?:总?数|数据|数量|合计)$")
OTHER_YEARS = re.compile(r"上一?年(?:度)?(?!度?项目)|去年|同期|同比|增幅|占比")
_DATA = re.compile(rf"[\d/]+|{UNITS}")


@dataclass(frozen=True, slots=True)
class Whose:
    """The year and the organ that a document's titles name, where they do."""

    year: int | None = None
    organ: str | None = None

    def is_named(self, head: str) -> bool:
        """Whether words above a column name this year, or this organ with no year of another."""
        years = {int(year) for year in _YEAR.findall(head)}
        if years or head.startswith("本年"):
            return years <= {self.year}
        name = _OWN_SUM.sub("", head)
        return bool(self.organ) and len(name) > 2 and str(self.organ).endswith(name)


@dataclass(frozen=True, slots=True)
class Columns:
    """Grid columns of the header's last label, unit (None: has none) and number.

    `after_unit` counts the printed cells from the unit to the number: a code may lie between.
    `behind_unit` counts all that follow it.
    """

    label: int
    unit: int | None
    value: int
    after_unit: int
    behind_unit: int
    rows: int  # of the header, 1 or 2


def find_columns(rows: Sequence[Row], index: int, whose: Whose) -> Columns | str | None:
    """The columns that the header at `index` names; a sentence why not where it is ambiguous."""
    head = rows[index : index + 2]
    if len(head) == 2 and _continues(*head):
        return _columns(head, whose)
    return _columns(head[:1], whose)


def panels(head: Row) -> list[range]:
    """The columns of each form of which a header names several side by side; [] for one form."""
    starts: list[int] = []
    inside = False
    for run in head.runs:
        is_label = _LABEL.fullmatch(label(run.text)) is not None
        if is_label and not inside:
            starts.append(run.start)
        inside = is_label
    parts = [range(a, b) for a, b in itertools.pairwise([*starts, len(head.cells)])]
    whole = all(any(_counts(head.labels[column]) for column in part) for part in parts)
    return parts if len(parts) > 1 and whole else []


def _counts(name: str) -> bool:
    return any(each.fullmatch(name) for each in (_ANNUAL, _COUNT, _SUM))


def _continues(head: Row, row: Row) -> bool:
    """The second row of a header: the label's cell reaches into it, or it leaves it blank."""
    labels = [i for i, name in enumerate(head.labels) if _LABEL.fullmatch(name)]
    if not labels or head.table != row.table:
        return False
    if all(not row.cells[i].origin for i in labels):
        return True
    values = [name for name in row.labels if name]
    return not row.labels[labels[-1]] and bool(values) and not any(map(_DATA.fullmatch, values))


def _columns(head: Sequence[Row], whose: Whose) -> Columns | str | None:
    width = min(len(row.cells) for row in head)
    heads = [[row.labels[i] for row in head] for i in range(width)]
    labels = [i for i, names in enumerate(heads) if any(map(_LABEL.fullmatch, names))]
    unit = next((i for i, names in enumerate(heads) if any(map(_UNIT.fullmatch, names))), None)
    if not labels:
        return None
    last = max(i for i in labels if unit is None or i < unit) if labels[0] != unit else labels[0]
    told = [i for i in range(last + 1, width) if not any(map(_OTHER.search, heads[i]))]
    annual = _only(told, heads, _ANNUAL)
    counts = annual or sorted({*_only(told, heads, _COUNT), *_only(told, heads, _SUM)})
    if len(counts) > 1:
        counts = _only(counts, heads, _SUM) or counts
    own = [i for i in counts or told if any(map(whose.is_named, heads[i]))]
    if len(counts) != 1 and len({_run(head[-1], i) for i in own}) == 1:
        counts = own
    if not counts:
        return "no column of annual numbers" if unit is not None else None
    if len({_run(head[-1], i) for i in counts}) > 1:  # else a wide cell over one number
        return "several columns of numbers and none is their sum"
    after = 1 if unit is None else _run(head[-1], counts[0]) - _run(head[-1], unit)
    behind = 1 if unit is None else len(head[-1].runs) - 1 - _run(head[-1], unit)
    return Columns(last, unit, counts[0], after, behind, len(head))


def _only(columns: Sequence[int], heads: list[list[str]], names: re.Pattern[str]) -> list[int]:
    return [i for i in columns if any(map(names.fullmatch, heads[i]))]


def _run(row: Row, column: int) -> int:
    """Which printed cell of the row covers a grid column."""
    return next(n for n, run in enumerate(row.runs) if run.start <= column < run.end)

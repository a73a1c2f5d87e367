"""Tables two, three and four of a report, with the merged cells of the national forms."""

from crawler.practice.blocks import Block, Cell
from crawler.practice.dice import dice
from crawler.practice.forms import (
    COLUMNS,
    FORWARD,
    GROUPS,
    NEW,
    OTHER_D,
    OVER,
    PROCESSED,
    T4_GROUPS,
    T4_RESULTS,
    stylish,
)
from crawler.practice.printing import Sheet

Row = tuple[Cell, ...]

# Widths of the cells of a row in a block of table two. Word saves the second kind: header and
# data rows of one block are divided differently, so columns do not line up.
EVEN = {4: ((1, 1, 1, 1),) * 2, 3: ((1, 1, 2),) * 2, 2: ((1, 3),) * 2}
UNEVEN = {4: ((3, 3, 3, 3),) * 2, 3: ((3, 4, 5), (3, 5, 4)), 2: ((3, 9), (4, 8))}

COUNTS_C = (("items_prev_year", "上一年项目数量"), ("items_change", "本年增/减"))
DECISIONS_C = (*COUNTS_C, ("decisions", "处理决定数量"))
DECISIONS_D = (("decisions", "本年处理决定数量"),)
TABLE_TWO = {
    "C": (
        (
            "（一）",
            "art20_1",
            (
                ("made", "本年新\n制作数量"),
                ("published", "本年新\n公开数量"),
                ("published_total", "对外公开\n总数量"),
            ),
            (("regulations", "规章"), ("normative_documents", "规范性文件")),
        ),
        (
            "（五）",
            "art20_5",
            DECISIONS_C,
            (("licensing", "行政许可"), ("other_services", "其他对外管理服务事项")),
        ),
        ("（六）", "art20_6", DECISIONS_C, (("penalties", "行政处罚"), ("coercion", "行政强制"))),
        ("（八）", "art20_8", COUNTS_C, (("admin_fees", "行政事业性收费"),)),
        (
            "（九）",
            "art20_9",
            (("projects", "采购项目数量"), ("amount", "采购总金额")),
            (("central_procurement", "政府集中采购"),),
        ),
    ),
    "D": (
        (
            "（一）",
            "art20_1",
            (
                ("made", "本年制发件数"),
                ("repealed", "本年废止件数"),
                ("valid", "现行有效件数"),
            ),
            (("regulations", "规章"), ("normative_documents", "行政规范性文件")),
        ),
        ("（五）", "art20_5", DECISIONS_D, (("licensing", "行政许可"),)),
        ("（六）", "art20_6", DECISIONS_D, (("penalties", "行政处罚"), ("coercion", "行政强制"))),
        (
            "（八）",
            "art20_8",
            (("amount_wan_yuan", "本年收费金额（单位：万元）"),),
            (("admin_fees", "行政事业性收费"),),
        ),
    ),
}


class Tables:
    """The tables of one report; `name` seeds what is only a matter of typing."""

    def __init__(self, sheet: Sheet, *name: object) -> None:
        self.sheet = sheet
        roll = dice(*name, "typing")
        self.brackets = roll.choice(("full", "half"))
        self.uneven = roll.random() < 0.35
        self.unit_in_cell = roll.random() < 0.5
        self.about = roll.random() < 0.2

    def label(self, text: str, columns: int = 1, rows: int = 1) -> Cell:
        return Cell(stylish(text, self.brackets), columns, rows)

    def value(self, key: str) -> str:
        number = self.sheet.figures[key]
        if number is None:
            return self.sheet.blank
        if key.endswith("items_change") and number > 0:
            return f"+{number}"
        if key.endswith("central_procurement.amount"):
            return f"{'约' if self.about else ''}{number}万元"  # the form prescribes no unit
        if key.endswith("amount_wan_yuan") and self.unit_in_cell and number:
            return f"{number}万元"
        return str(number)

    def two(self) -> Block:
        widths = UNEVEN if self.uneven else EVEN
        rows: list[Row] = []
        for article, prefix, columns, items in TABLE_TWO[self.sheet.form]:
            head, data = widths[len(columns) + 1]
            rows.append((self.label(f"第二十条第{article}项", sum(head)),))
            titles = ("信息内容", *(title for _, title in columns))
            rows.append(tuple(map(self.label, titles, head)))
            for item, label in items:
                keys = [f"t2.{prefix}.{item}.{column}" for column, _ in columns]
                texts = (label, *map(self.value, keys))
                rows.append(tuple(map(Cell, texts, data)))
        return Block("table", rows=tuple(rows))

    def three(self) -> Block:
        note = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
        middle = [self.label(label) for _, label in COLUMNS[1:-1]]
        inside = self._outcomes()
        # The left-most cell of the outcome rows spans them all: 20 rows in C, 22 in D.
        inside[0] = (self.label("三、本年度办理结果", rows=len(inside)), *inside[0])
        rows = [
            (self.label(note, 3, 3), self.label("申请人情况", 7)),
            (
                self.label("自然人", rows=2),
                self.label("法人或其他组织", 5),
                self.label("总计", rows=2),
            ),
            tuple(middle),
            self._row(NEW, "一、本年新收政府信息公开申请数量", 3),
            self._row(OVER, "二、上年结转政府信息公开申请数量", 3),
            *inside,
            self._row(FORWARD, "四、结转下年度继续办理", 3),
        ]
        return Block("table", rows=tuple(rows))

    def _outcomes(self) -> list[Row]:
        only = "（区分处理的，只计这一情形，不计其他情形）"
        rows = [
            self._row("granted", "（一）予以公开", 2),
            self._row("partial_grant", f"（二）部分公开{only}", 2),
        ]
        groups = list(GROUPS)
        if self.sheet.form == "D":
            groups.append(("（六）其他处理", OTHER_D))
        for title, leaves in groups:
            leaf_rows = [self._row(key, label) for key, label in leaves]
            leaf_rows[0] = (self.label(title, rows=len(leaves)), *leaf_rows[0])
            rows += leaf_rows
        if self.sheet.form == "C":
            rows.append(self._row("other", "（六）其他处理", 2))
        return [*rows, self._row(PROCESSED, "（七）总计", 2)]

    def _row(self, key: str, label: str, columns: int = 1) -> Row:
        title = self.label("" if key in self.sheet.lost else label, columns)
        return (title, *(Cell(self.value(f"t3.{key}.{column}")) for column, _ in COLUMNS))

    def four(self) -> Block:
        tall = tuple(self.label(label, rows=2) for _, label in T4_RESULTS)
        short = tuple(self.label(label) for _, label in T4_RESULTS)
        keys = [f"t4.{group}.{result}" for group in T4_GROUPS for result, _ in T4_RESULTS]
        rows: tuple[Row, ...] = (
            (self.label("行政复议", 5), self.label("行政诉讼", 10)),
            (*tall, self.label("未经复议直接起诉", 5), self.label("复议后起诉", 5)),
            (*short, *short),
            tuple(Cell(self.value(key)) for key in keys),
        )
        return Block("table", rows=rows)

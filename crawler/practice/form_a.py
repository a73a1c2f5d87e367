"""The local indicator table of 2008–2013 (form A1), appended to some prose reports."""

from collections.abc import Mapping

from crawler.practice.blocks import Block, Cell
from crawler.practice.draft import Draft
from crawler.practice.organs import Organ
from crawler.practice.truth import Value

ROWS = (  # key, label, unit; a sum row is followed by its parts
    ("active.total", "一、主动公开信息数", "条"),
    ("active.org_personnel", "其中：1.机构领导、设置及人事类信息", "条"),
    ("active.policy_normative", "2.政策法规、规范性文件信息", "条"),
    ("active.business", "3.业务公开信息", "条"),
    ("requests.total", "二、信息公开申请数", "件"),
    ("requests.letter_fax", "其中：1.信函及传真申请数", "件"),
    ("requests.online_email", "2.网上填表及电子邮件申请数", "件"),
    ("requests.in_person", "3.当面申请数", "件"),
    ("replies.total", "三、对申请的答复数", "件"),
    ("fees.amount_yuan", "四、依申请提供信息收取费用数", "元"),
    ("review.total", "六、政府信息公开被行政复议数", "件"),
    ("litigation.total", "七、政府信息公开被诉讼数", "件"),
    ("staff.total", "十一、政府信息公开指定工作人员数", "人"),
    ("staff.full_time", "其中：1.全职人员", "人"),
    ("staff.part_time", "2.兼职人员", "人"),
    ("training.sessions", "十二、组织学习培训次数", "次"),
)


def has_table(organ: Organ, year: int) -> bool:
    """Every fourth organ of a place kept such a table in 2010–2013."""
    return organ.index // 3 % 4 == 0 and 2010 <= year <= 2013


def table(draft: Draft) -> Block:
    """Where the prose has stated the same figure the table agrees; some parts are left blank."""
    roll, stated = draft.roll, draft.figures
    published = int(stated["prose.active.total"] or 0)
    business, policy = published * 3 // 4, published // 6
    parts = (published - business - policy, policy, business)
    ways = _ways(stated)
    full, part = roll.randint(0, 2), roll.randint(1, 4)
    fees = stated.get("prose.fees.amount", 0)
    values = dict(
        zip(
            (key for key, _, _ in ROWS),
            (
                *(published, *parts),
                *(sum(ways), *ways),
                sum(ways),
                fees,
                stated.get("prose.review.total"),
                stated.get("prose.litigation.total"),
                *(full + part, full, part),
                roll.randint(1, 6),
            ),
            strict=True,
        )
    )
    for key in ("requests.letter_fax", "requests.in_person", "staff.full_time"):
        if values[key] == 0:
            values[key] = None  # not filled in, which is not the same as none
    rows = [(Cell("指标名称"), Cell("计量单位"), Cell("本年累计"))]
    for key, label, unit in ROWS:
        value = values[key]
        draft.figures[f"a.{key}"] = value
        rows.append((Cell(label), Cell(unit), Cell("" if value is None else str(value))))
    return Block("table", rows=tuple(rows))


def _ways(stated: Mapping[str, Value]) -> tuple[int, int, int]:
    """By letter or fax, online or by mail, in person; online where the prose does not tell."""

    def told(*names: str) -> int:
        return sum(int(stated.get(f"prose.requests.{name}") or 0) for name in names)

    letter, person = told("letter", "fax"), told("in_person")
    return letter, told("total") - letter - person, person

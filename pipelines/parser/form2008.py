"""Form A: the local indicator tables of 2008 to 2013, a family rather than one form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.grid import label
from pipelines.parser.reading import Reading
from pipelines.parser.rows import Columns, line, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.grid import Row

_APPEALS = (("complaints", "举报"), ("review", "复议"), ("litigation", "诉讼"))

TEMPLATE = (
    line("active.total", r"^主动公开(?:政府)?信息(?:总)?数", "条", opens="active"),
    line("active.org_personnel", r"机构.{0,8}人事", "条", "active"),
    line("active.policy_normative", r"政策法规|规范性文件信息", "条", "active"),
    line("active.business", r"^业务(?:公开)?信息|^业务类", "条", "active"),
    line("active.plans_statistics", r"规划计划|统计信息", "条", "active"),
    line("active.budget_accounts", r"预决算", "条", "active"),
    line("active.procurement", r"招标采购", "条", "active"),
    line(
        "requests.total",
        r"^(?:政府)?信息公开申请(?:总)?数|^收到申请(?:总)?数",
        "件",
        opens="requests",
    ),
    line("requests.letter_fax", r"信函(?:及|和|、)?传真", "件", "requests"),
    line("requests.online_email", r"网上.{0,6}电子邮件|电子邮件", "件", "requests"),
    line("requests.in_person", r"当面申请", "件", "requests"),
    line("replies.total", r"^(?:对)?申请的?答复(?:总)?数", "件", opens="replies"),
    line("replies.partial_grant", r"同意部分公开", "件", "replies"),
    line("replies.granted", r"^同意公开", "件", "replies"),
    line("replies.denied", r"^(?:不予公开|不同意公开|否决公开)", "件", "replies"),
    line("replies.other", r"^其他情[况形]", "件", "replies"),
    line("fees.amount_yuan", r"收取(?:的)?费用", "元", opens="fees"),
    *(
        line(f"{key}.total", rf"被(?:行政)?{word}(?:总)?数", "件", opens=key)
        for key, word in _APPEALS
    ),
    *(line(f"{key}.maintain", r"^维持", "件", key) for key, _ in _APPEALS),
    *(line(f"{key}.correct", r"纠错|纠正", "件", key) for key, _ in _APPEALS),
    line("platforms.sites", r"开通.{0,24}(?:网站|专栏)", "个", opens="platforms"),
    line("press_conferences", r"新闻发布会", "次", opens="press"),
    line("library_deposits.total", r"图书馆", "条", opens="library"),
    line("library_deposits.paper", r"^纸质", "条", "library"),
    line("library_deposits.electronic", r"^电子文", "条", "library"),
    line("staff.total", r"指定工作人员|工作人员(?:总)?数", "人", opens="staff"),
    line("staff.full_time", r"^[全专]职", "人", "staff"),
    line("staff.part_time", r"^兼职", "人", "staff"),
    line("training.sessions", r"组织学习培训|培训次数", "次", opens="training"),
    line("training.attendees", r"参加学习培训|培训人[员数]", "人", opens="training"),
)

# The annual column; the sum over all years and the current period are other numbers.
_ANNUAL = re.compile(r"本年(?:度)?累计(?:数)?|本年(?:度)?|20\d\d年(?:度)?|本年(?:度)?数")
_LABEL = re.compile(r"(?:统计)?指标(?:名称)?|项目")
_UNIT = re.compile(r"(?:计量)?单位")


def read_form2008(rows: Sequence[Row]) -> Reading:
    """Figures `a.…` of every indicator table; an empty `Reading` when there is none."""
    for index, row in enumerate(rows):
        texts = [label(cell.text) for cell in row.cells]
        found = [i for i, text in enumerate(texts) if _LABEL.fullmatch(text)]
        annual = [i for i, text in enumerate(texts) if _ANNUAL.fullmatch(text)]
        if not found or not annual or not any(_UNIT.fullmatch(text) for text in texts):
            continue
        if len(annual) > 1:
            says = f"a form of 2008-2013 has {len(annual)} annual columns"
            return Reading(issues=(Issue("unknown_columns", says),))
        unit = next(i for i, text in enumerate(texts) if _UNIT.fullmatch(text))
        columns = Columns(found[0], unit, annual[0])
        body = [each for each in rows[index + 1 :] if len(each.cells) > annual[0]]
        return read_rows(body, columns, TEMPLATE, "A")
    return Reading()

"""The rows and columns of the national tables two, three and four, as data.

Patterns are searched in `grid.label()` text: no enumerators, quotes, punctuation or spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row or column of a form: its key, how its label is known, the unit it counts in."""

    key: str
    pattern: re.Pattern[str]
    unit: str = "件"


def wanted(key: str, pattern: str, unit: str = "件") -> Wanted:
    """A `Wanted` from a pattern as text."""
    return Wanted(key, re.compile(pattern), unit)


# Table three ---------------------------------------------------------------------------------

T3_COLUMNS = (
    wanted("natural_person", r"^(?:自然人|公民)$"),
    wanted("legal_commercial", r"^(?:商业)?企业$"),
    wanted("legal_research", r"^科研机构$"),
    wanted("legal_social", r"^(?:社会)?公益组织$"),
    wanted("legal_law_service", r"^法律服务机构$"),
    wanted("legal_other", r"^其他$"),
    wanted("total", r"^(?:总计|合计)$"),
)

_T3_HEAD = (
    wanted("new_received", r"新收"),
    wanted("carried_over", r"上年(?:度)?结转"),
    wanted("granted", r"^(?:本年度?办理结果)?(?:\(一\))?予以公开"),
    wanted("partial_grant", r"部分公开"),
    wanted("denied.state_secret", r"国家秘密"),
    wanted("denied.law_forbidden", r"其他法律|行政法规|禁止公开"),
    wanted("denied.safety_stability", r"三安全|危及"),
    wanted("denied.third_party_rights", r"第三方"),
    wanted("denied.internal_affairs", r"内部事务"),
    wanted("denied.process_info", r"过程性?信息"),
    wanted("denied.enforcement_case", r"执法案卷"),
    wanted("denied.admin_query", r"行政查询"),
    wanted("unable.no_info", r"不掌握"),
    wanted("unable.need_creation", r"现成信息|另行制作"),
    wanted("unable.unclear", r"不明确"),
    wanted("not_processed.complaint", r"信访"),
    wanted("not_processed.repeat", r"^重复申请"),
    wanted("not_processed.publication", r"公开出版物"),
    wanted("not_processed.massive_requests", r"大量反复"),
    wanted("not_processed.confirm_info", r"重新出具|行政机关确认"),
)
_T3_TAIL = (
    wanted("total_processed", r"^(?:办理结果)?(?:总计|合计)$"),
    wanted("carried_forward", r"结转下(?:一)?年"),
)
T3_ROWS = {
    "C": (*_T3_HEAD, wanted("other", r"^其他处理"), *_T3_TAIL),
    "D": (
        *_T3_HEAD,
        wanted("other.overdue_correction", r"不补正"),
        wanted("other.overdue_fee", r"缴纳费用|收费通知"),
        wanted("other.other_reasons", r"^其他(?:情形)?$"),
        *_T3_TAIL,
    ),
}
# Labels of groups of rows; they carry no numbers of their own (in C, 其他处理 is a row).
T3_GROUPS = re.compile(r"^(?:不予公开|无法提供|不予处理|其他处理|本年度?办理结果)$")
# Words of the header, which a table that goes on over a page prints again.
T3_HEADER = re.compile(
    r"勾稽关系|申请人情况|法人或其他组织|自然人|商业企业|科研机构|公益组织|法律服务机构"
)
T3_ONLY_D = re.compile(r"不补正|缴纳费用|收费通知")

# Table two -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A block of table two: its rows, and its columns in each form that has it."""

    key: str
    rows: tuple[Wanted, ...]
    columns: dict[str, tuple[Wanted, ...]]


_ITEMS = (
    wanted("items_prev_year", r"上一?年(?:度)?项目", "项"),
    wanted("items_change", r"增减", "项"),
    wanted("decisions", r"处理决定"),
)
_DECISIONS = {"C": _ITEMS, "D": (wanted("decisions", r"处理决定"),)}

T2_BLOCKS = (
    Block(
        "art20_1",
        (
            wanted("regulations", r"^(?:政府|地方政府)?规章$"),
            wanted("normative_documents", r"^(?:行政)?规范性文件$"),
        ),
        {
            "C": (
                wanted("made", r"新制作"),
                wanted("published", r"新公开"),
                wanted("published_total", r"对外公开"),
            ),
            "D": (
                wanted("made", r"制发"),
                wanted("repealed", r"废止"),
                wanted("valid", r"现行有效"),
            ),
        },
    ),
    Block(
        "art20_5",
        (
            wanted("licensing", r"^行政许可"),
            wanted("other_services", r"^其他对外管理服务"),
        ),
        _DECISIONS,
    ),
    Block(
        "art20_6",
        (wanted("penalties", r"^行政处罚"), wanted("coercion", r"^行政强制")),
        _DECISIONS,
    ),
    Block(
        "art20_8",
        (wanted("admin_fees", r"^行政事业性收费"),),
        {"C": _ITEMS[:2], "D": (wanted("amount_wan_yuan", r"收费(?:总)?金额", "万元"),)},
    ),
    Block(
        "art20_9",
        (wanted("central_procurement", r"^政府集中采购"),),
        {"C": (wanted("projects", r"采购项目", "个"), wanted("amount", r"采购总?金额", ""))},
    ),
)
T2_ARTICLES = {"一": "art20_1", "五": "art20_5", "六": "art20_6", "八": "art20_8", "九": "art20_9"}
T2_FORM = {
    "C": re.compile(r"新制作|新公开|对外公开|上一?年(?:度)?项目|增减|采购"),
    "D": re.compile(r"制发|废止|现行有效|收费(?:总)?金额|^本年(?:度)?处理决定"),
}

# Table four ----------------------------------------------------------------------------------

T4_GROUPS = (
    wanted("review", r"^行政复议$"),
    wanted("litigation_direct", r"未经复议直接"),
    wanted("litigation_post_review", r"^(?:行政诉讼)?\(?复议后"),
)
T4_COLUMNS = (
    wanted("maintain", r"维持"),
    wanted("correct", r"纠正"),
    wanted("other", r"^其他"),
    wanted("pending", r"审结"),
    wanted("total", r"^(?:总计|合计)$"),
)

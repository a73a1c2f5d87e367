"""The national forms of 2019 (C) and 2021 (D): rows and columns, as key and printed label."""

COLUMNS = (
    ("natural_person", "自然人"),
    ("legal_commercial", "商业企业"),
    ("legal_research", "科研机构"),
    ("legal_social", "社会公益组织"),
    ("legal_law_service", "法律服务机构"),
    ("legal_other", "其他"),
    ("total", "总计"),
)
APPLICANTS = tuple(key for key, _ in COLUMNS[:-1])

NEW, OVER, FORWARD, PROCESSED = "new_received", "carried_over", "carried_forward", "total_processed"

DENIED = (
    ("denied.state_secret", "1.属于国家秘密"),
    ("denied.law_forbidden", "2.其他法律行政法规禁止公开"),
    ("denied.safety_stability", "3.危及“三安全一稳定”"),
    ("denied.third_party_rights", "4.保护第三方合法权益"),
    ("denied.internal_affairs", "5.属于三类内部事务信息"),
    ("denied.process_info", "6.属于四类过程性信息"),
    ("denied.enforcement_case", "7.属于行政执法案卷"),
    ("denied.admin_query", "8.属于行政查询事项"),
)
UNABLE = (
    ("unable.no_info", "1.本机关不掌握相关政府信息"),
    ("unable.need_creation", "2.没有现成信息需要另行制作"),
    ("unable.unclear", "3.补正后申请内容仍不明确"),
)
NOT_PROCESSED = (
    ("not_processed.complaint", "1.信访举报投诉类申请"),
    ("not_processed.repeat", "2.重复申请"),
    ("not_processed.publication", "3.要求提供公开出版物"),
    ("not_processed.massive_requests", "4.无正当理由大量反复申请"),
    ("not_processed.confirm_info", "5.要求行政机关确认或重新出具已获取信息"),
)
OTHER_D = (
    (
        "other.overdue_correction",
        "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    ),
    (
        "other.overdue_fee",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    ("other.other_reasons", "3.其他"),
)
GROUPS = (
    ("（三）不予公开", DENIED),
    ("（四）无法提供", UNABLE),
    ("（五）不予处理", NOT_PROCESSED),
)

T4_GROUPS = ("review", "litigation_direct", "litigation_post_review")
T4_RESULTS = (
    ("maintain", "结果\n维持"),
    ("correct", "结果\n纠正"),
    ("other", "其他\n结果"),
    ("pending", "尚未\n审结"),
    ("total", "总计"),
)


def form_of(year: int) -> str:
    """Which form a report on this year uses; years before 2019 are prose."""
    if year < 2019:
        return "prose"
    return "C" if year < 2021 else "D"


def outcome_rows(form: str) -> tuple[str, ...]:
    """The rows that add up to (七)总计."""
    leaves = tuple(key for _, group in GROUPS for key, _ in group)
    other = tuple(key for key, _ in OTHER_D) if form == "D" else ("other",)
    return ("granted", "partial_grant", *leaves, *other)


def all_rows(form: str) -> tuple[str, ...]:
    """Every row of table three in printed order."""
    return (NEW, OVER, *outcome_rows(form), PROCESSED, FORWARD)


def stylish(label: str, brackets: str) -> str:
    """Some offices type half-width brackets, and quotation marks of their own choice."""
    if brackets == "full":
        return label
    return label.replace("（", "(").replace("）", ")").replace("“", '"').replace("”", '"')

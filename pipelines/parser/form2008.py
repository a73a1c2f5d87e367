"""Form A: the local indicator tables of 2008 to 2013, a family rather than one form.

Shandong counts by kind of information, the tables taken over from Shanghai (Dingxi and others) have
coded rows down to the reasons of refusal, Fujian's ask for little; lines of the latter are `local`.
"""

from __future__ import annotations

from pipelines.parser.rows import line

_APPEALS = (
    ("complaints", "举报(?:投诉)?"),
    ("review", "复议"),
    ("litigation", "诉讼"),
    ("appeals", "申诉"),
)
_REFUSALS = (
    ("not_government_info", r"^非.{0,6}所指政府信息|不是.{0,6}所指政府信息"),
    ("not_exist", r"信息不存在"),
    ("not_this_organ", r"^非本(?:部门|机关|行政机关|单位)|不属于本"),
    ("unclear", r"内容不明确"),
    *((f"exempt_{n}", rf"免予公开范围{n}") for n in range(1, 7)),
    ("other", r"^其[他它]原因"),
)

TEMPLATE = (
    line("active.total", r"^主动公开(?:政府)?信息(?:总)?(?:条)?数", "条", opens="active"),
    line("active.org_personnel", r"机构.{0,8}人事", "条", "active"),
    line("active.policy_normative", r"政策法规|规范性文件信息", "条", "active"),
    line("active.business", r"^业务(?:公开)?信息|^业务类", "条", "active"),
    line("active.plans_statistics", r"规划计划|统计信息", "条", "active"),
    line("active.budget_accounts", r"预决算", "条", "active"),
    line("active.procurement", r"招标采购", "条", "active"),
    line("active.electronic", r"全文电子化", "条", "active", local=True),
    line("active.normative_new", r"新增.{0,6}规范性文件", "条", "active", local=True),
    line("active.services", r"服务类信息", "条", "active", local=True),
    line("active.website", r"^政府网站(?:公开(?:政府)?信息数?)?$", "条", "active", local=True),
    line("active.gazette", r"^政府公报(?:公开(?:政府)?信息数?)?$", "条", "active", local=True),
    line("platforms.page_views", r"(?:页面|专栏)访问量", "人次", local=True),
    line("consultations.in_person", r"现场(?:接待|咨询)", "人次", local=True),
    line("consultations.online", r"网上咨询", "人次", local=True),
    line("consultations.phone", r"咨询电话|电话咨询", "人次", local=True),
    line("requests.catalogue_items", r"依申请公开信息目录", "条", local=True),
    line(
        "requests.total",
        r"^(?:政府)?信息公开申请(?:总)?数|^(?:收到|受理)?的?申请(?:总)?数$"
        r"|^受理依申请公开(?:政府)?信息(?:申请)?(?:总)?数",
        "件",
        opens="requests",
    ),
    line("requests.letter_fax", r"信函(?:及|和|、)?传真", "件", "requests"),
    line("requests.online_email", r"网上.{0,6}电子邮件", "件", "requests"),
    line("requests.in_person", r"^当面申请", "件", "requests"),
    line("requests.fax", r"^传真申请", "件", "requests", local=True),
    line("requests.email", r"^电子邮件申请", "件", "requests", local=True),
    line("requests.online", r"^(?:网上|网络)(?:提交)?申请", "件", "requests", local=True),
    line("requests.letter", r"^信函申请", "件", "requests", local=True),
    line("requests.other", r"^其[他它](?:形式|方式)", "件", "requests", local=True),
    line(
        "replies.total",
        r"^(?:本年度?)?(?:对)?(?:依)?申请(?:公开信息)?的?答复(?:总)?数",
        "件",
        opens="replies",
    ),
    line("replies.granted", r"^同意公开", "件", "replies"),
    line("replies.partial_grant", r"同意部分公开", "件", "replies"),
    line("replies.denied", r"^(?:不予公开|不同意公开|否决公开)", "件", "replies", opens="denied"),
    *(
        line(f"replies.denied.{key}", pattern, "件", "denied", local=True)
        for key, pattern in _REFUSALS
    ),
    line("replies.other", r"^其他情[况形]", "件", "replies denied", opens="replies"),
    line("fees.amount_yuan", r"收取(?:的)?费用", "元", opens="fees"),
    *(
        each
        for key, word in _APPEALS
        for each in (
            line(
                f"{key}.total",
                rf"被(?:行政)?{word}(?:总)?数|^行政{word}(?:总)?数",
                "件",
                opens=key,
                local=key == "appeals",
            ),
            line(f"{key}.maintain", r"^维持", "件", key, local=key == "appeals"),
            line(f"{key}.correct", r"纠错|纠正", "件", key, local=key == "appeals"),
        )
    ),
    line("appeals.first_handling", r"首次处理不满意", "件", local=True),
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

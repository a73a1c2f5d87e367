"""The local indicator tables of 2008–2013 (form A), appended to some prose reports.

A family of forms: Shandong's has one column of numbers, the one that others took over from Shanghai
has codes and the current period before the year's sum, Fujian's the sum over all years after it.
"""

from random import Random

from crawler.practice.blocks import Block, Cell
from crawler.practice.draft import Draft
from crawler.practice.older_books import Told
from crawler.practice.organs import Organ
from crawler.practice.truth import Value

Row = tuple[str, str, str]  # key, label, unit; a sum row is followed by its parts
Values = dict[str, Value]

SHANDONG: tuple[Row, ...] = (
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
WAYS: tuple[Row, ...] = (
    ("requests.in_person", "其中：1.当面申请数", "件"),
    ("requests.fax", "2.传真申请数", "件"),
    ("requests.email", "3.电子邮件申请数", "件"),
    ("requests.online", "4.网上申请数", "件"),
    ("requests.letter", "5.信函申请数", "件"),
    ("requests.other", "6.其它形式申请数", "件"),
)
REPLIES: tuple[Row, ...] = (
    ("replies.total", "本年度对申请的答复总数", "件"),
    ("replies.granted", "其中：1.同意公开答复数", "件"),
    ("replies.partial_grant", "2.同意部分公开答复数", "件"),
    ("replies.denied", "3.否决公开答复总数", "件"),
)
REFUSALS: tuple[Row, ...] = (
    ("replies.denied.not_government_info", "其中：（1）“非《规定》所指政府信息”数", "件"),
    ("replies.denied.not_exist", "（2）“信息不存在”数", "件"),
    ("replies.denied.not_this_organ", "（3）“非本部门掌握”数", "件"),
    ("replies.denied.unclear", "（4）“申请内容不明确”数", "件"),
    *((f"replies.denied.exempt_{n}", f"（{n + 4}）“免予公开范围{n}”数", "件") for n in range(1, 7)),
    ("replies.denied.other", "（11）其它原因", "件"),
)
APPEALS: tuple[Row, ...] = (
    ("review.total", "行政复议数", "件"),
    ("litigation.total", "行政诉讼数", "件"),
    ("appeals.total", "行政申诉数", "件"),
)
SHANGHAI: tuple[Row, ...] = (
    ("active.total", "主动公开信息数", "条"),
    ("active.electronic", "其中：全文电子化的主动公开信息数", "条"),
    ("active.normative_new", "新增的行政规范性文件数", "条"),
    ("platforms.page_views", "网站专栏页面访问量", "人次"),
    ("consultations.in_person", "现场接待人数", "人次"),
    ("consultations.phone", "咨询电话接听数", "人次"),
    ("requests.total", "申请总数", "件"),
    *WAYS,
    *REPLIES,
    *REFUSALS,
    *APPEALS,
)
FUJIAN: tuple[Row, ...] = (
    ("active.total", "主动公开信息数", "条"),
    ("active.website", "其中：1.政府网站", "条"),
    ("active.gazette", "2.政府公报", "条"),
    ("requests.total", "受理依申请公开信息总数", "件"),
    *WAYS,
    *REPLIES,
    *APPEALS,
)


def has_table(organ: Organ, year: int) -> bool:
    """Three of four organs of a place kept such a table, each in its years."""
    first, last = ((2010, 2013), (2009, 2013), (2008, 2012), (1, 0))[organ.order % 4]
    return first <= year <= last


def table(draft: Draft) -> Block:
    """Where the prose has stated the same figure the table agrees; some parts are left blank."""
    rows, read, head, print_row = (
        (SHANDONG, _shandong, ("本年累计",), _alone),
        (SHANGHAI, _shanghai, ("代码", "本期实际", "本年累计"), _coded),
        (FUJIAN, _fujian, (f"{draft.year}年度", "历年累计"), _with_all_years),
    )[draft.organ.order % 4]
    values = read(Told(draft.figures, draft.roll), draft.roll)
    printed = [tuple(map(Cell, ("指标名称", "计量单位", *head)))]
    for code, (key, label, unit) in enumerate(rows, start=1):
        draft.figures[f"a.{key}"] = values[key]
        printed.append(tuple(map(Cell, (label, unit, *print_row(values[key], code, draft.roll)))))
    return Block("table", rows=tuple(printed))


def _shandong(told: Told, roll: Random) -> Values:
    published, ways = told.number("active.total", 0), told.ways()
    business, policy = published * 3 // 4, published // 6
    full, part = roll.randint(0, 2), roll.randint(1, 4)
    values: Values = {
        "active.total": published,
        "active.org_personnel": published - business - policy,
        "active.policy_normative": policy,
        "active.business": business,
        "requests.total": sum(ways.values()),
        "requests.letter_fax": ways["letter"] + ways["fax"],
        "requests.online_email": ways["online"] + ways["email"],
        "requests.in_person": ways["in_person"],
        "replies.total": sum(ways.values()),
        "fees.amount_yuan": told.fees(),
        "review.total": told.number("review.total", 0),
        "litigation.total": told.number("litigation.total", 0),
        "staff.total": full + part,
        "staff.full_time": full,
        "staff.part_time": part,
        "training.sessions": roll.randint(1, 6),
    }
    return _unfilled(values, "requests.letter_fax", "requests.in_person", "staff.full_time")


def _shanghai(told: Told, roll: Random) -> Values:
    values = _applications(told)
    published = told.number("active.total", 0)
    denied = told.split(int(values["replies.denied"] or 0), tuple(key for key, *_ in REFUSALS))
    return {
        "active.total": published,
        "active.electronic": published * roll.randint(6, 10) // 10,
        "active.normative_new": roll.randint(0, 9),
        "platforms.page_views": roll.randint(900, 90_000),
        "consultations.in_person": told.number("consultations.in_person", 60),
        "consultations.phone": told.number("consultations.phone", 400),
        **values,
        **denied,
    }


def _fujian(told: Told, roll: Random) -> Values:
    published = told.number("active.total", 0)
    gazette = published * roll.randint(0, 2) // 10
    values = {"active.total": published, "active.website": published - gazette}
    parts = (*(key for key, *_ in WAYS), "appeals.total")
    return _unfilled({**values, "active.gazette": gazette, **_applications(told)}, *parts)


def _applications(told: Told) -> Values:
    ways, outcomes = told.ways(), told.outcomes(())
    return {
        "requests.total": sum(ways.values()),
        **{f"requests.{way}": count for way, count in ways.items()},
        "requests.other": 0,
        "replies.total": sum(outcomes.values()),
        **{f"replies.{outcome}": count for outcome, count in outcomes.items()},
        "review.total": told.number("review.total", 0),
        "litigation.total": told.number("litigation.total", 0),
        "appeals.total": 0,
    }


def _unfilled(values: Values, *keys: str) -> Values:
    """Not filled in, which is not the same as none."""
    return values | {key: None for key in keys if values[key] == 0}


def _alone(value: Value, _code: int, _roll: Random) -> tuple[str, ...]:
    return (_text(value),)


def _coded(value: Value, code: int, roll: Random) -> tuple[str, ...]:
    """The current period has had a part of the year's."""
    return f"{code:02}", str(roll.randint(0, int(value or 0))), _text(value)


def _with_all_years(value: Value, _code: int, roll: Random) -> tuple[str, ...]:
    """The sum over all years stands there even where the year is left blank."""
    return _text(value), str(int(value or 0) + roll.randint(1, 200))


def _text(value: Value) -> str:
    return "" if value is None else str(value)

"""Reports on 2019 and later: six prescribed sections around the three national tables."""

from crawler.practice import words
from crawler.practice.draft import Draft
from crawler.practice.forms import NEW
from crawler.practice.organs import Organ
from crawler.practice.printing import Sheet
from crawler.practice.report_tables import Tables

TOPICS = (
    ("主动公开", words.ACTIVE),
    ("依申请公开", ()),
    ("政府信息管理", words.MANAGEMENT),
    ("政府信息公开平台建设", words.PLATFORM),
    ("监督保障", words.SUPERVISION),
)
NOTHING_CAME = (
    "{year}年，{we}未收到政府信息公开申请。",
    "全年没有收到政府信息公开申请。",
    "本年度{we}新收政府信息公开申请0件。",
)
SOMETHING_CAME = (
    "{year}年，{we}共收到政府信息公开申请{n}件，均按规定登记办理。",
    "本年度新收政府信息公开申请{n}件，办理中与申请人充分沟通。",
)


def write(seed: int, sheet: Sheet, organ: Organ, year: int) -> Draft:
    """The body of a form-C or form-D report; `draft.figures` is what it states."""
    draft = Draft(seed, organ, year, "form")
    draft.figures = dict(sheet.figures)
    tables = Tables(sheet, seed, organ.index, year)
    _preamble(draft)
    draft.heading("总体情况")
    draft.say(draft.pick(words.OPENING))
    if draft.chance(0.25):
        draft.say(draft.pick(words.DECOYS, n=draft.roll.randint(300, 90_000)))
    for number, (topic, pool) in enumerate(TOPICS):
        text = draft.pick(pool) if pool else _applications(draft, sheet)
        draft.say(f"（{'一二三四五'[number]}）{topic}。", text)
    draft.heading("主动公开政府信息情况")
    draft.blocks.append(tables.two())
    draft.heading("收到和处理政府信息公开申请情况")
    draft.blocks.append(tables.three())
    draft.heading("政府信息公开行政复议、行政诉讼情况")
    draft.blocks.append(tables.four())
    draft.heading("存在的主要问题及改进情况")
    draft.say(draft.pick(words.PROBLEMS))
    draft.say(draft.pick(words.PLANS))
    draft.heading("其他需要报告的事项")
    draft.note(0, "prose.fees.amount")
    draft.say(
        draft.pick(
            (
                "{year}年，{we}未收取政府信息公开信息处理费。",
                "按照信息处理费管理办法，本年度没有产生信息处理费。",
            )
        )
    )
    draft.say(draft.pick(words.OTHER_MATTERS))
    return draft


def _preamble(draft: Draft) -> None:
    year, name = draft.year, draft.organ.name(draft.year)
    draft.say(
        draft.roll.choice(
            (
                f"{name}依照《中华人民共和国政府信息公开条例》第五十条编制{year}年政府信息公开工作年度报告，现予公布。",
                f"根据《中华人民共和国政府信息公开条例》及年度报告格式要求，现公开{name}{year}年度政府信息公开工作年度报告。",
            )
        ),
        f"所列数据的统计期限为{year}年1月1日至12月31日。",
    )


def _applications(draft: Draft, sheet: Sheet) -> str:
    """Repeats the total of table three's first row, which is filled in every style."""
    number = sheet.figures[f"t3.{NEW}.total"] or 0
    draft.note(number, "prose.requests.total")
    return draft.pick(SOMETHING_CAME, n=number) if number else draft.pick(NOTHING_CAME)

"""Reports on 2008–2018: statutory sections in prose, each fact in one of several phrasings.

Some carry a statistics form: form A after the text, form B there or before the last chapter.
"""

from crawler.practice import form_a, form_b, prose_facts, words
from crawler.practice.draft import Draft
from crawler.practice.organs import Organ


def write(
    seed: int, organ: Organ, year: int, *, until_25_december: bool
) -> tuple[Draft, tuple[str, ...]]:
    """The body of a prose report, and its quirks; `draft.figures` is what it states."""
    draft = Draft(seed, organ, year, "prose")
    _preamble(draft, until_25_december)
    draft.heading(draft.roll.choice(("概述", "总体情况", "基本情况")))
    draft.say(draft.pick(words.OPENING), draft.pick(words.LEADERSHIP))
    if draft.chance(0.35):
        draft.say(draft.pick(words.DECOYS, n=draft.roll.randint(300, 90_000)))
    if year >= 2014:
        _modern_sections(draft)
    draft.heading(draft.roll.choice(("主动公开政府信息情况", "主动公开政府信息的情况")))
    draft.say(prose_facts.active(draft), draft.pick(words.ACTIVE))
    if draft.chance(0.5):
        draft.say(prose_facts.normative(draft), draft.pick(words.PLATFORM))
    draft.heading(draft.roll.choice(("依申请公开政府信息情况", "依申请公开政府信息办理情况")))
    draft.say(*prose_facts.requests(draft))
    if year < 2014 and draft.chance(0.3):
        draft.heading("咨询处理情况")
        draft.say(prose_facts.consultations(draft))
    draft.heading(draft.roll.choice(("收费及减免情况", "政府信息公开的收费及减免情况")))
    draft.say(prose_facts.fees(draft))
    draft.heading(
        draft.roll.choice(
            (
                "因政府信息公开申请行政复议、提起行政诉讼的情况",
                "行政复议、行政诉讼情况",
            )
        )
    )
    draft.say(prose_facts.remedies(draft))
    draft.heading(draft.roll.choice(("存在的主要问题及改进措施", "主要问题和改进情况")))
    draft.say(draft.pick(words.PROBLEMS))
    draft.say(draft.pick(words.PLANS))
    quirks: tuple[str, ...] = ()
    inside = form_b.has_table(organ, year) and draft.chance(0.4)
    if inside:
        draft.heading("政府信息公开情况统计表")
        quirks = _form_b(draft)
    draft.heading(draft.roll.choice(("其他需要报告的事项", "需要说明的事项")))
    draft.say(draft.pick(words.OTHER_MATTERS))
    if form_a.has_table(organ, year):
        draft.say(f"附表：{year}年政府信息公开情况统计表")
        draft.blocks.append(form_a.table(draft))
    if form_b.has_table(organ, year) and not inside:
        draft.say(f"附件：政府信息公开情况统计表（{year}年度）")
        quirks = _form_b(draft)
    return draft, quirks


def _form_b(draft: Draft) -> tuple[str, ...]:
    block, quirks = form_b.table(draft)
    draft.blocks.append(block)
    return quirks


def _preamble(draft: Draft, until_25_december: bool) -> None:
    year, name = draft.year, draft.organ.name(draft.year)
    draft.say(
        draft.roll.choice(
            (
                f"按照《中华人民共和国政府信息公开条例》的规定，现公布{name}{year}年政府信息公开工作年度报告。",
                f"依据《中华人民共和国政府信息公开条例》，{name}编制了{year}年度政府信息公开工作报告。",
                f"现将{name}{year}年度政府信息公开工作情况向社会报告如下，请予监督。",
            )
        ),
        # The list of sections is not a heading, though it uses the same words.
        "全文由概述、主动公开、依申请公开、收费、复议诉讼、问题与改进等部分组成。"
        if draft.chance(0.4)
        else "",
    )
    if until_25_december:
        draft.say(f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月25日止。")
    elif draft.chance(0.7):
        draft.say(
            draft.roll.choice(
                (
                    f"本报告所列数据的统计期限自{year}年1月1日起至12月31日止。",
                    f"报告中的数字统计时间为{year}年1月1日至{year}年12月31日。",
                )
            )
        )


def _modern_sections(draft: Draft) -> None:
    draft.heading(draft.roll.choice(("组织领导和制度建设情况", "工作推进情况")))
    draft.say(draft.pick(words.MANAGEMENT), prose_facts.staff(draft))
    draft.say(prose_facts.training(draft))
    draft.heading(draft.roll.choice(("发布解读、回应社会关切情况", "政策解读和回应关切情况")))
    draft.say(draft.pick(words.RESPONSE), prose_facts.interpretations(draft))

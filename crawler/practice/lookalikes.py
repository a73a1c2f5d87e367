"""What stands between the reports and is none: notices, work plans, task tables."""

from crawler.practice.blocks import Block, Cell
from crawler.practice.draft import Draft
from crawler.practice.organs import Organ

TASKS = (
    ("更新政府信息公开指南和目录", "办公室", "3月底前"),
    ("编制并发布政府信息公开工作年度报告", "办公室", "次年1月底前"),
    ("公开规范性文件并同步发布解读", "法规科", "持续推进"),
    ("规范依申请公开答复文书", "法规科", "6月底前"),
    ("开展政府信息公开业务培训2次", "人事科", "11月底前"),
)


def notice(seed: int, organ: Organ, year: int) -> Draft:
    """Asks others to write their reports: every word of a report, and no report."""
    draft = Draft(seed, organ, year, "notice")
    draft.say("各镇人民政府、街道办事处，各部门：")
    draft.say(f"为做好{year}年度政府信息公开工作年度报告的编制和公布工作，现将有关事项通知如下。")
    draft.heading("编制内容")
    draft.say(
        "年度报告应当包括主动公开政府信息情况、收到和处理政府信息公开申请情况、"
        "因政府信息公开申请行政复议和提起行政诉讼情况、存在的主要问题及改进情况等内容。"
    )
    draft.heading("报送要求")
    draft.say(
        f"请各单位于{year + 1}年1月20日前将年度报告电子版报{organ.name(year)}办公室，",
        "统计数据自查无误后再行公布，不得漏报、错报。",
    )
    return draft


def work_plan(seed: int, organ: Organ, year: int) -> Draft:
    """The same vocabulary in the future tense."""
    draft = Draft(seed, organ, year, "work plan")
    draft.say(draft.fill("为做好{year}年政务公开工作，结合{we}实际，制定本要点。"))
    draft.heading("加大主动公开力度")
    draft.say("聚焦群众关心的事项，完善公开目录，力争全年主动公开政府信息不少于500条。")
    draft.heading("规范依申请公开")
    draft.say("健全收到申请后的登记、审查、答复流程，确保按期答复率达到100%。")
    draft.heading("强化保障")
    draft.say("适时组织政府信息公开培训，年底前完成对各科室的检查。")
    return draft


def task_table(seed: int, organ: Organ, year: int) -> Draft:
    """The work plan divided into tasks: a table that is no statistics."""
    draft = Draft(seed, organ, year, "tasks")
    draft.say(draft.fill("{we}{year}年政务公开重点任务分解表"))
    head = ("序号", "工作任务", "责任科室", "完成时限")
    rows = [head, *((str(n), *task) for n, task in enumerate(TASKS, start=1))]
    draft.blocks.append(
        Block("table", rows=tuple(tuple(Cell(text) for text in row) for row in rows))
    )
    return draft

"""Any document of the city: what it is called, when it came out, and what it says."""

from dataclasses import dataclass
from datetime import date, timedelta

from crawler.practice import (
    form_a,
    form_b,
    guide,
    lookalikes,
    printing,
    report_form,
    report_prose,
    sums_b,
)
from crawler.practice.blocks import Block
from crawler.practice.dice import dice
from crawler.practice.draft import Draft, chinese_number, chinese_year
from crawler.practice.forms import form_of
from crawler.practice.organs import Organ
from crawler.practice.truth import Value

TITLES = (
    "{name}{year}年政府信息公开工作年度报告",
    "{name}{year}年度政府信息公开工作报告",
    "{year}年度{name}政府信息公开年度报告",
    "{name}政府信息公开工作年度报告（{year}年度）",
    "{name}{year}年政府信息公开年报",
)


@dataclass(frozen=True, slots=True)
class Written:
    """A document's body and what is true of it."""

    blocks: tuple[Block, ...]
    form: str | None
    figures: dict[str, Value]
    failing: tuple[str, ...] = ()
    guide: tuple[tuple[str, str], ...] = ()
    quirks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that exists, named but not yet written: pages are made when asked for."""

    seed: int
    kind: str  # a document class of the contract
    organ: Organ
    year: int
    variant: str = ""  # "tasks": a work plan as a table

    @property
    def name(self) -> str:
        return self.organ.name(self.year)

    @property
    def title(self) -> str:
        if self.kind == "annual_report":
            roll = dice(self.seed, self.organ.index, self.year, "title")
            year = str(self.year)
            if self.organ.place.rank == "县" and roll.random() < 0.15:
                year = chinese_year(self.year)
            return roll.choice(TITLES).format(name=self.name, year=year)
        if self.kind == "disclosure_guide":
            return f"{self.name}政府信息公开指南"
        if self.kind == "notice":
            return f"关于做好{self.year}年度政府信息公开工作年度报告编制工作的通知"
        what = "重点任务分解表" if self.variant else "工作要点"
        return f"{self.name}{self.year}年政务公开{what}"

    @property
    def signed(self) -> date:
        """The date under the document; reports are due by 31 March, since 2019 by 31 January."""
        roll = dice(self.seed, self.organ.index, self.year, self.kind, "signed")
        if self.kind != "annual_report":
            month = {"notice": 12, "disclosure_guide": 5, "work_plan": 4}[self.kind]
            return date(self.year, month, roll.randint(2, 26))
        if self.early:
            return date(self.year, 12, 31)
        if self.organ.level == "government":
            return date(self.year + 1, 3, roll.randint(5, 29))
        if self.year < 2019:
            return date(self.year + 1, 1, 20) + timedelta(days=roll.randint(0, 65))
        return date(self.year + 1, 1, roll.randint(6, 29))

    @property
    def early(self) -> bool:
        """Out on the last day of its own year, with figures up to 25 December."""
        roll = dice(self.seed, self.organ.index, self.year, "early")
        return self.kind == "annual_report" and self.year < 2019 and roll.random() < 0.05

    def write(self) -> Written:
        """The body, ending in the signature."""
        if self.kind == "annual_report":
            return self._report()
        if self.kind == "disclosure_guide":
            draft, facts = guide.write(self.seed, self.organ)
            return Written(self._signed(draft), None, {}, guide=tuple(facts.items()))
        if self.kind == "notice":
            draft = lookalikes.notice(self.seed, self.organ, self.year)
        elif self.variant:
            draft = lookalikes.task_table(self.seed, self.organ, self.year)
        else:
            draft = lookalikes.work_plan(self.seed, self.organ, self.year)
        return Written(self._signed(draft), None, {})

    def _report(self) -> Written:
        form = form_of(self.year)
        if form == "prose":
            draft, quirks = report_prose.write(
                self.seed, self.organ, self.year, until_25_december=self.early
            )
            if form_a.has_table(self.organ, self.year):
                form = "A"
            if form_b.has_table(self.organ, self.year):
                form = "B"
            wrong = sums_b.failing(draft.figures, draft.approximate)
            return Written(self._signed(draft), form, draft.figures, wrong, quirks=quirks)
        sheet = printing.sheet(self.seed, self.organ, self.year)
        draft = report_form.write(self.seed, sheet, self.organ, self.year)
        return Written(self._signed(draft), form, draft.figures, sheet.failing, quirks=sheet.quirks)

    def _signed(self, draft: Draft) -> tuple[Block, ...]:
        day = self.signed
        spelled = f"{day.year}年{day.month}月{day.day}日"
        if draft.chance(0.3) or self.organ.place.rank == "县":
            month, of_month = chinese_number(day.month), chinese_number(day.day)
            spelled = f"{chinese_year(day.year)}年{month}月{of_month}日"
        return (*draft.blocks, Block("sign", self.name), Block("sign", spelled))

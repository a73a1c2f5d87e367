"""From the books to the printed cells: styles of filling in, lost labels, planted errors."""

from dataclasses import dataclass
from random import Random

from crawler.practice import ledger
from crawler.practice.dice import dice
from crawler.practice.forms import (
    APPLICANTS,
    COLUMNS,
    DENIED,
    NEW,
    NOT_PROCESSED,
    PROCESSED,
    UNABLE,
    all_rows,
    form_of,
)
from crawler.practice.organs import Organ
from crawler.practice.sums import failing
from crawler.practice.truth import Value

Printed = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One report's figures as printed, and how they are printed."""

    form: str
    figures: Printed
    failing: tuple[str, ...]
    blank: str  # what stands in a cell without a value
    lost: frozenset[str]  # rows of table three whose label is gone
    quirks: tuple[str, ...]


def sheet(seed: int, organ: Organ, year: int) -> Sheet:
    """The figures of a form-C or form-D report, with whatever went wrong when it was typed."""
    form, roll = form_of(year), dice(seed, organ.index, year, "printing")
    figures: Printed = {
        **ledger.table_two(seed, organ, year),
        **ledger.table_three(seed, organ, year),
        **ledger.table_four(seed, organ, year),
    }
    # Counting round instead of rolling: even a small city has its share of every accident.
    turn = organ.index * 5 + year + seed
    if turn % 12 == 0:
        style = _plant_error(roll, figures, form)
    else:
        style = _fill_in(roll, figures, form, only_total=turn % 7 == 0)
    lost: frozenset[str] = frozenset()
    if turn % 9 == 0:
        leaves = [key for key, _ in (*DENIED, *UNABLE, *NOT_PROCESSED)] + [NEW]
        lost = frozenset(roll.sample(leaves, roll.choice((2, 3))))
    wrong = failing(figures, form)
    quirks = (
        *(("planted_error",) if wrong else ()),
        *(("lost_labels",) if lost else ()),
        *((style,) if style != "full" else ()),
    )
    blank = "/" if style == "slash" else ""
    return Sheet(form, figures, wrong, blank, lost, quirks)


def _fill_in(roll: Random, figures: Printed, form: str, *, only_total: bool) -> str:
    """Leave cells empty the way clerks do; returns the style's name."""
    if only_total:
        for row in all_rows(form):
            for column in APPLICANTS:
                figures[f"t3.{row}.{column}"] = None
        return "only_total"
    style = roll.choices(("full", "sparse", "slash"), (60, 25, 15))[0]
    if style == "sparse":  # zeros of single applicants are left out, totals are not
        for row in all_rows(form):
            for column in APPLICANTS:
                if figures[f"t3.{row}.{column}"] == 0:
                    figures[f"t3.{row}.{column}"] = None
    if style == "slash":
        _strike_out(figures)
    return style


def _strike_out(figures: Printed) -> None:
    """What the organ has nothing to do with gets a slash."""
    for key, value in figures.items():
        if value == 0 and key.startswith(("t2.art20_1.regulations", "t2.art20_6.coercion")):
            figures[key] = None
    for row, _ in DENIED:
        if figures[f"t3.{row}.total"] == 0:
            for column, _ in COLUMNS:
                figures[f"t3.{row}.{column}"] = None


def _plant_error(roll: Random, figures: Printed, form: str) -> str:
    """One slip of the pen. Carried counts stay right, so the chain between years holds."""
    kinds = [_wrong_total, _wrong_part, _wrong_processed, _wrong_four, _applicants_all_zero]
    roll.choice(kinds)(roll, figures)
    if not failing(figures, form):
        _wrong_four(roll, figures)
    return "full"


def _add(figures: Printed, key: str, more: int) -> None:
    figures[key] = (figures[key] or 0) + more


def _wrong_total(roll: Random, figures: Printed) -> None:
    row = roll.choice(("granted", "unable.no_info", "denied.process_info"))
    _add(figures, f"t3.{row}.total", roll.randint(1, 5))


def _wrong_part(roll: Random, figures: Printed) -> None:
    row = roll.choice(("granted", "partial_grant", "unable.no_info"))
    _add(figures, f"t3.{row}.{roll.choice(APPLICANTS)}", roll.randint(1, 3))


def _wrong_processed(roll: Random, figures: Printed) -> None:
    _add(figures, f"t3.{PROCESSED}.{roll.choice(('natural_person', 'total'))}", roll.randint(1, 4))


def _wrong_four(roll: Random, figures: Printed) -> None:
    group = roll.choice(("review", "litigation_direct", "litigation_post_review"))
    _add(figures, f"t4.{group}.total", 1)


def _applicants_all_zero(_roll: Random, figures: Printed) -> None:
    """Zeros typed for every applicant of the outcome rows, totals filled in all the same."""
    for row in ("granted", "unable.no_info"):
        for column in APPLICANTS:
            figures[f"t3.{row}.{column}"] = 0

"""The books of an organ: the numbers of tables two, three and four for a year, before printing.

A year's carried-forward count is decided by a roll of its own, so the next year can carry the
same number over without knowing anything else of the year before.
"""

from random import Random

from crawler.practice.dice import dice
from crawler.practice.forms import (
    APPLICANTS,
    COLUMNS,
    FORWARD,
    NEW,
    OVER,
    PROCESSED,
    T4_GROUPS,
    T4_RESULTS,
    all_rows,
    form_of,
    outcome_rows,
)
from crawler.practice.organs import Organ

Numbers = dict[str, int | float]


def table_three(seed: int, organ: Organ, year: int) -> Numbers:
    """Requests by outcome and applicant; every sum holds."""
    form, roll = form_of(year), dice(seed, organ.index, year, "t3")
    table = {(row, column): 0 for row in all_rows(form) for column, _ in COLUMNS}
    over, forward = _carried(seed, organ, year - 1), _carried(seed, organ, year)
    for column in APPLICANTS:
        new = _new_requests(roll, organ, column) + forward[column]
        done = new + over[column] - forward[column]
        table[NEW, column], table[OVER, column] = new, over[column]
        table[PROCESSED, column], table[FORWARD, column] = done, forward[column]
        for row in _outcomes(roll, form, done):
            table[row, column] += 1
    for row in all_rows(form):
        table[row, "total"] = sum(table[row, column] for column in APPLICANTS)
    return {f"t3.{row}.{column}": value for (row, column), value in table.items()}


def _new_requests(roll: Random, organ: Organ, column: str) -> int:
    if column == "natural_person":
        return roll.randint(0, 9 * organ.size) if roll.random() < 0.85 else 0
    return roll.randint(0, organ.size) if roll.random() < 0.3 else 0


def _carried(seed: int, organ: Organ, year: int) -> dict[str, int]:
    roll = dice(seed, organ.index, year, "carried forward")
    carried = dict.fromkeys(APPLICANTS, 0)
    if roll.random() < 0.4:
        carried["natural_person"] = roll.randint(1, 1 + organ.size // 3)
    if roll.random() < 0.1:
        carried["legal_commercial"] = 1
    return carried


def _outcomes(roll: Random, form: str, count: int) -> list[str]:
    rows = outcome_rows(form)
    weights = [{"granted": 30, "partial_grant": 6, "unable.no_info": 14}.get(r, 1) for r in rows]
    return roll.choices(rows, weights, k=count)


def table_four(seed: int, organ: Organ, year: int) -> Numbers:
    """Reviews and lawsuits by result; most organs have none."""
    roll = dice(seed, organ.index, year, "t4")
    table: Numbers = {}
    for group in T4_GROUPS:
        some = roll.random() < 0.06 + 0.04 * organ.size
        parts = {r: roll.randint(0, 2) if some else 0 for r, _ in T4_RESULTS[:-1]}
        table |= {f"t4.{group}.{result}": count for result, count in parts.items()}
        table[f"t4.{group}.total"] = sum(parts.values())
    return table


def table_two(seed: int, organ: Organ, year: int) -> Numbers:
    """What was issued, decided, charged and bought; stocks follow from the years before."""
    if form_of(year) == "C":
        return {f"t2.{key}": value for key, value in _two_c(seed, organ, year).items()}
    return {f"t2.{key}": value for key, value in _two_d(seed, organ, year).items()}


def _two_c(seed: int, organ: Organ, year: int) -> Numbers:
    roll = dice(seed, organ.index, year, "t2")
    table: Numbers = {}
    for what in ("regulations", "normative_documents"):
        made, published = _issued(seed, organ, year, what)[:2]
        stock = _before(seed, organ, year, what)
        table |= {
            f"art20_1.{what}.made": made,
            f"art20_1.{what}.published": published,
            f"art20_1.{what}.published_total": stock + published,
        }
    for article, what in (
        ("art20_5", "licensing"),
        ("art20_5", "other_services"),
        ("art20_6", "penalties"),
        ("art20_6", "coercion"),
        ("art20_8", "admin_fees"),
    ):
        items = dice(seed, organ.index, what, "items").randint(0, 12 * organ.size) + 40
        changes = {y: _change(seed, organ, y, what) for y in range(2018, year + 1)}
        table[f"{article}.{what}.items_prev_year"] = items + sum(
            changes[y] for y in range(2018, year)
        )
        table[f"{article}.{what}.items_change"] = changes[year]
        if article != "art20_8":
            table[f"{article}.{what}.decisions"] = _decisions(roll, organ, what)
    table["art20_9.central_procurement.projects"] = roll.randint(0, 3 * organ.size)
    table["art20_9.central_procurement.amount"] = roll.randint(100, 90_000 * organ.size) / 100
    return table


def _two_d(seed: int, organ: Organ, year: int) -> Numbers:
    roll = dice(seed, organ.index, year, "t2")
    table: Numbers = {}
    for what in ("regulations", "normative_documents"):
        made, _, repealed = _issued(seed, organ, year, what)
        table |= {
            f"art20_1.{what}.made": made,
            f"art20_1.{what}.repealed": repealed,
            f"art20_1.{what}.valid": _before(seed, organ, year, what) + made - repealed,
        }
    for article, what in (
        ("art20_5", "licensing"),
        ("art20_6", "penalties"),
        ("art20_6", "coercion"),
    ):
        table[f"{article}.{what}.decisions"] = _decisions(roll, organ, what)
    charged = roll.random() < 0.5
    table["art20_8.admin_fees.amount_wan_yuan"] = (
        roll.randint(1, 40_000 * organ.size) / 100 if charged else 0
    )
    return table


def _issued(seed: int, organ: Organ, year: int, what: str) -> tuple[int, int, int]:
    """Made, newly published and repealed in a year; only governments make 规章."""
    if what == "regulations" and organ.level != "government":
        return 0, 0, 0
    roll = dice(seed, organ.index, year, what)
    made = roll.randint(0, 2 + organ.size // 3)
    return made, roll.randint(0, made), roll.randint(0, 2)


def _before(seed: int, organ: Organ, year: int, what: str) -> int:
    """The stock at the start of a year. 30 is more than any run of years can repeal."""
    if what == "regulations" and organ.level != "government":
        return 0
    form = form_of(year)
    first = 2019 if form == "C" else 2021
    years = [_issued(seed, organ, y, what) for y in range(first, year)]
    return 30 + sum(p if form == "C" else made - gone for made, p, gone in years)


def _change(seed: int, organ: Organ, year: int, what: str) -> int:
    return dice(seed, organ.index, year, what, "change").choice((0, 0, 0, 1, 2, -1, -3, -14))


def _decisions(roll: Random, organ: Organ, what: str) -> int:
    if organ.level == "town" and what != "penalties":
        return 0
    top = {"licensing": 4000, "other_services": 300, "penalties": 150, "coercion": 12}[what]
    return roll.randint(0, top * organ.size)

"""Form B in reports on 2014–2018: the books behind it, how it is printed, and slips of the pen."""

from random import Random

from crawler.practice.blocks import Block, Cell
from crawler.practice.draft import Draft
from crawler.practice.form_b_rows import (
    ANSWERS,
    APPEALS,
    CHANNELS,
    MODES,
    REASONS,
    RESULTS,
    rows,
)
from crawler.practice.older_books import Told
from crawler.practice.organs import SHANDONG, Organ

Numbers = dict[str, int | float]


def has_table(organ: Organ, year: int) -> bool:
    """Three of four organs of a place print the form, every year that it was in force."""
    return organ.order % 4 != 2 and 2014 <= year <= 2018


def table(draft: Draft) -> tuple[Block, tuple[str, ...]]:
    """The form and its quirks. What the prose has told agrees with it, but for planted errors."""
    roll, organ = draft.roll, draft.organ
    books = _books(Told(draft.figures, roll), roll)
    # Counting round instead of rolling: even a small city has its share of every accident.
    turn = organ.order * 3 + organ.index + draft.year
    quirks: tuple[str, ...] = ()
    if turn % 6 == 0:
        _plant_error(turn // 6, books)
        quirks = ("planted_error",)
    printed = rows(
        library=organ.place is SHANDONG, other_mode=bool(books["requests.other"]) or turn % 2 == 0
    )
    style = "full" if quirks else ("full", "full", "sparse", "slash")[turn % 4]
    for key, _, _ in printed:
        if key:
            small = not books[key] and "." in key and not key.endswith(("total", "amount_wan_yuan"))
            draft.figures[f"b.{key}"] = None if small and style != "full" else books[key]
    cells = {key: _text(draft.figures[f"b.{key}"], style) for key, *_ in printed if key}
    layout = (_plain, _with_levels, _plain, _numbered)[organ.order % 4]
    return Block("table", rows=layout(printed, cells, roll)), (*quirks, f"form_b_{style}")


def _books(told: Told, roll: Random) -> Numbers:
    """Every sum of the form holds."""
    numbers: Numbers = {**_active(told, roll), **_response(told, roll), **_applications(told, roll)}
    for appeal in APPEALS:
        whole = told.number(f"{appeal}.total", 2)
        parts = told.split(whole, RESULTS)
        numbers |= {f"{appeal}.total": whole}
        numbers |= {f"{appeal}.{result}": count for result, count in parts.items()}
    paper, files = roll.randint(0, 90), roll.randint(0, 400)
    full, part = told.number("staff.full_time", 3), told.number("staff.part_time", 6)
    sessions = told.number("training.sessions", 0)
    return numbers | {
        "library_deposits.total": paper + files,
        "library_deposits.paper": paper,
        "library_deposits.electronic": files,
        "fees.amount_wan_yuan": round(told.fees() / 10_000, 6),
        "organisation.units": roll.randint(0, 2),
        "organisation.reading_points": roll.randint(1, 9),
        "staff.total": full + part,
        "staff.full_time": full,
        "staff.part_time": part,
        "budget_wan_yuan": roll.choice((0, roll.randint(1, 400) / 10)),
        "meetings": roll.randint(1, 6),
        "training.sessions": sessions,
        "training.attendees": sessions * roll.randint(8, 60),
    }


def _active(told: Told, roll: Random) -> Numbers:
    """One item may go through several channels: they add up to the whole or to more."""
    whole = told.number("active.total", 0)
    issued = told.number("normative.issued", 5)
    channels = {key: whole * roll.randint(0, 3) // 10 for key in CHANNELS}
    channels["website"] = min(whole, told.number("active.website", whole))
    short = max(0, whole - sum(channels.values()))
    channels["website"] += short if channels["website"] + short <= whole else 0
    channels["other"] += max(0, whole - sum(channels.values()))
    return {
        "active.total": whole,
        "active.normative_published": roll.randint(0, issued),
        "active.normative_issued": issued,
        **{f"channels.{key}": count for key, count in channels.items()},
    }


def _response(told: Told, roll: Random) -> Numbers:
    conferences, interviews = roll.randint(0, 9), roll.randint(0, 5)
    return {
        "response.hot_topics": roll.randint(0, 30),
        "response.press_conferences": conferences,
        "response.press_conferences_by_head": roll.randint(0, conferences),
        "response.online_interviews": interviews,
        "response.online_interviews_by_head": roll.randint(0, interviews),
        "response.interpretation_articles": told.number("interpretations.total", 40),
        "response.weibo_wechat": roll.randint(0, 60),
        "response.other": roll.randint(0, 8),
    }


def _applications(told: Told, roll: Random) -> Numbers:
    ways = told.ways()
    whole = sum(ways.values())
    extended = roll.randint(0, whole // 4)
    outcomes = told.outcomes(ANSWERS)
    reasons = told.split(outcomes["denied"], REASONS)
    return {
        "requests.total": whole,
        **{f"requests.{mode}": ways[mode] for mode in MODES},
        "requests.other": ways["email"],
        "closed.total": whole,
        "closed.on_time": whole - extended,
        "closed.extended": extended,
        "replies.total": sum(outcomes.values()),
        **{f"replies.{key}": count for key, count in outcomes.items() if key != "denied"},
        "replies.denied.total": outcomes["denied"],
        **{f"replies.denied.{reason}": count for reason, count in reasons.items()},
    }


def _plant_error(turn: int, books: Numbers) -> None:
    """One slip of the pen, in turn."""
    kind = turn % 6
    if kind == 0:
        books["staff.total"] += 2
    elif kind == 1:
        books["closed.extended"] += 1
    elif kind == 2:
        books["replies.denied.other_legal"] += 3
    elif kind == 3:
        books["response.press_conferences_by_head"] = books["response.press_conferences"] + 1
    elif kind == 4:  # the whole went into the row of the first channel, as in a torn spreadsheet
        books["channels.gazette"] = books["active.total"]
        books["active.total"] = books["active.normative_issued"]
    else:
        books["requests.total"] += 1


def _text(value: float | None, style: str) -> str:
    if value is None:
        return "/" if style == "slash" else ""
    return f"{value:.6f}".rstrip("0").rstrip(".")


Printed = tuple[tuple[Cell, ...], ...]
Rows = tuple[tuple[str, str, str], ...]


def _plain(printed: Rows, cells: dict[str, str], _roll: Random) -> Printed:
    body = (tuple(map(Cell, (label, unit, cells.get(key, "")))) for key, label, unit in printed)
    return (tuple(map(Cell, ("统计指标", "单位", "统计数"))), *body)


def _numbered(printed: Rows, cells: dict[str, str], roll: Random) -> Printed:
    """A column of serial numbers before the labels."""
    head, *body = _plain(printed, cells, roll)
    numbered = ((Cell(str(n)), *row) for n, row in enumerate(body, start=1))
    return ((Cell("序号"), *head), *numbered)


def _with_levels(printed: Rows, cells: dict[str, str], roll: Random) -> Printed:
    """The sum stands beside the shares of the organ itself and of those below it."""
    head = (
        (Cell("统计指标", rows=2), Cell("单位", rows=2), Cell("统计数", 3)),
        (Cell("合计"), Cell("本级"), Cell("所属单位")),
    )
    body = []
    for key, label, unit in printed:
        text = cells.get(key, "")
        own = str(roll.randint(0, int(text))) if text.isdigit() else text
        below = str(int(text) - int(own)) if text.isdigit() else ""
        body.append(tuple(map(Cell, (label, unit, text, own, below))))
    return (*head, *body)

"""The arithmetic of form B and of the sentences beside it, worked out from what is printed.

Written from the form's own rules and on purpose not shared with the parser under test.
"""

from collections.abc import Iterator, Mapping, Set

from crawler.practice.form_b_rows import ANSWERS, APPEALS, CHANNELS, MODES, REASONS, RESULTS
from crawler.practice.truth import Value

Equation = tuple[str, list[str], list[str]]


def failing(figures: Mapping[str, Value], approximate: Set[str]) -> tuple[str, ...]:
    """Ids of the checks that are false as printed; `approximate` figures are held against none."""
    equal = [*_sums(figures), *_sentences(figures, approximate)]
    wrong = [name for name, *sides in equal if _differ(figures, *sides, most=False)]
    return (*wrong, *(name for name, *sides in _bounds() if _differ(figures, *sides, most=True)))


def _sums(figures: Mapping[str, Value]) -> Iterator[Equation]:
    modes = (*MODES, *(("other",) if "b.requests.other" in figures else ()))
    for name, total, parts in (
        ("requests", "requests.total", [f"requests.{mode}" for mode in modes]),
        ("closed", "closed.total", ["closed.on_time", "closed.extended"]),
        ("denied", "replies.denied.total", [f"replies.denied.{key}" for key in REASONS]),
        ("staff", "staff.total", ["staff.full_time", "staff.part_time"]),
        (
            "library_deposits",
            "library_deposits.total",
            ["library_deposits.paper", "library_deposits.electronic"],
        ),
        (
            "replies",
            "replies.total",
            [f"replies.{key}" for key in (*ANSWERS, "granted", "partial_grant", "denied.total")],
        ),
        *(
            (appeal, f"{appeal}.total", [f"{appeal}.{result}" for result in RESULTS])
            for appeal in APPEALS
        ),
    ):
        yield f"b.{name}.sum", [f"b.{total}"], [f"b.{part}" for part in parts]
    yield "b.replies.closed", ["b.replies.total"], ["b.closed.total"]


def _sentences(figures: Mapping[str, Value], approximate: Set[str]) -> Iterator[Equation]:
    """The same number in the text and in the form."""
    for name, what in (
        ("requests", "requests.total"),
        ("active", "active.total"),
        ("review", "review.total"),
        ("litigation", "litigation.total"),
    ):
        said = f"prose.{what}"
        if said in figures and said not in approximate:
            yield f"text.{name}", [said], [f"b.{what}"]


def _bounds() -> Iterator[Equation]:
    """No more on the left than on the right."""
    yield "b.active.bound", ["b.active.total"], [f"b.channels.{key}" for key in CHANNELS]
    for key in CHANNELS:
        yield f"b.active.{key}", [f"b.channels.{key}"], ["b.active.total"]
    yield (
        "b.normative.bound",
        ["b.active.normative_published"],
        ["b.active.normative_issued"],
    )
    for what in ("press_conferences", "online_interviews"):
        yield f"b.{what}.by_head", [f"b.response.{what}_by_head"], [f"b.response.{what}"]


def _differ(figures: Mapping[str, Value], left: list[str], right: list[str], *, most: bool) -> bool:
    sides = [[figures.get(key) for key in keys] for keys in (left, right)]
    if any(value is None for side in sides for value in side):
        return False
    one, other = (sum(value for value in side if value is not None) for side in sides)
    return one > other if most else one != other

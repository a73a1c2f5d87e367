"""Numbers printed without anything between them, as text copied out of a table: 210000021.

They are parted only where the sums of the form leave one way to do it.
"""

from __future__ import annotations

from functools import cache

_LONGEST = 3  # times as many digits as numbers: most of a form's numbers are 0
_NUMBER = 5  # digits of one number: no organ has 100,000 applications


def only_split(digits: str, sizes: tuple[int, ...]) -> tuple[str, ...] | None:
    """`digits` cut into groups of `sizes` numbers, each group ending in the sum of its others.

    None where no cut adds up or more than one does. No number begins with a needless zero.
    """
    if not sum(sizes) <= len(digits) <= _LONGEST * sum(sizes) or not (
        digits.isascii() and digits.isdigit()
    ):
        return None

    @cache
    def cuts(start: int, group: int) -> tuple[tuple[str, ...], ...]:
        """Up to two ways to cut what is left into the groups that are left."""
        if group == len(sizes):
            return ((),) if start == len(digits) else ()
        found: list[tuple[str, ...]] = []
        for parts, end in _group(digits, start, sizes[group]):
            found += [parts + rest for rest in cuts(end, group + 1)]
            if len(found) > 1:
                break
        return tuple(found[:2])

    ways = cuts(0, 0)
    return ways[0] if len(ways) == 1 else None


def _group(digits: str, start: int, size: int) -> list[tuple[tuple[str, ...], int]]:
    """Every (numbers, end) of one group that begins at `start` and adds up."""
    heads: list[tuple[tuple[str, ...], int]] = [((), start)]
    for _ in range(size - 1):
        heads = [
            ((*parts, digits[at:end]), end)
            for parts, at in heads
            for end in range(at + 1, min(at + 1 if digits[at : at + 1] == "0" else at + _NUMBER,
                                         len(digits)) + 1)
        ]  # fmt: skip
    found = []
    for parts, at in heads:
        total = str(sum(map(int, parts)))
        if digits.startswith(total, at):
            found.append(((*parts, total), at + len(total)))
    return found

"""What a prose report has told, as numbers that the tables appended to it can agree with."""

from collections.abc import Mapping
from random import Random

from crawler.practice.truth import Value

WAYS = ("in_person", "fax", "online", "letter", "email")


class Told:
    """The figures of a report's text; what it left untold is rolled, once, when asked for."""

    def __init__(self, figures: Mapping[str, Value], roll: Random) -> None:
        self._figures, self._roll = figures, roll

    def number(self, key: str, most: int) -> int:
        """What the text says of `key`, without `prose.`; a number up to `most` if nothing."""
        value = self._figures.get(f"prose.{key}")
        return self._roll.randint(0, most) if value is None else int(value)

    def fees(self) -> float:
        """In yuan."""
        return self._figures.get("prose.fees.amount") or 0

    def ways(self) -> dict[str, int]:
        """Applications by way of arrival: what no way is told of came online."""
        ways = {way: int(self._figures.get(f"prose.requests.{way}") or 0) for way in WAYS}
        ways["online"] += int(self._figures.get("prose.requests.total") or 0) - sum(ways.values())
        return ways

    def outcomes(self, others: tuple[str, ...]) -> dict[str, int]:
        """Replies by outcome; where the text tells none, all is granted but for a few `others`."""
        total = int(self._figures.get("prose.requests.total") or 0)
        keys = ("granted", "partial_grant", "denied")
        found = {key: int(self._figures.get(f"prose.replies.{key}") or 0) for key in keys}
        found |= dict.fromkeys(others, 0)
        left = total - sum(found.values())
        if others and left:
            few = self._roll.randint(0, left)
            found[self._roll.choice(others)] += few
            left -= few
        found["granted"] += left
        return found

    def split(self, whole: int, keys: tuple[str, ...]) -> dict[str, int]:
        """`whole` dealt out over `keys`."""
        dealt = dict.fromkeys(keys, 0)
        for _ in range(whole):
            dealt[self._roll.choice(keys)] += 1
        return dealt

"""A report being written: every figure is noted in the same breath as it is printed."""

from crawler.practice.blocks import Block
from crawler.practice.dice import dice
from crawler.practice.organs import Organ
from crawler.practice.truth import Value

NUMERALS = "〇一二三四五六七八九"
SMALL = {2: "两", 3: "三", 4: "四", 5: "五"}


class Draft:
    """Blocks and figures of one document, and the generator that chooses its words."""

    figures: dict[str, Value]

    def __init__(self, seed: int, organ: Organ, year: int, purpose: str) -> None:
        self.organ, self.year = organ, year
        self.roll = dice(seed, organ.index, year, purpose)
        self.blocks: list[Block] = []
        self.figures = {}
        self.approximate: set[str] = set()  # keys of figures that are printed as 约 or 余
        self._sections = 0
        self._mark = self.roll.choice(("、", "、", "．"))

    def chance(self, probability: float) -> bool:
        return self.roll.random() < probability

    def pick(self, choices: tuple[str, ...], **slots: object) -> str:
        return self.fill(self.roll.choice(choices), **slots)

    def fill(self, text: str, **slots: object) -> str:
        words = {"we": self.organ.we, "place": self.organ.place.name, "year": self.year}
        return text.format(**{**words, **slots})

    def heading(self, text: str) -> None:
        self._sections += 1
        self.blocks.append(Block("heading", f"{chinese_number(self._sections)}{self._mark}{text}"))

    def say(self, *sentences: str) -> None:
        self.blocks.append(Block("paragraph", "".join(sentences)))

    def note(self, value: int | float, *keys: str) -> None:
        """The page states this value for these figures."""
        self.figures.update(dict.fromkeys(keys, value))

    def count(self, key: str, number: int, unit: str, *, exact: bool = True) -> str:
        """Print a count in one of the ways people type it, and note what was printed."""
        if number >= 10_000 and not exact and self.chance(0.4):
            self.approximate.add(key)
            self.note(number // 1000 * 1000, key)
            return f"{number // 1000 / 10:g}万余{unit}"
        if number >= 100 and not exact and self.chance(0.4):
            number = number // 10 * 10
            self.approximate.add(key)
            self.note(number, key)
            return f"约{number}{unit}" if self.chance(0.5) else f"{number}余{unit}"
        self.note(number, key)
        if number in SMALL and self.chance(0.15):
            return f"{SMALL[number]}{unit}"
        if number >= 1000 and self.chance(0.15):
            return f"{number:,}{unit}"
        if self.chance(0.08):
            return f"{full_width(number)}{unit}"
        return f"{number}{unit}"


def chinese_number(number: int) -> str:
    """1–99 as in 十二."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{NUMERALS[tens]}十")
    return head + (NUMERALS[ones] if ones else "")


def chinese_year(year: int) -> str:
    return "".join(NUMERALS[int(digit)] for digit in str(year))


def full_width(number: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))

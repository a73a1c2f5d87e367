"""What reading one table, or the prose, gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.items import Issue
    from pipelines.parser.model import Figure, Form


@dataclass(frozen=True, slots=True)
class Reading:
    """Figures found, the forms they were found in, and what someone should look at."""

    figures: tuple[Figure, ...] = ()
    forms: tuple[Form, ...] = ()
    issues: tuple[Issue, ...] = ()

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            self.figures + other.figures, self.forms + other.forms, self.issues + other.issues
        )

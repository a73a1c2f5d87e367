"""The kinds of reading processes, and what each may take."""

from __future__ import annotations

from typing import Literal

from pipelines.attachments.jail import Limits

Role = Literal["read", "see", "convert"]

LIMITS: dict[Role, Limits] = {
    "read": Limits(),
    # One page at a time; the models alone take three seconds to load.
    "see": Limits(cpu=180, clock=300, memory=6 * 2**30, tired=2**30),
    "convert": Limits(cpu=60, clock=120, memory=6 * 2**30, programs=True),
}

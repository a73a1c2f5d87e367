"""Readers are loaded when their first file comes: most crawls meet few of the formats."""

from __future__ import annotations

import importlib
from typing import Any


def call(module: str, name: str, *arguments: Any) -> Any:
    """`name` of `pipelines.attachments.<module>`, called."""
    return getattr(importlib.import_module(f"pipelines.attachments.{module}"), name)(*arguments)

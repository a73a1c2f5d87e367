"""Chance that repeats: one generator for each thing that is decided, named by what it decides."""

from random import Random


def dice(*name: object) -> Random:
    """The same name gives the same rolls, whatever was rolled before it."""
    return Random("/".join(map(str, name)))  # noqa: S311 - a toy city, no secrets

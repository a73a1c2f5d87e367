"""What the documents say exists, exists: every command has help, every path is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from crawler.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?(?:\S+=\S+ )?(?:\S*/)?gongkai ((?:archive |frontier )?[a-z]+)(.*)$")


def documented() -> list[tuple[str, str]]:
    """Every `gongkai …` line of a code block: the command and the rest of the line."""
    lines = [line for block in FENCED.findall(README) for line in block.splitlines()]
    return [(m[1], m[2]) for m in map(COMMAND.match, lines) if m]


def commands() -> dict[str, object]:
    """Every command of the program by its words."""
    top = get_command(app).commands  # type: ignore[attr-defined]
    found = {}
    for name, command in top.items():
        for inner, sub in getattr(command, "commands", {}).items():
            found[f"{name} {inner}"] = sub
        if not hasattr(command, "commands"):
            found[name] = command
    return found


@pytest.mark.parametrize(("name", "rest"), documented())
def test_a_documented_command_exists_with_its_options(name: str, rest: str) -> None:
    command = commands()[name]
    known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}  # type: ignore[attr-defined]
    options = re.findall(r"(?<!\S)(--[a-z-]+)", rest.partition("#")[0].partition("|")[0])
    assert not {o for o in options if o not in known}


@pytest.mark.parametrize("name", list(commands()))
def test_every_command_is_documented_and_has_help(name: str) -> None:
    assert commands()[name].help  # type: ignore[attr-defined]
    assert f"gongkai {name}" in README


@pytest.mark.parametrize("path", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_every_link_leads_somewhere(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", ["setup", "demo", "test"])
def test_the_makefile_has_what_the_readme_promises(name: str) -> None:
    assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"make {name}" in README

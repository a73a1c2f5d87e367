"""Other people's programs, each installed in an environment of its own, never in ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINNED = {
    "scrapy": ("scrapy==2.19.0",),
    "scrapy-webarchive": (
        "scrapy-webarchive==0.5.3",
        "scrapy==2.11.2",
        "w3lib==2.1.2",
        "twisted==24.11.0",
        "pyopenssl==24.3.0",
        "cryptography==44.0.0",
    ),
    "scrapy-warcio": ("scrapy-warcio==0.0.8", "scrapy==2.19.0"),
}


def python_of(name: str) -> Path | None:
    """The interpreter of a peer's environment; None, after a line, when it cannot be had."""
    home = ROOT / ".uv" / "peers" / name  # git-ignored, like uv itself
    python, mark, pinned = home / "bin" / "python", home / "pinned", "\n".join(PINNED[name])
    if mark.exists() and mark.read_text(encoding="utf-8") == pinned:
        return python
    uv = ROOT / ".uv" / "bin" / "uv"
    steps: list[list[str | Path]] = [
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, home],
        [uv, "pip", "install", "--quiet", "--python", python, *PINNED[name]],
        [python, "-c", f"import {name.replace('-', '_')}"],
    ]
    for step in steps:
        try:
            environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
            subprocess.run(step, check=True, env=environment, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            why = getattr(error, "stderr", "") or str(error)
            print(f"{name} is left out: {why.strip().splitlines()[-1]}")
            return None
    mark.write_text(pinned, encoding="utf-8")
    return python

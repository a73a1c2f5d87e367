"""The browser for pages that exist in rendered form only: found, or installed by `make setup`.

A headless shell is preferred to a whole Chromium: half the memory, and no PDF viewer between us and
the bytes. Nothing but rendered pages needs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find() -> Path | None:
    """The executable: `GONGKAI_CHROMIUM`, one on the path, or the one Playwright installed."""
    if named := os.environ.get("GONGKAI_CHROMIUM"):
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    return next(iter(sorted(cache.glob("chromium*/chrome-*/*headless*shell"))), None)


def install() -> Path | None:
    """Debian's package when root, else Playwright's download; None when neither can be had."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        _quietly(apt, "update", "-q")
        for package in NAMES[:2]:
            if _quietly(apt, "install", "-y", "-q", "--no-install-recommends", package):
                return find()
    _quietly(sys.executable, "-m", "playwright", "install", "--only-shell", "chromium")
    return find()


def _quietly(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)  # noqa: S603
    return done.returncode == 0


def main() -> None:
    """Say what there is, after trying to get it. Never fails: most portals need no browser."""
    if (browser := find() or install()) is not None:
        print(f"browser: {browser}", file=sys.stderr)
    else:
        print(
            "no browser could be found or installed: pages that exist in rendered form only will "
            "not be fetched, everything else works (Debian: apt-get install chromium)",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()

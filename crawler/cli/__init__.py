"""`gongkai`: one small file a group of commands. Data on stdout, everything else on stderr.

Exit codes: 0 done, 1 done with problems that the output names, 2 wrong use, 3 something needed is
missing, 130 interrupted (nothing is lost).
"""

from __future__ import annotations

import errno
import sys

import typer

from crawler.cli import (
    archive,
    archive_more,
    archive_verify,
    check,
    crawl,
    demo,
    document,
    documents,
    explain,
    frontier,
    portals,
    scaffold,
    worker,
)
from crawler.errors import GongkaiError, Unavailable, WrongUse

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}

app = typer.Typer(
    name="gongkai",
    help="Crawler and archive of China's government-disclosure reports (政府信息公开工作年度报告).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes and colours would double the time of every start
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (demo, crawl, worker, portals, scaffold, check, explain, documents):
    group.register(app)
for more in (archive_more, archive_verify):
    more.register(archive.app)
app.add_typer(archive.app, name="archive")
app.add_typer(document.app, name="document")
app.add_typer(frontier.app, name="frontier")


def main() -> None:
    """The console script: our own errors become one line and an exit code, never a traceback."""
    try:
        app()
    except WrongUse as error:
        _end(error, 2)
    except Unavailable as error:
        _end(error, 3)
    except GongkaiError as error:
        _end(error, 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `gongkai export | head`
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if not _is_of_the_disk(error):
            raise
        _end(error, 3)


def _is_of_the_disk(error: Exception) -> bool:
    from archive import ArchiveError  # was imported by whoever raised it

    return isinstance(error, ArchiveError) or getattr(error, "errno", None) in DISK


def _end(error: Exception, code: int) -> None:
    print("gongkai:", " ".join(str(error).split()), file=sys.stderr)
    sys.exit(code)

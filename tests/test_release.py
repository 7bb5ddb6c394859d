"""`./run tag` tags a version that is documented and committed, once."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="run is a bash script"),
    pytest.mark.skipif(not shutil.which("git"), reason="git is not installed"),
]
GIT = ["git", "-c", "user.name=Tests", "-c", "user.email=tests@arshif.example", "-c", "init.defaultBranch=main"]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the files that a release is made of, all committed."""
    for name in ("run", "pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    text = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8").replace("## Unreleased\n", "## 9.9.9 - 2020-01-01\n")
    if f"## {VERSION} - " not in text:
        text += f"\n## {VERSION} - 2020-01-02\n"
    (tmp_path / "CHANGELOG.md").write_text(text, encoding="utf-8")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Tests")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "tests@arshif.example")
    commit(tmp_path)
    return tmp_path


def commit(directory: Path) -> None:
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*GIT, *arguments], cwd=directory, check=True)


def tag(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "run", "tag"], cwd=directory, capture_output=True, text=True, check=False)


def test_the_version_is_tagged_once(release: Path) -> None:
    assert tag(release).returncode == 0
    tags = subprocess.run([*GIT, "tag", "-n"], cwd=release, capture_output=True, text=True, check=True).stdout
    assert tags.split() == [f"v{VERSION}", "Arshif", VERSION]
    assert f"the tag v{VERSION} exists already" in tag(release).stderr


def uncommitted(directory: Path) -> None:
    (directory / "new.txt").touch()


def undocumented(directory: Path) -> None:
    path = directory / "CHANGELOG.md"
    path.write_text(
        re.sub(rf"## {re.escape(VERSION)} - .*", "## 0.0.1 - 2020-01-01", path.read_text(encoding="utf-8")), "utf-8"
    )
    commit(directory)


def undated(directory: Path) -> None:
    path = directory / "CHANGELOG.md"
    path.write_text(re.sub(rf"(## {re.escape(VERSION)}) - .*", r"\1", path.read_text(encoding="utf-8")), "utf-8")
    commit(directory)


def unreleased(directory: Path) -> None:
    path = directory / "CHANGELOG.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n## Unreleased\n", "utf-8")
    commit(directory)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (uncommitted, "there are uncommitted changes"),
        (undocumented, f"CHANGELOG.md has no section '## {VERSION} - "),
        (undated, f"CHANGELOG.md has no section '## {VERSION} - "),
        (unreleased, "still has a section 'Unreleased'"),
    ],
)
def test_an_incomplete_release_is_not_tagged(release: Path, harm: Callable[[Path], None], reason: str) -> None:
    harm(release)
    done = tag(release)
    assert done.returncode == 1
    assert reason in done.stderr
    assert subprocess.run([*GIT, "tag"], cwd=release, capture_output=True, text=True, check=True).stdout == ""

"""The documents say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.make_commands import PAGE, commands_page
from tests.conftest import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "seeds/README.md"]


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), "write it anew with ./run docs"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_both_readmes_show_the_same_commands_in_the_same_order() -> None:
    english, arabic = (_code(ROOT / name) for name in ("README.md", "README.ar.md"))
    assert len(english) > 20
    assert arabic == english


def _code(path: Path) -> list[str]:
    """The lines of code that a document shows, without their comments, which are in its language."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    return [code for line in lines if (code := re.sub(r"\s+# .*", "", line).strip())]


@pytest.mark.parametrize("name", ["README.md", "README.ar.md"])
def test_commands_in_the_readme_exist(name: str) -> None:
    readme = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"^\s*(?:\$ )?arshif (?:--\S+ \S+ )*([a-z]+)", readme, re.M))
    known = set(re.findall(r"^## arshif (\w+)", PAGE.read_text(encoding="utf-8"), re.M))
    assert named
    assert named <= known

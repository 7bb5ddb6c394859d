"""Documents are correct and complete, and their links resolve; documents, docstrings and comments are in plain English."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from inspect import cleandoc
from pathlib import Path

import pytest

from docs.make_commands import PAGE, commands_page
from tests.conftest import ROOT

DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("[!.]*/README.md"),
        *(ROOT / "search_ui/web/help").glob("*.md"),
    ]
)
DECISIONS = ROOT / "docs/decisions"

# Everything with docstrings or comments: Python files by folder, and the two shell scripts.
FOLDERS = ("arshif", "corpus", "indexer", "search_ui", "lexicon", "bench", "tests", "docs", ".ci")
SHELL_SCRIPTS = ("run", ".ci/run")

_COUNTED = "articles|bytes|clauses|copies|hashes|hits|MB|ms|names|once|pages|requests|rows|terms|times|words"
_UNIT = (
    "article|class|commit|document|element|entry|field|file|form|hash|hit|letter|level|line|member|name|page|query|"
    "record|request|row|search|segment|set|source|step|story|term|word"
)

# Words and turns of phrase that make a document hard to read or to search, and what to write instead.
# Output of commands is quoted as it is: see `_prose`.
PLAIN_ENGLISH = {
    r"told apart": "distinguished",
    r"told(?! apart)": "reported, listed, specified",
    r"anew|afresh": "again",
    r"pass(?:e[sd]|ing)? over": "ignored, skipped",
    r"who(?:so)?ever": "anyone who",
    r"whatever|whatsoever": "any, regardless of, everything that",
    r"however(?!,)": "no matter how, regardless of how",
    r"wherever": "where, everywhere that",
    r"met": "matched, found, reached",
    r"wanted": "required, relevant",
    r"(?<!thing\s)(?<!body\s)(?<!one\s)(?<!where\s)(?<!what\s)else": "otherwise, other",
    r"(?:is|are|was|were|be|been) said": "reported, shown, documented",
    r"(?:stands?|stood|standing)(?! for\b)(?!-)": "is, is listed",
    r"what is so|is so of": "is true, applies to",
    r"gone? about": "done",
    r"(?:go|goes|going|gone|went) on": "continue",
    r"ke(?:ep|eps|pt) up": "maintain, update",
    r"mend(?:s|ed|ing)?": "fix, repair",
    r"in vain": "without success, not found",
    r"(?:lies?|lay|lain) (?:at|apart|beside|in|on|there|under)": "is in, is stored in",
    r"(?:broken|breaks?|broke) off": "interrupted, truncated",
    r"be had": "be available, be fetched",
    r"c(?:ame|omes?|oming) into the archive": "was added",
    r"seen? through": "ignored",
    r"but for": "except, apart from",
    r"doors?": "interface",
    r"tak(?:e|es|en|ing) along": "save, export",
    r"as ever": "as before, as usual",
    rf"(?:(?:an?|one) (?!for|in|of|on|that|to|with)[\w-]+|\d+ \w*s|{_COUNTED}) an? (?:{_UNIT})(?! (?:has|is|must|of)\b)": "per line, per page, per story",
}


def test_the_page_of_commands_equals_their_help() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), "run ./run docs"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_resolve(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", path.read_text(encoding="utf-8"))
    targets = [(path.parent / link if link else path, anchor) for link, anchor in links]
    assert [str(target) for target, _ in targets if not target.exists()] == []
    assert [f"{target}#{anchor}" for target, anchor in targets if anchor and anchor not in _anchors(target)] == []


def _anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_english_of_documents_is_plain(path: Path) -> None:
    assert not (faults := _unplain(path, path.read_text(encoding="utf-8"))), "\n".join(["", *faults])


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_english_of_docstrings_and_comments_is_plain(folder: str) -> None:
    faults = [
        fault
        for path in sorted((ROOT / folder).rglob("*.py"))
        for fault in _unplain(path, _docstrings_and_comments(path.read_text(encoding="utf-8")))
    ]
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize("name", SHELL_SCRIPTS)
def test_the_english_of_shell_comments_is_plain(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    comments = [match[1] if (match := re.search(r"(?:^|\s)#:?\s+(.*)", line)) else "" for line in lines]
    assert not (faults := _unplain(ROOT / name, "\n".join(comments))), "\n".join(["", *faults])


def _unplain(path: Path, text: str) -> list[str]:
    """The places of a text that PLAIN_ENGLISH rejects, each as PATH:LINE and the words to write instead."""
    prose = _prose(text)
    return [
        f"{path.relative_to(ROOT)}:{prose.count(chr(10), 0, found.start()) + 1}: {' '.join(found[0].split())!r}; write: {instead}"
        for words, instead in PLAIN_ENGLISH.items()
        for found in re.finditer(rf"\b(?:{words})\b".replace(" ", r"[ \n]"), prose, re.I)
    ]


def _prose(text: str) -> str:
    """A text without inline code and indented blocks, which quote commands, files and output; lines keep their numbers."""
    lines, in_code, after_blank = [], False, True
    for line in text.splitlines():
        in_code = (line.startswith("    ") and (in_code or after_blank)) or (in_code and not line.strip())
        after_blank = not line.strip()
        lines.append("" if in_code else re.sub(r"`[^`]*`", "`", line.strip()))
    return "\n".join(lines)


def _docstrings_and_comments(source: str) -> str:
    """The docstrings and comments of a Python file, at their line numbers; code, examples and other strings are blank lines."""
    lines = [""] * (source.count("\n") + 1)
    is_statement = True  # the next token begins a statement: a string there is a docstring
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        first = token.start[0] - 1
        if token.type == tokenize.COMMENT:
            lines[first] = token.string.lstrip("#: ")
        elif token.type == tokenize.STRING and is_statement:
            docstring = cleandoc(ast.literal_eval(token.string)).splitlines()
            docstring = [re.sub(r"^\s*(>>>|\.\.\.).*", "", line) for line in docstring]
            lines[first : first + len(docstring)] = docstring
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            is_statement = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    return "\n".join(lines)


def test_every_decision_is_dated_and_listed() -> None:
    decisions = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    assert [path.name[:3] for path in decisions] == [f"{number:03}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        head = re.match(r"# \d{3}\. .+\n\n- Date: \d{4}-\d\d-\d\d\n- Status: .+\n\n", path.read_text(encoding="utf-8"))
        assert head, path.name
        sections = re.findall(r"^## (.+)", path.read_text(encoding="utf-8"), re.M)
        assert sections == ["Context", "Decision", "Consequences"], path.name
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \d{3} \| \[[^]]+\]\(([^)]+)\)", index, re.M)
    assert listed == [path.name for path in decisions]


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

"""Compare our reader of pages with others on pages of real sites: the body (F1 of its words), the title and the date.

The pages belong to public repositories and are not part of this one: `bench/pages.jsonl` names 12 Arabic pages of 12
sites with what a reader finds on them. Two larger sets in other languages come with their own answers and show whether
rules are general: the pages of Fundus and of the article extraction benchmark.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import lxml.html

from corpus import ArshifError
from corpus.readers.encodings import decode
from corpus.readers.html import read_html

_ANNOTATED = Path(__file__).with_name("pages.jsonl")
_OTHERS = Path(__file__).with_name("other_readers.py")
_NOT_TEXT = ("script", "style", "noscript", "template", "svg", "iframe")
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong",
    "sub", "sup", "u",
})  # fmt: skip
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Expected:
    """A page and what is printed on it; `title` and `date` are None if they are not known."""

    path: Path
    url: str | None
    title: str | None
    date: str | None
    text: str
    language: str | None = None


def run(directory: Path, python: str | None = None, worst: int = 0) -> None:
    """Prints a table per set of pages that is in the directory."""
    for name, pages in (
        ("Arabic pages", list(_annotated(directory))),
        ("Fundus", list(_fundus(directory / "fundus/tests/resources/parser/test_data"))),
        ("article-extraction-benchmark", list(_benchmark(directory / "article-extraction-benchmark"))),
    ):
        if not pages:
            print(f"{name}: not in {directory}, skipped")
            continue
        readers = {"arshif": [_read(page) for page in pages]}
        readers |= _read_by_others(python, pages) if python else {}
        print(f"\n{name}: {len(pages)} pages")
        print(f"{'':18}{'body F1':>9}{'titles':>14}{'dates':>14}")
        for reader, found in readers.items():
            _print_scores(reader, pages, found)
        if worst:
            _print_worst(pages, readers["arshif"], worst)


def _annotated(directory: Path) -> Iterator[Expected]:
    for line in _ANNOTATED.read_text("utf-8").splitlines():
        page = json.loads(line)
        path = directory / page["repository"].partition("/")[2] / page["path"]
        if not path.is_file():
            print(f"{path}: not there, skipped")
            continue
        text = _between(_text_of(_bytes(path)), page["first"], page["last"], page.get("without", []))
        if (words := len(_WORD.findall(text))) != page["words"]:
            print(f"{path}: has {words} words instead of {page['words']}, skipped: another version of the page?")
            continue
        yield Expected(path, page["url"], page["title"], page["date"], text, "ar")


def _between(text: str, first: str, last: str, without: list[str]) -> str:
    """The text from one sentence to another, without passages that are not the article's."""
    start = text.find(first)
    end = text.find(last, start)
    body = text[start : end + len(last)] if 0 <= start <= end else ""
    for passage in without:
        body = body.replace(passage, " ")
    return body


def _text_of(data: bytes) -> str:
    """The visible text of a page in its order, with single spaces."""
    tree = lxml.html.document_fromstring(decode(data, None))
    for tag in list(tree.iter()):
        if not isinstance(tag.tag, str) or tag.tag in _NOT_TEXT:
            tag.drop_tree()
        elif tag.tag not in _INLINE:
            tag.text = f" {tag.text or ''}"
            tag.tail = f" {tag.tail or ''}"
    return " ".join(tree.body.text_content().split())


def _fundus(directory: Path) -> Iterator[Expected]:
    urls = {
        name: page["url"]
        for path in directory.glob("*/meta.info")
        for name, page in json.loads(path.read_text("utf-8")).items()
    }
    for path in sorted(directory.glob("*/*.html.gz")):
        answers = path.with_name(re.sub(r"_\d{4}_\d\d_\d\d\.html\.gz$", ".json", path.name))
        if not answers.is_file():
            continue
        versions: dict[str, dict[str, Any]] = json.loads(answers.read_text("utf-8"))
        answer = next(reversed(versions.values()))
        if "body" not in answer or len(versions) > 1:  # with versions, it is unknown which page an answer is for
            continue
        body = answer["body"]
        lines = [*body["summary"]]
        for section in body["sections"]:
            lines += [*section["headline"], *section["paragraphs"]]
        yield Expected(
            path,
            urls.get(path.name),
            answer.get("title"),
            str(answer.get("publishing_date") or "")[:10] or None,
            "\n".join(lines),
        )


def _benchmark(directory: Path) -> Iterator[Expected]:
    answers = directory / "ground-truth.json"
    if answers.is_file():
        for name, answer in json.loads(answers.read_text("utf-8")).items():
            yield Expected(directory / "html" / f"{name}.html.gz", answer.get("url"), None, None, answer["articleBody"])


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def _read(page: Expected) -> dict[str, Any]:
    try:
        article = read_html(_bytes(page.path), page.path.name, url=page.url)
    except ArshifError as error:
        return {"title": None, "date": None, "text": "", "error": str(error)}
    date = article.published.date().isoformat() if article.published else None
    return {"title": article.title, "date": date, "text": "\n".join(article.paragraphs)}


def _read_by_others(python: str, pages: list[Expected]) -> dict[str, list[dict[str, Any]]]:
    """What other readers find, by their own interpreter: they are not among our dependencies."""
    given = "".join(f"{json.dumps([str(page.path), page.url, page.language])}\n" for page in pages)
    done = subprocess.run(
        [python, "-W", "ignore", str(_OTHERS)], input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for line in done.stdout.splitlines():
        for reader, article in json.loads(line).items():
            found.setdefault(reader, []).append(article)
    return found


def _print_scores(reader: str, pages: list[Expected], found: list[dict[str, Any]]) -> None:
    body = fmean(_f1(page.text, article["text"]) for page, article in zip(pages, found, strict=True))
    cells = []
    for field in ("title", "date"):
        known = [
            (wanted, article[field])
            for page, article in zip(pages, found, strict=True)
            if (wanted := getattr(page, field))
        ]
        right = sum(_words(wanted) == _words(given) for wanted, given in known)
        cells.append(f"{right}/{len(known)} {right / len(known):.1%}" if known else "-")
    print(f"{reader:18}{body:9.3f}{cells[0]:>14}{cells[1]:>14}")


def _print_worst(pages: list[Expected], found: list[dict[str, Any]], number: int) -> None:
    both = sorted(zip(pages, found, strict=True), key=lambda pair: _f1(pair[0].text, pair[1]["text"]))
    for page, article in both[:number]:
        wanted, given = Counter(_words(page.text)), Counter(_words(article["text"]))
        missed, added = (wanted - given).total(), (given - wanted).total()
        print(f"  {_f1(page.text, article['text']):.3f} missed {missed}, added {added}: {page.path}")
    for page, article in both:
        for field in ("title", "date"):
            wanted_field = getattr(page, field)
            if wanted_field and _words(wanted_field) != _words(article[field]):
                print(f"  {field}: {article[field]!r} instead of {wanted_field!r}: {page.path}")


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


def _f1(wanted: str, given: str) -> float:
    """The harmonic mean of precision and recall of the words of a text, each as often as it occurs."""
    expected, found = Counter(_words(wanted)), Counter(_words(given))
    shared = (expected & found).total()
    return 2 * shared / (expected.total() + found.total()) if shared else 0.0

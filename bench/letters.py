"""`./run bench letters NEWS.jsonl.gz…`: are damaged letters undone, and is right text left alone?

Reads all articles of files in JSON Lines, whose letters must not change, then damages 2,000 of them in each way and
reads them again. A copy counts as undone if title and paragraphs are exactly those of the undamaged article, with a
warning. Articles that the wrong encoding cannot contain are left out of its row.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import random
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from corpus.article import Article, make_article
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.formats import read_stream
from corpus.readers.record import Record
from corpus.readers.visual_order import reordered

_MIN_LETTERS: Final = 80
_FORM_IN_PRINT: Final = "ﻷﻹﻵﻻﻼﻸﻺﻶ"  # right text may have these; a copy in presentation forms does not tell which

Damage = Callable[[str], str]


def misread(text: str, right: str, wrong: str, *, undefined: str | None = None) -> str:
    """The bytes of a text, decoded in the wrong encoding; undefined bytes become control characters, or `undefined`."""
    chars = []
    for byte in text.encode(right):
        char = bytes([byte]).decode(wrong, "replace")
        if char == "\ufffd" or char == "\x81":
            char = chr(byte) if undefined is None else undefined
        chars.append(char)
    return "".join(chars)


def visual(text: str) -> str:
    """Each line as it is displayed, with mirrored brackets."""
    return "\n".join(reordered(line) for line in text.split("\n"))


def _forms() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for code in range(0xFE80, 0xFEFD):
        kind, *letters = unicodedata.decomposition(chr(code)).split()
        found.setdefault("".join(chr(int(letter, 16)) for letter in letters), {})[kind[1:-1]] = chr(code)
    return found


_FORMS: Final = _forms()


def shaped(text: str) -> str:
    """A text in presentation forms, with the ligatures of lam and alef, as copied from a PDF file."""
    letters: list[str] = []
    for char in text:
        if letters and letters[-1] == "ل" and "ل" + char in _FORMS:
            letters[-1] += char
        else:
            letters.append(char)

    def joins(at: int) -> bool:
        return 0 <= at < len(letters) and "initial" in _FORMS.get(letters[at], {})

    def is_letter(at: int) -> bool:
        return 0 <= at < len(letters) and "final" in _FORMS.get(letters[at], {})

    shapes = []
    for at, letter in enumerate(letters):
        before, after = joins(at - 1) and is_letter(at), joins(at) and is_letter(at + 1)
        kind = "medial" if before and after else "final" if before else "initial" if after else "isolated"
        shapes.append(_FORMS.get(letter, {}).get(kind, letter))
    return "".join(shapes)


def _utf8_as(wrong: str, **options: Any) -> Damage:
    return lambda text: misread(text, "utf-8", wrong, **options)


def _without_vowels(wrong: str, undefined: str) -> Damage:
    """The vowel signs ُ ِ ٍ have undefined bytes in windows-1252, as ف has: texts with them are left out."""

    def damage(text: str) -> str:
        if re.search("[\u064d\u064f\u0650]", text):
            raise UnicodeEncodeError("cp1252", text, 0, 1, "a vowel sign")
        return misread(text, "utf-8", wrong, undefined=undefined)

    return damage


def _backwards(text: str) -> str:
    """Whole lines reversed; whether numbers are is certain only if years or zeros tell."""
    if re.search(r"[\dA-Za-z]", text):
        raise UnicodeEncodeError("cp1252", text, 0, 1, "a number or Latin word")
    return "\n".join(line[::-1] for line in text.split("\n"))


def _page_as(right: str, wrong: str) -> Damage:
    return lambda text: misread(text, right, wrong)


_KINDS: Final[dict[str, Damage]] = {
    "UTF-8 read as windows-1252": _utf8_as("cp1252"),
    "…, undefined bytes and soft hyphens dropped": lambda text: _without_vowels("cp1252", "")(text).replace("\xad", ""),
    "…, undefined bytes replaced": _without_vowels("cp1252", "\ufffd"),
    "UTF-8 read as ISO-8859-1": _utf8_as("latin-1"),
    "UTF-8 read as windows-1256": _utf8_as("cp1256"),
    "UTF-8 read as MacRoman": _utf8_as("mac-roman"),
    "UTF-8 read as code page 850": _utf8_as("cp850"),
    "UTF-8 read as windows-1251": _utf8_as("cp1251"),
    "UTF-8 read as windows-1252, twice": lambda text: _utf8_as("cp1252")(_utf8_as("cp1252")(text)),
    "UTF-8 read as windows-1256, twice": lambda text: _utf8_as("cp1256")(_utf8_as("cp1256")(text)),
    "windows-1256 read as windows-1252": _page_as("cp1256", "cp1252"),
    "…, then as UTF-8 read as windows-1252": lambda text: _utf8_as("cp1252")(_page_as("cp1256", "cp1252")(text)),
    "ISO-8859-6 read as windows-1252": _page_as("iso8859-6", "cp1252"),
    "windows-1256 read as MacRoman": _page_as("cp1256", "mac-roman"),
    "visual order": visual,
    "whole lines reversed, without numbers or Latin words": _backwards,
    "presentation forms in visual order": lambda text: visual(shaped(text)),
}


def _jsonl(title: str, text: str) -> bytes:
    return json.dumps({"id": "1", "title": title, "text": text}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _page(title: str, text: str) -> str:
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title><meta property="og:title" content="{title}"></head>'
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def _read(data: bytes, name: str) -> Record | None:
    return next((item for item in read_stream(io.BytesIO(data), name) if isinstance(item, Record)), None)


def _is_undone(data: bytes, name: str, right: Article) -> bool:
    found = _read(data, name)
    if found is None or not found.warning:
        return False
    return found.article.title == right.title and found.article.paragraphs == right.paragraphs


def _news(paths: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield line, json.loads(line)


def _unchanged(paths: list[Path]) -> list[tuple[str, str]]:
    """Read every article; print how many change, and return title and text of those that do not."""
    seconds = {"with": 0.0, "without": 0.0}
    right, changed, count = [], [], 0
    for _, given in _news(paths):
        title, text = given.get("title") or "", given["text"]
        fields = {"title": title, "paragraphs": text.splitlines(), "source": given.get("source")}
        start = time.process_time()
        plain = make_article(**fields)
        middle = time.process_time()
        letters = DamagedLetters("")
        checked = letters.article(**fields)
        warnings = list(letters.warnings())
        count += 1
        seconds["with"] += time.process_time() - middle
        seconds["without"] += middle - start
        if checked != plain or warnings:
            changed.append((given["id"], warnings))
        else:
            if "&" not in title and not any(char in text for char in _FORM_IN_PRINT):
                right.append((title, text))
    cost = (seconds["with"] - seconds["without"]) / count * 1e6
    print(f"{count:,} articles: {len(changed)} changed; the tests take {cost:.1f} microseconds per article")
    for article_id, warnings in changed:
        print(f"    {article_id}: {'; '.join(warnings)}")
    return right


def run(news: list[Path], articles: int) -> None:
    """Prints the articles that change, and for each damage how many copies are undone."""
    right = _unchanged(news)
    drawn = random.Random(0).sample(right, min(articles, len(right)))
    sample = [(title, text) for title, text in drawn if sum(map(str.isalpha, text)) >= _MIN_LETTERS]
    print("| damage | copies | undone in JSON Lines | in a page | title only |")
    print("|---|---|---|---|---|")
    for kind, damage in _KINDS.items():
        copies, done, pages, page_done, titles = 0, 0, 0, 0, 0
        for title, text in sample:
            try:
                bad_title, bad_text = damage(title), damage(text)
            except UnicodeEncodeError:
                continue
            record = _read(_jsonl(title, text), "a.jsonl")
            if record is None:
                continue
            copies += 1
            done += _is_undone(_jsonl(bad_title, bad_text), "a.jsonl", record.article)
            titles += _is_undone(_jsonl(bad_title, text), "a.jsonl", record.article)
            if copies % 5 == 0:
                good = _read(_page(html.escape(title), html.escape(text)).encode(), "a.html")
                if good is not None:
                    pages += 1
                    bad = _page(html.escape(bad_title), html.escape(bad_text)).encode("utf-8", "surrogatepass")
                    page_done += _is_undone(bad, "a.html", good.article)
        print(
            f"| {kind} | {copies:,} | {_share(done, copies)} | {_share(page_done, pages)} | {_share(titles, copies)} |"
        )
    _mixed(sample)


def _mixed(sample: list[tuple[str, str]]) -> None:
    for outer, inner in (("utf-8", "cp1256"), ("cp1256", "utf-8")):
        pages = done = 0
        for title, text in sample[::5]:
            good = _read(_page(html.escape(title), html.escape(text)).encode(), "a.html")
            try:
                start, _, end = _page(html.escape(title), "\0").partition("\0")
                inside = html.escape(text).replace("\n", "</p><p>").encode(inner)
                data = start.encode(outer) + inside + end.encode(outer)
            except UnicodeEncodeError:
                continue
            if good is not None:
                pages += 1
                done += _is_undone(data, "a.html", good.article)
        print(f"| a page in {outer} around a text in {inner} | {pages} | – | {_share(done, pages)} | – |")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "–"

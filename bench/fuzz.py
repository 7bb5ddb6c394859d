"""Fuzzes the readers: real samples of every format, with bytes changed, truncated, duplicated, spliced and swapped.

A reader must yield items in bounded time and raise nothing. Each input that fails is written to the current directory,
to reproduce the failure. The random numbers depend on the seed alone.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.file_forms import FORMS, page, warc
from corpus.readers import Record, Refusal, read_stream
from tests.corpus.readers.made_documents import chapter, docx, epub, mail, mhtml, odt, webarchive, word

SLOW: Final = 5.0  # seconds; a sample has some tens of kilobytes
_SIGNS: Final = tuple(b"<>&\"'\\/=,;\t\n\r\0{}[]:%\xff\xfe\xd9\xe2") + tuple(b"0919")
_WORDS: Final = (
    b"Content-Length: 99999999999", b"Transfer-Encoding: chunked", b"Content-Encoding: br", b"WARC/1.0\r\n",
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b\x08", b"ustar\x0000", b'"text":', b"<b>" * 500, b"<!--",
    b"<div>" * 500, b"[" * 2000, b'{"a":' * 500, b"<script type='application/ld+json'>", b"]]>", b"&#x0;", b"&" * 100,
    b"\xef\xbb\xbf", b"\xff\xfe", "كانون الثاني ".encode() * 20, "١٤٣٨/٥/١٩ هـ".encode(), b"<table>" * 300,
    b" " * 5000, b'""' * 300, b"=?utf-8?B?", b"Content-Type: multipart/mixed; boundary=a\n\n", b"\n--a\n",
    b"<w:p>" * 300, b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a *a", b"\n---\n", b"- " * 500, b"![" * 500, b"bplist00",
)  # fmt: skip

Sample = tuple[str, bytes]


def run(seconds: float, seed: int = 0, samples: Path | None = None) -> None:
    """Prints how many inputs were read and what they yielded; exits with 1 if a reader failed."""
    chosen = random.Random(seed)
    whole = _samples()
    if samples:
        whole += [(path.name, path.read_bytes()) for path in sorted(samples.rglob("*")) if path.is_file()]
    given: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    broken: list[str] = []
    slowest = (0.0, "")
    began = perf_counter()
    while perf_counter() - began < seconds:
        name, data = damaged(whole, chosen)
        forms["".join(Path(name).suffixes[-2:])] += 1
        started = perf_counter()
        try:
            for item in read_stream(io.BytesIO(data), name, size=len(data)):
                given[type(item).__name__] += 1
                if isinstance(item, Record):
                    item.article.content_hash()
                elif isinstance(item, Refusal):
                    assert item.reason.strip(), "a refusal without a reason"
                    assert item.reason.isprintable(), f"a reason that is no line: {item.reason!r}"
        except Exception:
            broken.append(_save(data, name, traceback.format_exc()))
        took = perf_counter() - started
        slowest = max(slowest, (took, name))
        if took > SLOW:
            broken.append(_save(data, name, f"it took {took:.1f} s"))
    total = forms.total()
    print(f"{total:,} damaged inputs in {perf_counter() - began:.0f} s, seed {seed}")
    print("by format: " + ", ".join(f"{name} {count:,}" for name, count in sorted(forms.items())))
    print("yielded: " + ", ".join(f"{name} {count:,}" for name, count in given.most_common()))
    print(f"slowest: {slowest[0]:.2f} s, {slowest[1]}")
    print(f"failures: {len(broken)}")
    for failure in broken[:20]:
        print(failure)
    if broken:
        sys.exit(1)


def damaged(whole: list[Sample], chosen: random.Random) -> Sample:
    """A sample after one to eight changes; sometimes under the name of another, or compressed again."""
    name, data = chosen.choice(whole)
    changed = bytearray(data)
    for _ in range(chosen.choice((1, 1, 2, 3, 8))):
        chosen.choice(_CHANGES)(changed, chosen, whole)
    if chosen.random() < 0.1:
        name = chosen.choice(whole)[0]
    if chosen.random() < 0.05:
        return name + ".gz", gzip.compress(bytes(changed), 1)
    return name, bytes(changed)


def _spot(data: bytearray, chosen: random.Random) -> int:
    # Headers and directories are at the ends of files: half of the changes are made there.
    if len(data) > 600 and chosen.random() < 0.5:
        return chosen.randrange(300) if chosen.random() < 0.6 else len(data) - 1 - chosen.randrange(300)
    return chosen.randrange(len(data) + 1)


def _flip(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    if data:
        at = min(_spot(data, chosen), len(data) - 1)
        data[at] ^= 1 << chosen.randrange(8)


def _sign(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    at = _spot(data, chosen)
    data[at : at + chosen.randrange(2)] = bytes([chosen.choice(_SIGNS)])


def _cut(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    del data[_spot(data, chosen) :]


def _gap(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    at = _spot(data, chosen)
    del data[at : at + chosen.choice((1, 2, 7, 60, 1000))]


def _double(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    at, length = _spot(data, chosen), chosen.choice((1, 4, 50, 1000))
    data[at:at] = data[at : at + length] * chosen.choice((1, 2, 50))


def _word(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    at = _spot(data, chosen)
    data[at:at] = chosen.choice(_WORDS)


def _noise(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    at = _spot(data, chosen)
    data[at : at + chosen.choice((1, 8, 100))] = chosen.randbytes(chosen.choice((1, 8, 100)))


def _splice(data: bytearray, chosen: random.Random, whole: list[Sample]) -> None:
    other = chosen.choice(whole)[1]
    data[_spot(data, chosen) :] = other[chosen.randrange(len(other) + 1) :]


_CHANGES: Final[tuple[Callable[[bytearray, random.Random, list[Sample]], None], ...]] = (
    _flip, _flip, _sign, _sign, _cut, _gap, _double, _word, _noise, _splice,
)  # fmt: skip


def _save(data: bytes, name: str, reason: str) -> str:
    handle = tempfile.NamedTemporaryFile(prefix="fuzz-", suffix="-" + name, dir=".", delete=False)  # noqa: SIM115
    with handle:
        handle.write(data)
    return f"{handle.name}:\n{reason}"


def _samples() -> list[Sample]:
    """The seeds: their pages unchanged, and some of their articles in every other format."""
    seeds = Path(__file__).resolve().parent.parent / "seeds"
    samples = [(path.name, path.read_bytes()) for path in sorted((seeds / "pages").rglob("*.html"))]
    rows = [json.loads(line) for line in (seeds / "wire.jsonl").read_text(encoding="utf-8").splitlines()[:6]]
    # There are fewer of the other formats than pages: repeated, so that each is drawn as often.
    samples += 3 * [(form.name, form.make(rows)) for form in FORMS]
    return [
        *samples,
        ("text.txt", rows[0]["text"].encode("windows-1256", "replace")),
        ("page.html", page(rows[0]).decode().encode("utf-16")),
        ("plain.warc", warc(rows, compressed=False)),
        *3 * _documents(rows[0]["title"], rows[0]["text"].splitlines()),
    ]


def _documents(title: str, paragraphs: list[str]) -> list[Sample]:
    html = page({"title": title, "text": "\n".join(paragraphs)})
    message = mail(html.decode(), headers={"Subject": title}, attached=[("application/pdf", "a.pdf", b"%PDF-")])
    return [
        ("page.mhtml", mhtml(html)),
        ("page.webarchive", webarchive(html)),
        ("news.eml", message),
        ("news.mbox", 2 * (b"From - Wed Feb 27 08:00:00 2019\n" + message + b"\n")),
        ("news.docx", docx(word(title, "a3") + "".join(map(word, paragraphs)))),
        ("news.odt", odt("".join(f"<text:p>{text}</text:p>" for text in (title, *paragraphs)))),
        ("news.epub", epub({"a.xhtml": chapter(title, *paragraphs)})),
        ("news.md", "\n\n".join([f"---\ntitle: {title!r}\n---", *paragraphs]).encode()),
    ]

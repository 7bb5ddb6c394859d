"""Damage is reported, never a traceback; a bug is a traceback, never reported as damage."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from corpus import Archive, make_article
from indexer import IndexDamaged, Searcher, SearchRequest, Sort, TimeUnit, rebuild_index, update_index, verify_index
from indexer.codec import FieldPostings
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.embedded.snapshot import SegmentView
from tests.indexer.embedded.test_verification import alter

QUERIES = ("إيران", '"غرب إيران"', "مفاوض*", "المفاوظات~", "عنوان:زلزال", "مصدر:النهضة", "2017", "-إيران", "")

ASK: dict[str, Callable[[Searcher], object]] = {
    "search": lambda searcher: searcher.search(SearchRequest("إيران", facets=True)),
    "rank": lambda searcher: searcher.rank(SearchRequest("إيران"), 10),
    "scan": lambda searcher: list(searcher.scan(SearchRequest("إيران")).ids()),
    "suggest": lambda searcher: searcher.suggest("إير"),
    "more like": lambda searcher: searcher.more_like("iran"),
    "published": lambda searcher: searcher.published(TimeUnit.MONTH),
    "name of": lambda searcher: searcher.name_of("source", "الغد"),
}


def fail(kind: type[Exception]) -> Callable[..., object]:
    def raise_it(*_: object, **__: object) -> object:
        raise kind("a bug")

    return raise_it


@pytest.mark.slow
@pytest.mark.parametrize("kind", [AttributeError, TypeError, KeyError, IndexError, ValueError, AssertionError, OSError])
@pytest.mark.parametrize("ask", ["search", "rank", "scan", "suggest", "more like"])
def test_a_bug_in_a_search_is_raised_as_it_is(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, kind: type[Exception], ask: str
) -> None:
    update_index(archive)
    searcher = EmbeddedSearcher(archive)
    for method in ("find", "frequency", "docs", "lower_bound"):
        monkeypatch.setattr(FieldPostings, method, fail(kind))
    with pytest.raises(kind, match="a bug"):
        ASK[ask](searcher)


def test_a_bug_in_indexing_is_raised_as_it_is_and_unlocks(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    archive.add(make_article(id="iran", paragraphs=["نص"]))
    monkeypatch.setattr("indexer.embedded.writer.field_values", fail(TypeError))
    with pytest.raises(TypeError, match="a bug"):
        update_index(archive)
    monkeypatch.undo()
    assert update_index(archive).indexed == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_altered_bytes_are_harmless_or_reported(archive: Archive, seed: int) -> None:
    update_index(archive)
    chance = random.Random(seed)
    path = chance.choice([*archive.index_directory.glob("*.arr"), *archive.index_directory.glob("*.sim")])
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 20, 400])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    try:
        searcher = EmbeddedSearcher(archive)
    except IndexDamaged:
        return
    for query in QUERIES:
        for sort in Sort:
            with suppress(IndexDamaged):
                searcher.search(SearchRequest(query, sort=sort, facets=True))
    for ask in ASK.values():
        with suppress(IndexDamaged):
            ask(searcher)
    archive.add(make_article(id="iran", paragraphs=["نص آخر"]))
    try:
        update_index(archive)
    except IndexDamaged:
        rebuild_index(archive)
    # Altered bytes were not merged under a new, correct checksum.
    assert verify_index(archive) == 5


def test_a_segment_of_other_documents_is_damage(archive: Archive, tmp_path: Path) -> None:
    update_index(archive)
    with Archive.create(tmp_path / "other") as other:
        other.add(make_article(id="a", paragraphs=["نص"]))
        update_index(other)
        for ending in ("arr", "sim"):
            (ours,), (theirs,) = (each.index_directory.glob(f"*.{ending}") for each in (archive, other))
            ours.write_bytes(theirs.read_bytes())
    with pytest.raises(IndexDamaged, match="1 documents, not 5"):
        EmbeddedSearcher(archive)


def test_checksums_are_compared_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    searcher = EmbeddedSearcher(archive)
    verified: list[object] = []

    def verify(segment: SegmentView) -> None:
        verified.append(segment)

    monkeypatch.setattr(SegmentView, "verify", verify)
    monkeypatch.setattr(np, "bincount", fail(TypeError))
    for _ in range(3):
        with pytest.raises(TypeError):
            searcher.search(SearchRequest("إيران", facets=True))
    assert len(verified) == 1


def test_altered_terms_are_found_by_their_checksum(archive: Archive) -> None:
    update_index(archive)
    (path,) = archive.index_directory.glob("*.sim")
    alter(path, 0.5)
    with pytest.raises(IndexDamaged):
        verify_index(archive)

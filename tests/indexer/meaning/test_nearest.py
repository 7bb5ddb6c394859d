"""The nearest of many vectors, by their sketches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.codec.container import ArrayFile, ArrayFileWriter, DamagedPostings, MappedFile
from indexer.meaning.nearest import COMPARED, PassageScan
from indexer.meaning.sketches import distances, least, make_sketches
from indexer.meaning.vector_files import (
    SKETCHED,
    VectorFile,
    encode_vectors,
    merge_files,
    open_vector_file,
    write_vector_file,
)

DIMENSION = 72
MANY = SKETCHED + COMPARED


def near_each_other(count: int, seed: int) -> np.ndarray:
    """Unit vectors that all point nearly the same way, as those of some encoders do."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, DIMENSION)).astype(np.float32) / 4 + 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def stored(directory: Path, name: str, vectors: Mapping[int, np.ndarray]) -> VectorFile:
    write_vector_file(directory / f"{name}.vec", encode_vectors(vectors, DIMENSION))
    return open_vector_file(directory, f"{name}.vec", DIMENSION, verify=True)


def brute(files: Sequence[VectorFile], query: np.ndarray, limit: int) -> list[int]:
    merged = merge_files(files, oldest=True)
    cosines = (merged.codes * merged.scales[:, np.newaxis]) @ query
    numbers = np.repeat(merged.numbers, np.diff(merged.starts.astype(np.int64)))
    return list(dict.fromkeys(numbers[np.argsort(-cosines, kind="stable")].tolist()))[:limit]


def numbers_of(found: Sequence[tuple[int, float]]) -> list[int]:
    return [number for number, _ in found]


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> VectorFile:
    """Articles with none, one or two passages; the even numbers from 10 on."""
    vectors = near_each_other(2 * MANY, 1)
    return stored(
        tmp_path_factory.mktemp("vectors"),
        "lead",
        {10 + 2 * at: vectors[2 * at : 2 * at + at % 3] for at in range(MANY)},
    )


QUERIES = near_each_other(20, 2)


def test_a_file_with_many_passages_has_sketches(articles: VectorFile, tmp_path: Path) -> None:
    assert articles.sketches is not None
    assert articles.sketches.planes.shape == (2, articles.passage_count)
    vectors = near_each_other(SKETCHED, 1)
    assert stored(tmp_path, "few", {at: vectors[at : at + 1] for at in range(SKETCHED - 1)}).sketches is None
    assert stored(tmp_path, "enough", {at: vectors[at : at + 1] for at in range(SKETCHED)}).sketches is not None


def test_sketches_are_the_signs_of_differences_from_the_centre() -> None:
    file = encode_vectors(dict(enumerate(near_each_other(50, 3)[:, np.newaxis])), DIMENSION)
    sketches = make_sketches(file.codes, file.scales)
    vectors = file.codes * file.scales[:, np.newaxis]
    assert sketches.centre == pytest.approx(vectors.mean(axis=0), abs=1e-6)
    query = QUERIES[0]
    signs, own = vectors > sketches.centre, query > sketches.centre
    far = np.abs(query - sketches.centre) > 0.98 * np.sqrt(np.mean((query - sketches.centre) ** 2))
    expected = ((signs != own) * np.where(far, 3, 1)).sum(axis=1).tolist()
    assert distances(query, sketches).tolist() == expected
    assert distances(query, sketches, np.array([7, 3])).tolist() == [expected[7], expected[3]]


@given(st.lists(st.integers(0, 40), max_size=80), st.integers(1, 50))
def test_the_least_distances(values: list[int], most: int) -> None:
    places = least(np.array(values, np.uint16), most)
    expected = sorted(range(len(values)), key=lambda at: (values[at], at))[:most]
    assert places.tolist() == sorted(expected)


def test_nearly_all_of_the_nearest_are_found(articles: VectorFile) -> None:
    scan, found = PassageScan([[articles]]), 0
    for query in QUERIES:
        result = scan.nearest(query, 50)
        assert [value for _, value in result] == sorted((value for _, value in result), reverse=True)
        exact = {number: articles.similarity(int(articles.find(np.array([number]))[0]), query) for number, _ in result}
        assert result == [(number, pytest.approx(exact[number], abs=1e-5)) for number, _ in result]
        found += len(set(numbers_of(result)) & set(brute([articles], query, 50)))
    assert found >= 0.99 * 50 * len(QUERIES)


def test_few_articles_under_a_filter_are_all_compared(articles: VectorFile) -> None:
    within = np.arange(0, 40_000, 12, dtype=np.uint64)  # every sixth, and numbers of no article
    allowed = set(within.tolist())
    for query in QUERIES:
        found = numbers_of(PassageScan([[articles]]).nearest(query, 50, within))
        assert found == [number for number in brute([articles], query, MANY) if number in allowed][:50]


def test_many_articles_under_a_filter(articles: VectorFile) -> None:
    within = articles.numbers[articles.numbers % 10 != 0]
    for query in QUERIES[:5]:
        found = numbers_of(PassageScan([[articles]]).nearest(query, 20, within))
        expected = [number for number in brute([articles], query, 60) if number % 10][:20]
        assert len(found) == 20
        assert len(set(found) & set(expected)) >= 19
        assert all(number % 10 for number in found)


def test_articles_that_a_newer_file_has_do_not_count(articles: VectorFile, tmp_path: Path) -> None:
    query = QUERIES[0]
    before = numbers_of(PassageScan([[articles]]).nearest(query, 20))
    others = {number: np.zeros((0, DIMENSION), np.float32) for number in before[:10]}
    newer = stored(tmp_path, "newer", {**others, before[10]: -query[np.newaxis], 3: query[np.newaxis]})
    after = numbers_of(PassageScan([[articles, newer]]).nearest(query, 10))
    assert after[0] == 3
    assert after[1:] == before[11:20]
    # A level of its own replaces nothing.
    assert numbers_of(PassageScan([[articles], [newer]]).nearest(query, 21)) == [3, *before]


def test_several_files_and_levels_are_one_list(tmp_path: Path) -> None:
    vectors = near_each_other(3 * MANY, 4)
    leads = [
        stored(tmp_path, f"lead-{part}", {at: vectors[at : at + 1] for at in range(part * MANY, (part + 1) * MANY)})
        for part in range(2)
    ]
    bodies = stored(tmp_path, "body", {at: vectors[2 * MANY + at : 2 * MANY + at + 1] for at in range(MANY)})
    found = numbers_of(PassageScan([leads, [bodies]]).nearest(QUERIES[0], 30))
    everything = encode_vectors(
        {at: vectors[[at, 2 * MANY + at] if at < MANY else [at]] for at in range(2 * MANY)}, DIMENSION
    )
    assert len(set(found) & set(brute([everything], QUERIES[0], 30))) >= 29


def test_a_file_without_sketches_is_compared_as_a_whole(articles: VectorFile) -> None:
    scan = PassageScan([[replace(articles, sketches=None)]])
    for query in QUERIES[:3]:
        cosines = [articles.similarity(row, query) for row in range(len(articles.numbers))]
        expected = sorted((cosine for cosine in cosines if cosine is not None), reverse=True)[:50]
        assert [cosine for _, cosine in scan.nearest(query, 50)] == pytest.approx(expected, abs=1e-5)


def test_equal_articles_have_the_order_of_their_numbers(tmp_path: Path) -> None:
    file = stored(tmp_path, "equal", dict.fromkeys(range(MANY), QUERIES[:1]))
    found = PassageScan([[file]]).nearest(QUERIES[0], 5)
    assert numbers_of(found) == [0, 1, 2, 3, 4]


def test_there_may_be_no_vectors() -> None:
    assert PassageScan([[], []]).nearest(QUERIES[0], 5) == []
    empty = encode_vectors({}, DIMENSION)
    assert PassageScan([[empty]]).nearest(QUERIES[0], 5, np.array([1], np.uint64)) == []


def test_sketches_that_do_not_belong_to_the_vectors_are_damage(articles: VectorFile, tmp_path: Path) -> None:
    write_vector_file(tmp_path / "a.vec", articles)
    arrays = ArrayFile(MappedFile(tmp_path, "a.vec"))
    with (tmp_path / "b.vec").open("wb") as file:
        writer = ArrayFileWriter(file)
        for name in ("numbers", "starts", "scales", "codes", "centre", "sketches"):
            writer.add(name, arrays.array(name)[: -1 if name == "sketches" else None])
        writer.finish({})
    with pytest.raises(DamagedPostings, match="do not belong to its vectors"):
        open_vector_file(tmp_path, "b.vec", DIMENSION)

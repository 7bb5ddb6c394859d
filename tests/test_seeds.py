"""The sample articles are complete, and searches of them and of a real article find and mark words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive, ingest
from indexer import SearchRequest, update_index
from indexer.embedded.searcher import EmbeddedSearcher
from tests.conftest import ROOT

SEEDS = ROOT / "seeds"


def indexed(directory: Path, *paths: Path) -> Archive:
    archive = Archive.create(directory)
    summary = ingest.AddSummary()
    ingest.add_paths(archive, paths, summary)
    assert (summary.refusals, summary.warnings) == ([], [])
    update_index(archive)
    return archive


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with indexed(tmp_path_factory.mktemp("seeds") / "archive", SEEDS / "pages", SEEDS / "wire.jsonl") as archive:
        yield archive


@pytest.fixture(scope="module")
def astana(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Archive]:
    with indexed(tmp_path_factory.mktemp("astana") / "archive", shared_data / "seed" / "astana.txt") as archive:
        yield archive


def test_every_seed_is_dated_and_titled(seeds: Archive) -> None:
    articles = list(seeds.articles())
    assert len(articles) >= 60
    assert [article.id for article in articles if not (article.title and article.published and article.source)] == []
    assert len({article.published.year for article in articles if article.published}) >= 5
    assert len({article.source for article in articles}) >= 6


def test_topics_and_judgements_agree_with_the_articles(seeds: Archive) -> None:
    topics = [json.loads(line) for line in (SEEDS / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    qrels = [line.split() for line in (SEEDS / "qrels.txt").read_text(encoding="utf-8").splitlines()]
    assert {len(row) for row in qrels} == {4}
    assert {row[3] for row in qrels} == {"0", "1", "2"}
    assert {row[0] for row in qrels if row[3] != "0"} == {topic["id"] for topic in topics}
    assert {row[2] for row in qrels} <= {article.id for article in seeds.articles()}


# What people type, and what must be marked of the printed text.
FOUND = [
    ("أستانة", "أستانة"),
    ("استانه", "أستانة"),
    ("آستانة", "أستانة"),
    ("مُفاوَضات", "المفاوضات"),
    ("بالمفاوضات", "المفاوضات"),
    ("الجعفرى", "الجعفري"),
    ("دي ميستورا", "ميستورا"),
    ("«وقف إطلاق النار»", "وقف إطلاق النار"),
    ("٢٣ شباط", "23"),
    ("المســـلحة", "المسلحة"),
    ("إيران -اليابان", "إيران"),
    ("ماذا قال لافروف؟", "لافروف"),
]


@pytest.mark.parametrize(("query", "marked"), FOUND, ids=[query for query, _ in FOUND])
def test_a_real_article_is_found_and_marked_as_printed(astana: Archive, query: str, marked: str) -> None:
    (article,) = astana.articles()
    (hit,) = EmbeddedSearcher(astana).search(SearchRequest(query)).hits
    marks = {hit.snippet.text[start:end] for start, end in hit.snippet.spans}
    assert marks
    assert all(mark in article.text for mark in marks)
    assert any(marked in mark or mark in marked for mark in marks)


def test_the_page_of_the_demo_finds_talks(seeds: Archive) -> None:
    page = EmbeddedSearcher(seeds).search(SearchRequest("مفاوضات"))
    assert page.total >= 5
    assert all(hit.title.spans or hit.snippet.spans for hit in page.hits)

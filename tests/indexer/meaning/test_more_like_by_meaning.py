from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from corpus import Archive, ArticleNotFound, make_article
from indexer import Searcher, SearchRequest, open_searcher, update_index
from indexer.meaning import Encoder, embed_archive
from tests.indexer.concept_encoder import ConceptBackend, OtherBackend, set_encoder

DAY = datetime(2016, 5, 10, tzinfo=UTC)
ARTICLES = [
    ("own", "الأولى", 0, "وصل طبيب إلى مدينة الزهراء لعلاج مرض غريب"),
    ("retold", "الثانية", 1, "وصل دكتور إلى مدينة الزهراء لعلاج علة غريب"),
    ("later", "الثانية", 9, "وصل دكتور إلى مدينة الزهراء لعلاج وباء غريب"),
    ("same-paper", "الأولى", 0, "وصل دكتور إلى مدينة الزهراء لعلاج وباء غريب جدا"),
    ("near", "الثالثة", 0, "دكتور دكتور علة وباء"),
    ("far", "الثالثة", 0, "فاز الفريق بالكأس بعد مباراة طويلة"),
]


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    directory = tmp_path_factory.mktemp("similar") / "archive"
    with Archive.create(directory) as created:
        for article_id, source, days, text in ARTICLES:
            published = DAY + timedelta(days=days)
            created.add(make_article(id=article_id, source=source, published=published, paragraphs=[text]))
        update_index(created)
    set_encoder(created)
    with Archive.open(directory) as opened:
        yield opened


@pytest.fixture
def searcher(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    return _embedded(archive, ConceptBackend(), monkeypatch)


def test_articles_without_a_common_word_join_labelled(searcher: Searcher) -> None:
    by_words = [hit.id for hit in searcher.more_like("own")]
    hits = {hit.id: hit for hit in searcher.more_like("own", meaning=True)}
    assert "near" not in by_words
    assert "own" not in hits
    assert set(by_words) <= set(hits)
    assert (hits["near"].by_meaning, hits["near"].matched) == (True, False)
    assert not any(hits[article_id].by_meaning for article_id in by_words)


def test_retellings_are_of_other_papers_and_of_the_same_days(searcher: Searcher) -> None:
    assert [hit.id for hit in searcher.retellings("own")] == ["retold"]
    assert searcher.retellings("far") == ()
    assert searcher.retellings("own", 0) == ()
    total = searcher.search(SearchRequest("الزهراء", group=True))
    assert (total.total, total.stories) == (4, 4)  # a retelling is no copy


def test_articles_that_are_listed_elsewhere_give_way_to_the_next(searcher: Searcher) -> None:
    for meaning in (False, True):
        first, *others = [hit.id for hit in searcher.more_like("own", meaning=meaning)]
        assert others
        hits = searcher.more_like("own", len(others), meaning=meaning, without={first})
        assert [hit.id for hit in hits] == others


def test_removed_articles_are_left_out(archive: Archive, searcher: Searcher) -> None:
    for article_id in ("retold", "near"):
        archive.remove(article_id)
    assert searcher.retellings("own") == ()
    assert {"retold", "near"}.isdisjoint(hit.id for hit in searcher.more_like("own", meaning=True))


def test_an_article_without_a_vector_is_compared_by_words(archive: Archive, searcher: Searcher) -> None:
    archive.add(make_article(id="new", source="الرابعة", published=DAY, paragraphs=["وصل طبيب إلى مدينة الزهراء"]))
    update_index(archive)
    assert searcher.retellings("new") == ()
    hits = searcher.more_like("new", meaning=True)
    assert {hit.id for hit in hits} == {hit.id for hit in searcher.more_like("new")}


def test_unknown_articles(searcher: Searcher) -> None:
    with pytest.raises(ArticleNotFound):
        searcher.more_like("none", meaning=True)
    with pytest.raises(ArticleNotFound):
        searcher.retellings("none")


def test_no_retellings_with_an_encoder_that_was_not_measured(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = archive.directory / "arshif.toml"
    text = settings.read_text(encoding="utf-8").replace(ConceptBackend.name, OtherBackend.name)
    settings.write_text(text, encoding="utf-8")
    with Archive.open(archive.directory) as again:
        assert _embedded(again, OtherBackend(), monkeypatch).retellings("own") == ()


def _embedded(archive: Archive, backend: ConceptBackend, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    encoder = Encoder(backend)
    monkeypatch.setattr("indexer.meaning.similarity.open_encoder", lambda settings: encoder)
    embed_archive(archive, lambda level, done, total: None, encoder=encoder)
    return open_searcher(archive)

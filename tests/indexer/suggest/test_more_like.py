from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Archive, ArticleNotFound, make_article
from indexer import Searcher, update_index
from indexer.embedded.searcher import EmbeddedSearcher
from tests.indexer.small_archive import Search

TEXTS = {
    "talks": ("محادثات أستانة", "المفاوضات حول وقف النار في سوريا بين روسيا وتركيا"),
    "more talks": ("جولة جديدة من محادثات أستانة", "روسيا وتركيا في المفاوضات حول سوريا"),
    "far talks": (
        "لقاء",
        "قال الوزير إن المفاوضات قريبة والطقس والأسعار والمباراة والزراعة والصناعة والثقافة مواضيع أخرى",
    ),
    "match": ("فوز الهلال", "فاز الهلال على النصر في مباراة أمس"),
    "derby": ("ديربي الرياض", "الهلال والنصر في مباراة الديربي"),
    "alone": ("قسطنطينية", "بيزنطة"),
    "stop words": ("في", "من إلى على"),
    "a number": ("", "999"),
}


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    archive = Archive.create(tmp_path / "archive")
    for article_id, (title, text) in TEXTS.items():
        archive.add(make_article(id=article_id, title=title, paragraphs=[text]))
    for number in range(40):
        archive.add(make_article(id=f"other {number}", title="", paragraphs=[f"كلام{number} عن شيء{number}"]))
    return Search(archive).searcher


@pytest.mark.parametrize(
    ("article_id", "nearest"),
    [
        ("talks", "more talks"),
        ("more talks", "talks"),
        ("match", "derby"),
        ("derby", "match"),
        ("alone", None),
        ("stop words", None),
        ("a number", None),
    ],
)
def test_the_nearest_comes_first(searcher: Searcher, article_id: str, nearest: str | None) -> None:
    hits = searcher.more_like(article_id)
    assert next((hit.id for hit in hits), None) == nearest
    assert article_id not in {hit.id for hit in hits}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_unrelated_articles_are_not_hits(searcher: Searcher) -> None:
    assert {hit.id for hit in searcher.more_like("match", 50)} == {"derby"}


@pytest.mark.parametrize(("limit", "count"), [(-1, 0), (0, 0), (1, 1)])
def test_no_more_than_the_limit(searcher: Searcher, limit: int, count: int) -> None:
    assert len(searcher.more_like("talks", limit)) == count


def test_hits_are_not_highlighted(searcher: Searcher) -> None:
    (hit,) = searcher.more_like("match")
    assert (hit.title.spans, hit.snippet.spans) == ((), ())


def test_an_article_that_is_not_indexed_yet_is_compared(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        for number in range(3):
            archive.add(make_article(id=f"{number}", title="زلزال إيران", paragraphs=["ضرب زلزال غرب إيران"]))
        update_index(archive)
        archive.add(make_article(id="new", title="زلزال في إيران", paragraphs=["الزلزال في غرب إيران"]))
        assert {hit.id for hit in EmbeddedSearcher(archive).more_like("new")} == {"0", "1", "2"}


def test_an_unknown_article_raises(searcher: Searcher) -> None:
    with pytest.raises(ArticleNotFound):
        searcher.more_like("\u202e")

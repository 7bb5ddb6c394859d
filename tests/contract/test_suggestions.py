"""Suggestions of both engines: did-you-mean, completions, titles, more like this."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpus import Archive, ArticleNotFound, make_article
from indexer import SuggestionKind
from indexer.spellings.vocabulary import Vocabulary
from tests.indexer.small_archive import Search
from tests.indexer.suggest.test_autocomplete import TEXTS as TO_COMPLETE
from tests.indexer.suggest.test_autocomplete import TITLES, WORDS
from tests.indexer.suggest.test_did_you_mean import SUGGESTED
from tests.indexer.suggest.test_did_you_mean import TEXTS as TO_SPELL
from tests.indexer.suggest.test_more_like import TEXTS as TO_COMPARE


@pytest.fixture(scope="module")
def speller(new_archive: Callable[[], Archive]) -> Search:
    archive = new_archive()
    with archive.batch():
        for number, text in enumerate(TO_SPELL):
            archive.add(make_article(id=str(number), title="خبر", paragraphs=[text]))
    return Search(archive)


@pytest.fixture(scope="module")
def completer(new_archive: Callable[[], Archive]) -> Search:
    archive = new_archive()
    with archive.batch():
        for number, (title, text) in enumerate(TO_COMPLETE):
            archive.add(make_article(id=str(number), title=title, paragraphs=[text]))
    return Search(archive)


@pytest.fixture(scope="module")
def comparer(new_archive: Callable[[], Archive]) -> Search:
    archive = new_archive()
    with archive.batch():
        for article_id, (title, text) in TO_COMPARE.items():
            archive.add(make_article(id=article_id, title=title, paragraphs=[text]))
        for number in range(40):
            archive.add(make_article(id=f"other {number}", title="", paragraphs=[f"كلام{number} عن شيء{number}"]))
    return Search(archive)


@pytest.mark.parametrize(("_", "query", "suggestion"), SUGGESTED, ids=[row[0] for row in SUGGESTED])
def test_did_you_mean(speller: Search, _: str, query: str, suggestion: str | None) -> None:
    assert speller.page(query).suggestion == suggestion


def test_counts_of_forms_together_and_adjacent(speller: Search) -> None:
    vocabulary = vocabulary_of(speller)
    assert vocabulary.cooccurrences("الشيوخ", ["مجلس", "المدينه", "لاشيء"]) == {"مجلس": 20, "المدينه": 0, "لاشيء": 0}
    assert vocabulary.cooccurrences("لاشيء", ["مجلس"]) == {"مجلس": 0}
    pairs = [("مجلس", "الشيوخ"), ("الشيوخ", "مجلس"), ("مجلس", "الفرنسي")]
    assert vocabulary.adjacent(pairs) == dict(zip(pairs, [20, 0, 0], strict=True))
    assert vocabulary.adjacent([]) == {}


def test_near_forms_above_a_minimum_frequency(speller: Search) -> None:
    vocabulary = vocabulary_of(speller)
    assert vocabulary.near("البرلمان", 1) == {"البرلمان": (40, 0.0), "البلرمان": (1, 1.0)}
    assert vocabulary.near("البرلمان", 1, 40) == {"البرلمان": (40, 0.0)}


def vocabulary_of(search: Search) -> Vocabulary:
    return search.searcher._newest_reader().vocabulary


def suggested(search: Search, prefix: str, kind: SuggestionKind) -> list[str]:
    return [one.text for one in search.searcher.suggest(prefix) if one.kind is kind]


@pytest.mark.parametrize(("_", "prefix", "words"), WORDS, ids=[row[0] for row in WORDS])
def test_the_last_word_is_completed(completer: Search, _: str, prefix: str, words: list[str]) -> None:
    assert suggested(completer, prefix, SuggestionKind.WORD) == words


@pytest.mark.parametrize(("_", "prefix", "titles"), TITLES, ids=[row[0] for row in TITLES])
def test_suggested_titles_contain_the_typed_words(completer: Search, _: str, prefix: str, titles: list[str]) -> None:
    assert sorted(suggested(completer, prefix, SuggestionKind.TITLE)) == titles


@pytest.mark.parametrize("prefix", ["م" * 10_000, "\u202e\u2067", "مفاو\u200fضا", "*" * 300, "\ud800", "a\\", '"'])
def test_no_text_raises(completer: Search, prefix: str) -> None:
    assert len(completer.searcher.suggest(prefix)) <= 8


@pytest.mark.parametrize(
    ("article_id", "nearest"),
    [("talks", "more talks"), ("match", "derby"), ("alone", None), ("stop words", None), ("a number", None)],
)
def test_more_like_ranks_the_most_similar_article_first(comparer: Search, article_id: str, nearest: str | None) -> None:
    hits = comparer.searcher.more_like(article_id)
    assert next((hit.id for hit in hits), None) == nearest
    assert article_id not in {hit.id for hit in hits}


def test_more_like_of_an_unknown_article_raises(comparer: Search) -> None:
    with pytest.raises(ArticleNotFound):
        comparer.searcher.more_like("\u202e")

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import Suggestion, SuggestionKind, rebuild_index
from tests.conftest import examples
from tests.indexer.small_archive import Search

TEXTS = [
    ("مفاوضات أستانة", "انطلقت المُفاوَضـات وبدأت مفاوضات المفاوضات"),
    ("استئناف المفاوضات", "المفاوضات مستمرة"),
    ("أسعار النفط", "ارتفع سعر النفط في 2015 وبقي النفوذ"),
    ("أسعار النفط", "تراجع النفط الخام"),
    ("قمة", "التقى ترامب ميركل، وقيل ترميم"),
    ("قمة", "ترميم المركز"),
]

WORDS = [
    ("without the article", "مفاوضا", ["مفاوضات"]),
    ("with the article", "المفاوضا", ["المفاوضات"]),
    ("with clitics", "وبالمفاوضا", ["المفاوضات"]),
    ("with harakat", "المُفاوَض", ["المفاوضات"]),
    ("without its hamza, shown as printed", "استا", ["أستانة"]),
    ("the words before stay", "أسعار النف", ["أسعار النفط", "أسعار النفوذ"]),
    ("operators before stay", '-الخام "أسعار النف', ['-الخام "أسعار النفط', '-الخام "أسعار النفوذ']),
    ("the word itself is no suggestion", "النفوذ", []),
    ("a whole word, printed otherwise", "استانه", ["أستانة"]),
    ("a stop word", "ف", []),
    ("after a space", "مفاوضا ", []),
    ("after a mark", "مفاوضا.", []),
    ("a name that is another in Latin letters", "Trum", ["ترامب"]),
    ("in Latin letters, the likelier spelling first", "Merk", ["ميركل", "المركز"]),
    ("numbers", "201", ["2015"]),
    ("nothing begins so", "قسطن", []),
    ("nothing", "", []),
    ("only marks", "«»", []),
]

TITLES = [
    ("a beginning", "استئ", ["استئناف المفاوضات"]),
    ("with another article", "المفاوضا", ["استئناف المفاوضات", "مفاوضات أستانة"]),
    ("all the words", "مفاوضات استا", ["مفاوضات أستانة"]),
    ("in any order", "أستانة المفا", ["مفاوضات أستانة"]),
    ("the last word whole", "المفاوضات أستانة ", ["مفاوضات أستانة"]),
    ("twins once", "أسعار", ["أسعار النفط"]),
    ("not in the title", "الخام", []),
    ("a single letter", "ا", []),
    ("nothing", "", []),
]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("completion") / "archive")
    for number, (title, text) in enumerate(TEXTS):
        archive.add(make_article(id=str(number), title=title, paragraphs=[text]))
    rebuild_index(archive)
    return Search(archive)


def suggested(search: Search, prefix: str, kind: SuggestionKind) -> list[str]:
    return [one.text for one in search.searcher.suggest(prefix) if one.kind is kind]


@pytest.mark.parametrize(("_", "prefix", "words"), WORDS, ids=[row[0] for row in WORDS])
def test_the_last_word_is_completed(search: Search, _: str, prefix: str, words: list[str]) -> None:
    assert suggested(search, prefix, SuggestionKind.WORD) == words


@pytest.mark.parametrize(("_", "prefix", "titles"), TITLES, ids=[row[0] for row in TITLES])
def test_titles_match_what_was_typed(search: Search, _: str, prefix: str, titles: list[str]) -> None:
    assert sorted(suggested(search, prefix, SuggestionKind.TITLE)) == titles


def test_titles_have_the_id_of_their_article(search: Search) -> None:
    assert search.searcher.suggest("استئنا")[-1] == Suggestion(SuggestionKind.TITLE, "استئناف المفاوضات", "1")


@pytest.mark.parametrize("limit", [-1, 0, 1, 2, 10**9])
def test_no_more_than_the_limit(search: Search, limit: int) -> None:
    assert len(search.searcher.suggest("المفاوضا", limit)) <= max(0, limit)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text('مفاوضا لنط*؟?"-()~:\u202e\u200f\ud800ـً1a', max_size=30))
def test_no_text_raises(search: Search, prefix: str) -> None:
    search.searcher.suggest(prefix)


@pytest.mark.parametrize("prefix", ["م" * 10_000, "مفاوضا " * 5_000, "\u202e\u2067", "مفاو\u200fضا", "*" * 300])
def test_hostile_text_is_fast(search: Search, prefix: str) -> None:
    assert len(search.searcher.suggest(prefix)) <= 8

"""French and English articles beside Arabic ones: what is found, and what is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import MatchLevel, WordForms, rebuild_index
from indexer.analysis import WORD, analyze_word
from tests.indexer.markers import marker_of
from tests.indexer.small_archive import Search

ARTICLES = {
    "vote": (
        "Élections législatives : les électrices d'Alger attendent",
        "L’Algérie organise l'élection nationale. Le ministère n'a rien annoncé aujourd'hui.",
    ),
    "papers": (
        "Les journaux nationaux",
        "Selon un journal de Tunis, les journalistes algériens et les pays voisins ont participé.",
    ),
    "ministers": (
        "Ministers meet in Tunis",
        "The minister's policies were announced. Parties planned voting; a ministry officer said no.",
    ),
    "arabic": ("قمة في تونس", "قال مدير شركة Renault إن Ministers اسم فرقة، واستقبل الوزير وفدا من France 24."),
}

FOUND = [
    ("a singular", "élection", ["vote"], ["Élections", "élection"]),
    ("a plural without accents", "elections nationaux", ["vote"], ["Élections", "élection", "nationale"]),
    ("elisions, typed otherwise", "l'Algérie", ["vote"], ["Algérie"]),
    ("a word after an elision", "alger", ["vote"], ["Alger"]),
    ("today, with the other apostrophe", "aujourd’hui", ["vote"], ["aujourd", "hui"]),
    ("the other gender", "électeurs", ["vote"], ["électrices"]),
    ("a plural in aux", "journal", ["papers"], ["journaux", "journal"]),
    ("no other word", "journaliste", ["papers"], ["journalistes"]),
    ("a name is no plural", "Tuni", ["papers", "ministers"], ["Tunis"]),
    ("English words, in an Arabic article too", "minister", ["ministers", "arabic"], ["Ministers", "minister"]),
    ("a plural in ies, English", "party policy", ["ministers"], ["policies", "Parties"]),
    ("participles", "vote announces plan", ["ministers"], ["announced", "planned", "voting"]),
    ("stop words say nothing", "le ministère de la", ["vote"], ["ministère"]),
    ("exactly", "=minister", ["ministers"], ["minister"]),
    ("a phrase", '"minister\'s policies"', ["ministers"], ["minister's policies"]),
    ("a pattern", "minist*", ["vote", "ministers", "arabic"], ["ministère"]),
]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("maghreb") / "archive")
    for article_id, (title, text) in ARTICLES.items():
        archive.add(make_article(id=article_id, title=title, paragraphs=[text]))
    rebuild_index(archive)
    return Search(archive)


@pytest.mark.parametrize(("query", "found", "marked"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_forms_are_found_and_marked(query: str, found: list[str], marked: list[str], search: Search) -> None:
    assert sorted(search(query, spellings=False)) == sorted(found)
    first = next(article_id for article_id in ARTICLES if article_id in found)
    marks = [text[start:end] for text in ARTICLES[first] for start, end in marker_of(query).spans(text)]
    assert marks == marked


def test_the_first_of_several_forms_is_the_typed_one(search: Search) -> None:
    assert search("national journal")[:1] == ["papers"]
    (match,) = search.page("élection").hits[0].matches
    assert (match.word, match.level) == ("élection", MatchLevel.FORM)


@pytest.mark.parametrize("forms", [WordForms.PRINTED, WordForms.WORD])
def test_as_printed_is_exact(forms: WordForms, search: Search) -> None:
    assert search("élections", forms=forms) == ["vote"]
    assert search("nationaux", forms=forms) == ["papers"]
    assert search("ministres", forms=forms) == []
    assert search("minister", forms=forms) == ["ministers"]


def test_nothing_else_is_suggested_for_a_known_word(search: Search) -> None:
    for query in ("élection", "journal national", "ministers", "l'Algérie"):
        assert search.page(query).suggestion is None
    assert search.page("Algerei").suggestion == "Algérie"


WORDS = sorted({word for texts in ARTICLES.values() for text in texts for word in WORD.findall(text)})


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.sampled_from(WORDS))
def test_the_marker_marks_what_the_index_joins(words: list[str], typed: str) -> None:
    text = " ".join(words)
    own = analyze_word(typed)
    wanted = [
        token.span()
        for token in WORD.finditer(text)
        if (analyze_word(token.group()).form == own.form and (not own.lemmas or analyze_word(token.group()).lemmas))
        or not set(analyze_word(token.group()).lemmas).isdisjoint(own.lemmas)
    ]
    assert list(marker_of(typed).spans(text)) == wanted


def test_each_word_of_an_article_finds_it_with_marks(search: Search) -> None:
    for word in WORDS:
        hits = {hit.id: hit for hit in search.page(word, spellings=False).hits if hit.matched}
        for article_id, texts in ARTICLES.items():
            if any(word in WORD.findall(text) for text in texts):
                assert hits[article_id].title.spans or hits[article_id].snippet.spans

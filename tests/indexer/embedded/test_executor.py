"""The executor finds the documents that Whoosh's own matchers find, with the same scores.

Random articles are added, replaced and merged in random batches. The same articles are written by Whoosh's own writer to
an index of Whoosh's own codec. Three must agree: the executor on our arrays, Whoosh's matchers on our codec, and Whoosh's
matchers on its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.index import open_dir
from whoosh.scoring import WeightingModel, WeightLengthScorer

from corpus import Archive, Article, ArticleAmbiguous, make_article
from indexer import update_index
from indexer.analysis import analyze_word, analyze_words
from indexer.analysis.fields import TITLE_GAP, field_values
from indexer.embedded.doc_sets import DocSet
from indexer.embedded.executor import Executor
from indexer.embedded.schema import LEVEL_FIELDS, make_schema
from indexer.embedded.snapshot import open_snapshot
from indexer.embedded.term_scores import TermScores
from indexer.query.plan import (
    AnyName,
    AnyTerm,
    Conjunction,
    DayRangePlan,
    Disjunction,
    PhrasePlan,
    Plan,
    WildcardPlan,
    WordPlan,
)
from indexer.search.bm25 import K1, B, idf
from tests.indexer.plans import word

pytestmark = pytest.mark.slow

WORDS = ["سلام", "السلام", "حرب", "وحرب", "نهر", "انهار", "نهري", "وزير", "الوزير", "مدينة", "في", "من", "كتاب", "2017"]
BEGIN = datetime(2017, 1, 1, tzinfo=UTC)

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
articles = st.builds(
    lambda number, title, text, day, source: make_article(
        id=f"a{number}",
        title=title,
        paragraphs=[text],
        published=BEGIN + timedelta(days=day) if day else None,
        source=source,
    ),
    st.integers(0, 30),
    st.one_of(st.just(""), texts),
    texts,
    st.integers(0, 60),
    st.sampled_from(["النهضة", "الغد", None]),
)
batches = st.lists(st.lists(articles, min_size=1, max_size=8), min_size=1, max_size=5)


class Scorer(WeightLengthScorer):  # type: ignore[misc]
    def __init__(self, weight: float, mean: float, length: Any) -> None:
        self.weight, self.mean, self.length = weight, mean, length
        self._maxquality = float("inf")

    def supports_block_quality(self) -> bool:
        return False

    def score(self, matcher: Any) -> float:
        tf = matcher.weight()
        return float(
            self.weight * tf * (K1 + 1) / (tf + K1 * (1 - B + B * self.length(matcher.id()) / (self.mean or 1)))
        )


class Bm25(WeightingModel):  # type: ignore[misc]
    """The same BM25 for Whoosh's matchers."""

    use_final = False

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: float = 1) -> Scorer:
        parent = searcher.get_parent()
        documents = parent.doc_count_all()
        weight = idf(parent.doc_frequency(fieldname, text), documents)
        mean = parent.field_length(fieldname) / documents
        reader = searcher.reader()
        return Scorer(weight, mean, lambda doc: reader.doc_field_length(doc, fieldname))


LEMMAS = analyze_word("حرب").lemmas

# A plan, and the same as a Whoosh query; whether their scores are the same sum.
CASES: list[tuple[str, Plan, wq.Query, bool]] = [
    ("a stem", AnyTerm("text_stem", ("حرب",)), wq.Term("text_stem", "حرب"), True),
    ("a lemma", AnyTerm("text_lemma", LEMMAS), wq.Or([wq.Term("text_lemma", lemma) for lemma in LEMMAS]), False),
    ("a title's lemma", AnyTerm("title_lemma", LEMMAS), wq.Or([wq.Term("title_lemma", lemma) for lemma in LEMMAS]), False),
    ("a form", AnyTerm("text_form", ("السلام",)), wq.Term("text_form", "السلام"), True),
    ("a title's stem", AnyTerm("title_stem", ("نهر",)), wq.Term("title_stem", "نهر"), True),
    ("all", Conjunction((AnyTerm("text_stem", ("حرب",)), AnyTerm("text_stem", ("نهر",)))),
     wq.And([wq.Term("text_stem", "حرب"), wq.Term("text_stem", "نهر")]), True),
    ("any", Disjunction((AnyTerm("text_stem", ("حرب",)), AnyTerm("text_form", ("في",)))),
     wq.Or([wq.Term("text_stem", "حرب"), wq.Term("text_form", "في")]), True),
    ("one without another", Conjunction((AnyTerm("text_stem", ("حرب",)),), (AnyTerm("text_form", ("من",)),)),
     wq.And([wq.Term("text_stem", "حرب"), wq.Not(wq.Term("text_form", "من"))]), False),
    ("all without", Conjunction((), (AnyTerm("text_form", ("في",)),)), wq.And([wq.Every(), wq.Not(wq.Term("text_form", "في"))]), False),
    ("a phrase", PhrasePlan("text_form", ("حرب", "في")), wq.Phrase("text_form", ["حرب", "في"]), False),
    ("a phrase of three", PhrasePlan("text_form", ("سلام", "في", "مدينه")),
     wq.Phrase("text_form", ["سلام", "في", "مدينه"]), False),
    ("a word twice", PhrasePlan("text_form", ("حرب", "حرب")), wq.Phrase("text_form", ["حرب", "حرب"]), False),
    ("a prefix", WildcardPlan("text_form", "ال*"), wq.Prefix("text_form", "ال"), False),
    ("a pattern", WildcardPlan("text_form", "*نه?ر*"), wq.Wildcard("text_form", "*نه?ر*"), False),
    ("days", DayRangePlan("20170110", "20170131"), wq.TermRange("day", "20170110", "20170131"), False),
    ("days from", DayRangePlan("20170120", None), wq.TermRange("day", "20170120", None), False),
    ("names", AnyName("source_name", ("الغد",)), wq.Term("source_name", "الغد"), False),
]  # fmt: skip


def document(article: Article) -> dict[str, Any]:
    """An article as Whoosh's own `add_document` takes it."""
    title, body = analyze_words(article.title), analyze_words(article.text)
    nothing = analyze_words("\u0640")  # a word of marks alone has no term, and takes a place
    text = [*title, *(nothing * TITLE_GAP if title else []), *body]
    fields: dict[str, Any] = dict.fromkeys((name for name in LEVEL_FIELDS if name.startswith("text_")), text)
    fields |= dict.fromkeys((name for name in LEVEL_FIELDS if name.startswith("title_")), title)
    fields |= {field: values for field, values in field_values(article).items() if values}
    fields["id"] = article.id
    return fields | ({"source": article.source} if article.source else {})


def whoosh_results(index: Any, query: wq.Query) -> dict[str, float]:
    with index.searcher(weighting=Bm25()) as searcher:
        return {hit["id"]: hit.score for hit in searcher.search(query, limit=None)}


# No shrinking: it would build archives by the hundred.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@given(batches=batches)
def test_the_executor_and_whooshs_matchers_agree_on_both_codecs(batches: list[list[Article]]) -> None:
    with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "archive") as archive:
        for batch in batches:
            for article in batch:
                with suppress(ArticleAmbiguous):  # its id is that of articles of two sources
                    archive.add(article)
            update_index(archive)
        ours = open_dir(str(archive.index_directory))
        executor = Executor(open_snapshot(archive.index_directory), cache_bytes=1 << 20)
        theirs = RamStorage().create_index(make_schema())
        with theirs.writer(codec=W3Codec()) as writer:
            for article in archive.articles():
                writer.add_document(**document(article))
        # Deleted documents count in the statistics of an index until they are merged away.
        same_statistics = executor.snapshot.doc_count == executor.snapshot.live_count
        for name, plan, query, scored in CASES:
            found = {
                segment.article_id(doc): score
                for segment, matches in zip(executor.snapshot.segments, executor.run(plan), strict=True)
                for doc, score in zip(matches.docs.tolist(), matches.scores.tolist(), strict=True)
            }
            expected = whoosh_results(ours, query)
            assert set(found) == set(expected), name
            assert set(found) == set(whoosh_results(theirs, query)), name
            if scored:
                assert found == pytest.approx(expected, rel=1e-5), name
                if same_statistics:
                    # Whoosh's codec rounds lengths to a byte, ours keeps them: equal up to 15 words or so.
                    assert found == pytest.approx(whoosh_results(theirs, query), rel=0.15), name


def test_scores_do_not_depend_on_the_layout_of_segments(tmp_path: Path) -> None:
    made = [
        make_article(id=f"a{number}", paragraphs=[" ".join(WORDS[number % 7 : number % 7 + 4])], published=BEGIN)
        for number in range(40)
    ]
    rankings = []
    for step in (1, 7, 40):
        with Archive.create(tmp_path / str(step)) as archive:
            for start in range(0, len(made), step):
                for article in made[start : start + step]:
                    archive.add(article)
                update_index(archive)
            executor = Executor(open_snapshot(archive.index_directory), cache_bytes=0)
            rankings.append(
                {
                    segment.article_id(doc): round(score, 4)
                    for segment, found in zip(
                        executor.snapshot.segments, executor.run(AnyTerm("text_stem", ("حرب",))), strict=True
                    )
                    for doc, score in zip(found.docs.tolist(), found.scores.tolist(), strict=True)
                }
            )
    assert rankings[0] == rankings[1] == rankings[2] != {}


RANKED = {
    "often": "كاتب كاتب كاتب",
    "once": "كاتب " + "في كل مكان على البحر " * 20,
    "other form": "أقلام",
    "other form and root": "أقلام مكتب",
    "root": "مكتب مكتب",
    "none": "نهر",
}


@pytest.mark.parametrize("step", [1, 10], ids=["many segments", "one segment"])
def test_the_word_itself_ranks_before_its_other_forms_and_these_before_its_family(tmp_path: Path, step: int) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        made = [make_article(id=name, paragraphs=[text]) for name, text in RANKED.items()]
        for start in range(0, len(made), step):
            for article in made[start : start + step]:
                archive.add(article)
            update_index(archive)
        executor = Executor(open_snapshot(archive.index_directory), cache_bytes=1 << 20)

        def scores(plan: WordPlan) -> dict[str, float]:
            return {
                segment.article_id(doc): score
                for segment, found in zip(executor.snapshot.segments, executor.run(plan), strict=True)
                for doc, score in zip(found.docs.tolist(), found.scores.tolist(), strict=True)
            }

        strict, loose = scores(word("كاتب", "أقلام")), scores(word("كاتب", "أقلام", loose=True))
        assert set(strict) == set(RANKED) - {"root", "none"}
        assert set(loose) == set(RANKED) - {"none"}
        assert strict["often"] > strict["once"] > strict["other form and root"] > strict["other form"] > 0
        least = min(loose["often"], loose["once"])
        assert least > loose["other form and root"] > loose["other form"] >= loose["root"] > 0
        missing = scores(word("غواص", "أقلام"))  # no article has the stem
        assert set(missing) == {"other form", "other form and root"}
        assert min(missing.values()) > 0


@pytest.mark.parametrize("step", [1, 10], ids=["many segments", "one segment"])
def test_no_score_is_read_from_a_scratch_array_across_a_call(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        made = [make_article(id=name, paragraphs=[text]) for name, text in RANKED.items()]
        for start in range(0, len(made), step):
            for article in made[start : start + step]:
                archive.add(article)
            update_index(archive)
        plans = [
            word(*words, loose=loose) for words in (("كاتب", "أقلام"), ("غواص", "أقلام")) for loose in (False, True)
        ]

        def scores() -> list[list[float]]:
            executor = Executor(open_snapshot(archive.index_directory), cache_bytes=0)
            return [found.scores.tolist() for plan in plans for found in executor.run(plan)]

        expected = scores()
        cached = TermScores.cached

        def overwriting(terms: TermScores, key: object, at: int, make: Callable[[], DocSet]) -> DocSet:
            found = cached(terms, key, at, make)
            terms._space.scores(100).fill(np.nan)
            terms._space.flags(100).fill(True)
            return found

        monkeypatch.setattr(TermScores, "cached", overwriting)
        assert scores() == expected

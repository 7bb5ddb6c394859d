"""What a plan needs to know of the index before it can be compiled: how many articles hold a term, which words there
are. Each question is asked of the cluster once for each state of the index, many of them in one request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from math import ceil
from threading import Lock
from typing import Any, Final, TypeVar, cast

from indexer.analysis import distance
from indexer.analysis.fields import printed_time
from indexer.analysis.likeness import LEAST_LIKENESS, MOST_LIKE
from indexer.opensearch.client import Client, Search
from indexer.opensearch.documents import form_id, skeleton, stem_id, trigrams
from indexer.opensearch.indices import IndexState
from indexer.opensearch.vocabulary import AT_ONCE, begun_question, counts_question, read_begun, read_counts
from indexer.query.plan import MAX_EXPANSION, FuzzyPlan, Plan, WeightedTerm, WildcardPlan
from indexer.results import TimeUnit
from indexer.search.batches import batched
from indexer.search.facet_names import NameSpellings

T = TypeVar("T")

Query = dict[str, Any]
"""A query in the cluster's language."""

_MOST_REMEMBERED: Final = 100_000
_MOST_NEAR: Final = 2_000  # words whose neighbours are remembered: each may have thousands
_MOST_SPELLINGS: Final = 1000  # terms that a fuzzy look-up goes through, OpenSearch's own bound being 1,024
_VALUES_AT_ONCE: Final = 10_000
_LIKENESS: Final = "2.0 * _score / (params.grams + doc['gram_count'].value)"
_MOST_AHEAD: Final = 12  # requests in which questions are asked together; what then is not known is asked one by one
_COUNTS: Final = {"articles": (counts_question, read_counts), "begun": (begun_question, read_begun)}
_NO_HITS: Final[Mapping[str, Any]] = {"hits": {"total": {"value": 0}, "hits": []}}
GLOBAL: Final = "dfs_query_then_fetch"
"""Scores by the statistics of all shards."""
_GLOBALLY: Final = {"search_type": GLOBAL}


class Statistics:
    """Numbers of one state of an index. Safe to use from several threads."""

    def __init__(self, client: Client, state: IndexState) -> None:
        self._client = client
        self.state = state
        self._known: dict[Any, Any] = {}
        self._near: dict[tuple[str, int, int], dict[str, tuple[int, float]]] = {}
        self._lock = Lock()

    @property
    def doc_count(self) -> int:
        """Articles in the index."""
        return int(self._articles["hits"]["total"]["value"])

    @property
    def mean_length(self) -> float:
        """The mean number of words of an article."""
        return float(self._articles["aggregations"]["mean"]["value"] or 0.0)

    @cached_property
    def _articles(self) -> Any:
        body = {"size": 0, "track_total_hits": True, "aggs": {"mean": {"avg": {"field": "length"}}}}
        return self._client.search(self.state.name, body)

    def names_of(self, field: str) -> NameSpellings:
        """The values of a field of names, and which of them are one name in several spellings."""
        return cast(NameSpellings, self._once(("names", field), lambda: NameSpellings(self._values(field))))

    def published(self, unit: TimeUnit) -> dict[str, int]:
        """How many articles were published at each time of a unit: `2017-02` → 31."""

        def ask() -> dict[str, int]:
            return {printed_time(digits): count for digits, count in self._values(unit.value).items()}

        return cast(dict[str, int], self._once(("published", unit), ask))

    def _values(self, field: str) -> dict[str, int]:
        """All values of a field, however many, and how many articles have each."""
        found: dict[str, int] = {}
        pages: dict[str, Any] = {"size": _VALUES_AT_ONCE, "sources": [{"value": {"terms": {"field": field}}}]}
        while True:
            body = {"size": 0, "track_total_hits": False, "aggs": {"values": {"composite": pages}}}
            answer = self._client.search(self.state.name, body)["aggregations"]["values"]
            found |= {bucket["key"]["value"]: bucket["doc_count"] for bucket in answer["buckets"]}
            if "after_key" not in answer:
                return found
            pages["after"] = answer["after_key"]

    def prepare(
        self, terms: Iterable[tuple[str, str]], stems: Iterable[tuple[str, str]], counted: Mapping[Plan, Query]
    ) -> None:
        """Asks in one request all that will be asked of some terms (field, term), of like stems (field, stem), and in
        how many articles some plans are.

        With stems it is two: how many articles hold those that are like them can be asked when they are known.
        """
        stems = list(dict.fromkeys(stems))
        self.ask(
            {("term", *term): self._term_question(*term) for term in terms}
            | {("like", stem): self._like_question(stem) for _, stem in stems}
            | {("count", plan): self._count_question(query) for plan, query in counted.items()}
        )
        like = [(field, [other for other, _ in self.like(stem)]) for field, stem in stems]
        self.ask({_any_key(*held): self._any_question(*held) for held in like if held[1]})

    def ahead(self, ask: Callable[[Statistics], object]) -> None:
        """Asks together what `ask` would ask one by one. It is called until it needs to know nothing more."""
        for _ in range(_MOST_AHEAD):
            ahead = _Ahead(self)
            ask(ahead)
            if not ahead.noted:
                break
            self.ask(ahead.noted)

    def ask(self, questions: Mapping[Any, Search | None]) -> dict[Any, Any]:
        """The answers to some questions, by the keys that they are remembered by; what is not known is one request.

        A question without a search is one of those for counts of the vocabulary, of which each search has many.
        """
        found, asked = self._known_of(questions)
        searches = {key: question for key, question in asked.items() if question is not None}
        counted = dict.fromkeys((key for key in asked if key not in searches), 0)
        parts = [
            (kind, part)
            for kind in _COUNTS
            for part in batched((value for of, value in counted if of == kind), AT_ONCE)
        ]
        counts = [_COUNTS[kind][0](self.state.vocabulary, part) for kind, part in parts]
        answers = self._client.searches([*searches.values(), *counts])
        for (kind, _), answer in zip(parts, answers[len(searches) :], strict=True):
            counted |= {(kind, value): count for value, count in _COUNTS[kind][1](answer).items()}
        answered = {**counted, **dict(zip(searches, answers[: len(searches)], strict=True))}
        return found | {key: self._keep(key, answer) for key, answer in answered.items()}

    def _known_of(self, questions: Mapping[Any, T]) -> tuple[dict[Any, Any], dict[Any, T]]:
        """The answers that are known to some questions, and the other questions."""
        known = self._known
        found = {key: known[key] for key in questions if key in known}
        return found, {key: question for key, question in questions.items() if key not in found}

    def frequency(self, field: str, term: str) -> int:
        """In how many articles a term is."""
        return int(self._term(field, term)["hits"]["total"]["value"])

    def least(self, level: WeightedTerm) -> float | None:
        """The least that a match of this term adds to any article's score; None where there is none."""
        hits = self._term(level.field, level.term)["hits"]["hits"]
        return level.weight * float(hits[0]["_score"]) if hits else None

    def frequencies(self, field: str, terms: Sequence[str]) -> dict[str, int]:
        """`frequency` of many terms of the vocabulary, as it counted them: nearly so, where articles were revised."""
        ids = {term: stem_id(term) if field == "text_stem" else form_id(term) for term in terms}
        counts = self.ask(dict.fromkeys(("articles", one) for one in ids.values()))
        return {term: count for term, one in ids.items() if (count := counts["articles", one])}

    def count_any(self, field: str, terms: Sequence[str]) -> int:
        """In how many articles any of some terms is."""
        return self._totals({_any_key(field, terms): {"terms": {field: sorted(terms)}}})[0]

    def count(self, plan: Plan, query: Query) -> int:
        """How many articles a plan matches, by its filter."""
        return self._totals({("count", plan): query})[0]

    def like(self, stem: str) -> tuple[tuple[str, float], ...]:
        """The stems like this one, itself left out, and their likeness, likest first."""
        answer = self.ask({("like", stem): self._like_question(stem)})["like", stem]
        found = ((hit["_source"]["stem"], float(hit["_score"])) for hit in answer["hits"]["hits"])
        return tuple((other, likeness) for other, likeness in found if other != stem)[:MOST_LIKE]

    def forms(self, plan: WildcardPlan | FuzzyPlan) -> tuple[tuple[str, ...], bool]:
        """The forms that a pattern or a misspelt word stands for, most frequent first; whether there were more."""

        def ask() -> tuple[tuple[str, ...], bool]:
            if isinstance(plan, FuzzyPlan):
                near = self.near(plan.form, plan.limit)
                forms = sorted(near, key=lambda form: (-near[form][0], form))
                return tuple(forms[:MAX_EXPANSION]), len(forms) > MAX_EXPANSION
            found, total = self._forms({"wildcard": {"form": {"value": wildcard(plan.pattern)}}}, MAX_EXPANSION)
            return tuple(found), total > MAX_EXPANSION

        found: tuple[tuple[str, ...], bool] = self._once(("forms", type(plan), plan), ask)
        return found

    def near(self, word: str, limit: int, least: int = 1) -> dict[str, tuple[int, float]]:
        """The forms at most `limit` edits from a folded word: in how many articles each is, and how far it is.

        Those in fewer than `least` articles are left out.
        """
        if not word:
            return {}
        key = word, limit, least
        found = self._near.get(key)
        if found is None:
            found = self._find_near(word, limit, least)
            with self._lock:
                if len(self._near) >= _MOST_NEAR:
                    self._near = {}
                self._near[key] = found
        return found

    def _find_near(self, word: str, limit: int, least: int) -> dict[str, tuple[int, float]]:
        # An edit that costs ½ changes no skeleton. A form within the limit is so many edits away as it stands, or else
        # one of its edits costs ½, and then its skeleton is within one edit less.
        ways: list[dict[str, Any]] = [_fuzzy("form", word, limit)]
        if bones := skeleton(word):
            ways.append(_fuzzy("skeleton", bones, limit - 1))
        often: list[dict[str, Any]] = [{"range": {"articles": {"gte": least}}}] if least > 1 else []
        query = {"bool": {"should": ways, "minimum_should_match": 1, "filter": often}}
        found, _ = self._forms(query, 10 * MAX_EXPANSION)
        measured = ((form, articles, distance(word, form, limit)) for form, articles in found.items())
        return {form: (articles, how_far) for form, articles, how_far in measured if how_far <= limit}

    def cooccurrences(self, form: str, others: Sequence[str]) -> dict[str, int]:
        """For each of some other forms: in how many articles it is together with a form."""
        queries = {other: {"bool": {"filter": [_has_form(form), _has_form(other)]}} for other in others}
        totals = self._totals({("together", form, other): query for other, query in queries.items()})
        return dict(zip(queries, totals, strict=True))

    def adjacent(self, runs: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
        """For each run of two or more forms: in how many articles they stand side by side, in this order."""
        queries = {run: {"match_phrase": {"text_form": {"query": " ".join(run)}}} for run in runs}
        totals = self._totals({("adjacent", *run): query for run, query in queries.items()})
        return dict(zip(queries, totals, strict=True))

    def _totals(self, queries: Mapping[Any, Query]) -> list[int]:
        """How many articles each query matches, asked in one request; by the keys that they are remembered by."""
        found = self.ask({key: self._count_question(query) for key, query in queries.items()})
        return [int(found[key]["hits"]["total"]["value"]) for key in queries]

    def forms_with_prefix(self, start: str, most: int) -> dict[str, int]:
        """The most frequent forms that begin so, and in how many articles they are."""
        key = "beginning", start, most
        return _counts(self.ask({key: self._forms_question({"prefix": {"form": {"value": start}}}, most)})[key])

    def existing_prefixes(self, starts: Collection[str]) -> set[str]:
        """Those of some beginnings with which at least one form begins."""
        found = self.ask(dict.fromkeys(("begun", start) for start in starts))
        return {start for start in starts if found["begun", start]}

    def _forms(self, query: Mapping[str, Any], most: int) -> tuple[dict[str, int], int]:
        answer = self._client.searches([self._forms_question(query, most)])[0]
        return _counts(answer), answer["hits"]["total"]["value"]

    def _forms_question(self, query: Mapping[str, Any], most: int) -> Search:
        body = {
            "size": most,
            "query": {"bool": {"filter": [query]}},
            "sort": [{"articles": "desc"}, {"form": "asc"}],
            "track_total_hits": True,
        }
        return Search(self.state.vocabulary, body)

    def _term(self, field: str, term: str) -> Any:
        return self.ask({("term", field, term): self._term_question(field, term)})["term", field, term]

    def _term_question(self, field: str, term: str) -> Search:
        query = {"term": {field: {"value": term}}}
        body = {"size": 1, "query": query, "sort": [{"_score": "asc"}], "track_total_hits": True, "_source": False}
        return Search(self.state.name, body, _GLOBALLY)

    def _any_question(self, field: str, terms: Sequence[str]) -> Search:
        return self._count_question({"terms": {field: sorted(terms)}})

    def _count_question(self, query: Query) -> Search:
        return Search(self.state.name, {"size": 0, "query": query, "track_total_hits": True})

    def _like_question(self, stem: str) -> Search:
        grams = trigrams(stem)
        shared: dict[str, Any] = {
            "should": [{"constant_score": {"filter": {"term": {"grams": gram}}}} for gram in grams],
            # Who shares s of n trigrams has s or more itself: 2s / (n + s) must be enough.
            "minimum_should_match": max(1, ceil(len(grams) * LEAST_LIKENESS / (2 - LEAST_LIKENESS) - 1e-9)),
        }
        script = {"source": _LIKENESS, "params": {"grams": len(grams)}}
        query = {"script_score": {"query": {"bool": shared}, "script": script, "min_score": LEAST_LIKENESS}}
        body = {
            "size": MOST_LIKE + 1,
            "query": query,
            "sort": [{"_score": "desc"}, {"stem": "asc"}],
            "_source": ["stem"],
        }
        return Search(self.state.vocabulary, body)

    def _once(self, key: Any, ask: Callable[[], Any]) -> Any:
        if key not in self._known:
            return self._keep(key, ask())
        return self._known[key]

    def _keep(self, key: Any, answer: Any) -> Any:
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known = {}
            self._known[key] = answer
        return answer


class _Ahead(Statistics):
    """Statistics that note what is not known yet, in place of asking it, and go on as if no article had it.

    Of beginnings they go on as if there were words.
    """

    def __init__(self, asked: Statistics) -> None:
        super().__init__(asked._client, asked.state)
        self._asked = asked
        self.noted: dict[Any, Search | None] = {}
        self._articles = asked._articles

    def ask(self, questions: Mapping[Any, Search | None]) -> dict[Any, Any]:
        found, asked = self._asked._known_of(questions)
        self.noted |= asked
        return found | {key: 0 if question is None else _NO_HITS for key, question in asked.items()}

    def existing_prefixes(self, starts: Collection[str]) -> set[str]:
        there = super().existing_prefixes(starts)
        return {start for start in starts if start in there or ("begun", start) in self.noted}

    def near(self, word: str, limit: int, least: int = 1) -> dict[str, tuple[int, float]]:
        return self._asked.near(word, limit, least)

    def _once(self, key: Any, ask: Callable[[], Any]) -> Any:
        return self._asked._once(key, ask)


def _counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """The forms that were found, and in how many articles each is."""
    return {hit["_source"]["form"]: hit["_source"]["articles"] for hit in answer["hits"]["hits"]}


def _any_key(field: str, terms: Iterable[str]) -> tuple[str, str, tuple[str, ...]]:
    return "any", field, tuple(sorted(terms))


def wildcard(pattern: str) -> str:
    """A pattern as OpenSearch's `wildcard` query reads it: `*` and `?` are the same there, a backslash is not."""
    return pattern.replace("\\", "\\\\").encode("utf-8", "replace").decode("utf-8") if pattern else pattern


def _has_form(form: str) -> dict[str, Any]:
    return {"term": {"text_form": {"value": form}}}


def _fuzzy(field: str, word: str, edits: int) -> dict[str, Any]:
    if edits < 1:
        return {"term": {field: {"value": word}}}
    return {"fuzzy": {field: {"value": word, "fuzziness": edits, "max_expansions": _MOST_SPELLINGS}}}

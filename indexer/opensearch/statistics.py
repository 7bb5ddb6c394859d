"""Statistics of the index that compiling a query needs: document frequencies, and which terms there are.

The cluster is asked each question once per commit, and many of them in one request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import ceil
from threading import Lock
from typing import Any, Final, TypeVar, cast

from indexer.analysis import distance
from indexer.analysis.fields import NameSpellings, printed_time
from indexer.analysis.likeness import LEAST_LIKENESS, MOST_LIKE
from indexer.opensearch.bulk import batched
from indexer.opensearch.client import Client, Search
from indexer.opensearch.documents import form_id, skeleton, stem_id, trigrams
from indexer.opensearch.indices import IndexState
from indexer.opensearch.vocabulary import MAX_WORDS, counts_search, prefixes_search, read_counts, read_prefixes
from indexer.query.plan import MAX_EXPANSION, FuzzyPlan, Plan, WeightedTerm, WildcardPlan
from indexer.results import SourceTimes, TimeUnit
from indexer.search.source_times import SourceCounts, source_times

T = TypeVar("T")

Query = dict[str, Any]
"""A query in OpenSearch's query language."""

_MAX_CACHED: Final = 100_000
_MAX_CACHED_NEAR: Final = 2_000  # words whose near forms are cached: each may have thousands
_MAX_FUZZY_TERMS: Final = 1000  # that a fuzzy query expands to; OpenSearch's own bound is 1,024
_VALUES_PER_PAGE: Final = 10_000
_MONTHS_PER_PAGE: Final = 5_000  # each has two more buckets; OpenSearch allows 65,535 in an answer
_SIMILARITY: Final = "2.0 * _score / (params.grams + doc['gram_count'].value)"
_MAX_PREFETCHES: Final = 12  # requests of combined questions; what is still unknown then is asked one by one
_COUNTS: Final = {"articles": (counts_search, read_counts), "begun": (prefixes_search, read_prefixes)}
_NO_HITS: Final[Mapping[str, Any]] = {"hits": {"total": {"value": 0}, "hits": []}}
GLOBAL: Final = "dfs_query_then_fetch"
"""Scores by the statistics of all shards."""
_GLOBALLY: Final = {"search_type": GLOBAL}


class Statistics:
    """Statistics of one commit of an index. Safe to share between threads."""

    def __init__(self, client: Client, state: IndexState) -> None:
        self._client = client
        self.state = state
        self._known: dict[Any, Any] = {}
        self._near: dict[tuple[str, int, int], dict[str, tuple[int, float]]] = {}
        self._lock = Lock()

    @property
    def doc_count(self) -> int:
        """Number of articles in the index."""
        return int(self._articles["hits"]["total"]["value"])

    @property
    def mean_length(self) -> float:
        """Mean number of words per article."""
        return float(self._articles["aggregations"]["mean"]["value"] or 0.0)

    @cached_property
    def _articles(self) -> Any:
        body = {"size": 0, "track_total_hits": True, "aggs": {"mean": {"avg": {"field": "length"}}}}
        return self._client.search(self.state.name, body)

    def names_of(self, field: str) -> NameSpellings:
        """The values of a field of names, and which of them are spellings of one name."""
        return cast(NameSpellings, self._cached(("names", field), lambda: NameSpellings(self._values(field))))

    def published(self, unit: TimeUnit) -> dict[str, int]:
        """Number of articles by time of publication, in a unit: `2017-02` → 31."""

        def read() -> dict[str, int]:
            return {printed_time(digits): count for digits, count in self._values(unit.value).items()}

        return cast(dict[str, int], self._cached(("published", unit), read))

    def source_times(self) -> tuple[SourceTimes, ...]:
        """The articles of each source by month of publication."""

        def read() -> tuple[SourceTimes, ...]:
            return source_times(self._months_of_sources(), self.names_of("source_name"))

        return cast(tuple[SourceTimes, ...], self._cached("source_times", read))

    def undated(self, offset: int, limit: int) -> list[str]:
        """The ids of articles without a date, the last added first."""
        body = {
            "query": {"bool": {"must_not": [{"exists": {"field": "day"}}]}},
            "sort": [{"order": "desc"}],
            "from": offset,
            "size": limit,
            "_source": False,
            "docvalue_fields": ["id"],
            "track_total_hits": False,
        }
        hits = self._client.search(self.state.name, body)["hits"]["hits"]
        return [hit["fields"]["id"][0] for hit in hits]

    def _months_of_sources(self) -> Iterator[SourceCounts]:
        fields = ("source_name", "month")
        pages: dict[str, Any] = {
            "size": _MONTHS_PER_PAGE,
            "sources": [{field: {"terms": {"field": field, "missing_bucket": True}}} for field in fields],
        }
        ends = {
            end: {"terms": {"field": "day", "size": 1, "order": {"_key": order}}}
            for end, order in (("first", "asc"), ("last", "desc"))
        }
        while True:
            body = {"size": 0, "track_total_hits": False, "aggs": {"months": {"composite": pages, "aggs": ends}}}
            answer = self._client.search(self.state.name, body)["aggregations"]["months"]
            for bucket in answer["buckets"]:
                source, month = (bucket["key"][field] for field in fields)
                count: int = bucket["doc_count"]
                if month is None:
                    yield SourceCounts(source or "", (), count, None)
                else:
                    first, last = (int(bucket[end]["buckets"][0]["key"]) for end in ends)
                    yield SourceCounts(source or "", ((int(month), count),), 0, (first, last))
            if "after_key" not in answer:
                return
            pages["after"] = answer["after_key"]

    def _values(self, field: str) -> dict[str, int]:
        """All values of a field, without a limit, and the number of articles of each."""
        found: dict[str, int] = {}
        pages: dict[str, Any] = {"size": _VALUES_PER_PAGE, "sources": [{"value": {"terms": {"field": field}}}]}
        while True:
            body = {"size": 0, "track_total_hits": False, "aggs": {"values": {"composite": pages}}}
            answer = self._client.search(self.state.name, body)["aggregations"]["values"]
            found |= {bucket["key"]["value"]: bucket["doc_count"] for bucket in answer["buckets"]}
            if "after_key" not in answer:
                return found
            pages["after"] = answer["after_key"]

    def prefetch(
        self, terms: Iterable[tuple[str, str]], stems: Iterable[tuple[str, str]], counted: Mapping[Plan, Query]
    ) -> None:
        """Fetches in one request the statistics of terms (field, term), similar stems (field, stem) and counted plans.

        With stems it is two requests: the frequencies of similar stems can be fetched only when they are known.
        """
        stems = list(dict.fromkeys(stems))
        self.fetch(
            {("term", *term): self._term_search(*term) for term in terms}
            | {("similar", stem): self._similar_search(stem) for _, stem in stems}
            | {("count", plan): self._count_search(query) for plan, query in counted.items()}
        )
        similar = [(field, [other for other, _ in self.similar(stem)]) for field, stem in stems]
        self.fetch({_any_key(field, others): self._any_search(field, others) for field, others in similar if others})

    def prefetch_for(self, look_up: Callable[[Statistics], object]) -> None:
        """Fetches together what `look_up` would fetch one by one; it is called until everything it needs is known."""
        for _ in range(_MAX_PREFETCHES):
            recorder = _Recorder(self)
            look_up(recorder)
            if not recorder.missing:
                break
            self.fetch(recorder.missing)

    def fetch(self, questions: Mapping[Any, Search | None]) -> dict[Any, Any]:
        """The answers to questions, by their cache keys; those that are not cached are fetched in one request.

        A question without a search is a count of the vocabulary; one search returns many of them.
        """
        found, unknown = self._split(questions)
        searches = {key: question for key, question in unknown.items() if question is not None}
        counted = dict.fromkeys((key for key in unknown if key not in searches), 0)
        parts = [
            (kind, part)
            for kind in _COUNTS
            for part in batched((value for of, value in counted if of == kind), MAX_WORDS)
        ]
        counts = [_COUNTS[kind][0](self.state.vocabulary, part) for kind, part in parts]
        answers = self._client.searches([*searches.values(), *counts])
        for (kind, _), answer in zip(parts, answers[len(searches) :], strict=True):
            counted |= {(kind, value): count for value, count in _COUNTS[kind][1](answer).items()}
        fetched = {**counted, **dict(zip(searches, answers[: len(searches)], strict=True))}
        return found | {key: self._cache(key, answer) for key, answer in fetched.items()}

    def _split(self, questions: Mapping[Any, T]) -> tuple[dict[Any, Any], dict[Any, T]]:
        """The cached answers to questions, and the questions that have none."""
        known = self._known
        found = {key: known[key] for key in questions if key in known}
        return found, {key: question for key, question in questions.items() if key not in found}

    def frequency(self, field: str, term: str) -> int:
        """Number of articles with a term."""
        return int(self._term(field, term)["hits"]["total"]["value"])

    def least(self, level: WeightedTerm) -> float | None:
        """The least that a match of this term adds to the score of any article; None if no article has it."""
        hits = self._term(level.field, level.term)["hits"]["hits"]
        return level.weight * float(hits[0]["_score"]) if hits else None

    def frequencies(self, field: str, terms: Sequence[str]) -> dict[str, int]:
        """As `frequency`, of many terms, from the vocabulary's counts: approximate if articles were revised."""
        ids = {term: stem_id(term) if field == "text_stem" else form_id(term) for term in terms}
        counts = self.fetch(dict.fromkeys(("articles", word_id) for word_id in ids.values()))
        return {term: count for term, word_id in ids.items() if (count := counts["articles", word_id])}

    def count_any(self, field: str, terms: Sequence[str]) -> int:
        """Number of articles with any of the terms."""
        return self._totals({_any_key(field, terms): {"terms": {field: sorted(terms)}}})[0]

    def count(self, plan: Plan, query: Query) -> int:
        """Number of articles that match a plan, whose filter this is."""
        return self._totals({("count", plan): query})[0]

    def similar(self, stem: str) -> tuple[tuple[str, float], ...]:
        """The other stems that are similar to this one, with their similarity, most similar first."""
        answer = self.fetch({("similar", stem): self._similar_search(stem)})["similar", stem]
        found = ((hit["_source"]["stem"], float(hit["_score"])) for hit in answer["hits"]["hits"])
        return tuple((other, similarity) for other, similarity in found if other != stem)[:MOST_LIKE]

    def expansion(self, plan: WildcardPlan | FuzzyPlan) -> tuple[tuple[str, ...], bool]:
        """The forms that a pattern or a misspelled word expands to, most frequent first; whether there were more."""

        def expand() -> tuple[tuple[str, ...], bool]:
            if isinstance(plan, FuzzyPlan):
                near = self.near(plan.form, plan.limit)
                forms = sorted(near, key=lambda form: (-near[form][0], form))
                return tuple(forms[:MAX_EXPANSION]), len(forms) > MAX_EXPANSION
            found, total = self._forms({"wildcard": {"form": {"value": wildcard(plan.pattern)}}}, MAX_EXPANSION)
            return tuple(found), total > MAX_EXPANSION

        found: tuple[tuple[str, ...], bool] = self._cached(("forms", type(plan), plan), expand)
        return found

    def near(self, word: str, limit: int, least: int = 1) -> dict[str, tuple[int, float]]:
        """The forms at most `limit` edits from a folded word: the number of articles and the distance of each.

        Forms in fewer than `least` articles are left out.
        """
        if not word:
            return {}
        key = word, limit, least
        found = self._near.get(key)
        if found is None:
            found = self._find_near(word, limit, least)
            with self._lock:
                if len(self._near) >= _MAX_CACHED_NEAR:
                    self._near = {}
                self._near[key] = found
        return found

    def _find_near(self, word: str, limit: int, least: int) -> dict[str, tuple[int, float]]:
        # An edit that costs ½ changes no skeleton. A form within the limit is at most that many edits away, or one of
        # its edits costs ½, and then its skeleton is within one edit less.
        ways: list[dict[str, Any]] = [_fuzzy("form", word, limit)]
        if bones := skeleton(word):
            ways.append(_fuzzy("skeleton", bones, limit - 1))
        frequent: list[dict[str, Any]] = [{"range": {"articles": {"gte": least}}}] if least > 1 else []
        query = {"bool": {"should": ways, "minimum_should_match": 1, "filter": frequent}}
        found, _ = self._forms(query, 10 * MAX_EXPANSION)
        measured = ((form, articles, distance(word, form, limit)) for form, articles in found.items())
        return {form: (articles, edits) for form, articles, edits in measured if edits <= limit}

    def cooccurrences(self, form: str, others: Sequence[str]) -> dict[str, int]:
        """The number of articles with a form and each of the others."""
        queries = {other: {"bool": {"filter": [_has_form(form), _has_form(other)]}} for other in others}
        totals = self._totals({("together", form, other): query for other, query in queries.items()})
        return dict(zip(queries, totals, strict=True))

    def adjacent(self, runs: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
        """The number of articles with each sequence of two or more forms as a phrase."""
        queries = {run: {"match_phrase": {"text_form": {"query": " ".join(run)}}} for run in runs}
        totals = self._totals({("adjacent", *run): query for run, query in queries.items()})
        return dict(zip(queries, totals, strict=True))

    def _totals(self, queries: Mapping[Any, Query]) -> list[int]:
        """The number of articles that match each query, in one request; queries are given by their cache keys."""
        found = self.fetch({key: self._count_search(query) for key, query in queries.items()})
        return [int(found[key]["hits"]["total"]["value"]) for key in queries]

    def forms_with_prefix(self, start: str, most: int) -> dict[str, int]:
        """The most frequent forms with a prefix, and the number of articles with each."""
        key = "beginning", start, most
        return _counts(self.fetch({key: self._forms_search({"prefix": {"form": {"value": start}}}, most)})[key])

    def existing_prefixes(self, starts: Collection[str]) -> set[str]:
        """The prefixes with which at least one form begins."""
        found = self.fetch(dict.fromkeys(("begun", start) for start in starts))
        return {start for start in starts if found["begun", start]}

    def _forms(self, query: Mapping[str, Any], most: int) -> tuple[dict[str, int], int]:
        answer = self._client.searches([self._forms_search(query, most)])[0]
        return _counts(answer), answer["hits"]["total"]["value"]

    def _forms_search(self, query: Mapping[str, Any], most: int) -> Search:
        body = {
            "size": most,
            "query": {"bool": {"filter": [query]}},
            "sort": [{"articles": "desc"}, {"form": "asc"}],
            "track_total_hits": True,
        }
        return Search(self.state.vocabulary, body)

    def _term(self, field: str, term: str) -> Any:
        return self.fetch({("term", field, term): self._term_search(field, term)})["term", field, term]

    def _term_search(self, field: str, term: str) -> Search:
        query = {"term": {field: {"value": term}}}
        body = {"size": 1, "query": query, "sort": [{"_score": "asc"}], "track_total_hits": True, "_source": False}
        return Search(self.state.name, body, _GLOBALLY)

    def _any_search(self, field: str, terms: Sequence[str]) -> Search:
        return self._count_search({"terms": {field: sorted(terms)}})

    def _count_search(self, query: Query) -> Search:
        return Search(self.state.name, {"size": 0, "query": query, "track_total_hits": True})

    def _similar_search(self, stem: str) -> Search:
        grams = trigrams(stem)
        shared: dict[str, Any] = {
            "should": [{"constant_score": {"filter": {"term": {"grams": gram}}}} for gram in grams],
            # A stem that shares s of n trigrams has at least s itself: 2s / (n + s) must be enough.
            "minimum_should_match": max(1, ceil(len(grams) * LEAST_LIKENESS / (2 - LEAST_LIKENESS) - 1e-9)),
        }
        script = {"source": _SIMILARITY, "params": {"grams": len(grams)}}
        query = {"script_score": {"query": {"bool": shared}, "script": script, "min_score": LEAST_LIKENESS}}
        body = {
            "size": MOST_LIKE + 1,
            "query": query,
            "sort": [{"_score": "desc"}, {"stem": "asc"}],
            "_source": ["stem"],
        }
        return Search(self.state.vocabulary, body)

    def _cached(self, key: Any, compute: Callable[[], Any]) -> Any:
        if key not in self._known:
            return self._cache(key, compute())
        return self._known[key]

    def _cache(self, key: Any, answer: Any) -> Any:
        with self._lock:
            if len(self._known) >= _MAX_CACHED:
                self._known = {}
            self._known[key] = answer
        return answer


class _Recorder(Statistics):
    """Statistics that record what is not cached, instead of fetching it, and return 0 articles for it.

    Prefixes that are not cached are assumed to exist.
    """

    def __init__(self, statistics: Statistics) -> None:
        super().__init__(statistics._client, statistics.state)
        self._statistics = statistics
        self.missing: dict[Any, Search | None] = {}
        self._articles = statistics._articles

    def fetch(self, questions: Mapping[Any, Search | None]) -> dict[Any, Any]:
        found, unknown = self._statistics._split(questions)
        self.missing |= unknown
        return found | {key: 0 if question is None else _NO_HITS for key, question in unknown.items()}

    def existing_prefixes(self, starts: Collection[str]) -> set[str]:
        known = super().existing_prefixes(starts)
        return {start for start in starts if start in known or ("begun", start) in self.missing}

    def near(self, word: str, limit: int, least: int = 1) -> dict[str, tuple[int, float]]:
        return self._statistics.near(word, limit, least)

    def _cached(self, key: Any, compute: Callable[[], Any]) -> Any:
        return self._statistics._cached(key, compute)


def _counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """The forms that a search of the vocabulary found, and the number of articles with each."""
    return {hit["_source"]["form"]: hit["_source"]["articles"] for hit in answer["hits"]["hits"]}


def _any_key(field: str, terms: Iterable[str]) -> tuple[str, str, tuple[str, ...]]:
    return "any", field, tuple(sorted(terms))


def wildcard(pattern: str) -> str:
    """A pattern for OpenSearch's `wildcard` query: `*` and `?` mean the same there, a backslash must be escaped."""
    return pattern.replace("\\", "\\\\").encode("utf-8", "replace").decode("utf-8") if pattern else pattern


def _has_form(form: str) -> dict[str, Any]:
    return {"term": {"text_form": {"value": form}}}


def _fuzzy(field: str, word: str, edits: int) -> dict[str, Any]:
    if edits < 1:
        return {"term": {field: {"value": word}}}
    return {"fuzzy": {field: {"value": word, "fuzziness": edits, "max_expansions": _MAX_FUZZY_TERMS}}}

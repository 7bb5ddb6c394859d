"""Sentences that answer: for a question, the sentences of the best hits that have most of its words, as printed.

No text is generated. The paragraphs of the first hits are cut into sentences, and each has a score, the sum of

- its *cover*: the share of the question's words that it has, weighted by how rare they are. A word that only the title
  of its article has, or only the sentence before it, counts less
- the score of its article, as a share of the best one's
- a number that the question has not, if the question asks for one (متى, كم)
- its similarity to the question in meaning

The best by the first three are compared in meaning, without nearly equal ones and without questions, which have the
words of another question and answer none. A sentence whose cover and similarity are too low together says something
else, so that a question may have no answer. docs/meaning.md has the measurements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from corpus import Archive, Article
from indexer.analysis import WORD, analyze_words, fold
from indexer.analysis.sentences import sentence_spans
from indexer.highlight.marker import Mark, spans, without_overlaps
from indexer.query.plan import CompiledQuery
from indexer.results import Answer, SearchRequest, Snippet
from indexer.search.bm25 import idf
from indexer.search.index_reader import IndexReader, RankedArticle
from indexer.search.relaxation import loose_marker
from indexer.search.reordering import Meaning, share_of

STORIES: Final = 20
"""Hits whose sentences are read, from the first."""

MAX_OF_ARTICLE: Final = 2
"""Sentences of one article among the answers."""

_IN_TITLE: Final = 0.7
_IN_SENTENCE_BEFORE: Final = 0.5
_HIT: Final = 1.5
_NUMBER: Final = 0.2

_LETTERS: Final = 12_000  # of each article that are read
_LONGEST: Final = 500  # letters of a sentence; texts without a full stop are cut at commas
_EQUAL: Final = 0.7  # share of the words of the shorter sentence that nearly equal ones have in common

_QUESTION_END: Final = re.compile(r"[؟?][\s»”\"')]*$")
_DIGITS: Final = re.compile(r"\d+")
_ASKS_FOR_NUMBER: Final = frozenset(
    map(fold, ("متى", "كم", "بكم", "وكم", "تاريخ", "عام", "سنة", "يوم", "عدد", "نسبة", "مساحة", "عمر"))
)


@dataclass(slots=True)
class _Sentence:
    """A sentence that may answer, `text[start:end]` of a paragraph; `words` are its forms."""

    article: Article
    paragraph: int
    start: int
    end: int
    cover: float
    score: float
    marks: Sequence[Mark]

    @property
    def text(self) -> str:
        return self.article.paragraphs[self.paragraph][self.start : self.end]


def may_be_answered(query: CompiledQuery, request: SearchRequest) -> bool:
    """Whether a query is a question or a sentence, rather than keywords or a formula, in the order of relevance."""
    return bool(share_of(query, request)) and (query.prose or bool(_QUESTION_END.search(request.query)))


def find_answers(
    archive: Archive,
    reader: IndexReader,
    meaning: Meaning,
    query: CompiledQuery,
    request: SearchRequest,
    ranked: Sequence[RankedArticle],
    limit: int,
) -> tuple[Answer, ...]:
    """The sentences of ranked articles that answer a question best, at most `limit`; none rather than a bad one."""
    articles = archive.get_many(article.article_id for article in ranked)
    shares = _shares(reader, query)
    marker = loose_marker(reader, query)
    found: list[_Sentence] = []
    best = max((article.score for article in ranked), default=0.0)
    numbers = _numbers_asked(request.query)
    texts = [text for hit in ranked if (article := articles.get(hit.article_id)) for text in _texts(article)]
    marked = iter(marker.all_marks(texts))
    for hit in ranked:
        if article := articles.get(hit.article_id):
            score = _HIT * hit.score / best if best > 0 else 0.0
            for sentence in _sentences(article, query, marked, shares):
                sentence.score = sentence.cover + score
                if numbers is not None and not numbers.issuperset(_DIGITS.findall(sentence.text)):
                    sentence.score += _NUMBER
                found.append(sentence)
    found.sort(key=lambda sentence: -sentence.score)
    weights = meaning.sentence_weights
    chosen = _distinct(found, max(limit, weights.most))
    compared = [sentence.text for sentence in chosen[: weights.most]]
    for sentence, similarity in zip(chosen, meaning.of_texts(request.query, compared), strict=False):
        sentence.cover += weights.weight * similarity
        sentence.score += weights.weight * similarity
    answers = [sentence for sentence in chosen if sentence.cover >= weights.least]
    answers.sort(key=lambda sentence: -sentence.score)
    return tuple(map(_answer, answers[:limit]))


def _shares(reader: IndexReader, query: CompiledQuery) -> dict[str, float]:
    """The share of each word of a query in the weight of all."""
    typed = dict.fromkeys(term.typed for term in query.loose_highlight_terms)
    stems = {word: [terms.stem for terms in analyze_words(word) if terms.stem] for word in typed}
    known = reader.vocabulary.frequencies("text_stem", [stem for each in stems.values() for stem in each])
    count = reader.vocabulary.doc_count
    weights = {
        word: max((idf(known.get(stem, 0), count) for stem in each), default=0.0) for word, each in stems.items()
    }
    whole = sum(weights.values()) or 1.0
    return {word: weight / whole for word, weight in weights.items()}


def _texts(article: Article) -> Iterator[str]:
    """The title of an article and its first paragraphs, as long as they are read."""
    yield article.title
    room = _LETTERS
    for paragraph in article.paragraphs:
        if room > 0:
            yield paragraph[:room]
        room -= len(paragraph)


def _sentences(
    article: Article, query: CompiledQuery, marked: Iterator[list[Mark]], shares: Mapping[str, float]
) -> Iterator[_Sentence]:
    """The sentences of an article that have a word of the question, without their score."""
    _, *paragraphs = _texts(article)
    by_title = _levels(query, next(marked))
    before: Mapping[str, float] = {}
    for number, paragraph in enumerate(paragraphs):
        marks = next(marked)
        for start, end in sentence_spans(paragraph, _LONGEST):
            own = [mark for mark in marks if start <= mark.start and mark.end <= end]
            levels = _levels(query, own)
            cover = sum(
                share
                * max(
                    levels.get(word, 0.0),
                    _IN_TITLE * by_title.get(word, 0.0),
                    _IN_SENTENCE_BEFORE * before.get(word, 0.0),
                )
                for word, share in shares.items()
            )
            if levels and not _QUESTION_END.search(paragraph[start:end]):
                yield _Sentence(article, number, start, end, cover, 0.0, own)
            before = levels


def _levels(query: CompiledQuery, marks: Sequence[Mark]) -> dict[str, float]:
    """The words of a query that marks match, and the weight of the surest match of each."""
    levels: dict[str, float] = {}
    for mark in marks:
        word = query.loose_highlight_terms[mark.term].typed
        levels[word] = max(levels.get(word, 0.0), mark.weight)
    return levels


def _numbers_asked(question: str) -> set[str] | None:
    """The numbers in a question that asks for a number or a time; None for another question."""
    words = {fold(word) for word in WORD.findall(question)}
    return set(_DIGITS.findall(question)) if words & _ASKS_FOR_NUMBER else None


def _distinct(sentences: Sequence[_Sentence], limit: int) -> list[_Sentence]:
    """The first sentences, without nearly equal ones, and few of each article."""
    chosen: list[_Sentence] = []
    seen: list[set[str]] = []
    for sentence in sentences:
        if len(chosen) >= limit:
            break
        words = {terms.form for terms in analyze_words(sentence.text)}
        of_article = sum(other.article.id == sentence.article.id for other in chosen)
        if of_article < MAX_OF_ARTICLE and not any(_nearly_equal(words, other) for other in seen):
            chosen.append(sentence)
            seen.append(words)
    return chosen


def _nearly_equal(words: set[str], others: set[str]) -> bool:
    return len(words & others) > _EQUAL * min(len(words), len(others))


def _answer(sentence: _Sentence) -> Answer:
    article = sentence.article
    offsets = [(start - sentence.start, end - sentence.start) for start, end in spans(without_overlaps(sentence.marks))]
    return Answer(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        published=article.published,
        sentence=Snippet(sentence.text, tuple(offsets)),
        paragraph=sentence.paragraph,
    )

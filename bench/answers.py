"""How often one of the three sentences of `Searcher.answers` answers a question, on sets of questions with judgements.

    python -m bench answers ARCHIVE QUERIES QRELS

QUERIES are the lines of JSON that `arshif evaluate` reads. A question with `"answers": ["…"]` is answered by a sentence
of a judged article, or of a copy of it, that has one of these texts, or is part of one. Without `answers` any sentence
of a judged article counts: whether it answers is not known, so the figure is an upper bound.

To see what is answered wrongly, each question is asked again without its judged articles: then nothing should answer,
although other articles sometimes do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.timing import both, milliseconds
from corpus import Archive, groups_of
from indexer import Answer, SearchRequest, open_searcher, read_qrels
from indexer.analysis import WORD, fold

_SHOWN = 3
_ALL = 20
_LEAST_PART = 15  # letters of a sentence that is part of a longer answer


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the articles that are judged to answer it, and texts that answer it, if they are known."""

    text: str
    articles: frozenset[str]
    answers: tuple[str, ...]

    def is_answered(self, sentences: Sequence[Answer]) -> bool:
        return any(sentence.id in self.articles and self._has_answer(sentence) for sentence in sentences)

    def _has_answer(self, sentence: Answer) -> bool:
        text = _folded(sentence.sentence.text)
        return not self.answers or any(
            answer in text or (len(text) >= _LEAST_PART and text in answer) for answer in map(_folded, self.answers)
        )


def run(directory: Path, queries: Path, qrels: Path, every: int, first: int) -> None:
    """Prints how many questions are answered, how many are if nothing should answer, and the time per question."""
    with Archive.open(directory) as archive:
        searcher = open_searcher(archive)
        questions = list(read_questions(archive, queries, qrels))[first::every]
        asked = [SearchRequest(question.text, meaning=True) for question in questions]
        searcher.answers(asked[0])  # loads the encoder
        times = milliseconds(searcher.answers, asked)
        answered = shown = wrong = 0
        letters = []
        for question, request in zip(questions, asked, strict=True):
            sentences = searcher.answers(request, _ALL)
            letters += [len(sentence.sentence.text) for sentence in sentences[:_SHOWN]]
            answered += question.is_answered(sentences[:_SHOWN])
            shown += bool(sentences)
            wrong += any(sentence.id not in question.articles for sentence in sentences)
        count = len(questions)
        known = "texts that answer" if any(question.answers for question in questions) else "judged articles"
        print(f"{count:,} questions, by {known}")
        print(f"answered by one of {_SHOWN} sentences: {answered / count:.3f}; with any sentence: {shown / count:.3f}")
        print(f"with a sentence although the judged articles are left out: {wrong / count:.3f}")
        print(f"letters of a sentence on average: {sum(letters) / max(1, len(letters)):.0f}")
        print(f"ms (p50 / p95): {both(times)}")


def read_questions(archive: Archive, queries: Path, qrels: Path) -> Iterator[Question]:
    """The questions of a file that have a judged article; copies of judged articles count as judged."""
    judged: dict[str, set[str]] = {}
    for qrel in read_qrels(qrels.read_bytes(), str(qrels)):
        if qrel.grade > 0:
            judged.setdefault(qrel.topic_id, set()).add(qrel.article_id)
    groups = groups_of(archive, {article_id for each in judged.values() for article_id in each})
    for line in queries.read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        if articles := judged.get(value["id"]):
            copies = {copy.article_id for one in articles if one in groups for copy in groups[one].copies}
            yield Question(value["text"], frozenset(articles | copies), tuple(value.get("answers", ())))


def _folded(text: str) -> str:
    return " ".join(filter(None, map(fold, WORD.findall(text))))

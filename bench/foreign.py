"""Questions in other languages over an Arabic archive: is the article that answers each among the first ten?

`foreign_questions.jsonl` has questions in English, French and Turkish, written for articles drawn at random from a
public collection of Saudi news, each with the id of its article. Another article may answer a question too, and counts
as wrong here; a copy of the story counts as right. The late ones were written after the rules of reading.
"""

from __future__ import annotations

import json
from math import log2
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import Final, NamedTuple

from corpus import Archive, groups_of
from indexer import SearchRequest, open_searcher
from indexer.searcher import Searcher

QUESTIONS: Final = Path(__file__).with_name("foreign_questions.jsonl")

_FIRST: Final = 10


class Question(NamedTuple):
    """A question, and the id of the article that answers it; `late` if it is one of the last (see above)."""

    id: str
    language: str
    text: str
    article: str
    late: bool


def read_questions() -> list[Question]:
    """The questions, in the order of the file."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


def run(directory: Path, show: bool) -> None:
    """Prints recall and nDCG of the first ten hits by language: by words alone, and with the archive's encoder."""
    questions = read_questions()
    with Archive.open(directory) as archive:
        groups = groups_of(archive, [question.article for question in questions])
        right = {
            question.id: {copy.article_id for copy in groups[question.article].copies}
            if question.article in groups
            else {question.article}
            for question in questions
        }
        searcher = open_searcher(archive)
        for meaning in (False, True):
            began = perf_counter()
            places = {question.id: _place(searcher, question, right[question.id], meaning) for question in questions}
            seconds = (perf_counter() - began) / len(questions)
            print(f"{'with meaning' if meaning else 'words alone'}: {1000 * seconds:.0f} ms per question")
            for language in dict.fromkeys(question.language for question in questions):
                own, late = (
                    [places[each.id] for each in questions if each.language == language and each.late is is_late]
                    for is_late in (False, True)
                )
                for name, some in (("all", own), ("even", own[::2]), ("odd", own[1::2]), ("late", late)):
                    if some:
                        print(f"  {language} {name:4} {len(some):3} recall {_recall(some):.3f} nDCG {_ndcg(some):.3f}")
        if show:
            for question in questions:
                place = places[question.id]
                print(f"{question.id} {'-' if place is None else place + 1} {question.text} {question.article}")


def _place(searcher: Searcher, question: Question, right: set[str], meaning: bool) -> int | None:
    """The place of the answer among the first ten, from 0; None if it is not there."""
    found = searcher.rank(SearchRequest(question.text, meaning=meaning), _FIRST).articles
    return next((place for place, (article, _) in enumerate(found) if article in right), None)


def _recall(places: list[int | None]) -> float:
    return mean(place is not None for place in places)


def _ndcg(places: list[int | None]) -> float:
    return mean(0.0 if place is None else 1 / log2(place + 2) for place in places)

"""From articles to the documents of the cluster, and the words of its vocabulary.

Articles are read and analyzed in this process, or in several others. Analysis is the bottleneck of one machine while a
cluster of others indexes; so each process reads the archive by itself and returns finished lines of bulk requests,
which one process sends.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, Final, NamedTuple

from corpus import Archive, Article, group_names
from indexer.analysis import Terms, analyze_words
from indexer.analysis.edit_distance import kinds
from indexer.analysis.fields import day_term, field_values, time_term
from indexer.errors import IndexWriteFailed
from indexer.opensearch.bulk import Action, delete_action, index_action
from indexer.opensearch.indices import GRAM_ENDS, NO_TERM
from indexer.opensearch.settings import cluster_settings

BATCH: Final = 200
"""Articles that are read and analyzed at a time."""

_MAX_ID: Final = 512  # bytes, OpenSearch's own bound
_BATCHES_AHEAD: Final = 3  # per process: batches in progress or waiting to be sent


def document_id(article_id: str) -> str:
    """The id of an article's document: the article's own id, or its hash if it is too long."""
    data = article_id.encode("utf-8", "surrogatepass")
    return article_id if len(data) <= _MAX_ID else f"sha256:{hashlib.sha256(data).hexdigest()}"


def document(article: Article, order: int, group: str | None = None) -> tuple[dict[str, Any], list[Terms]]:
    """The document of an article, and the terms of its title and text; `order` is its number in the archive."""
    title, body = analyze_words(article.title), analyze_words(article.text)
    words = title + body
    title_form, body_form = _forms(title), _forms(body)
    value: dict[str, Any] = {
        "id": article.id,
        "order": order,
        "length": sum(1 for word in words if word.form),
        # Two values: the mapping puts its position gap between them.
        "text_form": [title_form, body_form],
        "text_lemma": _lemmas(words),
        "text_stem": _terms(word.stem for word in words),
        "text_root": _terms(word.root for word in words),
        "title_form": title_form,
        "title_lemma": _lemmas(title),
        "title_stem": _terms(word.stem for word in title),
        "group_name": group or article.id,
    }
    if group:
        value["grouped"] = 1
    for field, text in (
        ("source", article.source),
        ("section", article.section),
        ("author", " ".join(article.authors)),
    ):
        value[field] = _forms(analyze_words(text or ""))
    values = field_values(article)
    value |= {name: list(values[name]) for name in ("source_name", "section_name", "author_name")}
    if article.published:
        day = day_term(article.published.date())
        value |= {"day": day, "month": day[:6], "year": day[:4], "time": int(time_term(article.published))}
    return value, words


def _forms(words: Iterable[Terms]) -> str:
    """The forms of words, separated by spaces, at their positions."""
    return " ".join([word.form or NO_TERM for word in words])


def _lemmas(words: Iterable[Terms]) -> list[str]:
    """The distinct lemmas of words; all lemmas of an ambiguous one."""
    return list(dict.fromkeys(lemma for word in words for lemma in word.lemmas))


def _terms(terms: Iterable[str | None]) -> str:
    """Stems or roots, separated by spaces: only their frequencies are indexed."""
    return " ".join(filter(None, terms))


class VocabularyCounts:
    """The number of articles with each form and each stem, among those that were added."""

    def __init__(self) -> None:
        self._forms: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._forms)

    def add(self, words: Iterable[Terms]) -> None:
        """Counts the words of one article."""
        distinct = set(words)
        # Words of one form may differ in other terms, so that forms and stems are counted separately.
        self._forms.update({word.form for word in distinct if word.form})
        self._stems.update({word.stem for word in distinct if word.stem})

    def merge(self, other: VocabularyCounts) -> None:
        """Adds the counts of other articles."""
        self._forms.update(other._forms)
        self._stems.update(other._stems)

    def documents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The documents of the vocabulary: (id, document); `articles` is the number of articles that were counted."""
        for form, articles in self._forms.items():
            yield form_id(form), {"form": form, "skeleton": skeleton(form), "articles": articles}
        for stem, articles in self._stems.items():
            grams = trigrams(stem)
            yield stem_id(stem), {"stem": stem, "grams": grams, "gram_count": len(grams), "articles": articles}


def form_id(form: str) -> str:
    """The id of a form's document in the vocabulary."""
    return f"f{form}"


def stem_id(stem: str) -> str:
    """The id of a stem's document in the vocabulary."""
    return f"s{stem}"


def trigrams(stem: str) -> list[str]:
    """The distinct trigrams of a stem, padded at both ends: those that `indexer.analysis.likeness` compares."""
    text = f"{GRAM_ENDS}{stem}{GRAM_ENDS}"
    return sorted({text[at : at + 3] for at in range(len(stem))})


def skeleton(form: str) -> str:
    """A key that is equal for forms which differ only by edits that cost ½ (`indexer.analysis.edit_distance`).

    Letters that are often confused become one; hamza and its seats are left out.

    >>> skeleton("غوغل") == skeleton("قوقل") == skeleton("جوجل")
    True
    """
    return form.translate(_skeleton_table())


@cache
def _skeleton_table() -> dict[int, str]:
    return {ord(letter): kind for letter, kind in kinds().items()}


class PendingArticle(NamedTuple):
    """An article to write; `version` is the number of its last change, `new` if the vocabulary has not counted it."""

    article_id: str
    version: int
    new: bool


class PreparedBatch(NamedTuple):
    """The actions for a batch of articles: `indexed` of them are written, the others were removed."""

    actions: list[Action]
    indexed: int
    words: VocabularyCounts
    known_words: VocabularyCounts
    """The words of articles that the vocabulary has counted before."""


def prepare(archive: Archive, index: str, batch: Sequence[PendingArticle]) -> PreparedBatch:
    """Reads and analyzes a batch of articles, as they are now."""
    ids = [pending.article_id for pending in batch]
    articles, groups, numbers = archive.get_many(ids), group_names(archive, ids), archive.numbers(ids)
    prepared = PreparedBatch([], len(articles), VocabularyCounts(), VocabularyCounts())
    for article_id, version, new in batch:
        key = document_id(article_id)
        if article_id not in articles:
            prepared.actions.append(delete_action(article_id, index, key, version))
            continue
        value, words = document(articles[article_id], numbers[article_id], groups.get(article_id))
        (prepared.words if new else prepared.known_words).add(words)
        prepared.actions.append(index_action(article_id, index, key, value, version))
    return prepared


def prepare_all(
    archive: Archive, index: str, batches: Iterable[Sequence[PendingArticle]], processes: int
) -> Generator[PreparedBatch]:
    """Prepares batches, in their order; with more than one process, in child processes.

    Raises:
        IndexWriteFailed: a child process was killed.
    """
    if processes == 1:
        yield from (prepare(archive, index, batch) for batch in batches)
        return
    # Not forked: this process has threads that send requests.
    spawn, arguments = get_context("spawn"), (archive.directory, index)
    pool = ProcessPoolExecutor(processes, mp_context=spawn, initializer=_start_process, initargs=arguments)
    in_progress: deque[Future[PreparedBatch]] = deque()
    try:
        for batch in batches:
            in_progress.append(pool.submit(_prepare, batch))
            if len(in_progress) >= _BATCHES_AHEAD * processes:
                yield in_progress.popleft().result()
        while in_progress:
            yield in_progress.popleft().result()
    except BrokenProcessPool as error:
        reason = f"one of the {processes} analysis processes was killed: is there enough memory for all of them?"
        raise IndexWriteFailed(Path(cluster_settings(archive).prefix), reason) from error
    finally:
        pool.shutdown(cancel_futures=True)


_target: list[tuple[Archive, str]] = []
"""In a child process: the archive that it reads, and the index that it prepares documents for."""


def _start_process(directory: Path, index: str) -> None:
    # Control-C goes to all processes of a terminal; the parent ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_exit_with_parent, daemon=True).start()
    _target.append((Archive.open(directory), index))


def _exit_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _prepare(batch: Sequence[PendingArticle]) -> PreparedBatch:
    archive, index = _target[0]
    return prepare(archive, index, batch)

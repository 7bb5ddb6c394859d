"""From articles to the documents of the cluster, and the vocabulary that they make.

From the ids of articles to what is sent of them: read and analysed in this process, or in several beside it.

Analysis is what one machine spends its time on while a cluster of others indexes: each process reads the archive by
itself, and gives back the finished lines of bulk requests, which go out from one place.
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
from indexer.opensearch.bulk import Action, delete, write
from indexer.opensearch.indices import GRAM_ENDS, NO_TERM
from indexer.opensearch.settings import cluster_settings

_LONGEST_ID: Final = 512  # bytes, OpenSearch's own bound


def document_id(article_id: str) -> str:
    """The id of an article's document: the article's own, or, where that is too long, one made from it."""
    data = article_id.encode("utf-8", "surrogatepass")
    return article_id if len(data) <= _LONGEST_ID else f"sha256:{hashlib.sha256(data).hexdigest()}"


def document(article: Article, order: int, group: str | None = None) -> tuple[dict[str, Any], list[Terms]]:
    """An article as the index has it, and the terms of its title and text; `order` is its number in the archive."""
    title, body = analyze_words(article.title), analyze_words(article.text)
    words = title + body
    title_form, body_form = _placed(title), _placed(body)
    value: dict[str, Any] = {
        "id": article.id,
        "order": order,
        "length": sum(1 for word in words if word.form),
        # Two values: the mapping puts its gap of positions between them.
        "text_form": [title_form, body_form],
        "text_lemma": _lemmas(words),
        "text_stem": _counted(word.stem for word in words),
        "text_root": _counted(word.root for word in words),
        "title_form": title_form,
        "title_lemma": _lemmas(title),
        "title_stem": _counted(word.stem for word in title),
        "group_name": group or article.id,
    }
    if group:
        value["grouped"] = 1
    for field, text in (
        ("source", article.source),
        ("section", article.section),
        ("author", " ".join(article.authors)),
    ):
        value[field] = _placed(analyze_words(text or ""))
    kept = field_values(article)
    value |= {name: list(kept[name]) for name in ("source_name", "section_name", "author_name")}
    if article.published:
        day = day_term(article.published.date())
        value |= {"day": day, "month": day[:6], "year": day[:4], "time": int(time_term(article.published))}
    return value, words


def _placed(words: Iterable[Terms]) -> str:
    """Forms with spaces between: each keeps its place."""
    return " ".join([word.form or NO_TERM for word in words])


def _lemmas(words: Iterable[Terms]) -> list[str]:
    """The distinct lemmas of some words, all of an ambiguous one."""
    return list(dict.fromkeys(lemma for word in words for lemma in word.lemmas))


def _counted(terms: Iterable[str | None]) -> str:
    """Stems or roots with spaces between: they are only counted."""
    return " ".join(filter(None, terms))


class VocabularyCounts:
    """In how many of the articles added each form and each stem is."""

    def __init__(self) -> None:
        self._forms: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._forms)

    def add(self, words: Iterable[Terms]) -> None:
        """Counts the words of one article."""
        distinct = set(words)
        # Words of one form may differ in other terms, so each form and each stem is counted once by itself.
        self._forms.update({word.form for word in distinct if word.form})
        self._stems.update({word.stem for word in distinct if word.stem})

    def merge(self, other: VocabularyCounts) -> None:
        """Adds the counts of other articles."""
        self._forms.update(other._forms)
        self._stems.update(other._stems)

    def documents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The documents of the vocabulary: (id, document); `articles` is the number of articles counted."""
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
    """The distinct trigrams of a stem between marks of its ends, as `indexer.embedded.similar_stems` counts them."""
    text = f"{GRAM_ENDS}{stem}{GRAM_ENDS}"
    return sorted({text[at : at + 3] for at in range(len(stem))})


def skeleton(form: str) -> str:
    """A form in which edits that cost ½ (`indexer.analysis.edit_distance`) change nothing.

    Letters that are confused are one, hamza and its seats are none.

    >>> skeleton("غوغل") == skeleton("قوقل") == skeleton("جوجل")
    True
    """
    return form.translate(_table())


@cache
def _table() -> dict[int, str]:
    return {ord(letter): one for letter, one in kinds().items()}


BATCH: Final = 200
"""Articles that are read and analysed at a time."""

_AHEAD: Final = 3  # batches for each process that are under way or waiting to be sent


class Wanted(NamedTuple):
    """An article to bring up to date; `new` where the vocabulary has not counted it."""

    article_id: str
    version: int
    new: bool


class Prepared(NamedTuple):
    """What is sent of some articles: those written, `indexed` of them, and those that are no longer there."""

    actions: list[Action]
    indexed: int
    words: VocabularyCounts
    known_words: VocabularyCounts
    """Those of articles that the vocabulary has counted before."""


def prepare(archive: Archive, index: str, batch: Sequence[Wanted]) -> Prepared:
    """Reads and analyses some articles, as they are now."""
    ids = [one.article_id for one in batch]
    articles, groups, numbers = archive.get_many(ids), group_names(archive, ids), archive.numbers(ids)
    prepared = Prepared([], len(articles), VocabularyCounts(), VocabularyCounts())
    for article_id, version, new in batch:
        key = document_id(article_id)
        if article_id not in articles:
            prepared.actions.append(delete(article_id, index, key, version))
            continue
        value, words = document(articles[article_id], numbers[article_id], groups.get(article_id))
        (prepared.words if new else prepared.known_words).add(words)
        prepared.actions.append(write(article_id, index, key, value, version))
    return prepared


def prepare_all(
    archive: Archive, index: str, batches: Iterable[Sequence[Wanted]], processes: int
) -> Generator[Prepared]:
    """Each batch prepared, in their order; by more than one process in processes of their own.

    Raises:
        IndexWriteFailed: one of the processes was ended from outside.
    """
    if processes == 1:
        yield from (prepare(archive, index, batch) for batch in batches)
        return
    # Not forked: this process has threads that send.
    spawn, given = get_context("spawn"), (archive.directory, index)
    pool = ProcessPoolExecutor(processes, mp_context=spawn, initializer=_begin, initargs=given)
    under_way: deque[Future[Prepared]] = deque()
    try:
        for batch in batches:
            under_way.append(pool.submit(_prepare, batch))
            if len(under_way) >= _AHEAD * processes:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        reason = f"one of the {processes} analysis processes was killed: is there enough memory for all of them?"
        raise IndexWriteFailed(Path(cluster_settings(archive).prefix), reason) from error
    finally:
        pool.shutdown(cancel_futures=True)


_opened: list[tuple[Archive, str]] = []
"""In a process that analyses: the archive that it opened, and the index that it prepares for."""


def _begin(directory: Path, index: str) -> None:
    # Control-C goes to all processes of a terminal; the one that gave the work ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _opened.append((Archive.open(directory), index))


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _prepare(batch: Sequence[Wanted]) -> Prepared:
    archive, index = _opened[0]
    return prepare(archive, index, batch)

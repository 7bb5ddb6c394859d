"""From articles to the documents of the cluster, and the vocabulary that they make."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from corpus import Article
from indexer.analysis import Terms, analyze_words
from indexer.analysis.distance import kinds
from indexer.opensearch.mapping import GRAM_ENDS, NO_TERM
from indexer.schema import day_term, names, time_term

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
    kept = names(article)
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
    """The distinct trigrams of a stem between marks of its ends, as `indexer.similar` counts them."""
    text = f"{GRAM_ENDS}{stem}{GRAM_ENDS}"
    return sorted({text[at : at + 3] for at in range(len(stem))})


def skeleton(form: str) -> str:
    """A form in which edits that cost ½ (`indexer.analysis.distance`) change nothing.

    Letters that are confused are one, hamza and its seats are none.

    >>> skeleton("غوغل") == skeleton("قوقل") == skeleton("جوجل")
    True
    """
    return form.translate(_table())


@cache
def _table() -> dict[int, str]:
    return {ord(letter): one for letter, one in kinds().items()}

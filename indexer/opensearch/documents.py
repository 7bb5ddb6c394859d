"""From articles to the documents of the cluster, and the vocabulary that they make."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

from corpus import Article
from indexer.analysis import Level, Terms, analyze_words
from indexer.analysis.distance import kinds
from indexer.opensearch.mapping import GRAM_ENDS, NO_TERM
from indexer.schema import day_term, names, time_term

_LONGEST_ID: Final = 512  # bytes, OpenSearch's own bound


def document_id(article_id: str) -> str:
    """The id of an article's document: the article's own, or, where that is too long, one made from it."""
    data = article_id.encode("utf-8", "surrogatepass")
    return article_id if len(data) <= _LONGEST_ID else f"sha256:{hashlib.sha256(data).hexdigest()}"


def document(article: Article, order: int, group: str | None = None) -> tuple[dict[str, Any], list[Terms]]:
    """An article as the index has it, and the terms of its title and text; `order` puts equals in order of indexing."""
    title, body = analyze_words(article.title), analyze_words(article.text)
    words = title + body
    value: dict[str, Any] = {
        "id": article.id,
        "order": order,
        "length": sum(1 for terms in words if terms.form),
        # Two values: the mapping puts its gap of positions between them.
        "text_form": [joined(title, Level.FORM), joined(body, Level.FORM)],
        "text_stem": joined(words, Level.STEM),
        "text_root": joined(words, Level.ROOT),
        "title_form": joined(title, Level.FORM),
        "title_stem": joined(title, Level.STEM),
        "group_name": group or article.id,
    }
    if group:
        value["grouped"] = 1
    for field, text in (
        ("source", article.source),
        ("section", article.section),
        ("author", " ".join(article.authors)),
    ):
        value[field] = joined(analyze_words(text or ""), Level.FORM)
    kept = names(article)
    value |= {name: list(kept[name]) for name in ("source_name", "section_name", "author_name")}
    if article.published:
        day = day_term(article.published.date())
        value |= {"day": day, "month": day[:6], "year": day[:4], "time": int(time_term(article.published))}
    return value, words


def joined(words: Sequence[Terms], level: Level) -> str:
    """The terms of a level with spaces between. Forms keep their places; stems and roots are only counted."""
    if level is Level.FORM:
        return " ".join(terms.form or NO_TERM for terms in words)
    return " ".join(filter(None, (terms.at(level) for terms in words)))


class VocabularyCounts:
    """In how many of the articles added each form and each stem is."""

    def __init__(self) -> None:
        self._forms: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()
        self._stem_of: dict[str, str | None] = {}

    def __len__(self) -> int:
        return len(self._forms)

    def add(self, words: Iterable[Terms]) -> None:
        """Counts the words of one article."""
        forms = {terms.form: terms.stem for terms in words if terms.form}
        self._forms.update(forms.keys())
        self._stems.update({stem for stem in forms.values() if stem})
        self._stem_of |= forms

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

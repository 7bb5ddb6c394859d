"""Addresses: of searches near the one that is shown, of articles, of this very page in another language."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import request, url_for

from indexer import MAX_HIT, MatchMode, ResultPage, SearchRequest, Sort, WordForms, budget
from search_ui.web.forms import PAGE_SIZE, SearchForm

# Endings of an article's address, which an id in it must not end with.
_ENDINGS = ("/page", "/changes", ".bib", ".ris", ".json")

_LETTERS_OF_A_NAME = 40
_LETTERS_REMEMBERED = 200  # of thousands of values, so that a few megabytes hold them
_LONG = 4000  # characters of an address that a page does not repeat hundreds of times
_SAFE = "!$'()*,/:;?@"  # characters that are not escaped in an address


def article_url(article_id: str, ending: str = "", *, external: bool = False, **values: Any) -> str:
    """An article's address; `ending` is that of something of it, as its kept page; `external` is with scheme and host.

    Browsers and proxies shorten paths with empty or dotted parts, and some ids end as addresses do: such an id stands
    behind the question mark.
    """
    endpoint = f"articles.{ending or 'article'}"
    if {"", ".", ".."} & set(article_id.split("/")) or article_id.endswith(_ENDINGS):
        return _with(url_for(endpoint, _external=external), {"id": article_id} | values)
    return _with(url_for(endpoint, article_id=article_id, _external=external), values)


def here(**values: Any) -> str:
    """This page's own address with other values: in another language, with the other calendar.

    The parameters of the address are not passed to `url_for`, which reserves some names (`_anchor`, `_method`,
    `endpoint`).
    """
    if request.endpoint is None or request.method not in ("GET", "HEAD"):
        return url_for("pages.home", **values)
    kept: dict[str, Any] = request.args.to_dict(flat=False) | values
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(kept, doseq=True, safe=_SAFE)}"


def _name_of(asked: SearchRequest) -> str:
    """A name to save a search by: what it asks for, on one line."""
    named = asked.query or next(iter((*asked.sources, *asked.sections, *asked.authors)), "")
    return " ".join(named.split())[:_LETTERS_OF_A_NAME].strip() or "new"


class Links:
    """Addresses of searches near the one of a form: another page, one filter less or more."""

    def __init__(self, form: SearchForm, page: ResultPage | None = None) -> None:
        asked = self._asked = form.request
        self.values: dict[str, Any] = {
            "q": asked.query,
            "source": asked.sources,
            "section": asked.sections,
            "author": asked.authors,
            "after": form.after,
            "before": form.before,
            "sort": sort if (sort := request.args.get("sort", "")) in list(Sort) else "",
            "match": asked.match.value if asked.match is not MatchMode.ALL else "",
            "forms": asked.forms.value if asked.forms is not WordForms.LEMMA else "",
            "spellings": "" if asked.spellings else "false",
            "group": "" if asked.group else "false",
            "size": asked.page_size if asked.page_size != PAGE_SIZE else "",
            "chart": "share" if request.args.get("chart") == "share" else "",
        }
        self._parts = {name: _part(name, value) for name, value in self.values.items()}
        self._search = url_for("pages.search")
        self.short = sum(map(len, self._parts.values())) <= _LONG
        """Whether hundreds of links may repeat the search: of a longer one there is no chart, and no way back."""
        self._last = min(page.page_count, MAX_HIT // page.request.page_size) if page else 1
        self._current = asked.page

    def file(self, ending: str) -> str:
        """All articles that match, as a file: `csv`, `jsonl`, `bib`, `ris`; or as a feed, `atom`, the newest first.

        What could not be read, and was ignored here, would be an error there: it is left out.
        """
        asked = self._asked
        values = {
            **{name: self.values[name] for name in ("q", "source", "section", "author", "match", "forms", "spellings")},
            "after": self.values["after"] if asked.after else "",
            "before": self.values["before"] if asked.before else "",
            "sort": asked.sort.value if self.values["sort"] and ending != "atom" else "",
        }
        return url_for("exports.export", ending=ending, **{name: value for name, value in values.items() if value})

    def alert(self) -> list[str]:
        """The words, quoted for a shell, of the command that saves the search for `arshif alert`."""
        asked = self._asked
        texts = [_name_of(asked), *([asked.query] if asked.query else [])]
        words = ["arshif", "alert", "add"]
        for option, values in (
            ("--source", asked.sources),
            ("--section", asked.sections),
            ("--author", asked.authors),
            ("--after", (asked.after,)),
            ("--before", (asked.before,)),
            ("--match", (asked.match.value if asked.match is not MatchMode.ALL else "",)),
            ("--forms", (asked.forms.value if asked.forms is not WordForms.LEMMA else "",)),
        ):
            for value in filter(None, values):
                words += [option, str(value)]
        words += [] if asked.spellings else ["--no-spellings"]
        if any(text.startswith("-") for text in texts):
            words.append("--")  # what follows is no option
        return list(map(shlex.quote, (*words, *texts)))

    @property
    def filtered(self) -> bool:
        """Whether anything but words narrows the search."""
        asked = self._asked
        return any((asked.sources, asked.sections, asked.authors, asked.after, asked.before))

    def page(self, number: int) -> str:
        """The same search at another page."""
        return self._url({"page": number if number > 1 else ""})

    def without(self, name: str, value: str = "") -> str:
        """The same search without one filter."""
        kept = tuple(other for other in self.values[name] if other != value) if value else ""
        return self._url({name: kept})

    def matching(self, match: MatchMode) -> str:
        """The same search with another `match`."""
        return self._url({"match": match.value if match is not MatchMode.ALL else ""})

    def reading(self, forms: WordForms) -> str:
        """The same search with its words read in another way."""
        return self._url({"forms": forms.value if forms is not WordForms.LEMMA else ""})

    def spelled(self, spellings: bool) -> str:
        """The same search with other spellings of names, or without."""
        return self._url({"spellings": "" if spellings else "false"})

    def grouped(self, group: bool) -> str:
        """The same search with one hit per story, or per article."""
        return self._url({"group": "" if group else "false"})

    def by_relevance(self) -> str:
        """The same search in the order of relevance."""
        return self._url({"sort": ""})

    def instead(self, query: str) -> str:
        """Another query with the same filters."""
        return self._url({"q": query})

    def between(self, after: str, before: str) -> str:
        """The same search between two days."""
        return self._url({"after": after, "before": before})

    def chart(self, kind: str) -> str:
        """The same search with another chart of its times."""
        return self._url({"chart": kind, "page": self._current if self._current > 1 else ""})

    def all(self) -> str:
        """The same search, at its first page."""
        return self._url({})

    def unfiltered(self) -> str:
        """The words alone."""
        kept = ("q", "sort", "match", "forms", "spellings", "group")
        return self._url({name: "" for name in self.values if name not in kept})

    def article(self, article_id: str, ending: str = "", **values: Any) -> str:
        """An article, with the way back to this search, unless that is long."""
        address = article_url(article_id, ending, **values)
        return _joined(address, self._parts.values()) if self.short else address

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form must carry besides its query, so that it asks for the same search: (name, value)."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.values.items():
            if name != "q" and value:
                pairs += [(name, one) for one in value] if isinstance(value, tuple) else [(name, str(value))]
        return pairs

    @property
    def previous(self) -> int | None:
        """The number of the page before: the last one, for a page beyond it."""
        return min(self._current - 1, self._last) or None

    @property
    def next(self) -> int | None:
        """The number of the page after."""
        return self._current + 1 if self._current < self._last else None

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show: the first, the last, those around this one; None for a gap."""
        middle = min(self._current, self._last)
        near = range(middle - 2, middle + 3)
        shown = sorted({1, self._last, *near} & set(range(1, self._last + 1)))
        with_gaps: list[int | None] = []
        for number in shown:
            if with_gaps and number - (with_gaps[-1] or 0) > 1:
                with_gaps.append(None)
            with_gaps.append(number)
        return with_gaps

    def _url(self, changed: dict[str, Any]) -> str:
        """The address of this search with some values changed."""
        parts = self._parts | {name: _part(name, value) for name, value in changed.items()}
        return _joined(self._search, parts.values())


def _with(address: str, values: dict[str, Any]) -> str:
    """An address with the values that are not empty, as Flask would write it."""
    return _joined(address, (_part(name, value) for name, value in values.items()))


def _part(name: str, value: Any) -> str:
    """What a value is in an address: `source=a&source=b`; nothing for an empty one."""
    if not value:
        return ""
    return "&".join(f"{name}={_quoted(str(one))}" for one in (value if isinstance(value, tuple) else (value,)))


def _joined(address: str, parts: Iterable[str]) -> str:
    """An address with what is not empty of some parts behind it: a page has hundreds, mostly alike."""
    budget.check()
    joined = "&".join(filter(None, parts))
    return f"{address}{'&' if '?' in address else '?'}{joined}" if joined else address


def _quoted(value: str) -> str:
    return _remembered(value) if len(value) <= _LETTERS_REMEMBERED else _remembered.__wrapped__(value)


@lru_cache(maxsize=4096)
def _remembered(value: str) -> str:
    return quote_plus(value, safe=_SAFE)

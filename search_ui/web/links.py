"""URLs: of an article, of the current page in another language, and of variations of the current search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from flask import request, url_for

from indexer import MAX_HIT, Answer, MatchMode, ResultPage, SearchRequest, Sort, WordForms, budget
from search_ui.web.forms import PAGE_SIZE, SearchForm
from search_ui.web.served_archive import served_archive

# Endings of routes below an article's URL; an id that ends with one of them goes in the query.
_ENDINGS = ("/page", "/page/frame", "/page/original", "/changes", ".bib", ".ris", ".json")

_OF_SAVED_PAGES = {"page": "kept.page", "frame": "kept.frame", "original": "kept.original"}

_MAX_CACHED = 200  # characters of a value whose escaped form is cached: thousands of them take a few megabytes
_LATIN = re.compile("[A-Za-z]")
_LONG = 4000  # characters of a URL; longer ones are not repeated in hundreds of links
_FRAGMENT_WORDS = 4  # at the beginning and at the end of a sentence, by which a browser finds it
_SAFE = "!$'()*,/:;?@"  # characters that are not escaped in an address


def fits_path(name: str) -> bool:
    """Whether a name can be part of a URL's path: browsers and proxies normalize empty and dotted segments."""
    return not {"", ".", ".."} & set(name.split("/"))


def article_url(article_id: str, ending: str = "", *, external: bool = False, **values: Any) -> str:
    """The URL of an article, or with `ending` of one of its pages: `page`, `frame`, `original`, `changes`.

    `external` adds scheme and host.

    An id goes in the query instead of the path if it ends like a route, or does not fit one (`fits_path`).
    """
    endpoint = _OF_SAVED_PAGES.get(ending, f"articles.{ending or 'article'}")
    if not fits_path(article_id) or article_id.endswith(_ENDINGS):
        return _with_parameters(url_for(endpoint, _external=external), {"id": article_id} | values)
    return _with_parameters(url_for(endpoint, article_id=article_id, _external=external), values)


def search_values(search: SearchRequest) -> dict[str, Any]:
    """The parameters of the URL of a search, without its page and its order."""
    values: dict[str, Any] = {
        "q": search.query,
        "source": search.sources,
        "section": search.sections,
        "author": search.authors,
        "after": search.after,
        "before": search.before,
        "match": search.match.value if search.match is not MatchMode.ALL else "",
        "forms": search.forms.value if search.forms is not WordForms.LEMMA else "",
        "spellings": "" if search.spellings else "false",
        # Always said where the default is by meaning: files and feeds have another default than pages.
        "meaning": "true" if search.meaning else "false" if served_archive().meaning_by_default else "",
    }
    return {name: value for name, value in values.items() if value}


def search_url(**values: Any) -> str:
    """A search with these parameters; empty ones are left out."""
    return _with_parameters(url_for("pages.search"), values)


def here(**values: Any) -> str:
    """The URL of the current page with other parameters, such as another language or calendar.

    The parameters are not passed to `url_for`, which reserves some names (`_anchor`, `_method`, `endpoint`).
    """
    if request.endpoint is None or request.method not in ("GET", "HEAD"):
        return url_for("pages.home", **values)
    kept: dict[str, Any] = request.args.to_dict(flat=False) | values
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(kept, doseq=True, safe=_SAFE)}"


def address_with(address: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A URL with parameters in this order, of which some may be empty or repeated."""
    return _joined(address, (f"{name}={_quoted(value)}" for name, value in pairs))


class Links:
    """URLs of variations of a search: another page, another order, one filter more or fewer."""

    def __init__(self, form: SearchForm, page: ResultPage | None = None) -> None:
        search = self._request = form.request
        self.values: dict[str, Any] = {
            "q": search.query,
            "source": search.sources,
            "section": search.sections,
            "author": search.authors,
            "after": form.after,
            "before": form.before,
            "sort": sort if (sort := request.args.get("sort", "")) in list(Sort) else "",
            "match": search.match.value if search.match is not MatchMode.ALL else "",
            "forms": search.forms.value if search.forms is not WordForms.LEMMA else "",
            "spellings": "" if search.spellings else "false",
            "meaning": _meaning(search.meaning),
            "group": "" if search.group else "false",
            "size": search.page_size if search.page_size != PAGE_SIZE else "",
            "chart": "share" if request.args.get("chart") == "share" else "",
        }
        self._parts = {name: parameter(name, value) for name, value in self.values.items()}
        self._search = url_for("pages.search")
        self.short = sum(map(len, self._parts.values())) <= _LONG
        """Whether hundreds of links can repeat the search. If not, there is no chart and no link back to the search."""
        self._last = min(page.page_count, MAX_HIT // page.request.page_size) if page else 1
        self._current = search.page

    def file(self, ending: str) -> str:
        """All matching articles as a file (`csv`, `jsonl`, `bib`, `ris`) or as a feed, newest first (`atom`).

        Invalid parameters, which the page ignores, are left out: they would be errors there. So is `meaning`, except
        for questions in another language, which match other articles with it.
        """
        search = self._request
        values = {
            **{name: self.values[name] for name in ("q", "source", "section", "author", "match", "forms", "spellings")},
            "after": self.values["after"] if search.after else "",
            "before": self.values["before"] if search.before else "",
            "meaning": "true" if search.meaning and _LATIN.search(search.query) else "",
            "sort": search.sort.value if self.values["sort"] and ending != "atom" else "",
        }
        return url_for("exports.export", ending=ending, **{name: value for name, value in values.items() if value})

    def picture(self, ending: str) -> str:
        """The timeline as a file (`svg`, `png`, `csv`), with what `file` keeps."""
        _, _, parameters = self.file("csv").partition("?")
        return _joined(url_for("chart_files.timeline", ending=ending), [parameters, self._parts["chart"]])

    def compare(self) -> str:
        """The comparison of searches, with this one as its first; its filters are common to those that follow."""
        kept = ("source", "section", "author", "after", "before", "match", "forms", "spellings")
        if not self._request.query:  # a search without words has its filters for itself
            own = (parameter(f"{name}.1", self.values[name]) for name in kept)
            return _joined(url_for("compared_searches.compare"), own)
        return _joined(url_for("compared_searches.compare"), (self._parts[name] for name in ("q", *kept, "chart")))

    @property
    def filtered(self) -> bool:
        """Whether the search has filters."""
        search = self._request
        return any((search.sources, search.sections, search.authors, search.after, search.before))

    def page(self, number: int) -> str:
        """Another page of the search."""
        return self._url({"page": number if number > 1 else ""})

    def without(self, name: str, value: str = "") -> str:
        """The search without one filter, or one of its values."""
        kept = tuple(other for other in self.values[name] if other != value) if value else ""
        return self._url({name: kept})

    def matching(self, match: MatchMode) -> str:
        """The search with another `match`."""
        return self._url({"match": match.value if match is not MatchMode.ALL else ""})

    def reading(self, forms: WordForms) -> str:
        """The search with other `forms`."""
        return self._url({"forms": forms.value if forms is not WordForms.LEMMA else ""})

    def spelled(self, spellings: bool) -> str:
        """The search with or without other spellings of names."""
        return self._url({"spellings": "" if spellings else "false"})

    def by_meaning(self, meaning: bool) -> str:
        """The search by words and meaning, or by words alone."""
        return self._url({"meaning": _meaning(meaning)})

    def only_spelling(self, query: str) -> str:
        """Another query, whose names match in this spelling alone."""
        return self._url({"q": query, "spellings": "false"})

    def sorted(self, sort: Sort) -> str:
        """The search in another order."""
        return self._url({"sort": sort.value})

    def sized(self, size: int) -> str:
        """The search with another number of results per page."""
        return self._url({"size": size if size != PAGE_SIZE else ""})

    def counted(self) -> str:
        """The search with the counts of its forms and spellings."""
        return self._url({"counts": "true"})

    def grouped(self, group: bool) -> str:
        """The search with one hit per story, or per article."""
        return self._url({"group": "" if group else "false"})

    def by_relevance(self) -> str:
        """The search in order of relevance."""
        return self._url({"sort": ""})

    def instead(self, query: str) -> str:
        """Another query with the same filters."""
        return self._url({"q": query})

    def between(self, after: str, before: str) -> str:
        """The search between two days."""
        return self._url({"after": after, "before": before})

    def chart(self, kind: str) -> str:
        """The search with another chart of its timeline."""
        return self._url({"chart": kind, "page": self._current if self._current > 1 else ""})

    def view(self, endpoint: str, **values: Any) -> str:
        """The results in another form: the page, or the file, of an endpoint."""
        return _joined(url_for(endpoint, **values), self._parts.values())

    def all(self) -> str:
        """The first page of the search."""
        return self._url({})

    def unfiltered(self) -> str:
        """The search without filters."""
        kept = ("q", "sort", "match", "forms", "spellings", "meaning", "group")
        return self._url({name: "" for name in self.values if name not in kept})

    def article(self, article_id: str, ending: str = "", **values: Any) -> str:
        """An article, with the search in its URL for the link back, unless that is long."""
        address = article_url(article_id, ending, **values)
        return _joined(address, self._parts.values()) if self.short else address

    def sentence(self, answer: Answer) -> str:
        """A sentence of an article: its paragraph, in which browsers mark the text that follows `:~:text=`."""
        return f"{self.article(answer.id)}#p{answer.paragraph + 1}:~:text={_text_fragment(answer.sentence.text)}"

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values of a form's hidden fields: the search without its query."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.values.items():
            if name != "q" and value:
                pairs += [(name, item) for item in value] if isinstance(value, tuple) else [(name, str(value))]
        return pairs

    @property
    def previous(self) -> int | None:
        """The number of the previous page; the last page, if this one is beyond it."""
        return min(self._current - 1, self._last) or None

    @property
    def next(self) -> int | None:
        """The number of the next page."""
        return self._current + 1 if self._current < self._last else None

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show: the first, the last and those around this one; None for a gap."""
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
        """The URL of this search with some parameters changed."""
        parts = self._parts | {name: parameter(name, value) for name, value in changed.items()}
        return _joined(self._search, parts.values())


def _meaning(meaning: bool) -> str:
    """The value of the parameter `meaning`; an empty string for the archive's default."""
    return "" if meaning == served_archive().meaning_by_default else str(meaning).lower()


def _text_fragment(text: str) -> str:
    """What finds a text in a page: a long one by its first and last words.

    https://wicg.github.io/scroll-to-text-fragment/
    """
    words = text.split()
    parts = [text.strip()]
    if len(words) > 3 * _FRAGMENT_WORDS:
        parts = [" ".join(words[:_FRAGMENT_WORDS]), " ".join(words[-_FRAGMENT_WORDS:])]
    # A dash has a meaning there.
    return ",".join(quote(part, safe="").replace("-", "%2D") for part in parts)


def _with_parameters(address: str, values: dict[str, Any]) -> str:
    """A URL with the parameters that are not empty, escaped as by Flask."""
    return _joined(address, (parameter(name, value) for name, value in values.items()))


def parameter(name: str, value: Any) -> str:
    """A parameter in a URL: `source=a&source=b`; an empty string for an empty value."""
    if not value:
        return ""
    return "&".join(f"{name}={_quoted(str(item))}" for item in (value if isinstance(value, tuple) else (value,)))


def _joined(address: str, parts: Iterable[str]) -> str:
    """A URL with the query parts that are not empty. Checks the time limit, since a page has hundreds of URLs."""
    budget.check()
    joined = "&".join(filter(None, parts))
    return f"{address}{'&' if '?' in address else '?'}{joined}" if joined else address


def _quoted(value: str) -> str:
    return _escaped(value) if len(value) <= _MAX_CACHED else _escaped.__wrapped__(value)


@lru_cache(maxsize=4096)
def _escaped(value: str) -> str:
    return quote_plus(value, safe=_SAFE)

"""The comparison of up to six searches over time, and what its URL says.

`q` is repeated, once for each search. The other parameters are common to all; with a number, as in `source.2`, they
are those of one search, and replace the common ones there:

    /compare?q=زلزال&q=زلزال&source.1=النهضة&source.2=الغد&after=2015
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from indexer import ResultPage, SearchRequest
from search_ui.web.chart_words import filters_in_words, same_searches, words_of
from search_ui.web.charts import chart_of
from search_ui.web.drawing import Drawing
from search_ui.web.forms import SearchForm, read_form
from search_ui.web.links import Links, address_with
from search_ui.web.served_archive import ServedArchive, served_archive

compared_searches = Blueprint("compared_searches", __name__)

MAX_SEARCHES: Final = 6
"""Searches of one comparison."""

OWN: Final = ("source", "section", "author", "after", "before", "match", "forms", "spellings")
"""The parameters that a search may have for itself."""

_ATTRIBUTES: Final = {name: f"{name}s" if name in ("source", "section", "author") else name for name in OWN}
_NUMBERED: Final = re.compile(rf"({'|'.join(OWN)})\.([1-9][0-9]?)")
_LISTS: Final = ("source", "section", "author")
_QUOTED: Final = 40  # characters of a query in a note


@dataclass(frozen=True, slots=True)
class Compared:
    """A search of a comparison: its form, with the common parameters, and those of its own as they were typed."""

    number: int
    form: SearchForm
    own: Mapping[str, tuple[str, ...]]

    @property
    def own_request(self) -> SearchRequest:
        """The search with the filters that it has for itself, as the list of searches shows them."""
        search = self.form.request
        kept = {_ATTRIBUTES[name]: getattr(search, _ATTRIBUTES[name]) for name in self.own}
        return replace(SearchRequest(search.query), **kept)


class Comparison:
    """The searches that the parameters of a URL compare, and URLs of variations."""

    def __init__(self, args: MultiDict[str, str]) -> None:
        self._args = args
        queries = [query.strip() for query in args.getlist("q")]
        own: dict[int, dict[str, tuple[str, ...]]] = {}
        for name in args:
            values = tuple(value for value in args.getlist(name) if value.strip())
            if (found := _NUMBERED.fullmatch(name)) and values:
                own.setdefault(int(found[2]), {})[found[1]] = values
        # A search has words, or at least a filter of its own.
        places = [number for number in range(1, 100) if own.get(number) or "".join(queries[number - 1 : number])]
        places += [number for number in range(100, len(queries) + 1) if queries[number - 1]]
        self.common = {name: tuple(args.getlist(name)) for name in OWN if "".join(args.getlist(name)).strip()}
        self.shares = args.get("chart") == "share"
        self._queries = {number: "".join(queries[number - 1 : number]) for number in places}
        self._own = {number: own.get(number, {}) for number in places}
        common = MultiDict([(name, value) for name, value in args.items(multi=True) if not _NUMBERED.fullmatch(name)])
        self.common_form = read_form(common, also=frozenset(("q",)))
        self.searches = tuple(self._compared(number, place) for number, place in enumerate(places[:MAX_SEARCHES], 1))
        notes = list(self.common_form.notes)
        for search in self.searches:
            notes += search.form.notes
        if left_out := places[MAX_SEARCHES:]:
            names = gettext(", ").join(f"“{self._queries[place][:_QUOTED]}”" for place in left_out[:MAX_SEARCHES])
            notes.append(
                gettext("At most %(count)s searches are compared. Left out: %(names)s", count=MAX_SEARCHES, names=names)
            )
        self.notes = tuple(dict.fromkeys(notes))

    @property
    def tidy(self) -> str | None:
        """The URL without empty parameters, which forms send; None if there are none."""
        wordless = [number for number, query in self._queries.items() if not query]
        empty = sum(not value.strip() for name, value in self._args.items(multi=True))
        if empty <= len(wordless):
            return None
        unknown = {
            name: tuple(values)
            for name, values in self._args.lists()
            if name not in ("q", *OWN, "chart") and not _NUMBERED.fullmatch(name) and "".join(values)
        }
        return self.url(**unknown)

    def url(self, **values: Any) -> str:
        """The URL of the comparison with some of the common parameters changed."""
        return self._url(url_for("compared_searches.compare"), list(self._queries), values)

    def without(self, number: int) -> str:
        """The comparison without one of its searches."""
        places = list(self._queries)
        return self._url(url_for("compared_searches.compare"), places[: number - 1] + places[number:], {})

    def file(self, ending: str) -> str:
        """The comparison as a file."""
        places = list(self._queries)[:MAX_SEARCHES]
        return self._url(url_for("chart_files.compare", ending=ending), places, {})

    def between(self, after: str, before: str) -> str:
        """The comparison between two days, for all its searches."""
        places = list(self._queries)
        own = {
            place: {name: values for name, values in self._own[place].items() if name not in ("after", "before")}
            for place in places
        }
        return self._url(url_for("compared_searches.compare"), places, {"after": after, "before": before}, own=own)

    def _url(
        self,
        address: str,
        places: list[int],
        values: Mapping[str, Any],
        own: Mapping[int, Mapping[str, tuple[str, ...]]] | None = None,
    ) -> str:
        own = own or self._own
        common = {"chart": "share" if self.shares else "", **self.common, **values}
        pairs: list[tuple[str, str]] = [("q", self._queries[place]) for place in places]
        for name, given in common.items():
            pairs += [(name, value) for value in ((given,) if isinstance(given, str) else given) if value]
        for number, place in enumerate(places, 1):
            pairs += [(f"{name}.{number}", value) for name, given in own[place].items() for value in given]
        return address_with(address, pairs)

    def _compared(self, number: int, place: int) -> Compared:
        values: MultiDict[str, str] = MultiDict([("q", self._queries[place])])
        own = self._own[place]
        for name in OWN:
            # A parameter given twice is noted, once, by the common form.
            given = own.get(name) or self.common.get(name, ())
            values.setlist(name, given if name in _LISTS else given[:1])
        form = read_form(values)
        # Only counts are compared, which are by words.
        asked = replace(form.request, page=1, page_size=1, meaning=False)
        return Compared(number, replace(form, request=asked), own)

    def search(self, served: ServedArchive) -> list[ResultPage]:
        """The counts of each search."""
        return [served.searcher.search(search.form.request) for search in self.searches]


@compared_searches.get("/compare")
def compare() -> str | AnyResponse:
    """The timelines of several searches on one scale."""
    comparison = Comparison(request.args)
    if address := comparison.tidy:
        return redirect(address)
    served = served_archive()
    pages = comparison.search(served)
    chart = chart_of(served, pages, shares=comparison.shares) if pages else None
    # The links to results search by meaning if that is the archive's default.
    meaning = served.meaning_by_default
    links = [
        Links(replace(one.form, request=replace(one.form.request, meaning=meaning, page_size=10)))
        for one in comparison.searches
    ]
    return render_template(
        "compare.html",
        comparison=comparison,
        pages=pages,
        found=links,
        drawing_of=Drawing(chart) if chart else None,
        notes=(*comparison.notes, *_unknown_sources(served, comparison), *same_searches(pages)),
        words=words_of(chart, pages) if chart else None,
        filters_in_words=filters_in_words,
        sources=[name for name, _ in served.counts.sources],
        MAX_SEARCHES=MAX_SEARCHES,
    )


def _unknown_sources(served: ServedArchive, comparison: Comparison) -> list[str]:
    """A sentence for each source that no article has: 0 articles of it say nothing about its words."""
    names = dict.fromkeys(name for search in comparison.searches for name in search.form.request.sources)
    known = {name for name, _ in served.counts.sources}
    stored = {name: served.archive.source_names.stored(name) or (name,) for name in names}
    return [
        gettext("The archive has no source “%(name)s”.", name=name[:_QUOTED])
        for name, others in stored.items()
        if not any(served.searcher.name_of("source", other) in known for other in others)
    ]

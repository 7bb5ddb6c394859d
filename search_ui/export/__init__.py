"""Exports of search results: CSV, JSON Lines, BibTeX, RIS, Atom; written as the hits are read.

Lists of articles are exported too, also as a PDF and as a bundle of evidence.

>>> from search_ui.export import EXPORTS, About
>>> scan = open_searcher(archive).scan(SearchRequest("مفاوضات"))
>>> for text in EXPORTS["csv"].write(scan.hits(), About.of_scan(scan, archive.settings.name)):
...     print(text, end="")
"""

from search_ui.export.about import About
from search_ui.export.bundle import write_bundle
from search_ui.export.citation import ArchiveCopy, offset_text, without_isolates
from search_ui.export.context import (
    concordance_value,
    context_csv,
    context_text,
    context_value,
    typical_csv,
    typical_value,
)
from search_ui.export.formats import (
    EXPORTS,
    Export,
    answer_value,
    article_value,
    csv_row,
    group_value,
    hit_value,
    source_name_value,
    xml_text,
)
from search_ui.export.list_formats import LIST_FORMATS
from search_ui.export.listing import MAX_ARTICLES, Entry, Listed, ListedState, Listing, read_listed, state_of
from search_ui.export.pdf import make_pdf

__all__ = [
    "EXPORTS",
    "LIST_FORMATS",
    "MAX_ARTICLES",
    "About",
    "ArchiveCopy",
    "Entry",
    "Export",
    "Listed",
    "ListedState",
    "Listing",
    "answer_value",
    "article_value",
    "concordance_value",
    "context_csv",
    "context_text",
    "context_value",
    "csv_row",
    "group_value",
    "hit_value",
    "make_pdf",
    "offset_text",
    "read_listed",
    "source_name_value",
    "state_of",
    "typical_csv",
    "typical_value",
    "without_isolates",
    "write_bundle",
    "xml_text",
]

"""Exports of search results: CSV, JSON Lines, BibTeX, RIS, Atom; written as the hits are read.

>>> from search_ui.export import EXPORTS, About
>>> scan = open_searcher(archive).scan(SearchRequest("مفاوضات"))
>>> for text in EXPORTS["csv"].write(scan.hits(), About.of_scan(scan, archive.settings.name)):
...     print(text, end="")
"""

from search_ui.export.about import About
from search_ui.export.citation import ArchiveCopy, offset_text, without_isolates
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

__all__ = [
    "EXPORTS",
    "About",
    "ArchiveCopy",
    "Export",
    "answer_value",
    "article_value",
    "csv_row",
    "group_value",
    "hit_value",
    "offset_text",
    "source_name_value",
    "without_isolates",
    "xml_text",
]

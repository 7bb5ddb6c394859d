"""Readers: from bytes to articles, with one module per format; `formats` recognizes the format.

>>> from corpus.readers import Record, read_stream
>>> with open("pages.warc.gz", "rb") as stream:
...     for item in read_stream(stream, "pages.warc.gz"):
...         print(item.article.title if isinstance(item, Record) else item)
"""

from corpus.readers.formats import is_readable_name, read_objects, read_stream
from corpus.readers.html import PageExplanation, explain_page
from corpus.readers.page import read_page
from corpus.readers.printed_page import PrintedPage, Word, printed_words
from corpus.readers.record import Ignored, Item, PageResource, Place, Reading, Record, Refusal

__all__ = [
    "Ignored",
    "Item",
    "PageExplanation",
    "PageResource",
    "Place",
    "PrintedPage",
    "Reading",
    "Record",
    "Refusal",
    "Word",
    "explain_page",
    "is_readable_name",
    "printed_words",
    "read_objects",
    "read_page",
    "read_stream",
]

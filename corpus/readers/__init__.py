"""Readers: bytes become articles, one module a format.

>>> from corpus.readers import read_stream
>>> with open("page.html", "rb") as stream:
...     for record in read_stream(stream, "page.html"):
...         print(record.article.title)
"""

from corpus.readers.formats import Record, Refusal, read_stream, readable_name

__all__ = ["Record", "Refusal", "read_stream", "readable_name"]

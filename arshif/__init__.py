"""Archives of Arabic news in a Python program or a notebook.

    >>> import arshif
    >>> with arshif.create("news") as archive:
    ...     archive.add("seeds/wire.jsonl").added
    ...     page = archive.search("مفاوضات", page_size=3)
    ...     len(page.hits)
    34
    3

`open` and `create` return a `SearchableArchive`: add, search, scan, show, suggest. `rows` makes dictionaries of a scan,
for pandas and the like. Every error is an `ArshifError`. `python -m arshif` is the command.
docs/library.md has more examples.
"""

from arshif.archive import Added, SearchableArchive, create, open, rows
from arshif.version import __version__
from corpus import ArshifError, Article
from indexer import Answer, Hit, ResultPage, Scan, Snippet, Suggestion

__all__ = [
    "Added",
    "Answer",
    "ArshifError",
    "Article",
    "Hit",
    "ResultPage",
    "Scan",
    "SearchableArchive",
    "Snippet",
    "Suggestion",
    "__version__",
    "create",
    "open",
    "rows",
]

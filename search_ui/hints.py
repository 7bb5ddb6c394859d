"""Hints: the command that helps with an error.

Messages of `corpus` and `indexer` state facts; the command line and the server's log add these hints. The pages and the
API show none, since their readers cannot run commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from corpus import (
    ArchiveNotFound,
    ArshifError,
    ArticleDamaged,
    ArticleRemoved,
)
from indexer import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    LibraryMissing,
    VectorsDamaged,
    VectorsLocked,
    VectorsMissing,
)
from search_ui.errors import (
    AccountExists,
    AccountNotFound,
    AddressInUse,
    SavedSearchExists,
    SavedSearchNotFound,
    WorkersUnsupported,
)

# The first class that matches is used.
_HINTS: Final[tuple[tuple[type[ArshifError], Callable[[Any], str]], ...]] = (
    (ArchiveNotFound, lambda error: f"create one with 'arshif init {error.path}'"),
    (ArticleRemoved, lambda error: f"'arshif restore {error.article_id}' brings it back"),
    (ArticleDamaged, lambda error: "'arshif check' lists all damage; restore damaged rows from a backup"),
    (SavedSearchExists, lambda error: f"'arshif alert remove {error.name}' deletes it"),
    (SavedSearchNotFound, lambda error: "'arshif alert list' lists saved searches"),
    (AccountExists, lambda error: f"'arshif {error.kind} remove {error.name}' deletes it"),
    (AccountNotFound, lambda error: f"'arshif {error.kind} list' lists those that exist"),
    (IndexMissing, lambda error: "run 'arshif index'"),
    (IndexDamaged, lambda error: "run 'arshif reindex'"),
    (IndexVersionMismatch, lambda error: "run 'arshif reindex'"),
    (IndexLocked, lambda error: "try again later"),
    (VectorsMissing, lambda error: "run 'arshif embed'"),
    (VectorsDamaged, lambda error: "run 'arshif embed --rebuild'"),
    (VectorsLocked, lambda error: "try again later"),
    (LibraryMissing, lambda error: f"install it with pip install 'arshif[{error.extra}]'"),
    (AddressInUse, lambda error: "choose another port with --port"),
    (WorkersUnsupported, lambda error: "leave out --workers"),
)
# A phrase in the reason of a refusal, and its hint, which is printed once after all refusals.
REASONS: Final = (
    ("its header has no column", "--map text=NAME says which column or field has the text"),
    ("it has no '", "--map text=NAME says which column or field has the text"),
    ("only a summary of", "'arshif fetch' gets the full articles of a feed or sitemap"),
    ("a sitemap, which lists pages", "'arshif fetch' gets the full articles of a feed or sitemap"),
    ("a list of links without articles", "'arshif fetch ADDRESS...' gets the pages"),
    ("it links to feeds", "--discover reads the feeds and sitemaps of a site"),
    ("private networks are not allowed", "--allow-private fetches from private networks"),
    ("was removed on", "'arshif restore ID' brings a removed article back"),
)


def hints_of(reasons: Iterable[str]) -> Iterator[str]:
    """The hints for the reasons of refusals, each once."""
    reasons = tuple(reasons)
    yield from dict.fromkeys(hint for phrase, hint in REASONS if any(phrase in reason for reason in reasons))


def with_hint(error: ArshifError) -> str:
    """The message of an error, with its hint if there is one."""
    hint = next((hint(error) for kind, hint in _HINTS if isinstance(error, kind)), "")
    return f"{error}; {hint}" if hint else str(error)

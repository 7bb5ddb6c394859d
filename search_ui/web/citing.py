"""Citations on the pages and in the API: with this archive's name, and the address of the text in it."""

from __future__ import annotations

from collections.abc import Sequence

from corpus import Article, ArticleNotFound, Revision
from search_ui.export import ArchiveCopy, citation
from search_ui.web.languages import is_arabic
from search_ui.web.links import article_url
from search_ui.web.served_archive import served_archive


def archive_copy(revisions: Sequence[Revision], number: int) -> ArchiveCopy:
    """What a citation says of this archive; of an article with several versions, which of them is cited."""
    version = number if len(revisions) > 1 else None
    article_id = revisions[-1].article.id
    address = article_url(article_id, external=True, revision=version or "")
    return ArchiveCopy(served_archive().archive.settings.name, address, version)


def citations(article: Article, copy: ArchiveCopy) -> list[tuple[str, str]]:
    """Pairs of language code and citation, the language of the page first."""
    arabic = ("ar", citation.plain(article, copy, isolated=True))
    english = ("en", citation.plain_english(article, copy, isolated=True))
    return [arabic, english] if is_arabic() else [english, arabic]


def chosen_revision(revisions: Sequence[Revision], number: str) -> Revision:
    """The revision with a number, as typed in an address; the newest for an empty one.

    Raises:
        ArticleNotFound: there is no such revision.
    """
    if not number and revisions:
        return revisions[-1]
    for revision in revisions:
        if str(revision.number) == number:
            return revision
    raise ArticleNotFound(f"revision {number[:20]}")

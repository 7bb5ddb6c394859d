"""Articles, hits and groups as plain JSON values: the same on the command line, in exports and in the JSON API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from corpus import printed_date

if TYPE_CHECKING:
    from corpus import Article, Copy, Group
    from indexer import Hit

COPIES_OF_HIT: Final = 20
"""Copies of its story that a hit lists: a page of hits would otherwise list thousands a hundred times."""


def hit_value(hit: Hit) -> dict[str, Any]:
    """A hit; spans are [start, end) offsets in characters (Unicode code points)."""
    return {
        "id": hit.id,
        "title": hit.title.text,
        "title_spans": [list(span) for span in hit.title.spans],
        "url": hit.url,
        "source": hit.source,
        "section": hit.section,
        "author": list(hit.authors),
        "date": printed_date(hit.published),
        "score": round(hit.score, 4),
        "matched": hit.matched,
        "snippet": {"text": hit.snippet.text, "spans": [list(span) for span in hit.snippet.spans]},
        "matches": [
            {"word": match.word, "printed": match.printed, "level": match.level.value} for match in hit.matches
        ],
        "copies": hit.copies,
        "group": group_value(hit.group, COPIES_OF_HIT) if hit.group else None,
    }


def article_value(article: Article) -> dict[str, Any]:
    """An article as the JSON Lines reader takes it."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "date": printed_date(article.published),
        "source": article.source,
        "section": article.section,
        "author": list(article.authors),
    }


def group_value(group: Group, most: int | None = None) -> dict[str, Any]:
    """A group; the copies by their dates, the first publisher's first, `most` of them and of the sources listed."""
    return {
        "name": group.name,
        "papers": len(group.sources),
        "sources": list(group.sources[:most]),
        "count": len(group.copies),
        "copies": [_copy_value(copy) for copy in group.copies[:most]],
    }


def _copy_value(copy: Copy) -> dict[str, Any]:
    date = printed_date(copy.published)
    return {"id": copy.article_id, "title": copy.title, "source": copy.source, "date": date}

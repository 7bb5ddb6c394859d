"""The page that compares two texts: two papers' printings of a story, or any two versions of an article."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext, ngettext

from corpus import (
    AlignedRow,
    Article,
    Revision,
    Span,
    SpanKind,
    align,
    changed,
    field_changes,
    groups_of,
    text_difference,
)
from search_ui.web.citing import chosen_revision
from search_ui.web.forms import read_form
from search_ui.web.links import Links
from search_ui.web.printings import candidates, line_of, printed_times, undated_printings
from search_ui.web.served_archive import served_archive
from search_ui.web.template_filters import number, percent

compared = Blueprint("compared", __name__)
compared.app_template_filter("line_of_printings")(line_of)
compared.app_template_filter()(candidates)
compared.app_template_filter()(undated_printings)
compared.app_template_filter()(printed_times)

MAX_COMPARED: Final = 200_000
"""Characters of a text that are compared; the page has them up to three times."""

_CONTEXT: Final = 1  # unchanged paragraphs shown beside a changed one
_WORDS_OF_CONTEXT: Final = 25  # of a long unchanged passage inside a paragraph, at each end
_MAX_MEMBERS: Final = 200  # printings of the story to choose from

Paragraph = TypeVar("Paragraph")


@dataclass(frozen=True, slots=True)
class Part:
    """Paragraphs in a row that are shown, or unchanged ones that are folded."""

    paragraphs: Sequence[Any]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """A span for display: `middle` is folded; `before` and `after` are outside the marks of a change."""

    kind: SpanKind
    text: str
    before: str = ""
    after: str = ""
    middle: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts: its article as people read it, and which version of how many it is."""

    article: Article
    revision: Revision
    revisions: Sequence[Revision]


@compared.get("/compare-articles")
def compare_articles() -> str:
    """Two texts side by side, aligned word by word; the words that differ are marked."""
    form = read_form(request.args, also=frozenset(("a", "b", "a_version", "b_version")))
    sides = [_side(name) for name in ("a", "b")]
    first, second = (side.article for side in sides)
    group = groups_of(served_archive().archive, [first.id]).get(first.id)
    texts = [article.text[:MAX_COMPARED] for article in (first, second)]
    alignment = align(*texts)
    return render_template(
        "compare_articles.html",
        form=form,
        links=Links(form),
        sides=sides,
        same_article=first.id == second.id,
        line=line_of(group) if group and any(copy.article_id == second.id for copy in group.copies) else None,
        title=text_difference(first.title, second.title),
        fields=field_changes(first, second) if first.id == second.id else (),
        alignment=alignment,
        parts=folded(alignment.rows, _row_changed),
        shortened=any(len(article.text) > MAX_COMPARED for article in (first, second)),
        MAX_COMPARED=MAX_COMPARED,
        MAX_MEMBERS=_MAX_MEMBERS,
    )


@compared.app_template_global()
def differences_url(a: str, b: str, a_version: int | None = None, b_version: int | None = None) -> str:
    """The address of a comparison of two articles, or of two versions of one."""
    return url_for("compared.compare_articles", a=a, b=b, a_version=a_version, b_version=b_version)


def folded(paragraphs: Sequence[Paragraph], is_changed: Callable[[Any], bool] = changed) -> list[Part]:
    """The changed paragraphs with the unchanged ones beside them; longer unchanged passages as folded parts.

    Where nothing has changed, all is one folded part.
    """
    marks = [is_changed(paragraph) for paragraph in paragraphs]
    near = [any(marks[max(0, at - _CONTEXT) : at + _CONTEXT + 1]) for at in range(len(marks))]
    parts: list[Part] = []
    start = 0
    for at in range(1, len(near) + 1):
        if at == len(near) or near[at] != near[start]:
            parts.append(Part(paragraphs[start:at], folded=not near[start]))
            start = at
    return parts


@compared.app_template_filter()
def shown_spans(spans: Sequence[Span], fold: bool = False) -> list[ShownSpan]:
    """The spans of a paragraph for display: white space outside the marks, long unchanged passages folded.

    A paragraph without changes is folded with `fold` only.
    """
    shown = []
    for span in spans:
        if span.kind is not SpanKind.EQUAL and (text := span.text.strip()):
            start = span.text.index(text)
            shown.append(ShownSpan(span.kind, text, span.text[:start], span.text[start + len(text) :]))
            continue
        words = span.text.split(" ")
        if span.kind is SpanKind.EQUAL and (fold or len(spans) > 1) and len(words) > 3 * _WORDS_OF_CONTEXT:
            first, last = " ".join(words[:_WORDS_OF_CONTEXT]), " ".join(words[-_WORDS_OF_CONTEXT:])
            middle = " ".join(words[_WORDS_OF_CONTEXT:-_WORDS_OF_CONTEXT])
            shown.append(ShownSpan(span.kind, f"{first} ", after=f" {last}", middle=middle))
        else:
            shown.append(ShownSpan(span.kind, span.text))
    return shown


@compared.app_template_filter()
def unchanged_words(text: str) -> str:
    """How many words are folded."""
    count = len(text.split())
    return str(ngettext("… %(count)s word unchanged", "… %(count)s words unchanged", count, count=number(count)))


@compared.app_template_filter()
def unchanged_paragraphs(count: int) -> str:
    """How many paragraphs are folded."""
    return str(
        ngettext("… %(count)s paragraph unchanged", "… %(count)s paragraphs unchanged", count, count=number(count))
    )


@compared.app_template_filter()
def share_of(part: int, whole: int) -> str:
    """A part of a whole as a percentage: 100% and 0% only if it is all or nothing."""
    share = round(100 * part / whole)
    return percent((share if part in (0, whole) else min(99, max(1, share))) / 100)


def _row_changed(row: AlignedRow) -> bool:
    return row.changed


def _side(name: str) -> Side:
    if not request.args.get(name):
        abort(400, gettext("Choose two articles, or two versions of one, to compare."))
    archive = served_archive().archive
    found = archive.find(request.args[name])
    revisions = archive.revisions(found.id)
    revision = chosen_revision(revisions, request.args.get(f"{name}_version", ""))
    return Side(archive.source_names.for_people(revision.article), revision, revisions)

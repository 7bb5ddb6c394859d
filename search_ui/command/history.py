"""Output of an article's history: its revisions, their origins, and the difference between two of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import click

from corpus import Difference, FieldChange, OriginKind, Removal, Revision, Sighting, Span, SpanKind, changed, difference
from search_ui.command.output import print_csv, print_json, print_json_lines
from search_ui.export.formats import article_value

LAST_TWO: Final = (0, 0)
LAST_TWO_NAMED: Final = "last"

_PLACES_SHOWN: Final = 5
_REVISION_COLUMNS: Final = ("number", "recorded_at", "changed", "page", "page_type", "origins")
_PLAIN: Final = {SpanKind.EQUAL: "{}", SpanKind.REMOVED: "[-{}-]", SpanKind.ADDED: "{{+{}+}}"}


def revision_range(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Callback of `--diff`: the two numbers of `1..3`; `LAST_TWO` if none are given."""
    if value is None:
        return None
    if value == LAST_TWO_NAMED:
        return LAST_TWO
    if not (numbers := re.fullmatch(r"(\d+)\.\.(\d+)", value)):
        raise click.BadParameter(f"{value!r} is not a range of revisions such as 1..3; write the ID before the option")
    return int(numbers[1]), int(numbers[2])


def provenance_lines(revisions: Sequence[Revision]) -> Iterator[str]:
    """Lines with the number of the current revision, when it was recorded, and where it came from."""
    current = revisions[-1]
    of = f" of {len(revisions)}" if len(revisions) > 1 else ""
    yield f"revision {current.number}{of}, recorded {_time(current.recorded_at)}"
    yield from _places(current.sightings)


def history_value(revisions: Sequence[Revision], removals: Sequence[Removal]) -> dict[str, Any]:
    """The revisions and removals of an article, as plain JSON values."""
    return {
        "revisions": [_revision_value(revision) for revision in revisions],
        "removals": [
            {"removed_at": _iso(removal.removed_at), "reason": removal.reason, "restored_at": _iso(removal.restored_at)}
            for removal in removals
        ],
    }


def print_revisions(revisions: Sequence[Revision], removals: Sequence[Removal], output_format: str) -> None:
    """Print each revision: when it was recorded, a summary of its changes, and where it came from."""
    changes = [None, *(difference(a.article, b.article) for a, b in pairwise(revisions))]
    summaries = ["first" if change is None else change_summary(change) for change in changes]
    values = [
        {**_revision_value(revision), "changed": what, "article": article_value(revision.article)}
        for revision, what in zip(revisions, summaries, strict=True)
    ]
    if output_format == "json":
        print_json({"id": revisions[0].article.id, **history_value((), removals), "revisions": values})
    elif output_format == "jsonl":
        print_json_lines(values)
    elif output_format == "csv":
        rows = zip(revisions, values, strict=True)
        print_csv(
            _REVISION_COLUMNS,
            ({**row, "origins": "; ".join(map(_origin, revision.sightings))} for revision, row in rows),
        )
    else:
        for revision, what in zip(revisions, summaries, strict=True):
            click.echo(f"{revision.number}. {_time(revision.recorded_at)}  {what}")
            for line in _places(revision.sightings):
                click.echo(f"   {line}")
        for removal in removals:
            why = f": {removal.reason}" if removal.reason else ""
            back = f" (restored {_time(removal.restored_at)})" if removal.restored_at else ""
            click.echo(f"removed {_time(removal.removed_at)}{why}{back}")


def print_difference(before: Revision, after: Revision, output_format: str) -> None:
    """Print what changed between two revisions: removed and added words marked, unchanged paragraphs counted."""
    changes = difference(before.article, after.article)
    if output_format in ("json", "jsonl"):
        value = {
            "id": after.article.id,
            "from": before.number,
            "to": after.number,
            "title": _span_values(changes.title),
            "paragraphs": [_span_values(spans) for spans in changes.paragraphs],
            "fields": [{"name": field.name, "before": field.before, "after": field.after} for field in changes.fields],
        }
        if output_format == "json":
            print_json(value)
        else:
            print_json_lines([value])
    elif output_format == "csv":
        parts = [
            ("title", changes.title),
            *((f"paragraph {n}", spans) for n, spans in enumerate(changes.paragraphs, 1)),
        ]
        rows = [{"part": part, "kind": span.kind.value, "text": span.text} for part, spans in parts for span in spans]
        print_csv(("part", "kind", "text"), rows)
    else:
        click.echo("\n".join(_difference_lines(before, after, changes)))


def change_summary(changes: Difference) -> str:
    """A summary of changes: `title; +12 -3 words in 2 paragraphs; date 2017-02-16 -> 2017-02-17`."""
    parts = ["title"] if changed(changes.title) else []
    if paragraphs := changes.paragraphs_changed:
        noun = "paragraph" if paragraphs == 1 else "paragraphs"
        parts.append(f"+{changes.words_added:,} -{changes.words_removed:,} words in {paragraphs:,} {noun}")
    parts += [_field(field) for field in changes.fields]
    return "; ".join(parts) or "nothing"


def _difference_lines(before: Revision, after: Revision, changes: Difference) -> Iterator[str]:
    yield click.style(
        f"revision {before.number} ({_time(before.recorded_at)}) -> {after.number} ({_time(after.recorded_at)}): "
        f"{change_summary(changes)}",
        dim=True,
    )
    if changes.title:
        yield _marked(changes.title, bold=True)
    for field in changes.fields:
        yield _field(field)
    unchanged = 0
    for spans in [*changes.paragraphs, None]:
        if spans is not None and not changed(spans):
            unchanged += 1
            continue
        if unchanged:
            yield ""
            yield click.style(f"({unchanged:,} {'paragraph' if unchanged == 1 else 'paragraphs'} unchanged)", dim=True)
            unchanged = 0
        if spans is not None:
            yield ""
            yield _marked(spans)


def _marked(spans: Sequence[Span], *, bold: bool = False) -> str:
    if not _on_a_terminal():
        return "".join(_PLAIN[span.kind].format(span.text) for span in spans)
    styles: dict[SpanKind, dict[str, Any]] = {
        SpanKind.EQUAL: {},
        SpanKind.REMOVED: {"fg": "red", "strikethrough": True},
        SpanKind.ADDED: {"fg": "green", "underline": True},
    }
    return "".join(click.style(span.text, bold=bold or None, **styles[span.kind]) for span in spans)


def _on_a_terminal() -> bool:
    return sys.stdout.isatty()


def _field(change: FieldChange) -> str:
    return f"{change.name} {change.before or '(none)'} -> {change.after or '(none)'}"


def _places(sightings: Sequence[Sighting]) -> Iterator[str]:
    for sighting in sightings[:_PLACES_SHOWN]:
        again = f", last seen {_time(sighting.last_seen)}" if sighting.last_seen != sighting.first_seen else ""
        yield f"from {_origin(sighting)}, {_time(sighting.first_seen)}{again}"
    if len(sightings) > _PLACES_SHOWN:
        yield f"and from {len(sightings) - _PLACES_SHOWN:,} more places"


def _origin(sighting: Sighting) -> str:
    origin = sighting.origin
    return str(origin) if origin.kind is OriginKind.STDIN else f"{origin.kind} {origin}"


def _revision_value(revision: Revision) -> dict[str, Any]:
    return {
        "number": revision.number,
        "recorded_at": _iso(revision.recorded_at),
        "page": revision.page,
        "page_type": revision.page_type,
        "origins": [
            {
                "kind": sighting.origin.kind.value,
                "name": sighting.origin.name,
                "part": sighting.origin.part,
                "first_seen": _iso(sighting.first_seen),
                "last_seen": _iso(sighting.last_seen),
            }
            for sighting in revision.sightings
        ],
    }


def _span_values(spans: Sequence[Span]) -> list[dict[str, str]]:
    return [{"kind": span.kind.value, "text": span.text} for span in spans]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

"""Printing results: for people on a terminal, plain when piped, or as JSON, JSON Lines or CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from corpus import printed_date
from search_ui.command.copies import copies_lines, group_value, papers

if TYPE_CHECKING:
    from corpus import Article, Group
    from indexer import Hit, ResultPage, Snippet, Suggestion

FORMATS: Final = ("table", "json", "jsonl", "csv")

format_option = click.option(
    "--format",
    "-f",
    "output_format",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How to print: for people, one JSON value, a JSON object a line, or CSV.",
)

_HIT_COLUMNS: Final = ("id", "title", "url", "source", "section", "date", "score", "snippet")
_ARTICLE_COLUMNS: Final = ("id", "url", "title", "text", "date", "source", "section", "author")


def print_page(page: ResultPage, output_format: str, *, explain: bool = False) -> None:
    """Prints a page of hits; in the table `explain` adds to each why it matched, which JSON has always."""
    if output_format == "json":
        print_json(page_value(page))
    elif output_format == "jsonl":
        print_json_lines(map(hit_value, page.hits))
    elif output_format == "csv":
        rows = (hit_value(hit) for hit in page.hits)
        print_csv(_HIT_COLUMNS, ({**row, "snippet": row["snippet"]["text"]} for row in rows))
    else:
        click.echo("\n".join(_page_lines(page, explain=explain)))
    if output_format != "json":
        if page.suggestion is not None:
            click.echo(f"did you mean: {page.suggestion}", err=True)
        for warning in page.warnings:
            click.echo(f"arshif: {warning.english}", err=True)


def print_suggestions(suggestions: Sequence[Suggestion], output_format: str) -> None:
    """Prints suggestions: a line each, titles with their article's id."""
    rows = [{"kind": one.kind.value, "text": one.text, "id": one.article_id} for one in suggestions]
    if output_format == "json":
        print_json(rows)
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(("kind", "text", "id"), rows)
    else:
        for one in suggestions:
            click.echo("  ".join(filter(None, [f"{one.kind.value:<5}", one.text, one.article_id])))


def print_article(
    article: Article, group: Group | None, output_format: str, similar: Sequence[Hit] | None = None
) -> None:
    """Prints a whole article, the other printings of its story, and the articles like it where they were asked for."""
    value = article_value(article)
    value["group"] = group_value(group) if group else None
    if similar is not None:
        value["similar"] = [hit_value(hit) for hit in similar]
    if output_format == "json":
        print_json(value)
    elif output_format == "jsonl":
        print_json_lines([value])
    elif output_format == "csv":
        columns = (*_ARTICLE_COLUMNS, "similar") if similar is not None else _ARTICLE_COLUMNS
        ids = "; ".join(hit.id for hit in similar or ())
        print_csv(columns, [{**value, "author": "; ".join(article.authors), "similar": ids}])
    else:
        about = [article.source, article.section, printed_date(article.published), *article.authors]
        lines = [click.style(article.title, bold=True)] if article.title else []
        lines += [" · ".join(filter(None, about))] if any(about) else []
        lines += [line for line in (article.url, article.id) if line]
        click.echo("\n".join([*lines, "", *article.paragraphs]))
        if group:
            click.echo("\n".join(["", *copies_lines(group, article.id)]))
        if similar is not None:
            click.echo("\n".join(["", click.style("More like this:", bold=True), *map(_line, similar)]))


def page_value(page: ResultPage) -> dict[str, Any]:
    """A page of hits as plain JSON values; facets and timeline where they were asked for."""
    counted: dict[str, Any] = {}
    if page.timeline is not None:
        counted = {
            "facets": {facet.name: dict(facet.values) for facet in page.facets},
            "timeline": {"unit": page.timeline.unit.value, "counts": dict(page.timeline.counts)},
        }
    return {
        "query": page.request.query,
        "understood": page.understood,
        "total": page.total,
        "stories": page.stories,
        "page": page.request.page,
        "hits": [hit_value(hit) for hit in page.hits],
        "suggestion": page.suggestion,
        "warnings": [warning.english for warning in page.warnings],
        "seconds": round(page.seconds, 4),
        **counted,
    }


def hit_value(hit: Hit) -> dict[str, Any]:
    """A hit as plain JSON values; spans are [start, end) offsets in characters (Unicode code points)."""
    return {
        "id": hit.id,
        "title": hit.title.text,
        "title_spans": hit.title.spans,
        "url": hit.url,
        "source": hit.source,
        "section": hit.section,
        "date": printed_date(hit.published),
        "score": round(hit.score, 4),
        "snippet": {"text": hit.snippet.text, "spans": hit.snippet.spans},
        "matches": [
            {"word": match.word, "printed": match.printed, "level": match.level.value} for match in hit.matches
        ],
        "copies": hit.copies,
        "group": group_value(hit.group) if hit.group else None,
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


def print_json(value: object) -> None:
    """Prints one JSON value, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_lines(values: Iterable[object]) -> None:
    """Prints a JSON value a line."""
    for value in values:
        click.echo(json.dumps(value, ensure_ascii=False))


def print_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Prints CSV with a header line."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(stream.getvalue(), nl=False)


def print_counts(counts: dict[str, Any], output_format: str) -> None:
    """Prints names and values: aligned for people."""
    if output_format == "json":
        print_json(counts)
    elif output_format == "jsonl":
        print_json_lines([counts])
    elif output_format == "csv":
        print_csv(tuple(counts), [counts])
    else:
        width = max(map(len, counts))
        for name, value in counts.items():
            click.echo(f"{name:<{width}}  {f'{value:,}' if isinstance(value, int) else value}")


def _page_lines(page: ResultPage, *, explain: bool) -> Iterator[str]:
    noun = "article" if page.total == 1 else "articles"
    stories = f", {page.stories:,} {'story' if page.stories == 1 else 'stories'}" if page.stories < page.total else ""
    yield click.style(f"{page.total:,} {noun}{stories} ({page.seconds * 1000:.0f} ms)", dim=True)
    first = (page.request.page - 1) * page.request.page_size + 1
    for number, hit in enumerate(page.hits, first):
        about = [hit.source, hit.section, str(hit.published.date()) if hit.published else None]
        yield ""
        yield f"{number}. {_marked(hit.title)}" if hit.title.text else f"{number}."
        yield "   " + " · ".join(filter(None, [*about, hit.id]))
        yield "   " + _marked(hit.snippet)
        if hit.group:
            yield click.style(f"   {papers(hit.group)}", dim=True)
        for match in hit.matches if explain else ():
            yield click.style(f"   {match.word} -> {match.printed} ({match.level.value})", dim=True)
    if page.timeline is not None:
        counted = [(facet.name, facet.values) for facet in page.facets]
        for name, values in (*counted, (page.timeline.unit.value, page.timeline.counts)):
            if values:
                yield ""
                yield f"{name}: " + ", ".join(f"{value} {count:,}" for value, count in values)


def _line(hit: Hit) -> str:
    about = [hit.title.text or hit.snippet.text[:70], hit.source, printed_date(hit.published), hit.id]
    return "  " + " · ".join(filter(None, about))


def _marked(snippet: Snippet) -> str:
    """The text with its marks: bold on a terminal, in [brackets] where colours do not reach."""
    colours = sys.stdout.isatty()
    parts = []
    at = 0
    for start, end in snippet.spans:
        word = snippet.text[start:end]
        parts += [snippet.text[at:start], click.style(word, bold=True, fg="yellow") if colours else f"[{word}]"]
        at = end
    return "".join([*parts, snippet.text[at:]])

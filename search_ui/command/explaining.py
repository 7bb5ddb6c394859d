"""`arshif explain`: what would be added from a file or an address, and which feature of it each field comes from."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from corpus import (
    NotAnArchive,
    Settings,
    display_url,
    is_web_address,
    printed_date,
    read_settings,
)
from search_ui.command.archives import map_option
from search_ui.command.cli import TEXT
from search_ui.command.output import make_format_option, print_json

if TYPE_CHECKING:
    from corpus import readers

_FIELDS: Final = ("title", "date", "author", "source", "section", "address")
_EDGE: Final = 90  # letters of the first and last paragraph that are shown


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|URL...", type=TEXT)
@map_option
@click.option(
    "--limit", "-n", type=click.IntRange(min=1), default=5, show_default=True, help="Articles shown per input."
)
@click.option("--allow-private", is_flag=True, help="Also fetch from this machine and private networks.")
@make_format_option(("table", "json"), "text for people, or JSON")
@click.option("--archive", "-a", "own_archive", type=click.Path(path_type=Path), help="The archive's directory.")
@click.pass_context
def explain(
    context: click.Context,
    own_archive: Path | None,
    inputs: tuple[str, ...],
    field_map: dict[str, str],
    limit: int,
    allow_private: bool,
    output_format: str,
) -> None:
    """Show what is read from a file or a page, and from where in it.

    Nothing is added. If a field is wrong, add a rule for the site to arshif.toml and run the command again: the rules
    of the archive are applied, if there is one.
    """
    settings = _settings(context, own_archive)
    values: list[dict[str, Any]] = []
    found = False
    for name in inputs:
        if is_web_address(name):
            items = _items_at(name, settings, allow_private=allow_private)
        else:
            items = _items_in(Path(name), settings, field_map)
        value = _explained(name, items, limit)
        found = found or bool(value["articles"])
        if output_format == "json":
            values.append(value)
        else:
            _print(value)
    if output_format == "json":
        print_json(values)
    if not found:
        sys.exit(1)


def _settings(context: click.Context, own_archive: Path | None) -> Settings:
    """The settings of the archive; without one, those of a new archive, unless the user named it."""
    try:
        return read_settings(own_archive or context.obj)
    except NotAnArchive:
        parent = context.parent
        if own_archive or (parent and parent.get_parameter_source("archive") is not ParameterSource.DEFAULT):
            raise
        return Settings()


def _items_in(path: Path, settings: Settings, field_map: dict[str, str]) -> Iterator[readers.Item]:
    from corpus import readers  # loads the page parsers

    try:
        with path.open("rb", buffering=0) as stream:
            yield from readers.read_stream(
                stream, str(path), retrieved_at=datetime.now(UTC), field_map=field_map, sources=settings.sources
            )
    except OSError as error:
        yield readers.Refusal(str(path), error.strerror or str(error))


def _items_at(url: str, settings: Settings, *, allow_private: bool) -> Iterator[readers.Item]:
    from corpus import fetch as fetching  # loads the page parsers

    fetcher = fetching.Fetcher(
        contact=settings.contact, allowed=fetching.allow_any if allow_private else fetching.is_public
    )
    return fetching.items_at(url, fetcher, settings.sources)


def _explained(name: str, items: Iterator[readers.Item], limit: int) -> dict[str, Any]:
    """What the first items of an input are, as JSON; the rest is not read."""
    from corpus import readers

    articles: list[dict[str, Any]] = []
    refused: list[str] = []
    ignored: Counter[str] = Counter()
    more = False
    for item in items:
        if isinstance(item, readers.Record):
            if more := len(articles) == limit:
                break
            articles.append(_article(item))
        elif isinstance(item, readers.Refusal):
            refused.append(f"{item.name}: {item.reason}")
        elif isinstance(item, readers.Ignored):
            ignored[item.kind] += 1
    return {"input": name, "articles": articles, "refused": refused, "ignored": dict(ignored), "more": more}


def _article(record: readers.Record) -> dict[str, Any]:
    article = record.article
    origins = record.taken_from
    found = {
        "title": (article.title, origins.title),
        "date": (printed_date(article.published), origins.published),
        "author": ("، ".join(article.authors), origins.authors),
        "source": (article.source, origins.source),
        "section": (article.section, origins.section),
        "address": (article.url, origins.url),
    }
    return {
        "origin": str(record.origin),
        "id": article.id,
        **{name: {"value": value or None, "from": place if value else None} for name, (value, place) in found.items()},
        "text": {"paragraphs": list(article.paragraphs), "from": origins.body},
        "read_as": origins.form,
        "captured": article.retrieved_at.isoformat() if article.retrieved_at else None,
        "warning": record.warning,
    }


def _print(value: dict[str, Any]) -> None:
    for article in value["articles"]:
        click.echo(article["origin"] + (f": {article['read_as']}" if article["read_as"] else ""))
        for name in _FIELDS:
            found = article[name]
            shown = display_url(found["value"]) if name == "address" and found["value"] else found["value"]
            click.echo(_line(name, shown or "–", found["from"]))
        paragraphs = article["text"]["paragraphs"]
        words = sum(len(paragraph.split()) for paragraph in paragraphs)
        click.echo(_line("text", f"{len(paragraphs):,} paragraphs, {words:,} words", article["text"]["from"]))
        for paragraph in dict.fromkeys((*paragraphs[:1], *paragraphs[-1:])):
            click.echo(_line("", paragraph if len(paragraph) <= _EDGE else f"{paragraph[:_EDGE].rstrip()} …", None))
        if article["warning"]:
            click.echo(f"warning: {article['warning']}", err=True)
    for refused in value["refused"]:
        click.echo(f"refused: {refused}", err=True)
    if value["ignored"]:
        click.echo("ignored: " + ", ".join(f"{count:,} {kind}" for kind, count in value["ignored"].items()), err=True)
    if value["more"]:
        click.echo(f"{value['input']}: more articles follow (--limit)", err=True)


def _line(name: str, shown: str, reason: str | None) -> str:
    return f"    {name:<8} {shown}" + (f"\n    {'':<8} from {reason}" if reason else "")

"""`arshif search | suggest | show | analyze`: finding and reading articles."""

from __future__ import annotations

from typing import Any

import click

from corpus import Archive, groups_of, parse_period
from search_ui.command.cli import with_archive
from search_ui.command.output import (
    format_option,
    print_article,
    print_csv,
    print_json,
    print_json_lines,
    print_page,
    print_suggestions,
)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, type=click.UNPROCESSED)
@click.option("--source", "-s", "sources", multiple=True, help="Only from this source; may be given several times.")
@click.option("--section", "sections", multiple=True, help="Only from this section; may be given several times.")
@click.option("--after", metavar="DATE", help="Only from this day on: 2017-02-16, 2017-02, شباط 2017, 1438هـ ...")
@click.option("--before", metavar="DATE", help="Only up to this day, included.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest"]),
    default="relevance",
    show_default=True,
    help="Order.",
)
@click.option("--limit", "-n", type=click.IntRange(1, 100), default=10, show_default=True, help="Articles a page.")
@click.option("--page", "-p", type=click.IntRange(1), default=1, show_default=True, help="Which page.")
@click.option("--facets", is_flag=True, help="Count all hits by source, section, author and time.")
@click.option(
    "--no-group", is_flag=True, help="Show every copy of a story that many papers printed, not the best alone."
)
@click.option("--explain", is_flag=True, help="Say under each article which of its words matched, and how.")
@format_option
@with_archive
def search(
    archive: Archive,
    query: tuple[str, ...],
    sources: tuple[str, ...],
    sections: tuple[str, ...],
    after: str | None,
    before: str | None,
    sort: str,
    limit: int,
    page: int,
    facets: bool,
    no_group: bool,
    explain: bool,
    output_format: str,
) -> None:
    """Find articles: words, "phrases", -without, أو, field:word.

    Without a query all articles are listed. The query language is described in docs/query-language.md.
    """
    from indexer import SearchRequest, Sort, open_searcher  # loads Whoosh

    request = SearchRequest(
        query=" ".join(query),
        sources=sources,
        sections=sections,
        after=parse_period(after)[0] if after else None,
        before=parse_period(before)[1] if before else None,
        sort=Sort(sort),
        page=page,
        page_size=limit,
        facets=facets,
        group=not no_group,
    )
    print_page(open_searcher(archive).search(request), output_format, explain=explain)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("prefix", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--limit", "-n", type=click.IntRange(1, 50), default=8, show_default=True, help="Suggestions at most.")
@format_option
@with_archive
def suggest(archive: Archive, prefix: tuple[str, ...], limit: int, output_format: str) -> None:
    """Complete the last word of PREFIX, the beginning of a query, and name articles with such titles."""
    from indexer import open_searcher  # loads Whoosh

    print_suggestions(open_searcher(archive).suggest(" ".join(prefix), limit), output_format)


@click.command()
@click.argument("article_id", metavar="ID|URL")
@click.option("--similar", is_flag=True, help="Name the articles most like it too.")
@format_option
@with_archive
def show(archive: Archive, article_id: str, similar: bool, output_format: str) -> None:
    """Print the article with this ID or web address (in any spelling), whole, and who else printed its story."""
    article = archive.find(article_id)
    group = groups_of(archive, [article.id]).get(article.id)
    if not similar:
        print_article(article, group, output_format)
        return
    from indexer import open_searcher  # loads Whoosh

    print_article(article, group, output_format, open_searcher(archive).more_like(article.id))


@click.command()
@click.argument("text", nargs=-1, required=True)
@format_option
def analyze(text: tuple[str, ...], output_format: str) -> None:
    """Show what each step of the analysis makes of each word of TEXT."""
    from indexer import explain  # loads the analysis

    rows: list[dict[str, Any]] = [
        {"word": word, "step": step, "result": result}
        for word, steps in explain(" ".join(text))
        for step, result in steps
    ]
    if output_format == "json":
        print_json(rows)
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(("word", "step", "result"), rows)
    else:
        previous = None
        for row in rows:
            if row["word"] != previous:
                click.echo(row["word"])
                previous = row["word"]
            click.echo(f"    {row['step']:<16} {row['result']}")

"""`arshif search | suggest | show | analyze`: finding and reading articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from corpus import Archive, Revision, groups_of, local_day, read_first_day, read_last_day
from search_ui.command.cli import TEXT, with_archive
from search_ui.command.history import (
    LAST_TWO,
    LAST_TWO_NAMED,
    history_value,
    print_difference,
    print_revisions,
    provenance_lines,
    revision_range,
)
from search_ui.command.output import (
    CITATIONS,
    FORMATS,
    format_option,
    make_format_option,
    match_options,
    print_article,
    print_csv,
    print_json,
    print_json_lines,
    print_page,
    print_pending,
    print_scan,
    print_suggestions,
)
from search_ui.errors import OnlyOneRevision, RevisionNotFound

if TYPE_CHECKING:
    from indexer import Hit


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, type=TEXT)
@click.option("--source", "-s", "sources", multiple=True, help="Only articles from this source. Repeatable.")
@click.option("--section", "sections", multiple=True, help="Only articles in this section. Repeatable.")
@click.option("--author", "authors", multiple=True, help="Only articles by this author. Repeatable.")
@click.option(
    "--after",
    metavar="DATE",
    help="Only articles published on or after this day: 2017-02-16, 2017-02, شباط 2017, 1438هـ, أمس.",
)
@click.option("--before", metavar="DATE", help="Only articles published on or before this day.")
@match_options
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest"]),
    default="relevance",
    show_default=True,
    help="Order of the results.",
)
@click.option("--limit", "-n", type=click.IntRange(1, 100), default=10, show_default=True, help="Articles per page.")
@click.option("--page", "-p", type=click.IntRange(1), default=1, show_default=True, help="Page number.")
@click.option("--facets", is_flag=True, help="Count all results by source, section, author and time.")
@click.option(
    "--group/--no-group",
    default=None,
    help="Show only the best copy of a story, or every copy (the default with --all).",
)
@click.option("--all", "every", is_flag=True, help="Print every matching article; not with table and json.")
@click.option("--explain", is_flag=True, help="Show under each article which words matched, and how.")
@make_format_option(
    (*FORMATS, *CITATIONS, "atom"), "text for people, JSON, JSON Lines, CSV, BibTeX, RIS, or an Atom feed"
)
@with_archive
def search(
    archive: Archive,
    query: tuple[str, ...],
    sources: tuple[str, ...],
    sections: tuple[str, ...],
    authors: tuple[str, ...],
    after: str | None,
    before: str | None,
    match: str,
    forms: str,
    spellings: bool,
    sort: str,
    limit: int,
    page: int,
    facets: bool,
    group: bool | None,
    every: bool,
    explain: bool,
    output_format: str,
) -> None:
    """Find articles: words, "phrases", -without, أو, field:word.

    An article matches if it has all the words. When few match, the nearest other articles follow in order of relevance;
    they are not counted, and are in no file. Without a query, all articles are listed. docs/query-language.md describes
    the query language.
    """
    if every and output_format in ("table", "json"):
        raise click.UsageError("--all needs --format jsonl, csv, bibtex, ris or atom")
    from indexer import MatchMode, SearchRequest, Sort, WordForms, open_searcher  # loads Whoosh

    today = local_day()
    request = SearchRequest(
        query=" ".join(query),
        sources=sources,
        sections=sections,
        authors=authors,
        after=read_first_day(after, today) if after else None,
        before=read_last_day(before, today) if before else None,
        sort=Sort(sort),
        page=page,
        page_size=limit,
        facets=facets,
        group=not every if group is None else group,
        match=MatchMode(match),
        forms=WordForms(forms),
        today=today,
        spellings=spellings,
    )
    searcher = open_searcher(archive)
    if every:
        print_scan(searcher.scan(request), archive, output_format)
        print_pending(searcher.pending_changes())
    else:
        found = searcher.search(request)
        print_page(found, archive, output_format, explain=explain, pending=searcher.pending_changes())


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("prefix", nargs=-1, required=True, type=TEXT)
@click.option(
    "--limit", "-n", type=click.IntRange(1, 50), default=8, show_default=True, help="Number of suggestions, at most."
)
@format_option
@with_archive
def suggest(archive: Archive, prefix: tuple[str, ...], limit: int, output_format: str) -> None:
    """Complete a query by words and titles.

    PREFIX is the beginning of a query; its last word is completed, and articles with such titles are listed.
    """
    from indexer import open_searcher  # loads Whoosh

    print_suggestions(open_searcher(archive).suggest(" ".join(prefix), limit), output_format)


@click.command()
@click.argument("reference", metavar="ID|URL")
@click.option("--similar", is_flag=True, help="Also list the most similar articles.")
@click.option(
    "--revisions", is_flag=True, help="List its revisions: when they were recorded, what changed, where they came from."
)
@click.option(
    "--diff",
    metavar="N..M",
    callback=revision_range,
    is_flag=False,
    flag_value=LAST_TWO_NAMED,
    help="Show what changed between two revisions, as in --diff 1..3; by default, the last two.",
)
@make_format_option((*FORMATS, *CITATIONS), "text for people, JSON, JSON Lines, CSV, or a citation in BibTeX or RIS")
@with_archive
def show(
    archive: Archive,
    reference: str,
    similar: bool,
    revisions: bool,
    diff: tuple[int, int] | None,
    output_format: str,
) -> None:
    """Show an article, or its history.

    The article is given by ID or web address (in any spelling). Its full text is printed with its origin and the other
    papers that printed the story. The history of a removed article can be shown too.
    """
    article_id = archive.id_of(reference)
    if others := archive.namesakes(article_id):
        click.echo(f"note: articles of other sources have the same id: {', '.join(others)}", err=True)
    if revisions:
        print_revisions(archive.revisions(article_id), archive.removals(article_id), output_format)
    elif diff:
        print_difference(*_two_revisions(archive.revisions(article_id), diff), output_format)
    else:
        article = archive.get(article_id)
        found: tuple[Hit, ...] | None = None
        if similar:
            from indexer import open_searcher  # loads Whoosh

            found = open_searcher(archive).more_like(article_id)
        known = archive.revisions(article_id)
        print_article(
            article,
            output_format,
            found,
            group=groups_of(archive, [article_id]).get(article_id),
            about=provenance_lines(known),
            history=history_value(known, archive.removals(article_id)),
        )


def _two_revisions(revisions: Sequence[Revision], wanted: tuple[int, int]) -> tuple[Revision, Revision]:
    if wanted == LAST_TWO:
        if len(revisions) < 2:
            raise OnlyOneRevision(revisions[0].article.id)
        return revisions[-2], revisions[-1]
    for number in wanted:
        if not 1 <= number <= len(revisions):
            raise RevisionNotFound(revisions[0].article.id, number, len(revisions))
    return revisions[wanted[0] - 1], revisions[wanted[1] - 1]


@click.command()
@click.argument("text", nargs=-1, required=True, type=TEXT)
@format_option
def analyze(text: tuple[str, ...], output_format: str) -> None:
    """Show how each word of TEXT is analyzed, step by step."""
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

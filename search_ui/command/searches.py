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
from search_ui.errors import RevisionNotFound

if TYPE_CHECKING:
    from indexer import Hit


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, type=TEXT)
@click.option("--source", "-s", "sources", multiple=True, help="Only from this source; may be given several times.")
@click.option("--section", "sections", multiple=True, help="Only from this section; may be given several times.")
@click.option("--author", "authors", multiple=True, help="Only by this author; may be given several times.")
@click.option("--after", metavar="DATE", help="Only from this day on: 2017-02-16, 2017-02, شباط 2017, 1438هـ, أمس ...")
@click.option("--before", metavar="DATE", help="Only up to this day, included.")
@match_options
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
    "--group/--no-group",
    default=None,
    help="Show the best copy of a story that many papers printed, or every copy, as --all does unless told otherwise.",
)
@click.option("--all", "every", is_flag=True, help="Every article found, however many; for the forms of files.")
@click.option("--explain", is_flag=True, help="Say under each article which of its words matched, and how.")
@make_format_option(
    (*FORMATS, *CITATIONS, "atom"), "for people, as JSON, a JSON object a line, CSV, BibTeX, RIS, a feed"
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

    An article matches that has all the words. In the order of relevance the nearest others follow where few match; they
    are not counted, and not in files. Without a query all articles are listed. The query language is described in
    docs/query-language.md.
    """
    if every and output_format in ("table", "json"):
        raise click.UsageError("--all goes with --format jsonl, csv, bibtex, ris or atom")
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
@click.option("--limit", "-n", type=click.IntRange(1, 50), default=8, show_default=True, help="Suggestions at most.")
@format_option
@with_archive
def suggest(archive: Archive, prefix: tuple[str, ...], limit: int, output_format: str) -> None:
    """Complete the last word of PREFIX, the beginning of a query, and name articles with such titles."""
    from indexer import open_searcher  # loads Whoosh

    print_suggestions(open_searcher(archive).suggest(" ".join(prefix), limit), output_format)


@click.command()
@click.argument("reference", metavar="ID|URL")
@click.option("--similar", is_flag=True, help="Name the articles most like it too.")
@click.option("--revisions", is_flag=True, help="List its revisions: when, what changed, where they were found.")
@click.option(
    "--diff",
    metavar="N..M",
    callback=revision_range,
    is_flag=False,
    flag_value=LAST_TWO_NAMED,
    help="Show what changed from one revision to another, as in --diff 1..3; without numbers, in the last.",
)
@make_format_option((*FORMATS, *CITATIONS), "for people, as JSON, a JSON object a line, CSV, or cited in BibTeX or RIS")
@with_archive
def show(
    archive: Archive,
    reference: str,
    similar: bool,
    revisions: bool,
    diff: tuple[int, int] | None,
    output_format: str,
) -> None:
    """Print the article with this ID or web address (in any spelling), whole, where it came from, and who else printed
    its story; or its history.

    The history of a removed article can be shown too.
    """
    article_id = archive.id_of(reference)
    if others := archive.namesakes(article_id):
        click.echo(f"note: other sources' articles came with the same id: {', '.join(others)}", err=True)
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
            raise RevisionNotFound(revisions[0].article.id, 2, len(revisions))
        return revisions[-2], revisions[-1]
    for number in wanted:
        if not 1 <= number <= len(revisions):
            raise RevisionNotFound(revisions[0].article.id, number, len(revisions))
    return revisions[wanted[0] - 1], revisions[wanted[1] - 1]


@click.command()
@click.argument("text", nargs=-1, required=True, type=TEXT)
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

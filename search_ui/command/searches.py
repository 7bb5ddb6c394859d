"""`arshif search | suggest | show | analyze | alert`: finding and reading articles, and saved searches."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from corpus import Archive, Revision, groups_of, local_day, parse_period, printed_date, read_first_day, read_last_day
from search_ui.command.cli import TEXT, QueryCommand, with_archive
from search_ui.command.contexts import print_context, print_typical
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
    meaning_option,
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
from search_ui.export import ArchiveCopy

if TYPE_CHECKING:
    from indexer import Hit
    from search_ui.access.saved_searches import NewHits

_DEFAULT: Final = click.core.ParameterSource.DEFAULT
_SIMILAR: Final = 5  # articles of `show --similar`


@click.command(cls=QueryCommand)
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
@meaning_option
@click.option("--explain", is_flag=True, help="Show under each article which words matched, and how.")
@click.option(
    "--context", is_flag=True, help="Print one line per occurrence, with the text before and after it; see --lines."
)
@click.option(
    "--lines",
    type=click.Choice(["hits", "before", "after", "date", "source"]),
    default="hits",
    show_default=True,
    help="Order of the lines of --context: of the results, by the words before or after, by date or source.",
)
@click.option("--typical", is_flag=True, help="Print the words that are typical of the results, with their counts.")
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
    meaning: bool,
    explain: bool,
    context: bool,
    lines: str,
    typical: bool,
    output_format: str,
) -> None:
    """Find articles: words, "phrases", -without, أو, field:word.

    An article matches if it has all the words. When few match, the nearest other articles follow in order of relevance;
    they are not counted, and not exported. Without a query, all articles are listed. docs/query-language.md describes
    the query language.
    """
    if (context or typical) and output_format not in FORMATS:
        raise click.UsageError(f"--context and --typical need --format {', '.join(FORMATS)}")
    if context and typical:
        raise click.UsageError("choose one of --context and --typical")
    given = {
        name for name in ("limit", "page") if click.get_current_context().get_parameter_source(name) is not _DEFAULT
    }
    if context and given:
        raise click.UsageError("--context prints 1,000 occurrences, or all with --all: leave out --limit and --page")
    if typical and every:
        raise click.UsageError("--typical counts all results already: leave out --all")
    if every and not context and output_format in ("table", "json"):
        raise click.UsageError("--all needs --format jsonl, csv, bibtex, ris or atom")
    if every and page > 1:
        raise click.UsageError("--all writes every page: leave out --page")
    if every and meaning:
        raise click.UsageError("--all writes all results in the order of their words: leave out --meaning")
    from indexer import MatchMode, SearchRequest, Sort, WordForms, open_searcher  # loads the indexer

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
        meaning=meaning,
    )
    searcher = open_searcher(archive)
    if context:
        print_context(searcher.scan(request), lines, output_format, every=every)
    elif typical:
        print_typical(searcher.typical_words(request, limit), request.query, output_format)
    elif every:
        print_scan(searcher.scan(request), archive, output_format)
        print_pending(searcher.pending_changes())
    else:
        found = searcher.search(request)
        answers = searcher.answers(request) if page == 1 and output_format in ("table", "json") else ()
        print_page(found, archive, output_format, explain=explain, answers=answers, pending=searcher.pending_changes())


@click.command(cls=QueryCommand)
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
    from indexer import open_searcher  # loads the indexer

    print_suggestions(open_searcher(archive).suggest(" ".join(prefix), limit), output_format)


@click.command()
@click.argument("reference", metavar="ID|URL")
@click.option("--similar", is_flag=True, help="Also list the most similar articles.")
@click.option(
    "--meaning",
    is_flag=True,
    help="With --similar, also by meaning, and probably the same news in other papers. See 'arshif embed'.",
)
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
    meaning: bool,
    revisions: bool,
    diff: tuple[int, int] | None,
    output_format: str,
) -> None:
    """Show an article, or its history.

    The article is given by ID or web address (in any spelling). Its full text is printed with its origin and the other
    papers that printed the story. The history of a removed article can be shown too.
    """
    if meaning and not similar:
        raise click.UsageError("--meaning needs --similar")
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
        retold: tuple[Hit, ...] = ()
        if similar:
            from indexer import open_searcher  # loads the indexer

            searcher = open_searcher(archive)
            retold = searcher.retellings(article_id) if meaning else ()
            found = searcher.more_like(article_id, _SIMILAR, meaning=meaning, without={hit.id for hit in retold})
        known = archive.revisions(article_id)
        print_article(
            article,
            output_format,
            found,
            retellings=retold if similar and meaning else None,
            group=groups_of(archive, [article_id]).get(article_id),
            about=provenance_lines(known),
            history=history_value(known, archive.removals(article_id)),
            source_name=archive.source_names.other(article.source),
            copy=ArchiveCopy(archive.settings.name, version=len(known) if len(known) > 1 else None),
        )


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


@click.group(invoke_without_command=True)
@make_format_option(("table", "jsonl", "atom"), "text for people, JSON Lines, or an Atom feed")
@click.option("--only", "-o", metavar="NAME", help="Only this saved search.")
@click.option("--deliver", is_flag=True, help="Send what is due to readers who follow searches on the page.")
@with_archive
def alert(archive: Archive, output_format: str, only: str | None, deliver: bool) -> None:
    """Print new results of saved searches since the last run.

    New results are matching articles that were added or revised. They count as reported once all of them are printed;
    after an interruption they are printed again. Searches that readers follow on the page are delivered there, or with
    --deliver: 'arshif alert --only NAME' prints their new results, and they stay new.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        context.obj = archive.directory
        return
    if deliver:
        if only is not None or output_format != "table":
            raise click.UsageError("--deliver sends everything that is due: leave out --only and --format")
        from search_ui.command.following import deliver_due

        deliver_due(archive)
        return
    if output_format == "atom" and only is None:
        raise click.UsageError("--format atom needs --only: a feed has one saved search")
    from search_ui.access.saved_searches import is_of_desk, mark_reported, new_hits, saved_searches  # loads the indexer

    followed = {saved.name for saved in saved_searches(archive) if is_of_desk(saved)}
    for new in new_hits(archive, only):
        _print_new_hits(new, archive, output_format)
        sys.stdout.flush()
        if new.name not in followed:
            mark_reported(archive, new)


@alert.command(name="add", cls=QueryCommand)
@click.argument("name")
@click.argument("query", nargs=-1, type=TEXT)
@click.option("--source", "-s", "sources", multiple=True, help="Only articles from this source. Repeatable.")
@click.option("--section", "sections", multiple=True, help="Only articles in this section. Repeatable.")
@click.option("--author", "authors", multiple=True, help="Only articles by this author. Repeatable.")
@click.option("--after", metavar="DATE", help="Only articles published on or after this day.")
@click.option("--before", metavar="DATE", help="Only articles published on or before this day.")
@match_options
@click.option("--from-start", is_flag=True, help="Report articles that are already in the archive too.")
@with_archive
def add_alert(
    archive: Archive,
    name: str,
    query: tuple[str, ...],
    sources: tuple[str, ...],
    sections: tuple[str, ...],
    authors: tuple[str, ...],
    after: str | None,
    before: str | None,
    match: str,
    forms: str,
    spellings: bool,
    from_start: bool,
) -> None:
    """Save the search for QUERY, with its filters, as NAME."""
    from indexer import MatchMode, SearchRequest, WordForms, open_searcher  # loads the indexer
    from search_ui.access.saved_searches import save_search

    request = SearchRequest(
        query=" ".join(query),
        sources=sources,
        sections=sections,
        authors=authors,
        after=parse_period(after)[0] if after else None,
        before=parse_period(before)[1] if before else None,
        match=MatchMode(match),
        forms=WordForms(forms),
        spellings=spellings,
    )
    scan = open_searcher(archive).scan(request)
    save_search(archive, name, request, 0 if from_start else scan.change)
    for warning in scan.warnings:
        click.echo(f"arshif: {warning.english}", err=True)
    matching = "1 article matches" if scan.total == 1 else f"{scan.total:,} articles match"
    click.echo(f"saved {name!r}: {scan.understood or 'every article'} ({matching})")


@alert.command(name="list")
@format_option
@with_archive
def list_alerts(archive: Archive, output_format: str) -> None:
    """List the saved searches, and how each is reported."""
    from search_ui.command.following import reported_by

    columns = ("name", "search", "change", "reported")
    rows: list[dict[str, Any]] = [
        {"name": saved.name, "search": saved.text, "change": saved.change, "reported": how}
        for saved, how in reported_by(archive)
    ]
    if output_format == "json":
        print_json(rows)
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(columns, rows)
    else:
        name, how = (max((len(saved[column]) for saved in rows), default=0) for column in ("name", "reported"))
        for saved in rows:
            search = _search_text(json.loads(saved["search"]))
            click.echo(f"{saved['name']:<{name}}  {saved['reported']:<{how}}  {search}")


@alert.command(name="remove")
@click.argument("name")
@with_archive
def remove_alert(archive: Archive, name: str) -> None:
    """Delete the saved search NAME."""
    from search_ui.command.following import delete_saved

    delete_saved(archive, name)
    click.echo(f"removed {name!r}")


def _two_revisions(revisions: Sequence[Revision], numbers: tuple[int, int]) -> tuple[Revision, Revision]:
    if numbers == LAST_TWO:
        if len(revisions) < 2:
            raise OnlyOneRevision(revisions[0].article.id)
        return revisions[-2], revisions[-1]
    for number in numbers:
        if not 1 <= number <= len(revisions):
            raise RevisionNotFound(revisions[0].article.id, number, len(revisions))
    return revisions[numbers[0] - 1], revisions[numbers[1] - 1]


def _search_text(search: dict[str, Any]) -> str:
    """A saved search on one line: its query and filters."""
    parts = [search.get("query") or "every article"]
    for name, label in (("sources", "source"), ("sections", "section"), ("authors", "author")):
        parts += [f"{label}: {value}" for value in search.get(name, ())]
    parts += [f"{name}: {search[name]}" for name in ("after", "before", "match", "forms") if name in search]
    parts += ["no other spellings"] if search.get("typed") else []
    return "; ".join(parts)


def _print_new_hits(new: NewHits, archive: Archive, output_format: str) -> None:
    from search_ui.export import EXPORTS, hit_value

    if output_format == "jsonl":
        print_json_lines(
            {"alert": new.name, "change": kind.value, **hit_value(hit), "text": article.text}
            for article, hit, kind in new.hits()
        )
    elif output_format == "atom":
        hits = ((article, hit) for article, hit, _ in new.hits())
        for text in EXPORTS["atom"].write(hits, new.about(archive.settings.name)):
            click.echo(text, nl=False)
    else:
        click.echo(click.style(f"{new.name}: {new.scan.understood or 'every article'}", bold=True))
        empty = True
        for article, hit, kind in new.hits():
            empty = False
            about = [hit.title.text or hit.snippet.text[:70], hit.shown_source, printed_date(article.published), hit.id]
            click.echo(f"  {kind.value:<8}" + " · ".join(filter(None, about)))
        if empty:
            click.echo("  nothing new")

"""Output of the commands: text for people (coloured on a terminal), JSON, JSON Lines, CSV, and progress bars."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from corpus import SourceNames, printed_date
from search_ui.export import (
    EXPORTS,
    About,
    ArchiveCopy,
    answer_value,
    article_value,
    citation,
    csv_row,
    group_value,
    hit_value,
    source_name_value,
    without_isolates,
)

if TYPE_CHECKING:
    from corpus import Archive, Article, Copy, Group
    from indexer import Answer, Hit, QueryWarning, ResultPage, Scan, Snippet, Suggestion

FORMATS: Final = ("table", "json", "jsonl", "csv")
CITATIONS: Final = ("bibtex", "ris")

_ARTICLE_COLUMNS: Final = ("id", "url", "title", "text", "date", "source", "section", "author")

_Command = TypeVar("_Command", bound=Callable[..., Any])


def make_format_option(forms: Sequence[str], help: str) -> Callable[[_Command], _Command]:
    """The option `--format` with these formats; the first is the default."""
    return click.option(
        "--format",
        "-f",
        "output_format",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help=f"Output format: {help}.",
    )


format_option = make_format_option(FORMATS, "text for people, JSON, JSON Lines, or CSV")


def match_options(command: _Command) -> _Command:
    """The options `--match`, `--forms` and `--spellings` of a search."""
    command = click.option(
        "--match",
        type=click.Choice(["all", "most", "any"]),
        default="all",
        show_default=True,
        help="Match articles with all the words, most of them by weight, or any of them.",
    )(command)
    command = click.option(
        "--spellings/--no-spellings",
        default=True,
        show_default=True,
        help="Match names in other spellings too: غوتيريش as جوتيريس and Guterres.",
    )(command)
    return click.option(
        "--forms",
        type=click.Choice(["printed", "word", "lemma", "root"]),
        default="lemma",
        show_default=True,
        help="Forms that a word matches: as typed, with prefixes (و ب ل ال), all forms, or all words of its root.",
    )(command)


meaning_option = click.option(
    "--meaning",
    is_flag=True,
    help="Order the first hundred results by words and meaning, and list articles near in meaning below those that "
    "match. See 'arshif embed'.",
)


def print_page(
    page: ResultPage,
    archive: Archive,
    output_format: str,
    *,
    explain: bool = False,
    answers: Sequence[Answer] = (),
    pending: int = 0,
) -> None:
    """Print a page of hits. `explain` adds to the table why each hit matched, which JSON always contains.

    `answers` are the sentences that may answer the question; files do not contain them. `pending` is the number of
    changes that are not indexed yet, which is reported.
    """
    if output_format == "json":
        found = {"answers": list(map(answer_value, answers))} if page.request.meaning else {}
        print_json({**page_value(page), **found, "pending_changes": pending})
    elif output_format in EXPORTS:
        articles = archive.get_many(hit.id for hit in page.hits)
        # Files contain only articles that match, not the nearest others.
        hits = ((articles[hit.id], hit) for hit in page.hits if hit.matched and hit.id in articles)
        print_export(output_format, hits, About.of_page(page, archive.settings.name))
    else:
        click.echo("\n".join(_page_lines(page, answers, archive.source_names, explain=explain)))
    if output_format != "json":
        for name in page.spellings:
            click.echo(
                f"also searched for {name.typed}: {', '.join(name.others)} (--no-spellings turns this off)", err=True
            )
        if page.encoder:
            order = "by meaning" if page.foreign else "by words and meaning"
            click.echo(f"the first results are ordered {order} ({page.encoder})", err=True)
        if page.suggestion is not None:
            click.echo(f"did you mean: {page.suggestion}", err=True)
        # The table itself says why nothing matches.
        print_warnings(page.warnings if output_format == "table" else page.all_warnings)
    print_pending(pending)


def print_scan(scan: Scan, archive: Archive, output_format: str) -> None:
    """Print all hits of a search as they are read."""
    hits = scan.hits(marked=EXPORTS[output_format].marked)
    print_export(output_format, hits, About.of_scan(scan, archive.settings.name))
    print_warnings(scan.warnings)


def print_export(output_format: str, hits: Iterable[tuple[Article, Hit]], about: About) -> None:
    """Print hits in one of the formats of `search_ui.export`."""
    for text in EXPORTS[output_format].write(hits, about):
        # As bytes: CSV and RIS have CRLF on every system.
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()


def print_article(
    article: Article,
    output_format: str,
    similar: Sequence[Hit] | None = None,
    *,
    retellings: Sequence[Hit] | None = None,
    group: Group | None = None,
    about: Iterable[str] = (),
    history: dict[str, Any] | None = None,
    source_name: str | None = None,
    copy: ArchiveCopy | None = None,
) -> None:
    """Print an article with its full text, the other printings of its story, and optionally similar articles.

    `about` is its provenance as lines of text, `history` as JSON values. `source_name` is the name by which its source
    is shown, if it is another one; `copy` is what a citation says of the archive.
    """
    shown = replace(article, source=source_name) if source_name else article
    if output_format in CITATIONS:
        cite = citation.bibtex if output_format == "bibtex" else citation.ris
        sys.stdout.buffer.write(cite(shown, copy).encode("utf-8", "replace"))
        sys.stdout.flush()
        return
    value = {
        **article_value(article),
        **source_name_value(source_name),
        **(history or {}),
        "group": group_value(group) if group else None,
    }
    if similar is not None:
        value["similar"] = [hit_value(hit) for hit in similar]
    if retellings is not None:
        value["retellings"] = [hit_value(hit) for hit in retellings]
    if output_format == "json":
        print_json(value)
    elif output_format == "jsonl":
        print_json_lines([value])
    elif output_format == "csv":
        columns = (*_ARTICLE_COLUMNS, "similar") if similar is not None else _ARTICLE_COLUMNS
        ids = "; ".join(hit.id for hit in similar or ())
        print_csv(columns, [{**value, "author": "; ".join(article.authors), "similar": ids}])
    else:
        printed = [shown.source, article.section, printed_date(article.published), *article.authors]
        lines = [click.style(article.title, bold=True)] if article.title else []
        lines += [" · ".join(filter(None, printed))] if any(printed) else []
        lines += [line for line in (article.url, article.id) if line]
        lines += [click.style(line, dim=True) for line in about]
        click.echo("\n".join([*lines, "", *article.paragraphs]))
        if group:
            click.echo("\n".join(["", *copies_lines(group, article.id)]))
        if retellings:
            label = "Probably the same news in other papers (by meaning):"
            click.echo("\n".join(["", click.style(label, bold=True), *map(_line, retellings)]))
        if similar is not None:
            click.echo("\n".join(["", click.style("More like this:", bold=True), *map(_line, similar)]))


def print_suggestions(suggestions: Sequence[Suggestion], output_format: str) -> None:
    """Print suggestions, one per line; titles with their article's id."""
    rows = [{"kind": item.kind.value, "text": item.text, "id": item.article_id} for item in suggestions]
    if output_format == "json":
        print_json(rows)
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(("kind", "text", "id"), rows)
    else:
        for item in suggestions:
            click.echo("  ".join(filter(None, [f"{item.kind.value:<5}", item.text, item.article_id])))


def print_warnings(warnings: Iterable[QueryWarning]) -> None:
    """Print warnings about a query to standard error."""
    for warning in warnings:
        click.echo(f"arshif: {warning.english}", err=True)


def print_pending(pending: int) -> None:
    """Report to standard error how many changes are not indexed, if there are any."""
    if pending:
        changes = "1 change is" if pending == 1 else f"{pending:,} changes are"
        click.echo(f"arshif: {changes} not indexed yet and not searched; run 'arshif index'", err=True)


def print_json(value: object) -> None:
    """Print one JSON value, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_lines(values: Iterable[object]) -> None:
    """Print one JSON value per line."""
    for value in values:
        click.echo(json.dumps(value, ensure_ascii=False))


def print_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]], *, header: bool = True) -> None:
    """Print CSV with a header line; cells that a spreadsheet would run as formulas are escaped."""
    if header:
        click.echo(csv_row(columns, end="\n"), nl=False)
    for row in rows:
        click.echo(csv_row((row.get(column, "") for column in columns), end="\n"), nl=False)


def print_counts(counts: dict[str, Any], output_format: str) -> None:
    """Print names (in snake_case) and values; for people aligned, with spaces in the names."""
    if output_format == "json":
        print_json(counts)
    elif output_format == "jsonl":
        print_json_lines([counts])
    elif output_format == "csv":
        print_csv(tuple(counts), [counts])
    else:
        width = max(map(len, counts))
        for name, value in counts.items():
            label = name.replace("_", " ")
            shown = "unknown" if value is None else f"{value:,}" if isinstance(value, int) else value
            click.echo(f"{label:<{width}}  {shown}")


def page_value(page: ResultPage) -> dict[str, Any]:
    """A page of hits as plain JSON values, with facets and timeline if they were requested."""
    counted: dict[str, Any] = {}
    if page.timeline is not None:
        counted = {
            "facets": {facet.name: dict(facet.values) for facet in page.facets},
            "timeline": {"unit": page.timeline.unit.value, "counts": dict(page.timeline.counts)},
        }
    return {
        "query": page.request.query,
        "understood": without_isolates(page.understood),
        "reading": page.reading.value,
        "total": page.total,
        "stories": page.stories,
        "listed": page.listed,
        "widths": {"all": page.mode_counts.all, "most": page.mode_counts.most, "any": page.mode_counts.any}
        if page.mode_counts
        else None,
        "parts": [{"text": part.text, "articles": part.articles} for part in page.parts],
        "page": page.request.page,
        "hits": [hit_value(hit) for hit in page.hits],
        "suggestion": page.suggestion,
        "spellings": [{"typed": name.typed, "others": list(name.others)} for name in page.spellings],
        "warnings": [warning.english for warning in page.all_warnings],
        **({"encoder": page.encoder} if page.request.meaning else {}),
        "seconds": round(page.seconds, 4),
        **counted,
    }


def copies_lines(group: Group, article_id: str) -> Iterator[str]:
    """The other printings of an article's story, in order of date, one per line."""
    yield click.style(f"Printed {printings(group)}; also:", bold=True)
    for copy in group.others(article_id):
        about = [copy.title, copy.shown_source, printed_date(copy.published), copy.article_id]
        yield "  " + " · ".join(filter(None, about))


def printings(group: Group) -> str:
    """The number of papers that printed a story, and the first of them in this archive, if that is known."""
    number = len(group.sources)
    how_many = f"in {number} papers" if number > 1 else f"{len(group.copies)} copies"
    if first := group.known_first:
        return f"{how_many}, first in this archive {_source_and_day(first)}"
    return f"{how_many}; which was first is not known"


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, as a callback of (done, total); none if that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress
        bar.update((bar.length or 1) - bar.pos)


def _page_lines(page: ResultPage, answers: Sequence[Answer], names: SourceNames, *, explain: bool) -> Iterator[str]:
    yield from _counts(page)
    if answers:
        yield ""
        yield click.style("Sentences that may answer, as printed:", bold=True)
    for answer in answers:
        source = names.shown(answer.source) if answer.source else None
        yield f"  {_marked(answer.sentence)}"
        day = str(answer.published.date()) if answer.published else None
        about = [answer.title, source, day, answer.id]
        yield click.style("    " + " · ".join(filter(None, about)), dim=True)
    heading = list(_heading_of_hits(page))
    yield from ("", *heading) if answers and heading else heading
    first = (page.request.page - 1) * page.request.page_size + 1
    matched = page.total > 0 and page.request.page == 1
    for number, hit in enumerate(page.hits, first):
        if not page.prose and matched and not hit.matched:
            yield from ("", click.style("-- nearest articles, which do not match --", dim=True))
        matched = hit.matched
        about = [hit.shown_source, hit.section, str(hit.published.date()) if hit.published else None]
        yield ""
        star = " *" if page.prose and page.total and hit.matched else ""
        yield f"{number}.{star} {_marked(hit.title)}" if hit.title.text else f"{number}.{star}"
        label = [click.style("by meaning", fg="cyan")] if hit.by_meaning else []
        yield "   " + " · ".join([*label, *filter(None, [*about, hit.id])])
        yield "   " + _marked(hit.snippet)
        if hit.group:
            yield click.style(f"   {printings(hit.group)}", dim=True)
        for match in hit.matches if explain else ():
            yield click.style(f"   {match.word} -> {match.printed} ({match.level.value})", dim=True)
    if page.timeline is not None:
        counted = [
            (
                facet.name,
                tuple((names.shown(value) if facet.name == "source" else value, n) for value, n in facet.values),
            )
            for facet in page.facets
        ]
        for name, values in (*counted, (page.timeline.unit.value, page.timeline.counts)):
            if values:
                yield ""
                yield f"{name}: " + ", ".join(f"{value} {count:,}" for value, count in values)


def _counts(page: ResultPage) -> Iterator[str]:
    """The number of matches, with this and other values of `--match`, and why there is none."""
    noun = "article" if page.total == 1 else "articles"
    stories = f", {page.stories:,} {'story' if page.stories == 1 else 'stories'}" if page.stories < page.total else ""
    yield click.style(f"{page.total:,} {noun}{stories} ({page.seconds * 1000:.0f} ms)", dim=True)
    if page.mode_counts and len(page.parts) > 1:
        others = [
            f"with {mode} of the words: {page.mode_counts.of(mode):,} (--match {mode})"
            for mode in type(page.request.match)
            if mode is not page.request.match
        ]
        yield click.style("; ".join(others), dim=True)
    if page.no_match:
        yield click.style(page.no_match.english, dim=True)
    if not page.total and not page.hits:
        yield click.style("; ".join(_advice(page)), dim=True)


def _heading_of_hits(page: ResultPage) -> Iterator[str]:
    """What the hits are, or why there are none on this page; nothing if all match, in their own order."""
    if page.listed and not page.hits:
        yield click.style(f"there is no page {page.request.page}: the last page is {page.page_count}", dim=True)
    elif not page.total and page.hits:
        yield click.style("nearest articles:", dim=True)
    elif page.prose and page.total and page.hits:
        yield click.style("ordered by relevance; * marks articles with all the words", dim=True)


def _advice(page: ResultPage) -> Iterator[str]:
    """What to try if nothing was found."""
    if page.request.query:
        yield "try fewer words, another word for the same thing, or no quotation marks"
    if filters := _filters(page):
        yield f"try without {' and '.join(filters)}"


def _filters(page: ResultPage) -> list[str]:
    """The filter options of a search."""
    request = page.request
    options = {
        "--source": request.sources,
        "--section": request.sections,
        "--author": request.authors,
        "--after": request.after,
        "--before": request.before,
    }
    return [option for option, given in options.items() if given]


def _line(hit: Hit) -> str:
    about = [hit.title.text or hit.snippet.text[:70], hit.shown_source, printed_date(hit.published), hit.id]
    return "  " + " · ".join(filter(None, [*about, "by meaning" if hit.by_meaning else None]))


def _marked(snippet: Snippet) -> str:
    """The text with its marks: words that match are bold on a terminal, otherwise in [brackets]; what is nearest in
    meaning is underlined, otherwise in {braces}."""
    text, colours = snippet.text, sys.stdout.isatty()
    start, end = snippet.nearest or (0, 0)
    edges = {start, end, len(text), *(edge for span in snippet.spans for edge in span)} - {0}
    parts, at = [], 0
    for edge in sorted(edges):
        part = text[at:edge]
        is_match, is_nearest = any(first <= at < last for first, last in snippet.spans), start <= at < end
        if colours and (is_match or is_nearest):
            match_style: dict[str, Any] = {"bold": True, "fg": "yellow"} if is_match else {}
            part = click.style(part, underline=is_nearest or None, **match_style)
        elif not colours:
            part = f"[{part}]" if is_match else part
            part = f"{'{' * (is_nearest and at == start)}{part}{'}' * (is_nearest and edge == end)}"
        parts.append(part)
        at = edge
    return "".join(parts)


def _source_and_day(copy: Copy) -> str:
    """The source and the day of a copy."""
    by = f"by {copy.shown_source}" if copy.source else f"as {copy.article_id}"
    return f"{by}, {copy.published.date()}" if copy.published else by

"""Printing results: for people on a terminal, plain when piped, or as JSON, JSON Lines or CSV.

How the command prints a story that many papers printed.

A bar that shows how far a long command has come.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from corpus import printed_date
from search_ui.export import EXPORTS, About, article_value, citation, csv_row, group_value, hit_value

if TYPE_CHECKING:
    from corpus import Archive, Article, Copy, Group
    from indexer import Hit, QueryWarning, ResultPage, Scan, Snippet, Suggestion


FORMATS: Final = ("table", "json", "jsonl", "csv")
CITATIONS: Final = ("bibtex", "ris")

_Command = TypeVar("_Command", bound=Callable[..., Any])


def make_format_option(forms: Sequence[str], help: str) -> Callable[[_Command], _Command]:
    """The option `--format` with these forms; the first is the one that is printed when it is not given."""
    return click.option(
        "--format",
        "-f",
        "output_format",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help=f"Output format: {help}.",
    )


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


format_option = make_format_option(FORMATS, "text for people, JSON, JSON Lines, or CSV")

_ARTICLE_COLUMNS: Final = ("id", "url", "title", "text", "date", "source", "section", "author")


def print_page(
    page: ResultPage, archive: Archive, output_format: str, *, explain: bool = False, pending: int = 0
) -> None:
    """Prints a page of hits; in the table `explain` adds to each why it matched, which JSON has always.

    `pending` changes of the archive are not in the answer, since they wait for the index.
    """
    if output_format == "json":
        print_json({**page_value(page), "pending_changes": pending})
    elif output_format in EXPORTS:
        articles = archive.get_many(hit.id for hit in page.hits)
        # A file holds what matches, and no others.
        hits = ((articles[hit.id], hit) for hit in page.hits if hit.matched and hit.id in articles)
        print_export(output_format, hits, About.of_page(page, archive.settings.name))
    else:
        click.echo("\n".join(_page_lines(page, explain=explain)))
    if output_format != "json":
        for one in page.spellings:
            click.echo(
                f"also searched for {one.typed}: {', '.join(one.others)} (--no-spellings turns this off)", err=True
            )
        if page.suggestion is not None:
            click.echo(f"did you mean: {page.suggestion}", err=True)
        # The table says by itself why nothing matches.
        print_warnings(page.warnings if output_format == "table" else page.all_warnings)
    print_pending(pending)


def print_pending(pending: int) -> None:
    """Prints to standard error how many changes of the archive wait for the index, where any do."""
    if pending:
        changes = "1 change is" if pending == 1 else f"{pending:,} changes are"
        click.echo(f"arshif: {changes} not indexed yet and not searched; run 'arshif index'", err=True)


def print_scan(scan: Scan, archive: Archive, output_format: str) -> None:
    """Prints all hits of a search as they are read."""
    hits = scan.hits(marked=EXPORTS[output_format].marked)
    print_export(output_format, hits, About.of_scan(scan, archive.settings.name))
    print_warnings(scan.warnings)


def print_export(output_format: str, hits: Iterable[tuple[Article, Hit]], about: About) -> None:
    """Prints hits in one of the forms of `search_ui.export`."""
    for text in EXPORTS[output_format].write(hits, about):
        # The writers set the ends of lines, which CSV and RIS want as they are on every system.
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()


def print_warnings(warnings: Iterable[QueryWarning]) -> None:
    """Prints warnings about a query to standard error."""
    for warning in warnings:
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
    article: Article,
    output_format: str,
    similar: Sequence[Hit] | None = None,
    *,
    group: Group | None = None,
    about: Iterable[str] = (),
    history: dict[str, Any] | None = None,
) -> None:
    """Prints a whole article, the other printings of its story, and the articles like it where they were asked for.

    `about` are lines that say where it came from, `history` is what JSON says of that.
    """
    if output_format in CITATIONS:
        cite = citation.bibtex if output_format == "bibtex" else citation.ris
        sys.stdout.buffer.write(cite(article).encode("utf-8", "replace"))
        sys.stdout.flush()
        return
    value = {**article_value(article), **(history or {}), "group": group_value(group) if group else None}
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
        printed = [article.source, article.section, printed_date(article.published), *article.authors]
        lines = [click.style(article.title, bold=True)] if article.title else []
        lines += [" · ".join(filter(None, printed))] if any(printed) else []
        lines += [line for line in (article.url, article.id) if line]
        lines += [click.style(line, dim=True) for line in about]
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
        "spellings": [{"typed": one.typed, "others": list(one.others)} for one in page.spellings],
        "warnings": [warning.english for warning in page.all_warnings],
        "seconds": round(page.seconds, 4),
        **counted,
    }


def print_json(value: object) -> None:
    """Prints one JSON value, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_lines(values: Iterable[object]) -> None:
    """Prints a JSON value a line."""
    for value in values:
        click.echo(json.dumps(value, ensure_ascii=False))


def print_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]], *, header: bool = True) -> None:
    """Prints CSV with a header line; nothing in it runs in a spreadsheet."""
    if header:
        click.echo(csv_row(columns, end="\n"), nl=False)
    for row in rows:
        click.echo(csv_row((row.get(column, "") for column in columns), end="\n"), nl=False)


def print_counts(counts: dict[str, Any], output_format: str) -> None:
    """Prints names, in snake_case, and values: for people aligned, with spaces in the names."""
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
            click.echo(f"{label:<{width}}  {f'{value:,}' if isinstance(value, int) else value}")


def _page_lines(page: ResultPage, *, explain: bool) -> Iterator[str]:
    yield from _counts(page)
    first = (page.request.page - 1) * page.request.page_size + 1
    matched = page.total > 0 and page.request.page == 1
    for number, hit in enumerate(page.hits, first):
        if not page.prose and matched and not hit.matched:
            yield from ("", click.style("-- nearest articles, which do not match --", dim=True))
        matched = hit.matched
        about = [hit.source, hit.section, str(hit.published.date()) if hit.published else None]
        yield ""
        star = " *" if page.prose and page.total and hit.matched else ""
        yield f"{number}.{star} {_marked(hit.title)}" if hit.title.text else f"{number}.{star}"
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


def _counts(page: ResultPage) -> Iterator[str]:
    """How many articles match, how many would with other options, and why none does."""
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
        said = page.no_match.english
        yield click.style(f"With these filters, {said[0].lower()}{said[1:]}" if _filters(page) else said, dim=True)
    if not page.total and not page.hits:
        yield click.style("; ".join(_advice(page)), dim=True)
    if page.listed and not page.hits:
        yield click.style(f"there is no page {page.request.page}: the last page is {page.page_count}", dim=True)
    elif not page.total and page.hits:
        yield click.style("nearest articles:", dim=True)
    elif page.prose and page.total and page.hits:
        yield click.style("ordered by relevance; * marks articles with all the words", dim=True)


def _advice(page: ResultPage) -> Iterator[str]:
    """What can be tried where nothing was found."""
    if page.request.query:
        yield "try fewer words, another word for the same thing, or no quotation marks"
    if filters := _filters(page):
        yield f"try without {' and '.join(filters)}"


def _filters(page: ResultPage) -> list[str]:
    """The options that narrowed a search."""
    asked = page.request
    options = {
        "--source": asked.sources,
        "--section": asked.sections,
        "--author": asked.authors,
        "--after": asked.after,
        "--before": asked.before,
    }
    return [option for option, given in options.items() if given]


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


def papers(group: Group) -> str:
    """How many papers printed a story, and which of them first."""
    number = len(group.sources)
    how_many = f"in {number} papers" if number > 1 else f"{len(group.copies)} copies"
    return f"{how_many}, first {_named(group.first)}"


def copies_lines(group: Group, article_id: str) -> Iterator[str]:
    """The other printings of an article's story, in the order of their dates, a line each."""
    yield click.style(f"Printed {papers(group)}; also:", bold=True)
    for copy in group.others(article_id):
        about = [copy.title, copy.source, printed_date(copy.published), copy.article_id]
        yield "  " + " · ".join(filter(None, about))


def _named(copy: Copy) -> str:
    """Who printed a copy, and on which day."""
    by = f"by {copy.source}" if copy.source else f"as {copy.article_id}"
    return f"{by}, {copy.published.date()}" if copy.published else by


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for callbacks of (done, total); nothing at all when that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress
        bar.update((bar.length or 1) - bar.pos)

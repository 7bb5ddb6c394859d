"""Keywords in context and typical words on the terminal: the output of `arshif search --context` and `--typical`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from search_ui.command.output import print_json, print_json_lines, print_warnings
from search_ui.export import concordance_value, context_csv, context_text, context_value, typical_csv, typical_value

if TYPE_CHECKING:
    from indexer import Concordance, Scan, TypicalWords

_SECONDS = 10.0  # of reading, without --all


def print_context(scan: Scan, lines: str, output_format: str, *, every: bool) -> None:
    """Print the occurrences of a search's words, one per line; with `every` without a limit."""
    from indexer import MAX_LINES, LineOrder, read_concordance  # loads the indexer

    most, seconds = (sys.maxsize, float("inf")) if every else (MAX_LINES, _SECONDS)
    found = read_concordance(scan, LineOrder(lines), most=most, seconds=seconds)
    if output_format == "json":
        print_json(concordance_value(found))
    elif output_format == "jsonl":
        print_json_lines(context_value(line) for line in found.lines)
    else:
        _write(context_csv(found.lines) if output_format == "csv" else context_text(found.lines, isolated=True))
    click.echo(_summary(found), err=True)
    print_warnings(found.warnings)


def print_typical(found: TypicalWords, query: str, output_format: str) -> None:
    """Print the typical words of a search, the surest first: terms of several words, then single words."""
    words = (*found.several, *found.single)
    if output_format == "json":
        print_json([typical_value(word) for word in words])
    elif output_format == "jsonl":
        print_json_lines(typical_value(word) for word in words)
    elif output_format == "csv":
        _write(typical_csv(found, query))
    else:
        for kind in (found.several, found.single):
            for word in kind:
                counts = word.counts
                here, everywhere = counts.found / counts.articles, counts.found_in_archive / counts.articles_in_archive
                sure = f"{counts.log_likelihood:>9,.0f} {counts.log_ratio:>5.1f}"
                click.echo(f"{sure} {word.articles:>7,} {here:>5.0%} {everywhere:>7.2%}  {word.text}")
            if kind:
                click.echo()
        click.echo("columns: log-likelihood, log ratio, results, share of the results, share of the archive", err=True)
    click.echo(f"candidates from {found.read:,} of {found.stories:,} results", err=True)


def _summary(found: Concordance) -> str:
    lines = "1 occurrence" if len(found.lines) == 1 else f"{len(found.lines):,} occurrences"
    if not found.has_keywords:
        return "no word to show in context: type one"
    if found.is_whole:
        return f"{lines} in {found.hits:,} results"
    chosen = {"relevance": "most relevant", "newest": "newest", "oldest": "oldest"}[found.request.sort.value]
    return f"{lines} in the {found.read:,} {chosen} of {found.hits:,} results; --all prints every one"


def _write(texts: Iterable[str]) -> None:
    for text in texts:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()

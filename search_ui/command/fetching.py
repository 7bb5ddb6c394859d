"""`arshif fetch`: articles from the web."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import click

from corpus import Archive, ArshifError, display_url, parse_period
from search_ui.command.archives import finish, print_hints
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option
from search_ui.command.progress import progress_bar

if TYPE_CHECKING:
    from corpus import fetch as fetching


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most this many of the listed pages, newest first.")
@click.option("--since", metavar="DATE", help="Ignore pages dated before this day: 2017-02-16, 2017-02, شباط 2017.")
@click.option("--discover", is_flag=True, help="Find and read the feeds and sitemaps of each URL's site.")
@click.option(
    "--delay",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Seconds between requests to a host; robots.txt can ask for more.",
)
@click.option("--allow-private", is_flag=True, help="Also fetch from this machine and private networks.")
@click.option("--no-index", is_flag=True, help="Do not index the articles; run 'arshif index' later.")
@format_option
@with_archive
def fetch(
    archive: Archive,
    urls: tuple[str, ...],
    limit: int | None,
    since: str | None,
    discover: bool,
    delay: float,
    allow_private: bool,
    no_index: bool,
    output_format: str,
) -> None:
    """Fetch articles from the web, and index them.

    Each URL is a feed (RSS, Atom), a sitemap (or an index of sitemaps, or a news sitemap) or the page of an article;
    the pages that a feed or sitemap lists are fetched. Run it again, for example from cron, to get new articles:
    unchanged pages are not downloaded again. robots.txt is respected, and requests to a host are spaced out. A failed
    download is reported with the reason, and the rest are fetched.
    """
    from corpus import fetch as fetching  # loads the page parsers

    first_day = datetime.combine(parse_period(since)[0], time(), UTC) if since else None
    summary = fetching.FetchSummary()
    fetcher = fetching.Fetcher(
        contact=archive.settings.contact,
        allowed=fetching.is_any if allow_private else fetching.is_public,
        pauses=fetching.Pauses(delay),
        held_until=fetching.FetchState(archive).held_until,
    )
    failure: ArshifError | None = None
    try:
        with progress_bar("fetching") as progress:
            fetching.fetch_urls(
                archive,
                urls,
                summary,
                fetcher,
                limit=limit,
                since=first_day,
                discover=discover,
                progress=progress,
            )
    except ArshifError as error:
        failure = error
    _print_lines(summary)
    names = ("added", "revised", "unchanged", "refused", "requests")
    counts = {name: getattr(summary, name) for name in names}
    finish(archive, counts, output_format, failure=failure, no_index=no_index)
    if summary.refused and not summary.added + summary.revised + summary.unchanged + summary.listings:
        sys.exit(1)


def _print_lines(summary: fetching.FetchSummary) -> None:
    lines = [*summary.notices]
    lines += [f"refused: {display_url(refusal.name)}: {refusal.reason}" for refusal in summary.refusals]
    if summary.refused > len(summary.refusals):
        lines.append(f"refused: {summary.refused - len(summary.refusals):,} more")
    if summary.older:
        lines.append(f"ignored: {summary.older:,} dated before --since")
    for line in lines:
        click.echo(line, err=True)
    print_hints(refusal.reason for refusal in summary.refusals)

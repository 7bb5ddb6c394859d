"""`arshif user` and `arshif token`: who may read a private archive.

`arshif alert`: saved searches, and their new results since the last run.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from corpus import Archive, parse_period, printed_date
from search_ui.access.accounts import (
    hash_password,
    make_token,
    remove_token,
    remove_user,
    set_user,
    token_names,
    user_names,
)
from search_ui.command.cli import TEXT, with_archive
from search_ui.command.output import (
    format_option,
    make_format_option,
    match_options,
    print_csv,
    print_json,
    print_json_lines,
)
from search_ui.errors import PasswordTooShort

if TYPE_CHECKING:
    from search_ui.access.saved_searches import NewHits


_LEAST_LETTERS = 10


@click.group()
def user() -> None:
    """Manage the users of a private archive."""


@user.command(name="add")
@click.argument("name")
@click.option("--replace", is_flag=True, help="Change the password of an existing user; ends their sessions.")
@with_archive
def add_user(archive: Archive, name: str, replace: bool) -> None:
    """Add the user NAME.

    The password is prompted for, or read from standard input if that is not a terminal.
    """
    password = sys.stdin.readline().rstrip("\r\n") if _piped() else _asked()
    if len(password) < _LEAST_LETTERS:
        raise PasswordTooShort(_LEAST_LETTERS)
    set_user(archive, name, hash_password(password), replace=replace)
    click.echo(f"{name} can sign in" + ("" if archive.settings.private else "; the archive is not private yet"))


@user.command(name="list")
@with_archive
def list_users(archive: Archive) -> None:
    """List the users."""
    for name in user_names(archive):
        click.echo(name)


@user.command(name="remove")
@click.argument("name")
@with_archive
def remove_user_(archive: Archive, name: str) -> None:
    """Delete the user NAME and end their sessions."""
    remove_user(archive, name)
    click.echo(f"removed {name!r}")


@click.group()
def token() -> None:
    """Manage the tokens by which programs read a private archive."""


@token.command(name="add")
@click.argument("name")
@with_archive
def add_token(archive: Archive, name: str) -> None:
    """Create the token NAME and print it.

    It is shown only once. Programs send it in the header 'Authorization: Bearer TOKEN'.
    """
    click.echo(make_token(archive, name))


@token.command(name="list")
@with_archive
def list_tokens(archive: Archive) -> None:
    """List the names of the tokens."""
    for name in token_names(archive):
        click.echo(name)


@token.command(name="remove")
@click.argument("name")
@with_archive
def remove_token_(archive: Archive, name: str) -> None:
    """Revoke the token NAME."""
    remove_token(archive, name)
    click.echo(f"removed {name!r}")


def _piped() -> bool:
    return not sys.stdin.isatty()


def _asked() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@click.group(invoke_without_command=True)
@make_format_option(("table", "jsonl", "atom"), "text for people, JSON Lines, or an Atom feed")
@click.option("--only", "-o", metavar="NAME", help="Only this saved search.")
@with_archive
def alert(archive: Archive, output_format: str, only: str | None) -> None:
    """Print new results of saved searches since the last run.

    New results are matching articles that were added or revised. They count as reported once all of them are printed;
    after an interruption they are printed again.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        context.obj = archive.directory
        return
    if output_format == "atom" and only is None:
        raise click.UsageError("--format atom needs --only: a feed has one saved search")
    from search_ui.access.saved_searches import mark_reported, new_hits  # loads Whoosh

    for new in new_hits(archive, only):
        _print(new, archive, output_format)
        sys.stdout.flush()
        mark_reported(archive, new)


@alert.command(context_settings={"ignore_unknown_options": True})
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
def add(
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
    from indexer import MatchMode, SearchRequest, WordForms, open_searcher  # loads Whoosh
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
def list_(archive: Archive, output_format: str) -> None:
    """List the saved searches."""
    from search_ui.access.saved_searches import saved_searches  # loads Whoosh

    rows: list[dict[str, Any]] = [
        {"name": saved.name, "search": saved.text, "change": saved.change} for saved in saved_searches(archive)
    ]
    if output_format == "json":
        print_json(rows)
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(("name", "search", "change"), rows)
    else:
        width = max((len(saved["name"]) for saved in rows), default=0)
        for saved in rows:
            click.echo(f"{saved['name']:<{width}}  {_in_words(json.loads(saved['search']))}")


@alert.command()
@click.argument("name")
@with_archive
def remove(archive: Archive, name: str) -> None:
    """Delete the saved search NAME."""
    from search_ui.access.saved_searches import delete_search  # loads Whoosh

    delete_search(archive, name)
    click.echo(f"removed {name!r}")


def _in_words(search: dict[str, Any]) -> str:
    """A saved search on one line: its query, then its filters."""
    parts = [search.get("query") or "every article"]
    for name, label in (("sources", "source"), ("sections", "section"), ("authors", "author")):
        parts += [f"{label}: {value}" for value in search.get(name, ())]
    parts += [f"{name}: {search[name]}" for name in ("after", "before", "match", "forms") if name in search]
    parts += ["no other spellings"] if search.get("typed") else []
    return "; ".join(parts)


def _print(new: NewHits, archive: Archive, output_format: str) -> None:
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
        nothing = True
        for article, hit, kind in new.hits():
            nothing = False
            about = [hit.title.text or hit.snippet.text[:70], hit.source, printed_date(article.published), hit.id]
            click.echo(f"  {kind.value:<8}" + " · ".join(filter(None, about)))
        if nothing:
            click.echo("  nothing new")

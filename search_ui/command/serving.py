"""`arshif serve | user | token`: the search page, and who may read a private archive."""

from __future__ import annotations

import sys

import click

from corpus import Archive
from search_ui.access.accounts import (
    hash_password,
    make_token,
    remove_token,
    remove_user,
    require_user,
    set_user,
    token_names,
    user_names,
)
from search_ui.command.cli import with_archive
from search_ui.errors import PasswordTooShort

_MIN_PASSWORD_LENGTH = 10


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 listens on all.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Threads per process.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Number of processes; only one on Windows.",
)
@with_archive
def serve(archive: Archive, host: str, port: int, threads: int, workers: int) -> None:
    """Serve the search page and the JSON API.

    Newly indexed articles appear without a restart.
    """
    from search_ui.web import serve as serve_one  # loads Flask
    from search_ui.web import serve_many

    def ready() -> None:
        click.echo(f"serving {archive.directory} at http://{host}:{port} (press Ctrl-C to stop)")

    # Each process opens the archive itself: an SQLite connection must not be used across fork().
    archive.close()
    if workers == 1:
        serve_one(archive.directory, host, port, threads, ready=ready)
    else:
        serve_many(archive.directory, host, port, threads, workers, ready=ready)


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
    password = sys.stdin.readline().rstrip("\r\n") if _is_piped() else _prompt_password()
    if len(password) < _MIN_PASSWORD_LENGTH:
        raise PasswordTooShort(_MIN_PASSWORD_LENGTH)
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
def delete_user(archive: Archive, name: str) -> None:
    """Delete the user NAME with their sessions and desk.

    Nothing more is sent to them.
    """
    from search_ui.access.follows import delete_desk_of_user  # loads the indexer

    require_user(archive, name)
    delete_desk_of_user(archive, name)  # first: if this is interrupted, no later user of this name gets the desk
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
def revoke_token(archive: Archive, name: str) -> None:
    """Revoke the token NAME."""
    remove_token(archive, name)
    click.echo(f"removed {name!r}")


def _is_piped() -> bool:
    return not sys.stdin.isatty()


def _prompt_password() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password

"""`arshif user` and `arshif token`: who may read a private archive."""

from __future__ import annotations

import sys

import click

from corpus import Archive, make_token, remove_token, remove_user, set_user, token_names, user_names
from search_ui.command.cli import with_archive
from search_ui.errors import PasswordTooShort

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
    from search_ui.passwords import hash_password  # loads Argon2

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

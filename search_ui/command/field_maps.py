"""`--map text=content,date=published_on`: what fields of articles are called in foreign files."""

from __future__ import annotations

from collections.abc import Iterable

import click

from corpus import parse_field_map


def field_map_option(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    """The map of all the `--map` options; wrong usage where one does not name a field of ours."""
    found: dict[str, str] = {}
    for pair in (pair for value in values for pair in value.split(",")):
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise click.BadParameter(
                f"{pair!r} is not of the form OURS=THEIRS, such as text=content", context, parameter
            )
        found[ours.strip()] = theirs
    try:
        return parse_field_map(found)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error

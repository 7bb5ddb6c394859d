"""The version of the installed package; `pyproject.toml` is the one place that sets it."""

from __future__ import annotations


def installed_version() -> str | None:
    """The version of the installed package; None in a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to load

    try:
        return version("arshif")
    except PackageNotFoundError:
        return None

"""The version of the installed package; `pyproject.toml` is the one place that sets it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("arshif")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


__version__: Final = _installed()

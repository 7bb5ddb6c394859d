"""The two front ends over one library: the `arshif` command and the search page."""

from search_ui.command import main

__all__ = ["main"]

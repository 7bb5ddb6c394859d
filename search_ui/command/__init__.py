"""The `arshif` command.

$ arshif init archive
$ arshif add pages/ articles.jsonl.gz
$ arshif search "وقف إطلاق النار"
$ arshif serve
"""

from search_ui.command.cli import main

__all__ = ["main"]

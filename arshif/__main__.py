"""`python -m arshif` is the `arshif` command."""

from __future__ import annotations

from search_ui import main

if __name__ == "__main__":
    main()

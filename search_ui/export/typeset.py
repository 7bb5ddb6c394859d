"""Typesets a document by Typst: a program of its own, run in a child process by `search_ui.export.pdf`.

Typst keeps what it laid out in memory, hundreds of megabytes for a long list, and cannot be interrupted: a process
gives the memory back, and can be stopped. It imports nothing of ours, so that it starts quickly.

    python -I typeset.py TEMPLATE FONTS SECONDS < document.json > document.pdf
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(template: str, fonts: str, made_at: str) -> None:
    """Write the PDF of the JSON document on standard input; `made_at` is its time, in seconds since 1970."""
    import typst

    document = sys.stdin.buffer.read().decode("utf-8")
    data: bytes = typst.compile(  # type: ignore[misc]  # its stub has a type variable that nothing determines
        Path(template).read_bytes(),
        root=str(Path(template).parent),
        font_paths=[fonts],
        ignore_system_fonts=True,  # the same pages on every machine
        sys_inputs={"document": document},
        timestamp=int(made_at),
    )
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])

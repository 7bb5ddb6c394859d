"""The search page.

>>> from pathlib import Path
>>> from search_ui.web import create_app, serve
>>> client = create_app({"ARCHIVE": Path("archive")}).test_client()
>>> serve(Path("archive"), "127.0.0.1", 8000, threads=4)
"""

from search_ui.web.app import create_app
from search_ui.web.server import serve, serve_many

__all__ = ["create_app", "serve", "serve_many"]

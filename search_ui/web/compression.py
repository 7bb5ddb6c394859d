"""Compressed responses: pages, styles, scripts, pictures in SVG and JSON.

Not compressed is what no cache may store: the pages of a private archive, and those that show a reader's secret link.
A page that contains a secret and repeats what a stranger's link put into its address gives the secret away by its
compressed size (BREACH, https://www.breachattack.com/). Exports are not either: they are sent from a file, without a
thread.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, Response
from flask_compress import Compress

_TYPES: Final = ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"]


def compress_responses(app: Flask) -> None:
    """Compress the responses of an application. Call it before other functions are registered to run after requests.

    Functions run after a request in the reverse order: compression must be the last.
    """
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=_TYPES, COMPRESS_LEVEL=4)
    compress = Compress(app)

    def compressed(response: Response) -> Response:
        return response if response.cache_control.no_store else compress.after_request(response)

    app.after_request(compressed)

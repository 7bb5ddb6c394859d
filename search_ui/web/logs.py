"""What the server writes to its log: what strangers send cannot forge a line of it, nor move a terminal's cursor."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Final

from flask.logging import default_handler, has_level_handler

# All control characters but those that a traceback's own layout needs (a line's end is escaped in a message alone),
# line and paragraph separators, and marks of direction, which show a line in another order.
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LOGGERS: Final = ("search_ui.web", "waitress")


class Escaped(logging.Filter):
    """Escapes control characters in each record, whichever handler writes it.

    A message is one line. The lines of a traceback are indented, so that none of them looks like another message.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record; always lets it pass."""
        record.msg, record.args = escaped(record.getMessage()).replace("\n", "\\n"), None
        if record.exc_info and record.exc_info[0]:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_text = "\n".join(f"    {line}" for line in escaped(text).split("\n"))
        return True


_ESCAPED: Final = Escaped()


def set_logs() -> None:
    """Makes the loggers of the server escape what they are given, and write somewhere."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addFilter(_ESCAPED)  # the same one again is not added again
        if not has_level_handler(logger):
            logger.addHandler(default_handler)


def escaped(text: str) -> str:
    r"""The text with its control characters as `\x1b` or `\u202e`; ends of lines stay."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)

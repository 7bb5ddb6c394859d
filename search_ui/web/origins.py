"""Where the revisions of an article came from, as shown on its page and by the API."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext

from corpus import Origin, OriginKind

_OF_FILES: Final = (OriginKind.FILE, OriginKind.WARC)
_KINDS: Final = {
    OriginKind.FILE: lazy_gettext("file"),
    OriginKind.STDIN: lazy_gettext("standard input"),
    OriginKind.WARC: lazy_gettext("web archive"),
    OriginKind.FEED: lazy_gettext("feed"),
    OriginKind.URL: lazy_gettext("web page"),
}
# As the readers count the parts of what they read.
_PARTS: Final = {
    "line": lazy_gettext("line %(number)s"),
    "row": lazy_gettext("row %(number)s"),
    "entry": lazy_gettext("entry %(number)s"),
    "element": lazy_gettext("element %(number)s"),
}
_COUNTED: Final = re.compile(rf"({'|'.join(_PARTS)}) (\d+)")


def public_name(origin: Origin) -> str:
    """Of a file only its name: paths on this machine are not public."""
    return Path(origin.name).name if origin.kind in _OF_FILES else origin.name


def name_of_kind(origin: Origin) -> str:
    """What kind of place it is, in the reader's language."""
    return str(_KINDS[origin.kind])


def told_part(origin: Origin) -> str:
    """The part of a place, its lines, rows and entries counted in the reader's language; empty for the whole of it."""
    return ", ".join(map(_told_step, (origin.part or "").split(", ")))


def _told_step(step: str) -> str:
    counted = _COUNTED.fullmatch(step)
    return str(_PARTS[counted[1]]) % {"number": f"{int(counted[2]):,}"} if counted else step

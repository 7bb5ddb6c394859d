"""Files of a site that are no articles: robots.txt and its like, scripts, and the parts of saved pages.

A browser saves a page as `NAME.html` and its parts in a directory `NAME_files`, which may contain pages of frames and
advertisements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

FILES_OF_A_PAGE: Final = "files of a saved page"
"""The kind under which the parts of saved pages are counted."""

# For programs, at fixed names: RFC 9309, RFC 9116, IAB Tech Lab.
_SITE_FILES: Final = frozenset({"robots.txt", "humans.txt", "ads.txt", "app-ads.txt", "security.txt", "llms.txt"})
_CODE: Final = re.compile(r"\.(?:m?js|cjs|css|map)(?:\.download)?$", re.I)
_POSTS: Final = re.compile(r"(?:.*/)?tweets?(?:-part\d{1,4})?\.js", re.I | re.S)
_ROBOTS: Final = re.compile(rb"(?:\s+|#[^\n]*\n)*(?:user-agent|disallow|sitemap)[ \t]*:", re.I)
_SCRIPT: Final = re.compile(
    rb"""\s*(?:\(function|!function|function[ \w$]*\(|["']use strict["']|(?:var|let|const)[ ]+[\w$]+\s*=|
    window\.|document\.|jQuery\(|\$\(|/\*|@charset|@import|@media|<\?php|\#!/|
    (?:import|export)[ ]+[\w${*])""",
    re.X,
)
_SCRIPT_HEAD: Final = 4096
_PAGE: Final = re.compile(r"\.(?:html?|xhtml|shtml)$", re.I)
# Browsers use the suffix of the system's language.
_PARTS: Final = re.compile(
    r"(?:[_.]files|_archivos|_fichiers|-Dateien|-gesendet|_bestanden|_file|_ficheiros|_arquivos|-filer|_dosyalar|_ملفات)$"
)


def kind_of_name(name: str) -> str | None:
    """What a file with this name is, if it is no article: `robots.txt`, `script`."""
    last = name.replace("\\", "/").rpartition("/")[2].lower()
    if last in _SITE_FILES:
        return last
    return "script" if _CODE.search(last) and not is_post_file(last) else None


def is_post_file(name: str) -> bool:
    """Whether a file is named as the posts in an archive of X (Twitter), which are JSON in a script."""
    return bool(_POSTS.fullmatch(name.replace("\\", "/")))


def kind_of_address(url: str | None) -> str | None:
    """What the response of an address is, if it is no article."""
    try:
        return kind_of_name(urlsplit(url or "").path)
    except ValueError:
        return None


def kind_of_text(data: bytes) -> str | None:
    """What a plain text is, if it is no article, by its beginning."""
    head = data[:_SCRIPT_HEAD].removeprefix(b"\xef\xbb\xbf")
    if _ROBOTS.match(head):
        return "robots.txt"
    return "script" if _SCRIPT.match(head) else None


class SavedPages:
    """The pages of a directory or archive, by which the directories of their parts are recognized."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._pages: set[str] = set()
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Note a file, if it is a page."""
        page = _PAGE.sub("", name.replace("\\", "/"))
        if len(page) < len(name):
            self._pages.add(page)

    def has_part(self, name: str) -> bool:
        """Whether a file is in the directory of a page that was noted."""
        directories = name.replace("\\", "/").split("/")[:-1]
        for number, directory in enumerate(directories):
            if found := _PARTS.search(directory):
                page = directory[: found.start()]
                if page and "/".join((*directories[:number], page)) in self._pages:
                    return True
        return False

"""Files of a site: which are no articles (robots.txt, scripts, parts of saved pages, a crawler's own), and which are
pages although their names do not say so.

A browser saves a page as `NAME.html` and its parts in a directory `NAME_files`, which may contain pages of frames and
advertisements. Mirrors (wget, HTTrack) name pages as the site does: `node/123`, `article.php?id=5`, `page.aspx`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from corpus.readers.encodings import find_wide_encoding
from corpus.readers.record import extension_of

FILES_OF_A_PAGE: Final = "files of a saved page"
"""The kind under which the parts of saved pages are counted."""

# For programs, at fixed names: RFC 9309, RFC 9116, IAB Tech Lab.
_SITE_FILES: Final = frozenset({"robots.txt", "humans.txt", "ads.txt", "app-ads.txt", "security.txt", "llms.txt"})
# What crawlers write about themselves: a WACZ, HTTrack, Heritrix.
_CRAWL_FILE: Final = re.compile(
    r"datapackage(?:-digest)?\.json|hts-log\.txt|cookies\.txt"
    r"|(?:crawl|hosts|mimetype|processors|responsecode|seeds|source|threads|frontier-summary)-report\.txt"
)
_CRAWL_CACHE: Final = re.compile(r"(?:^|/)hts-cache/")
_CODE: Final = re.compile(r"\.(?:m?js|cjs|css|map)(?:\.download)?$", re.I)
_POSTS: Final = re.compile(r"(?:.*/)?(?:note-)?tweets?(?:-part\d{1,4})?\.js", re.I | re.S)
_ROBOTS: Final = re.compile(rb"(?>\s+|#[^\n]*\n)*+(?:user-agent|disallow|sitemap)[ \t]*:", re.I)
_SCRIPT: Final = re.compile(
    rb"""\s*(?:\(function|!function|function[ \w$]*\(|["']use strict["']|(?:var|let|const)[ ]+[\w$]+\s*=|
    window\.|document\.|jQuery\(|\$\(|/\*|@charset|@import|@media|<\?php|\#!/|
    (?:import|export)[ ]+[\w${*])""",
    re.X,
)
_SCRIPT_HEAD: Final = 4096
_PAGE: Final = re.compile(r"\.(?:html?|xhtml|shtml)$", re.I)
# Names of pages in mirrors: a query after `?`, or after `@` where file systems forbid it; no extension, or one of a
# server's programs. A number is no extension (`index.html.1`), and neither is the end of a headline.
_QUERY: Final = re.compile(r"(?:\?|%3F|;jsessionid=|@(?=[^@]*=)).*$", re.I | re.S)
_EXTENSION: Final = re.compile(r"\.[a-z][a-z0-9]{0,9}$", re.I)
_SERVER: Final = re.compile(
    r"\.(?:php[3-8]?|phtml|aspx?|ashx|jspx?|jsf|cfml?|do|action|cgi|pl|html?|xhtml|shtml)$", re.I
)
SNIFFED_BYTES: Final = 4096
"""Bytes of a file from which `is_page` decides."""
_PAGE_START: Final = re.compile(
    rb"(?>\s+|<!--.*?-->|<\?xml\b[^>]*\?>)*+<(?:!doctype\s+html\b|html\b|head\b|body\b|title>|meta\s)", re.I | re.S
)
_PROGRAM: Final = re.compile(rb"<\?(?:php\b|=)|<%|<jsp:|<cf[a-z]+\b", re.I)
# Browsers use the suffix of the system's language.
_PARTS: Final = re.compile(
    r"(?:[_.]files|_archivos|_fichiers|-Dateien|-gesendet|_bestanden|_file|_ficheiros|_arquivos|-filer|_dosyalar|_ملفات)$"
)


def kind_of_name(name: str) -> str | None:
    """What a file with this name is, if it is no article: `robots.txt`, `script`."""
    last = name.replace("\\", "/").rpartition("/")[2].lower()
    if last in _SITE_FILES:
        return last
    if _CRAWL_FILE.fullmatch(last) or _CRAWL_CACHE.search(name.replace("\\", "/")):
        return "files of a crawler"
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


def is_hidden(name: str) -> bool:
    """Whether a name in an archive is hidden, or in a hidden directory."""
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith((".", "__MACOSX")) and part not in (".", "..") for part in parts)


def may_be_page(name: str) -> bool:
    """Whether a file of this name may be a page of a mirrored site: its first bytes decide (`is_page`)."""
    last = name.replace("\\", "/").rpartition("/")[2]
    path = _QUERY.sub("", last)
    return bool(path) and not is_hidden(name) and (not _EXTENSION.search(path) or bool(_SERVER.search(path)))


def is_page(head: bytes) -> bool:
    """Whether a file begins as an HTML page does; the source of a program that makes pages is none."""
    head = head[:SNIFFED_BYTES]
    if wide := find_wide_encoding(head):
        head = head.decode(wide, "replace").encode("utf-8", "replace")
    head = head.removeprefix(b"\xef\xbb\xbf")
    return bool(_PAGE_START.match(head)) and not _PROGRAM.search(head)


def kind_of_unread(name: str) -> str:
    """The kind under which a file is counted that is not read: its extension."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return extension_of(_QUERY.sub("", last)) or "files without an extension"


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

    def kind_of(self, name: str) -> str | None:
        """The kind under which a file is counted that holds no article of its own; None for others."""
        return FILES_OF_A_PAGE if self.has_part(name) else kind_of_name(name)

    def has_part(self, name: str) -> bool:
        """Whether a file is in the directory of a page that was noted."""
        directories = name.replace("\\", "/").split("/")[:-1]
        for number, directory in enumerate(directories):
            if found := _PARTS.search(directory):
                page = directory[: found.start()]
                if page and "/".join((*directories[:number], page)) in self._pages:
                    return True
        return False

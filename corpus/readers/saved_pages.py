"""Saved copies of pages: the original address and the time of capture, and the page without what was added to it.

    <!-- saved from url=(0042)https://… -->                         Internet Explorer, Chrome, Edge
    <!-- Page saved with SingleFile  url: …  saved date: … -->      SingleFile, SingleFileZ, Zotero, ArchiveBox
    <!-- Mirrored from … by HTTrack …, Wed, 27 Feb 2019 … -->       HTTrack
    <!-- Saved from … at … using monolith … -->                     monolith
    <html data-scrapbook-source=… data-scrapbook-create=…>          WebScrapBook
    <meta name="savepage-url" …> <meta name="savepage-date" …>      Save Page WE
    https://web.archive.org/web/20190227101112/https://…            Wayback Machine, Arquivo.pt, pywb, Archive-It
    https://archive.ph/2019.02.27-101112/https://…                  archive.today and its other hosts
    __wm.wombat(…)  wbinfo.url = …  FILE ARCHIVED ON …              scripts and comments of web archives
    Memento-Datetime: …  Link: <…>; rel="original"                  headers (RFC 7089)

An article may link to a web archive. Therefore only the addresses by which a page names itself, and the scripts and
comments that archives insert, show that a page comes from one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import PageElement, Script

from corpus.urls import host_of, is_web_address

_TODAY: Final = tuple(f"archive.{name}" for name in ("today", "is", "ph", "md", "li", "fo", "vn"))
_ARCHIVES: Final = (
    *_TODAY,
    "web.archive.org", "wayback.archive.org", "web-beta.archive.org", "arquivo.pt", "web.archive.bibalex.org",
    "wayback.archive-it.org", "webarchive.org.uk", "webarchive.nationalarchives.gov.uk", "webarchive.loc.gov",
    "webarchive.nla.gov.au", "webarchive.nrscotland.gov.uk", "wayback.vefsafn.is", "swap.stanford.edu",
    "webarchive.library.unt.edu", "webarchiveweb.bac-lac.canada.ca", "webarchive.bac-lac.gc.ca",
    "webarchiv.cz", "veebiarhiiv.digar.ee", "haw.nsk.hr", "webarchive.archive.unesco.org",
)  # fmt: skip

# Of an address at an archive: host and collection, time, modifier (`im_`, `if_`, `id_`), original address.
_ARCHIVED: Final = re.compile(
    r"(?:(?:https?:)?//[\w.-]+(?::\d+)?)?/(?:[^/?#\s]{1,100}/){0,6}?"
    r"(?P<time>\d{14}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?/(?P<url>[^\s/].*)",
    re.I,
)
# With another time, or none, the archive chooses the copy.
_ARCHIVED_SOMETIME: Final = re.compile(r"(?:https?:)?//[\w.-]+/(?:[^/?#\s:]{1,100}/){0,6}?(?P<url>https?:/.+)", re.I)
_SCHEME: Final = re.compile(r"(https?):/{1,3}(?=[^/])", re.I)
_ENCODED: Final = re.compile(r"https?%3A", re.I)
_BARE: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?]|$)")
_IN_JSON: Final = re.compile(
    r'(?<=")(?:https?:)?(?:\\?/\\?/[\w.:-]{1,100})?(?:\\?/[\w.-]{1,100}){0,6}\\?/\d{14}(?:[a-z]{2}_)?\\?/(?=https?:)'
)
_MAX_ADDRESS: Final = 4000
_MAX_NESTED: Final = 3  # an archive's copy of another archive's copy
_FIRST_PAGE: Final = datetime(1991, 8, 6, tzinfo=UTC)  # no page on the web is older

_MAX_NOTE: Final = 5000
_HTTRACK: Final = re.compile(r"Mirrored from (?P<url>\S.*?) by HTTrack\b(?:[^,]*, *(?P<time>.+))?", re.S)
_NOTES: Final = (
    re.compile(
        r"(?:Page saved|Archive processed) (?:with|by) SingleFileZ?\b.*?\burl: *(?P<url>\S+)"
        r"(?:.*?\bsaved date: *(?P<time>[^\n(]+))?",
        re.S,
    ),
    re.compile(r"Saved from (?P<url>\S+) at (?P<time>.+?) using monolith\b"),
    _HTTRACK,
    re.compile(r"saved from url=\(\d+\)(?P<url>.+)", re.I | re.S),
)
# Comments that stay in pages made from a saved one: a site built on a template has one address on all its pages.
_COPIED_NOTE: Final = re.compile(rb"<!--\s*(?:saved from url=\(|Mirrored from )", re.I)
_WAYBACK_NOTE: Final = re.compile(r"FILE ARCHIVED ON (?P<time>\d\d:\d\d:\d\d \w{3} \d\d?, \d{4})")
_WAYBACK_SCRIPT: Final = re.compile(r"""["'](?P<url>https?://[^"']+)["']\s*,\s*["'](?P<time>\d{14})["']""")
_OLD_WAYBACK_SCRIPT: Final = re.compile(r"""WB_wombat_Init\(\s*["'][^"']{1,200}["']\s*,\s*["'](?P<time>\d{14})["']""")
_PYWB_URL: Final = re.compile(r"""\bwbinfo\.url\s*=\s*["'](?P<url>https?://[^"']+)["']""")
_PYWB_TIME: Final = re.compile(r"""\bwbinfo\.(?:timestamp|wombat_ts)\s*=\s*["'](?P<time>\d{14})["']""")
_ORIGINAL_LINK: Final = re.compile(r"""<(?P<url>[^<>]+)>\s*;[^<]*?\brel\s*=\s*["']?[^"'<,;]*\boriginal\b""", re.I)

# The day first, as email.utils reads it: `Wed Feb 27 2019 10:11:12 GMT+0300 (…)`, `10:11:12 Feb 27, 2019`.
_OF_SCRIPT: Final = re.compile(
    r"(?:[a-z]{3},? )?([a-z]{3}) (\d\d?) (\d{4})(?: (\d\d:\d\d:\d\d))?(?: (?:GMT|UTC)?([+-]\d{4})?.*)?", re.I
)
_OF_WAYBACK: Final = re.compile(r"(\d\d:\d\d:\d\d) ([a-z]{3}) (\d\d?), (\d{4})", re.I)
_MAX_TIME: Final = 100

# Of the Wayback Machine, pywb, SingleFile, WebScrapBook and Save Page WE: bars, notes of the user, and notices.
_BOXES: Final = (
    "#wm-ipp-base, #wm-ipp, #wm-ipp-print, #wm-capinfo, #donato, #_wb_frame_top_banner, #_wb_plain_banner,"
    "#_wayback_banner, #wb-replay-banner, single-file-infobar, singlefile-infobar, #savepage-pageinfo-bar-container,"
    "#savepage-shadowloader, [data-scrapbook-elem=toolbar], [data-scrapbook-elem=sticky], scrapbook-toolbar"
)
# One of them is in every page with something to restore; most pages have none, and their trees are not searched.
_SIGNS: Final = ("saved from url", "singlefile", "httrack", "monolith", "scrapbook", "savepage-", "wayback", "wbinfo",
    "file archived on", "_wb_", "__wm", "wm-ipp", *_ARCHIVES)  # fmt: skip
_ARCHIVED_PATH: Final = re.compile(r"/\d{14}(?:[a-z]{2}_)?\\?/")
_BOXES_OF_TODAY: Final = "#HEADER, #DIVALREADY, #DIVALREADY2, #DIVSHARE, #hashtags"
_TOOLBAR_BEGINS: Final = "BEGIN WAYBACK TOOLBAR INSERT"
_TOOLBAR_ENDS: Final = "END WAYBACK TOOLBAR INSERT"


@dataclass(frozen=True, slots=True)
class SavedCopy:
    """The original address of a saved page, and the time of its capture (UTC); None if unknown."""

    url: str | None = None
    saved_at: datetime | None = None


def archived_copy(url: str | None) -> SavedCopy | None:
    """The copy at an address of a known web archive; None for other addresses.

    Any site may use such paths for pages of others, so that unknown hosts are not trusted.
    """
    return _split(url) if url and _is_of(host_of(url), _ARCHIVES) else None


def copy_of_headers(date: str | None, link: str | None) -> SavedCopy:
    """The copy that the headers of a web archive's response describe: Memento-Datetime and Link."""
    original = _ORIGINAL_LINK.search(link[:_MAX_NOTE]) if date and link else None
    return SavedCopy(_address(original["url"]) if original else None, _moment(date))


def may_be_of_template(page: bytes) -> bool:
    """Whether the address in a page's comment may be that of a template which the page was made from."""
    return bool(_COPIED_NOTE.search(page))


def restore_page(soup: BeautifulSoup, text: str) -> SavedCopy:
    """Undo what saving or archiving has changed in a page, and return what the page says about its capture.

    `text` is what the tree was parsed from. Bars and notices are removed from the tree, and the addresses by which the
    page names itself become the original ones. A time in the future or before the web existed is None.
    """
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS) and not _ARCHIVED_PATH.search(lower):
        return SavedCopy()
    notes = [str(note)[:_MAX_NOTE].strip() for note in soup.find_all(string=lambda text: isinstance(text, Comment))]
    noted = _noted_copy(soup, notes)
    archived = _archived_copy(soup, notes)
    for box in soup.select(_BOXES):
        box.decompose()
    _remove_toolbar(soup)
    _restore_addresses(soup)
    if _split(noted.url) or _is_of(host_of(noted.url), _ARCHIVES):
        # The page of an archive, saved by a browser: the time of the archive's copy counts.
        noted = _split(noted.url) or SavedCopy()
    return SavedCopy(archived.url or noted.url, archived.saved_at or (None if archived.url else noted.saved_at))


# What browsers and downloaders write


def _noted_copy(soup: BeautifulSoup, notes: list[str]) -> SavedCopy:
    root = soup.html
    if root and (root.get("data-scrapbook-source") or root.get("data-scrapbook-create")):
        created = _timestamp(str(root.get("data-scrapbook-create") or "")[:14])
        return SavedCopy(_address(root.get("data-scrapbook-source")), created)
    if address := _address(_content(soup, "name", "savepage-url")):
        return SavedCopy(address, _moment(_content(soup, "name", "savepage-date")))
    for pattern in _NOTES:
        for note in notes:
            if found := pattern.match(note):
                given = found.groupdict()
                url = given["url"].strip()
                if pattern is _HTTRACK:
                    _remove_local_addresses(soup)
                    url = _with_scheme(url, soup)
                address = _address(url)
                # No article is at a site's root; `http://internet.e-mail` stands for no address.
                address = address if address and address.split("/", 3)[3:] not in ([], [""]) else None
                return SavedCopy(address, _moment(given.get("time")))
    return SavedCopy()


def _with_scheme(url: str, soup: BeautifulSoup) -> str:
    """An address in HTTrack's comment, which has no scheme: https if the page has such an address of its host."""
    if _SCHEME.match(url):
        return url
    secure = f"https://{url.partition('/')[0]}/".lower()
    addresses = (str(tag.get("href") or tag.get("content") or "") for tag in soup.find_all(["a", "link", "meta"]))
    return f"https://{url}" if any(address.lower().startswith(secure) for address in addresses) else f"http://{url}"


def _remove_local_addresses(soup: BeautifulSoup) -> None:
    """Remove the addresses by which a mirrored page names itself, if they were made relative to the mirror."""
    for tag, address in _own_addresses(soup):
        if not _SCHEME.match(address):
            tag.decompose()


# What web archives write


def _archived_copy(soup: BeautifulSoup, notes: list[str]) -> SavedCopy:
    url: str | None = None
    times: list[datetime | None] = []
    for script in soup.find_all("script"):
        text = script.get_text()
        if "__wm." in text and (found := _WAYBACK_SCRIPT.search(text)):
            url = url or _address(html.unescape(found["url"]))
            times.append(_timestamp(found["time"]))
        if "wbinfo" in text:
            named, dated = _PYWB_URL.search(text), _PYWB_TIME.search(text)
            url = url or (_address(named["url"]) if named else None)
            times.append(_timestamp(dated["time"]) if dated else None)
        if "WB_wombat_Init" in text and (found := _OLD_WAYBACK_SCRIPT.search(text)):
            times.append(_timestamp(found["time"]))
    for _, address in _own_addresses(soup):
        if copy := _split(address):
            url = url or copy.url
            times.append(copy.saved_at)
    if _is_of_today(soup):
        header = soup.find(id="HEADER")
        if isinstance(header, Tag):
            field, time = header.find("input", attrs={"name": "q"}), header.find("time", datetime=True)
            url = url or (_address(field.get("value")) if isinstance(field, Tag) else None)
            times.append(_moment(time.get("datetime")) if isinstance(time, Tag) else None)
        times.append(_moment(_content(soup, "property", "article:modified_time")))
        _remove_marks_of_today(soup)
    field = soup.find("input", id="wmtbURL", value=True)
    url = url or (_address(field["value"]) if isinstance(field, Tag) else None)
    times += [_moment(found["time"]) for note in notes if (found := _WAYBACK_NOTE.search(note))]
    times += _times_of_resources(soup)
    return SavedCopy(url, next(filter(None, times), None))


def _times_of_resources(soup: BeautifulSoup) -> Iterator[datetime | None]:
    """The times in the addresses of style sheets and scripts, which archives rewrite on every page."""
    for tag in soup.head.find_all(["link", "script"]) if soup.head else ():
        address = str(tag.get("src") or tag.get("href") or "")
        stylesheet = tag.name == "script" or "stylesheet" in str(tag.get("rel") or "")
        if stylesheet and (copy := _split(address)):
            yield copy.saved_at


def _own_addresses(soup: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """The elements by which a page names its own address."""
    for tag in soup.find_all(["link", "meta", "base"]):
        rel = [name.lower() for name in tag.get_attribute_list("rel") if name]
        if tag.name == "base" or "canonical" in rel or "bookmark" in rel:
            address = tag.get("href")
        elif "og:url" in (tag.get("property"), tag.get("name")):
            address = tag.get("content")
        else:
            continue
        if address:
            yield tag, str(address).strip()


def _is_of_today(soup: BeautifulSoup) -> bool:
    site, header = _content(soup, "property", "og:site_name"), soup.find(id="HEADER")
    return (
        bool(site and site.strip().lower() in _TODAY)
        or any(_is_of(host_of(address), _TODAY) for _, address in _own_addresses(soup))
        or (isinstance(header, Tag) and "webpage capture" in header.get_text())
    )


def _remove_marks_of_today(soup: BeautifulSoup) -> None:
    """Remove archive.today's own metadata, which name itself as the site and the capture as the publication."""
    for box in soup.select(_BOXES_OF_TODAY):
        box.decompose()
    for tag in soup.find_all("meta"):
        name = str(tag.get("property") or tag.get("itemprop") or "")
        if name.startswith(("og:", "article:", "twitter:")) or tag.get("itemprop"):
            tag.decompose()
    for tag, address in list(_own_addresses(soup)):
        if _split(address) is None and _is_of(host_of(address), _TODAY):  # the short address, archive.ph/AbCdE
            tag.decompose()


def _remove_toolbar(soup: BeautifulSoup) -> None:
    """Remove what is between the Wayback Machine's comments: the toolbar of any year."""
    begin = soup.find(string=lambda text: isinstance(text, Comment) and _TOOLBAR_BEGINS in text)
    between: list[PageElement] = []
    for node in begin.next_siblings if begin else ():
        if isinstance(node, Comment) and _TOOLBAR_ENDS in node:
            for inserted in between:
                inserted.extract()
            break
        between.append(node)


def _restore_addresses(soup: BeautifulSoup) -> None:
    for tag, address in list(_own_addresses(soup)):
        if copy := _split(address):
            if copy.url:
                tag["content" if tag.name == "meta" else "href"] = copy.url
            else:
                tag.decompose()
    for script in soup.find_all("script", type=re.compile(r"^application/ld\+json", re.I)):
        text = script.get_text()
        if (restored := _IN_JSON.sub("", text)) != text:
            script.string = Script(restored)  # the class whose text `get_text` returns


# Addresses and times


def _split(url: str | None) -> SavedCopy | None:
    """The original address and the time in an address at a web archive; None if it is no such address."""
    copy: SavedCopy | None = None
    for _ in range(_MAX_NESTED):
        if not url or len(url) > _MAX_ADDRESS:
            break
        known = _is_of(host_of(url), _ARCHIVES)
        if found := _ARCHIVED.fullmatch(url.strip()):
            original = unquote(found["url"]) if _ENCODED.match(found["url"]) else found["url"]
            if not _SCHEME.match(original):
                if not (known and _BARE.match(original)):
                    break
                original = f"http://{original}"
        elif known and (found := _ARCHIVED_SOMETIME.fullmatch(url.strip())):
            original = found["url"]
        else:
            break
        time = _timestamp(found.groupdict().get("time") or "")
        url = _address(original)
        copy = SavedCopy(url, time)
    return copy


def _address(value: object) -> str | None:
    """An address on the web; None for anything else, such as `about:internet` or a file."""
    text = _SCHEME.sub(r"\1://", " ".join(str(value or "").split()).replace(" ", "%20"), count=1)
    return text if len(text) <= _MAX_ADDRESS and text.isprintable() and is_web_address(text) else None


def _is_of(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _timestamp(text: str) -> datetime | None:
    """A time of 14 digits."""
    digits = re.sub(r"[.-]", "", text)
    try:
        return _past(datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)) if len(digits) == 14 else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    """A time as programs write it; UTC if it has no offset."""
    text = " ".join(str(value or "")[:_MAX_TIME].split())
    if not text:
        return None
    if found := _OF_SCRIPT.fullmatch(text):
        month, day, year, time, offset = found.groups()
        text = f"{day} {month} {year} {time or '00:00:00'} {offset or '+0000'}"
    elif found := _OF_WAYBACK.fullmatch(text):
        text = f"{found[3]} {found[2]} {found[4]} {found[1]} +0000"
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
            return _past(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _past(moment: datetime) -> datetime | None:
    return moment if _FIRST_PAGE <= moment <= datetime.now(UTC) else None


def _content(soup: BeautifulSoup, attribute: str, value: str) -> str | None:
    """The content of a `<meta>` element."""
    tag = soup.find("meta", attrs={attribute: value})
    return str(tag.get("content") or "") if isinstance(tag, Tag) else None

"""The canonical form of an address: one address per page.

Only spellings that RFC 3986 (6.2) calls equivalent are normalized, and tracking parameters and the fragment are
removed. Not normalized, since sites answer them differently: http and https, `www.`, a trailing slash, `index.html`,
the order of parameters, capitals in the path, an encoded slash.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

# Parameters that analytics and social networks append: they identify the way a reader came, never the page.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|ref_src|at_\w+|xtor)$", re.I
)
# Characters of a path segment that RFC 3986 (3.3) allows unescaped.
_SEGMENT_SAFE = ":@!$&'()*+,;=-._~"
_ENCODED = re.compile("(?:%[89A-F][0-9A-F])+", re.I)  # bytes beyond ASCII
_ARABIC_LABEL = re.compile("[\u0620-\u064a\u0660-\u0669\u066e-\u06d3\u06f0-\u06f90-9-]+")


def canonical_url(url: str) -> str:
    """The canonical form: scheme and host lower-case, no fragment, no tracking parameters, Arabic percent-encoded.

    Raw and percent-encoded Arabic give the same result. Text that is not a URL is returned stripped.
    """
    stripped = url.strip()
    try:
        parts = urlsplit(stripped)
        port = parts.port
    except ValueError:
        return stripped
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return stripped
    host = ascii_host(parts.hostname)
    default = {"http": 80, "https": 443}[parts.scheme.lower()]
    netloc = host if port in (None, default) else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, _canonical_path(parts.path), _canonical_query(parts.query), ""))


def display_url(url: str) -> str:
    """The address with readable Arabic, for display."""
    readable = unquote(url)
    return readable if "\ufffd" not in readable and readable.isprintable() else url


def readable_address(url: str) -> str:
    """The address with readable letters that still works as a link: `https://a.example/%D8%AE%20` with خ and `%20`.

    Only letters and digits beyond ASCII are decoded, never spaces, controls or signs; of host names only Arabic ones,
    as in browsers, since letters of two scripts in a name can look alike.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return url
    host = ".".join(map(_readable_label, parts.netloc.split(".")))
    return f"{parts.scheme}://{host}{_ENCODED.sub(_readable_letters, url[len(parts.scheme) + 3 + len(parts.netloc) :])}"


def _readable_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        read = label.encode("ascii").decode("idna")
        return read if _ARABIC_LABEL.fullmatch(read) and read.encode("idna").decode("ascii") == label else label
    except UnicodeError:
        return label


def _readable_letters(match: re.Match[str]) -> str:
    """A run of escapes with its letters decoded, and the rest of it as it was."""
    try:
        text = unquote(match[0], errors="strict")
    except UnicodeDecodeError:
        return match[0]
    if unicodedata.normalize("NFC", text) != text:  # a program on the way may compose them
        return match[0]
    return "".join(c if c > "\x7f" and unicodedata.category(c)[0] in "LMN" else quote(c, safe="") for c in text)


def is_web_address(text: str) -> bool:
    """Whether a text is a single http(s) address."""
    stripped = text.strip()
    if not re.match(r"https?://\S+$", stripped, re.I):
        return False
    try:
        return bool(urlsplit(stripped).hostname)
    except ValueError:
        return False


def host_of(url: str | None) -> str:
    """The host of an address in lower-case ASCII; empty if there is none."""
    try:
        return ascii_host(urlsplit((url or "").strip()).hostname or "")
    except ValueError:
        return ""


def ascii_host(host: str) -> str:
    """A host name in lower-case ASCII: `xn--…` for Arabic."""
    if ":" in host:
        return f"[{host.strip('[]').lower()}]"
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _canonical_path(path: str) -> str:
    # By segment, so that an encoded slash stays encoded.
    segments = [unquote(segment, errors="surrogateescape") for segment in path.split("/")]
    return "/".join(
        _without_dots([quote(segment, safe=_SEGMENT_SAFE, errors="surrogateescape") for segment in segments])
    )


def _without_dots(segments: list[str]) -> list[str]:
    """Resolve `.` and `..` (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return kept if len(kept) > 1 else ["", ""]


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
    return urlencode(kept, errors="surrogateescape")

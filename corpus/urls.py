"""One address for one page: the canonical form of a URL.

Joined are only spellings that RFC 3986 (6.2) calls equivalent, the tracking parameters, and the fragment. Not joined,
since sites answer them differently: http and https, `www.` and none, a slash at the end and none, `index.html` and the
directory, the order of parameters, capitals in the path, an encoded slash.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

# Parameters that name the way a reader came, never the page: what analytics and social networks append.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|ref_src|at_\w+|xtor)$", re.I
)
# Characters of a segment of a path that RFC 3986 (3.3) lets stand unescaped.
_SEGMENT_SAFE = ":@!$&'()*+,;=-._~"


def canonical_url(url: str) -> str:
    """The one spelling of an address: http(s) lower-cased, no fragment, no tracking parameters, Arabic percent-encoded.

    Raw and percent-encoded Arabic give the same result. What does not parse as a URL is returned stripped.
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
    """The address with its Arabic readable, for showing to people."""
    readable = unquote(url)
    return readable if "\ufffd" not in readable and readable.isprintable() else url


def is_web_address(text: str) -> bool:
    """Whether a text is one http(s) address and nothing else."""
    stripped = text.strip()
    if not re.match(r"https?://\S+$", stripped, re.I):
        return False
    try:
        return bool(urlsplit(stripped).hostname)
    except ValueError:
        return False


def host_of(url: str | None) -> str:
    """The host of an address in lower-case ASCII; empty where there is none or it is no address."""
    try:
        return ascii_host(urlsplit((url or "").strip()).hostname or "")
    except ValueError:
        return ""


def ascii_host(host: str) -> str:
    """A host's name in lower-case ASCII: `xn--…` where it is printed in Arabic."""
    if ":" in host:
        return f"[{host.strip('[]').lower()}]"
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _canonical_path(path: str) -> str:
    # Segment by segment, so that an encoded slash stays one.
    segments = [unquote(segment, errors="surrogateescape") for segment in path.split("/")]
    return "/".join(
        _without_dots([quote(segment, safe=_SEGMENT_SAFE, errors="surrogateescape") for segment in segments])
    )


def _without_dots(segments: list[str]) -> list[str]:
    """The segments with `.` and `..` followed (RFC 3986, 5.2.4)."""
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

"""One address for one page: the canonical form of a URL."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

# Parameters that name the way a reader came, never the page: what analytics and social networks append.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|ref_src|at_\w+|xtor)$", re.I
)
# Characters of a path that RFC 3986 (3.3) lets stand unescaped.
_PATH_SAFE = "/:@!$&'()*+,;=-._~"


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
    host = _ascii_host(parts.hostname)
    default = {"http": 80, "https": 443}[parts.scheme.lower()]
    netloc = host if port in (None, default) else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, _canonical_path(parts.path), _canonical_query(parts.query), ""))


def display_url(url: str) -> str:
    """The address with its Arabic readable, for showing to people."""
    readable = unquote(url)
    return readable if "\ufffd" not in readable and readable.isprintable() else url


def host_of(url: str) -> str:
    """The host of an address, lower-cased; empty where there is none or it is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _canonical_path(path: str) -> str:
    encoded = quote(unquote(path, errors="surrogateescape"), safe=_PATH_SAFE, errors="surrogateescape")
    if "/." in encoded:
        slash = "/" if encoded.endswith(("/", "/.", "/..")) else ""
        encoded = posixpath.normpath(encoded).rstrip("/") + slash
    return encoded or "/"


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
    return urlencode(kept, errors="surrogateescape")

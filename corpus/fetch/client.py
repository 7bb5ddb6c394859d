"""One HTTP request, bounded in time and size, to an address that was checked; redirects are the caller's to follow.

urllib3's connection is told the checked number to connect to, and, for TLS, the name that the certificate must bear.

Unpacking gzip data of strangers: strict about damage, and never more than was bargained for.

Which machines may be fetched from: those of the public internet, unless private ones are allowed.

A feed or page of a stranger says what is fetched next. Without this guard it could make Arshif read, and keep for all
to search, what only this machine or its network may see. The host is resolved once, its addresses are checked, and the
connection goes to the checked number itself: a name that resolves to something else a moment later (DNS rebinding)
gains nothing, and every redirect passes here again.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from typing import Final
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from corpus.errors import FetchFailed

_CHUNK: Final = 64 * 1024
_MOST_ADDRESSES: Final = 4  # of one host that are tried


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: seconds to connect to an address, of silence, and in all; bytes of the unpacked body."""

    connect: float = 10
    silence: float = 20
    total: float = 120
    size: int = 50 * 2**20  # what the sitemap protocol allows a sitemap


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: where from, its status, its headers (names in lower case) and its body, unpacked."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def charset(self) -> str | None:
        """The charset that the Content-Type header declares."""
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset" and value.strip(" \"'"):
                return value.strip(" \"'")
        return None


def request(url: str, headers: Mapping[str, str], *, allowed: Callable[[str], bool], limits: Limits) -> Response:
    """GETs an ASCII http(s) address from a machine whose numeric address is `allowed`.

    Raises:
        FetchFailed: the address may not be fetched from, there was no whole answer, or a bound was passed.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    numbers = resolve(url, host, port, allowed)[:_MOST_ADDRESSES]
    connection = _connect(url, [_connection(parts.scheme, host, number, port, limits) for number in numbers], limits)
    try:
        with _in_words(url, limits), _deadline(url, connection, limits):
            return _ask(url, parts, connection, headers, limits)
    finally:
        connection.close()


def _connect(url: str, connections: list[HTTPConnection], limits: Limits) -> HTTPConnection:
    """The first of the connections that comes about."""
    connection, *others = connections
    try:
        with _in_words(url, limits):
            connection.connect()
            connection.timeout = limits.silence  # for what follows: it is set on the socket with each request
    except FetchFailed:
        connection.close()
        if not others:
            raise
        return _connect(url, others, limits)
    return connection


def _connection(scheme: str, host: str, number: str, port: int, limits: Limits) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(number, port, timeout=limits.connect)
    return HTTPSConnection(
        number,
        port,
        timeout=limits.connect,
        server_hostname=host,
        cert_reqs=ssl.CERT_REQUIRED,
        ssl_context=verified_tls(),
    )


@cache
def verified_tls() -> ssl.SSLContext:
    """Verifies against the system's certificates, or those that the variable SSL_CERT_FILE names."""
    return ssl.create_default_context()


def _ask(
    url: str, parts: SplitResult, connection: HTTPConnection, headers: Mapping[str, str], limits: Limits
) -> Response:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, "Accept-Encoding": "gzip", "Connection": "close", **headers}
    connection.request("GET", target, headers=sent, preload_content=False, decode_content=False)
    answer = connection.getresponse()
    got = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status != 200:
        return Response(url, answer.status, got, b"")
    coding = got.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchFailed(url, f"it was compressed with {coding}, which was not requested", lasting=True)
    body = bytearray()
    while chunk := answer.read1(_CHUNK):
        body += chunk
        if len(body) > limits.size:
            raise FetchFailed(url, f"larger than {limits.size / 2**20:.0f} MB: the rest was not read", lasting=True)
    if coding.endswith("gzip") and body:
        try:
            return Response(url, answer.status, got, unpack(bytes(body), limits.size))
        except ValueError as error:
            raise FetchFailed(url, str(error), lasting=True) from error
    return Response(url, answer.status, got, bytes(body))


@contextmanager
def _deadline(url: str, connection: HTTPConnection, limits: Limits) -> Iterator[None]:
    """Ends the connection when the time is over: timeouts of a socket bound each wait, but not how many there are."""
    over = threading.Event()
    # Taken now: of an answer that ends with its connection, http.client gives the socket to the answer alone.
    sock = connection.sock

    def end() -> None:
        over.set()
        if sock is not None:
            # TLS's own shutdown would pull the session from under the thread that is reading.
            with suppress(OSError):  # it was closed already
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(limits.total, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise FetchFailed(url, f"it took longer than {limits.total:g} seconds", lasting=False) from error
        raise
    finally:
        timer.cancel()
    if over.is_set():  # an answer without a length ends where the connection does
        raise FetchFailed(url, f"it took longer than {limits.total:g} seconds", lasting=False)


@contextmanager
def _in_words(url: str, limits: Limits) -> Iterator[None]:
    """The project's error for those of the network, TLS and HTTP."""
    try:
        yield
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
        raise FetchFailed(url, f"no data was received for {limits.silence:g} seconds", lasting=False) from error
    except urllib3.exceptions.NewConnectionError as error:  # a kind of the next, so that it stands first
        raise FetchFailed(url, f"no connection: {_system_reason(error)}", lasting=False) from error
    except urllib3.exceptions.ConnectTimeoutError as error:
        raise FetchFailed(url, f"no connection within {limits.connect:g} seconds", lasting=False) from error
    except (urllib3.exceptions.SSLError, ssl.SSLError, ssl.CertificateError) as error:
        raise FetchFailed(url, f"no secure connection: {_tls_reason(error)}", lasting=False) from error
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        raise FetchFailed(
            url, f"the response was cut off or is not HTTP ({type(error).__name__})", lasting=False
        ) from error


def _system_reason(error: Exception) -> str:
    cause = error.__cause__
    return (cause.strerror or str(cause)).lower() if isinstance(cause, OSError) else str(error)


def _tls_reason(error: Exception) -> str:
    for known in (error, *error.args):
        if isinstance(known, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {known.verify_message}"
    reason = getattr(error, "reason", None)
    return str(reason or error)


MAGIC: Final = b"\x1f\x8b"
_GZIP: Final = 16 + zlib.MAX_WBITS
_MOST_MEMBERS: Final = 100


def unpack(data: bytes, limit: int) -> bytes:
    """The content of gzip data, of several members too.

    Raises:
        ValueError: it is damaged or breaks off, or its content is larger than `limit` bytes; its message says which.
    """
    content = bytearray()
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            content += member.decompress(data, limit + 1 - len(content))
        except zlib.error as error:
            raise ValueError("its gzip data is damaged") from error
        if len(content) > limit:
            raise ValueError(f"larger than {limit / 2**20:.0f} MB when unpacked")
        if not member.eof:
            raise ValueError("its gzip data is cut short")
        data = member.unused_data
        if not data.startswith(MAGIC):  # padding, or what a careless server appends
            return bytes(content)
    raise ValueError("its gzip data is in too many pieces")


_IPv4 = ipaddress.IPv4Address
_IPv6 = ipaddress.IPv6Address
# RFC 6052: IPv4 addresses as a NAT64 gateway reaches them.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# RFC 4291, 2.5.5.1: long out of use, but some systems still route them.
_IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


def resolve(url: str, host: str, port: int, allowed: Callable[[str], bool]) -> list[str]:
    """The numeric addresses of a host that are `allowed`, in the order that the system prefers.

    Raises:
        FetchFailed: the host has no address, or none that may be fetched from.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(url, f"the host {host} was not found", lasting=False) from error
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    usable = list(filter(allowed, numbers))
    if not usable:
        raise FetchFailed(
            url,
            f"{host} is {numbers[0]}, a private address, and private networks are not allowed",
            lasting=True,
        )
    return usable


def is_any(number: str) -> bool:
    """Allows every address, for those who know what they fetch."""
    return bool(number)


def is_public(number: str) -> bool:
    """Whether a numeric address is one of the public internet, also where it wraps an IPv4 address in an IPv6 one."""
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = _wrapped(address) if isinstance(address, _IPv6) else None
    if inner is not None:
        return is_public(str(inner))
    if isinstance(address, _IPv6) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to an IPv6 address end at, if it is of a kind that wraps one."""
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        return _IPv4(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)

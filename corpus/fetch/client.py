"""One HTTP request, bounded in time and size, to a checked address; redirects are followed by the caller.

A feed or page of a stranger decides what is fetched next. Without a check it could make Arshif read, and store for
everyone to search, what only this machine or its network may see. So the host is resolved once, its addresses are
checked (`is_public`, unless private ones are allowed), and urllib3 connects to the checked number itself, with the name
that a TLS certificate must have. A name that resolves to another address a moment later (DNS rebinding) gains nothing,
and every redirect is checked again.
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
from urllib3.response import BaseHTTPResponse

from corpus.errors import FetchFailed

GZIP_MAGIC: Final = b"\x1f\x8b"

_CHUNK: Final = 64 * 1024
_MAX_ADDRESSES: Final = 4  # of one host that are tried
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_MAX_MEMBERS: Final = 100
# RFC 6052: IPv4 addresses as a NAT64 gateway reaches them.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# RFC 4291, 2.5.5.1: long out of use, but some systems still route them.
_IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request: seconds to connect to an address, without data, and in all; bytes of the decompressed
    body.
    """

    connect: float = 10
    silence: float = 20
    total: float = 120
    size: int = 50 * 2**20  # the maximum size of a sitemap


@dataclass(frozen=True, slots=True)
class Response:
    """A response: its address, status, headers (names in lower case) and decompressed body."""

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
    """GET an ASCII http(s) address from a machine whose numeric address is `allowed`.

    Raises:
        FetchFailed: no address of the host is allowed, there was no complete response, or a limit was exceeded.
    """
    parts = urlsplit(url)
    with _connected(url, parts, allowed, limits) as connection:
        return _get(url, parts, connection, headers, limits)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Callable[[str], bool], limits: Limits
) -> Response:
    """POST to an ASCII http(s) address on a machine whose numeric address is `allowed`.

    The body of the response is not read.

    Raises:
        FetchFailed: no address of the host is allowed, there was no response, or a limit was exceeded.
    """
    parts = urlsplit(url)
    with _connected(url, parts, allowed, limits) as connection:
        answer = _send("POST", parts, connection, headers, body)
        return Response(url, answer.status, {name.lower(): value for name, value in answer.headers.items()}, b"")


@contextmanager
def _connected(
    url: str, parts: SplitResult, allowed: Callable[[str], bool], limits: Limits
) -> Iterator[HTTPConnection]:
    """A connection to an allowed address of the host, within the limits."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    numbers = resolve(url, host, port, allowed)[:_MAX_ADDRESSES]
    connection = _connect(url, [_connection(parts.scheme, host, number, port, limits) for number in numbers], limits)
    try:
        with _translated_errors(url, limits), _deadline(url, connection, limits):
            yield connection
    finally:
        connection.close()


def _connect(url: str, connections: list[HTTPConnection], limits: Limits) -> HTTPConnection:
    """The first of the connections that succeeds."""
    connection, *others = connections
    try:
        with _translated_errors(url, limits):
            connection.connect()
            connection.timeout = limits.silence  # for reading: urllib3 sets it on the socket with each request
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
    """A TLS context with the system's certificates, or those in the file that SSL_CERT_FILE names."""
    return ssl.create_default_context()


def _send(
    method: str, parts: SplitResult, connection: HTTPConnection, headers: Mapping[str, str], body: bytes | None = None
) -> BaseHTTPResponse:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, "Accept-Encoding": "gzip", "Connection": "close", **headers}
    connection.request(method, target, body=body, headers=sent, preload_content=False, decode_content=False)
    return connection.getresponse()


def _get(
    url: str, parts: SplitResult, connection: HTTPConnection, headers: Mapping[str, str], limits: Limits
) -> Response:
    answer = _send("GET", parts, connection, headers)
    got = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status != 200:
        return Response(url, answer.status, got, b"")
    coding = got.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchFailed(url, f"it was compressed with {coding}, which was not requested", permanent=True)
    body = bytearray()
    while chunk := answer.read1(_CHUNK):
        body += chunk
        if len(body) > limits.size:
            raise FetchFailed(url, f"larger than {limits.size / 2**20:.0f} MB: the rest was not read", permanent=True)
    if coding.endswith("gzip") and body:
        try:
            return Response(url, answer.status, got, gunzip(bytes(body), limits.size))
        except ValueError as error:
            raise FetchFailed(url, str(error), permanent=True) from error
    return Response(url, answer.status, got, bytes(body))


@contextmanager
def _deadline(url: str, connection: HTTPConnection, limits: Limits) -> Iterator[None]:
    """Close the connection after `limits.total` seconds; a socket's timeout bounds each wait, not their number."""
    over = threading.Event()
    # Taken now: for a response that ends with its connection, http.client hands the socket over to the response.
    sock = connection.sock

    def end() -> None:
        over.set()
        if sock is not None:
            # TLS's own shutdown would free the session while the other thread reads.
            with suppress(OSError):  # it is closed
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(limits.total, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise FetchFailed(url, f"it took longer than {limits.total:g} seconds", permanent=False) from error
        raise
    finally:
        timer.cancel()
    if over.is_set():  # a response without a length ends with its connection
        raise FetchFailed(url, f"it took longer than {limits.total:g} seconds", permanent=False)


@contextmanager
def _translated_errors(url: str, limits: Limits) -> Iterator[None]:
    """Raise errors of the network, TLS and HTTP as FetchFailed."""
    try:
        yield
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
        raise FetchFailed(url, f"no data was received for {limits.silence:g} seconds", permanent=False) from error
    except urllib3.exceptions.NewConnectionError as error:  # a subclass of the next one
        raise FetchFailed(url, f"no connection: {_system_reason(error)}", permanent=False) from error
    except urllib3.exceptions.ConnectTimeoutError as error:
        raise FetchFailed(url, f"no connection within {limits.connect:g} seconds", permanent=False) from error
    except (urllib3.exceptions.SSLError, ssl.SSLError, ssl.CertificateError) as error:
        raise FetchFailed(url, f"no secure connection: {_tls_reason(error)}", permanent=False) from error
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        raise FetchFailed(
            url, f"the response was cut off or is not HTTP ({type(error).__name__})", permanent=False
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


def gunzip(data: bytes, limit: int) -> bytes:
    """Decompress gzip data of one or more members, strictly and with a limit.

    Raises:
        ValueError: it is damaged or truncated, or larger than `limit` bytes; the message says which.
    """
    content = bytearray()
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            content += member.decompress(data, limit + 1 - len(content))
        except zlib.error as error:
            raise ValueError("its gzip data is damaged") from error
        if len(content) > limit:
            raise ValueError(f"larger than {limit / 2**20:.0f} MB when unpacked")
        if not member.eof:
            raise ValueError("its gzip data is cut short")
        data = member.unused_data
        if not data.startswith(GZIP_MAGIC):  # padding, or garbage that a server appended
            return bytes(content)
    raise ValueError("its gzip data is in too many pieces")


def resolve(url: str, host: str, port: int, allowed: Callable[[str], bool]) -> list[str]:
    """The numeric addresses of a host that are `allowed`, in the system's order of preference.

    Raises:
        FetchFailed: the host has no address, or none that is allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(url, f"the host {host} was not found", permanent=False) from error
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    usable = list(filter(allowed, numbers))
    if not usable:
        where = f"{host} is" if host == numbers[0] else f"{host} is {numbers[0]},"
        raise FetchFailed(
            url,
            f"{where} a private address, and private networks are not allowed",
            permanent=True,
        )
    return usable


def allow_any(number: str) -> bool:
    """Allow every address, including private ones."""
    return bool(number)


def is_public(number: str) -> bool:
    """Whether a numeric address belongs to the public internet, also if it embeds an IPv4 address in an IPv6 one."""
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = _wrapped(address) if isinstance(address, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to an IPv6 address are delivered to, if it embeds one."""
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)

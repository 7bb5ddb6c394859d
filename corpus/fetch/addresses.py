"""Which machines may be fetched from: those of the public internet, unless private ones are allowed.

A feed or page of a stranger says what is fetched next. Without this guard it could make Arshif read, and keep for all
to search, what only this machine or its network may see. The host is resolved once, its addresses are checked, and the
connection goes to the checked number itself: a name that resolves to something else a moment later (DNS rebinding)
gains nothing, and every redirect passes here again.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Final

from corpus.errors import FetchFailed

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

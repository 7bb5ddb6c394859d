"""Mail addresses of desks: confirmed by their owner before anything but the confirming mail is sent to them.

An address is confirmed per desk (double opt-in): by a link in one mail, which contains nothing that the reader typed,
so that nobody can send texts of theirs to strangers. An address gets at most one such mail per day, regardless of the
number of desks that ask for it.

The links that stop mails are signed with a key of the archive (`sign`): every mail has them, and they stay valid.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from corpus import Archive
from search_ui.access.accounts import digest
from search_ui.access.desks import Desk, desks_path, read_desks, write_desks
from search_ui.errors import AddressInvalid, AddressUnavailable

MAX_ADDRESS_LENGTH: Final = 254
"""Characters of a mail address: RFC 5321, 4.5.3.1.3."""

_DAY: Final = 24 * 3600.0
_CONFIRM_SECONDS: Final = 7 * _DAY  # how long the link of a confirming mail is valid
_PER_DESK: Final = 10  # addresses of a desk
_UNANSWERED: Final = 3  # mails to an address that were not answered, after which it gets no more until they expire
# What a mail server surely accepts, and no header can be broken with; quoted local parts are not used by people.
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address of a desk. `confirmed` is when its owner confirmed it, `problem` why it cannot be used."""

    id: int
    desk: int
    address: str
    language: str
    confirmed: float | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirming mail to be sent, and how often that failed."""

    address: Address
    failures: int


def read_address(text: str) -> str:
    """A mail address in the form in which it is stored and sent: its host in ASCII and lower case.

    Raises:
        AddressInvalid: it is not one address, or its local part has letters that not every server accepts.
    """
    local, _, host = text.strip().rpartition("@")
    try:
        host = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressInvalid(text) from None
    valid = _LOCAL.fullmatch(local) and len(local) <= 64 and _HOST.fullmatch(host)
    if not valid or len(local) + len(host) >= MAX_ADDRESS_LENGTH:
        raise AddressInvalid(text)
    return f"{local}@{host}"


def addresses_of(archive: Archive, desk: Desk) -> list[Address]:
    """The addresses of a desk, the last confirmed first."""
    return _read(archive, "WHERE desk = ? ORDER BY confirmed DESC, id DESC", [desk.id])


def address_of_number(archive: Archive, number: int) -> Address | None:
    """An address by its number: for links that are signed."""
    return next(iter(_read(archive, "WHERE id = ?", [number])), None)


def request_address(archive: Archive, desk: Desk, address: str, language: str, now: float) -> Address:
    """An address of a desk (`read_address`). If it is new there, a confirming mail is due (`due_confirmations`).

    Raises:
        AddressUnavailable: the address was asked to confirm within a day, or the desk has too many addresses.
    """
    with write_desks(desks_path(archive)) as desks:
        known = desks.execute(
            "SELECT id, confirmed, asked, mailed, failures FROM addresses WHERE desk = ? AND address = ?",
            [desk.id, address],
        ).fetchone()
        if known is None or (known[1] is None and known[2] <= now - _DAY):
            asked = desks.execute(
                "SELECT count(*), max(asked) FROM addresses WHERE address = ? AND confirmed IS NULL AND desk <> ?",
                [address, desk.id],
            ).fetchone()
            own = desks.execute("SELECT count(*) FROM addresses WHERE desk = ?", [desk.id]).fetchone()[0]
            # Each further mail that this desk asked for is counted in `failures`, as are attempts to send it.
            unanswered = known is not None and known[3] is not None and known[4] >= _UNANSWERED - 1
            if (
                unanswered
                or asked[0] >= _UNANSWERED
                or (asked[1] or 0.0) > now - _DAY
                or (known is None and own >= _PER_DESK)
            ):
                raise AddressUnavailable(address)
            desks.execute(
                "INSERT INTO addresses (desk, address, language, asked) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET asked = excluded.asked, mailed = NULL, problem = NULL, failures = min(failures, 1) + 1,"
                " next_try = 0",
                [desk.id, address, language, now],
            )
    return _read(archive, "WHERE desk = ? AND address = ?", [desk.id, address])[0]


def due_confirmations(archive: Archive, now: float, most: int) -> list[Confirmation]:
    """The confirming mails to be sent now, oldest first."""
    columns = "id, desk, address, language, confirmed, problem, failures"
    rows = read_desks(
        desks_path(archive),
        f"SELECT {columns} FROM addresses WHERE confirmed IS NULL AND mailed IS NULL AND problem IS NULL"
        " AND next_try <= ? ORDER BY id LIMIT ?",
        [now, most],
    )
    return [Confirmation(Address(*row[:-1]), row[-1]) for row in rows]


def make_confirmation(archive: Archive, address: Address) -> str:
    """The token of the link in a confirming mail; an earlier one is no longer valid."""
    token = secrets.token_urlsafe(24)
    _update(archive, address, confirm=digest(token))
    return token


def record_confirmation(archive: Archive, address: Address, now: float) -> None:
    """Record that the confirming mail was sent."""
    _update(archive, address, mailed=now)


def record_refusal(archive: Archive, confirmation: Confirmation, problem: str, next_try: float | None) -> None:
    """Record that the confirming mail was refused, and when to try again; None for never."""
    address = confirmation.address
    failures = confirmation.failures + 1
    _update(archive, address, failures=failures, next_try=next_try or 0.0, problem=None if next_try else problem)


def address_of_confirmation(archive: Archive, token: str, now: float) -> Address | None:
    """The address that a link confirms; None if there is none, or the link has expired."""
    condition = "WHERE confirm = ? AND (confirmed IS NOT NULL OR asked > ?)"
    return next(iter(_read(archive, condition, [digest(token), now - _CONFIRM_SECONDS])), None)


def confirm_address(archive: Archive, address: Address, now: float) -> None:
    """Record that the owner of an address confirmed it."""
    if address.confirmed is None:
        _update(archive, address, confirmed=now, problem=None)


def delete_unconfirmed(archive: Archive, now: float) -> None:
    """Delete addresses that were not confirmed in time, with what was to be sent to them."""
    expired = "SELECT id FROM addresses WHERE confirmed IS NULL AND asked <= ?"
    values = [now - _CONFIRM_SECONDS]
    if read_desks(desks_path(archive), expired, values):
        with write_desks(desks_path(archive)) as desks:
            desks.execute(f"UPDATE follows SET delivery = 'page', address = NULL WHERE address IN ({expired})", values)
            desks.execute(f"DELETE FROM addresses WHERE id IN ({expired})", values)


# Signed links


def sign(archive: Archive, text: str) -> str:
    """A text with its signature, for a link: `text.signature`."""
    return f"{text}.{_signature(_key(archive), text)}"


def signed_text(archive: Archive, token: str) -> str | None:
    """The text of `sign`; None if the signature is not valid."""
    text, _, signature = token.rpartition(".")
    rows = read_desks(desks_path(archive), "SELECT key FROM keys WHERE name = 'links'")
    valid = rows and hmac.compare_digest(
        _signature(rows[0][0], text).encode(), signature.encode("utf-8", "surrogatepass")
    )
    return text if valid else None


def _key(archive: Archive) -> bytes:
    path = desks_path(archive)
    if not (rows := read_desks(path, "SELECT key FROM keys WHERE name = 'links'")):
        with write_desks(path) as desks:
            desks.execute("INSERT INTO keys VALUES ('links', ?) ON CONFLICT DO NOTHING", [secrets.token_bytes(32)])
        rows = read_desks(path, "SELECT key FROM keys WHERE name = 'links'")
    key: bytes = rows[0][0]
    return key


def _signature(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:40]


def _read(archive: Archive, condition: str, values: Sequence[object]) -> list[Address]:
    columns = "id, desk, address, language, confirmed, problem"
    rows = read_desks(desks_path(archive), f"SELECT {columns} FROM addresses {condition}", values)
    return [Address(*row) for row in rows]


def _update(archive: Archive, address: Address, **values: object) -> None:
    assigned = ", ".join(f"{column} = ?" for column in values)
    with write_desks(desks_path(archive)) as desks:
        desks.execute(f"UPDATE addresses SET {assigned} WHERE id = ?", [*values.values(), address.id])

"""The settings of following: the tables `[mail]` and `[follow]` of the archive's `arshif.toml`.

[mail]
host = "smtp.example.org"                # the mail server
from = "أرشيف <archive@example.org>"     # the sender
base_url = "https://archive.example.org" # the address of the pages, for the links in mails
security = "starttls"                    # or "tls", or "none" for a server on this machine
port = 587                               # by default 587 for starttls, 465 for tls, 25 for none
user = "archive"                         # if the server requires signing in
password_env = "ARSHIF_MAIL_PASSWORD"    # the environment variable with the password, or
password_file = "/etc/arshif/password"   # the file with it

[follow]
webhooks = true                          # readers may choose webhooks
private_webhooks = false                 # to addresses of this machine and private networks, too
digest_hour = 6                          # when daily mails are sent, in this machine's time
minutes = 10                             # least time between two mails of one followed search
per_desk = 100                           # followed searches of a reader
per_archive = 10000                      # of all readers
deliveries = 500                         # mails and webhooks of one run
worker = true                            # `arshif serve` delivers; false leaves it to `arshif alert --deliver`
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.errors import HeaderParseError
from email.headerregistry import Address as MailAddress
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from corpus import Archive, SettingsInvalid
from search_ui.access.addresses import read_address
from search_ui.errors import AddressInvalid

_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
"""Each kind of security, and its usual port."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server and the sender; `password` is never printed."""

    host: str
    port: int
    security: str
    sender: MailAddress
    base_url: str
    user: str = ""
    password_env: str = ""
    password_file: str = ""

    def password(self) -> str:
        """The password, read when it is needed.

        Raises:
            OSError: the file cannot be read.
        """
        if self.password_file:
            return Path(self.password_file).read_text(encoding="utf-8").strip("\r\n")
        return os.environ.get(self.password_env, "")


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """The values of `[follow]`; the module's docstring describes them."""

    webhooks: bool = False
    private_webhooks: bool = False
    digest_hour: int = 6
    minutes: int = 10
    per_desk: int = 100
    per_archive: int = 10_000
    deliveries: int = 500
    worker: bool = True


@dataclass(frozen=True, slots=True)
class Following:
    """Both tables; `mail` is None if there is no mail server."""

    mail: MailSettings | None
    follow: FollowSettings

    @property
    def delivers(self) -> bool:
        """Whether anything can be delivered."""
        return self.mail is not None or self.follow.webhooks


def following_settings(archive: Archive) -> Following:
    """Read the settings of an archive.

    Raises:
        SettingsInvalid: a setting is unknown or missing, or its value is not valid.
    """
    table = "mail"
    try:
        mail = _read_mail(archive.settings.mail) if archive.settings.mail else None
        table = "follow"
        follow = _read_follow(archive.settings.follow)
    except ValueError as error:
        raise SettingsInvalid(archive.directory / "arshif.toml", f"[{table}]: {error}") from error
    return Following(mail, follow)


def _read_mail(values: Mapping[str, Any]) -> MailSettings:
    texts = dict.fromkeys(("host", "from", "base_url", "security", "user", "password_env", "password_file"), "")
    _refuse_unknown(values, (*texts, "port"))
    for name in texts:
        text = values.get(name, "")
        if not isinstance(text, str):
            raise ValueError(f"{name} must be a text in quotes")
        texts[name] = text.strip()
    security = texts["security"] or "starttls"
    if security not in _PORTS:
        raise ValueError(f"security must be one of {', '.join(map(repr, _PORTS))}")
    if not texts["host"]:
        raise ValueError("host is missing: the name of the mail server")
    if texts["user"] and security == "none":
        raise ValueError('a password is not sent unencrypted: set security to "starttls" or "tls", or leave out user')
    if texts["user"] and bool(texts["password_env"]) == bool(texts["password_file"]):
        raise ValueError("user needs either password_env or password_file")
    return MailSettings(
        texts["host"],
        _whole("port", values.get("port", _PORTS[security]), 1, 65535),
        security,
        _sender(texts["from"]),
        _base_url(texts["base_url"]),
        texts["user"],
        texts["password_env"],
        texts["password_file"],
    )


def _sender(text: str) -> MailAddress:
    name, address = parseaddr(text)
    try:
        if not text.isprintable():
            raise AddressInvalid(text)
        local, _, host = read_address(address).rpartition("@")
        return MailAddress(" ".join(name.split()), local, host)
    except (AddressInvalid, HeaderParseError, ValueError) as error:
        raise ValueError('from must be a mail address, or "Name <address>"') from error


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        valid = ""
    if not valid or not text.isascii() or not text.isprintable():
        raise ValueError('base_url must be the address of the pages, such as "https://archive.example.org"')
    return text.rstrip("/")


def _read_follow(values: Mapping[str, Any]) -> FollowSettings:
    known = {field.name: field.default for field in fields(FollowSettings)}
    _refuse_unknown(values, known)
    bounds = {"digest_hour": (0, 23), "minutes": (0, 1440)}
    read: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(known[name], bool):
            if not isinstance(value, bool):
                raise ValueError(f"{name} must be true or false")
            read[name] = value
        else:
            read[name] = _whole(name, value, *bounds.get(name, (1, 1_000_000)))
    return FollowSettings(**read)


def _refuse_unknown(values: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]) -> None:
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"unknown setting {unknown[0]!r}; known: {', '.join(known)}")


def _whole(name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least:,} to {most:,}")
    return value

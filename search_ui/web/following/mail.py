"""Sending mails by SMTP: one connection for the mails of a run, and which refusals are permanent.

A refusal of the recipient (5xx) is permanent: the mail server says that there is no such mailbox, or that it takes no
mails from us. Everything else is temporary, since it may be a fault of our side that is repaired: no connection, a
wrong password, a refused sender or content.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from types import TracebackType
from typing import Final, Self

from search_ui.errors import MailFailed
from search_ui.web.following.settings import MailSettings

_UNFOLDED: Final = ("list-unsubscribe", "message-id")
_TIMEOUT: Final = 20.0  # seconds of each step
_MAX_REASON: Final = 200  # characters of the server's reason that are kept

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is sent. `stop_url` is the link that stops such mails, and takes a POST (RFC 8058)."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    """The part before the @, the same whenever the same mail is sent again."""

    stop_url: str = ""


class Mailer:
    """Sends letters, by one connection that is opened by the first and reopened after an error.

    >>> with Mailer(settings) as mailer:
    ...     mailer.send(letter)
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            MailFailed: with the reason for the reader, and whether it is permanent.
        """
        try:
            if self._server is None:
                self._server = self._open()
            self._server.send_message(as_message(letter, self._settings))
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            reason, permanent = _reason(error)
            _log.warning("arshif: mail by %s failed: %s", self._settings.host, error)
            raise MailFailed(letter.to, reason, permanent=permanent) from error

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user:
                server.login(settings.user, settings.password())
        except BaseException:
            server.close()
            raise
        return server

    def _close(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


class _Policy(EmailPolicy):
    """SMTP's, but a long link stays as it is: the library would encode it as if it were text, and break it."""

    def fold(self, name: str, value: str) -> str:
        """Fold a header into lines."""
        return f"{name}: {value}\r\n" if name.lower() in _UNFOLDED else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """Likewise, as bytes."""
        return self.fold(name, value).encode("ascii") if name.lower() in _UNFOLDED else super().fold_binary(name, value)


_POLICY: Final = _Policy(linesep="\r\n", raise_on_defect=True)


def as_message(letter: Letter, settings: MailSettings) -> EmailMessage:
    """The letter as a MIME message: plain text, and the same as HTML."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = settings.sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{letter.message_id}@{settings.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic replies
    if letter.stop_url:
        message["List-Unsubscribe"] = f"<{letter.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _reason(error: Exception) -> tuple[str, bool]:
    """What is reported to a reader of an error, and whether it is permanent."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return _said(code, text), 500 <= code < 600
        case smtplib.SMTPAuthenticationError():
            return "the mail server did not accept the archive's password", False
        case smtplib.SMTPResponseException():
            return _said(error.smtp_code, error.smtp_error), False
        case ssl.SSLError() | smtplib.SMTPNotSupportedError():
            return "there was no secure connection to the mail server", False
    return "the mail server could not be reached", False


def _said(code: int, text: bytes | str) -> str:
    read = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    printable = "".join(letter if letter.isprintable() else " " for letter in read)
    return f"{code} {' '.join(printable.split())}"[:_MAX_REASON]

"""E-mail: newsletters and alerts in files of one message (`.eml`, `.emlx`, Maildir) and of many (mbox).

    id        Message-ID
    address   Archived-At (RFC 5064): List-Archive is that of a whole list
    title     Subject, without «Fwd:» and «Re:»
    date      Date
    source    the list's name (List-Id), or the sender's name; a source of the settings by the sender's host
    author    the sender, if the source is the list
    text      the HTML part, otherwise the plain text

A newsletter has no layout of a news site: all its blocks are text, except hidden ones and lines about the subscription.
Messages attached to a message are articles too; other attachments are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import IO, Final

from corpus.errors import UnreadableInput
from corpus.readers import mime
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.encodings import decode
from corpus.readers.html_body import text_blocks
from corpus.readers.html_tree import parse_html, too_many_tags
from corpus.readers.record import MAX_PAGE_BYTES, Ignored, Item, Place, Reading, Record, Refusal, extension_of
from corpus.settings import source_of_file, source_of_url

MAIL_NAMES: Final = frozenset({".eml", ".emlx"})
MBOX_NAMES: Final = frozenset({".mbox", ".mbx"})

_MEDIA_TYPE: Final = "message/rfc822"
_MAILDIR: Final = re.compile(r"(?:^|/)(?:cur|new)/\d{9,10}\.[^/]+$")
_OF_MAIL: Final = frozenset({"message-id", "received", "return-path", "mime-version", "delivered-to", "x-mailer"})
_OF_A_LETTER: Final = frozenset({"from", "date", "subject"})
_ENVELOPE: Final = re.compile(rb"From \S+ .{0,200}\d")
_MBOX: Final = re.compile(rb"\s*From \S[^\r\n]*\d[^\r\n]*\r?\n>?[!-9;-~]{1,80}:")
_QUOTED_ENVELOPE: Final = re.compile(rb"^>(>*From )", re.M)
_PIECE: Final = 2**16
_ENCRYPTED: Final = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})

_REPLY: Final = re.compile(r"^(?:\s*(?:fwd?|re|رد|إعادة توجيه)\s*:)+\s*", re.I)
_FORWARDED: Final = re.compile(
    r"^\W*(?:forwarded message|original message|begin forwarded message|الرسالة الأصلية|رسالة مُ?عاد توجيهها"
    r"|الرسالة المُ?عاد توجيهها)\W*$",
    re.I,
)
_ABOUT_SUBSCRIPTION: Final = re.compile(
    r"unsubscribe|view (?:this )?(?:e-?mail |message )?in (?:your |a )?browser"
    r"|(?:manage|update) (?:your )?(?:e-?mail )?(?:preferences|subscription)|no longer (?:wish|want) to receive"
    r"|[إا]لغاء (?:ال)?اشتراك|(?:عرض|[إا]فتح|شاهد|قراء[ةه]) .{0,30}(?:في|عبر) (?:ال)?متصفح|تفضيلات (?:البريد|الاشتراك)"
    r"|وصلتك هذه الرسال[ةه]|تلقيت هذه الرسال[ةه]",
    re.I,
)
_MAX_ABOUT: Final = 200  # characters of a line about the subscription
_HIDDEN: Final = re.compile(r"display:none|mso-hide:all|visibility:hidden", re.I)
_LETTER: Final = re.compile(r"[^\W\d_]")
_ENOUGH_LETTERS: Final = 80
_CLOCK_ERROR: Final = timedelta(days=2)
_LIST_NAME: Final = re.compile(r"^\s*\"?([^<\"]+?)\"?\s*<")
_ANGLED: Final = re.compile(r"<([^<>\s]+)>")
_BLANK: Final = re.compile(r"\n[ \t]*\n")
# Programs break the lines of plain texts at 65 to 80 characters.
_SHORTEST_WRAPPED: Final = 50
_LONGEST_WRAPPED: Final = 80


def is_mail(head: bytes, extension: str) -> bool:
    """Whether a file is a message: by its headers; by its name if it is no HTML."""
    names = mime.header_names(head)
    if (names & _OF_MAIL and names & _OF_A_LETTER) or names >= _OF_A_LETTER:
        return True
    return extension in MAIL_NAMES and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def is_mbox(head: bytes, extension: str) -> bool:
    """Whether a file begins as mbox files do, or is named as one."""
    return bool(_MBOX.match(head)) or extension in MBOX_NAMES


def is_mail_name(path: str) -> bool:
    """Whether a file without a known extension is mail, by its path: in a Maildir, or in a mailbox of Apple Mail."""
    return bool(_MAILDIR.search(path)) or path.lower().endswith(".mbox/mbox")


def read_mail(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read a message, and those attached to it.

    Raises:
        UnreadableInput: it is no message, or cannot be separated into its parts.
    """
    first, _, rest = data.partition(b"\n")
    if place.extension == ".emlx" and first.strip().isdigit():  # the message's length; a property list follows it
        data = rest[: int(first[:20])]
    message = mime.parse_message(data, place.label)
    if not any(mime.raw_header(message, name) for name in _OF_A_LETTER):
        raise UnreadableInput(place.label, "not a message: it has no sender, subject or date")
    attached: list[mime.Part] = []
    yield from _message(message, attached, data, place, reading)
    for number, inner in enumerate(attached, 1):
        # At any depth: each adds its own attachments.
        yield from _message(inner, attached, data, place.within(f"attached message {number}"), reading)


def read_mbox(stream: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read the messages of an mbox file."""
    for number, data in enumerate(_messages(stream), 1):
        here = place.within(f"message {number}")
        if data is None:
            yield Refusal(here.label, f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article")
            continue
        try:
            yield from read_mail(data, here, reading)
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)


def _messages(stream: IO[bytes]) -> Iterator[bytes | None]:
    """The messages of an mbox file; None for one that is too large."""
    message = bytearray()
    blank, at_start, begun, large = True, True, False, False
    while line := stream.readline(_PIECE):
        if at_start and blank and _ENVELOPE.match(line):
            if begun:
                yield None if large else _QUOTED_ENVELOPE.sub(rb"\1", bytes(message))
            message, begun, large = bytearray(), True, False
        elif not large:
            begun = begun or bool(line.strip())
            message += line
            if large := len(message) > MAX_PAGE_BYTES:
                message.clear()
        blank = at_start and not line.strip()
        at_start = line.endswith(b"\n")
    if begun:
        yield None if large else _QUOTED_ENVELOPE.sub(rb"\1", bytes(message))


def _message(
    message: mime.Part, attached: list[mime.Part], whole: bytes, place: Place, reading: Reading
) -> Iterator[Item]:
    body = _Body(place.label)
    try:
        paragraphs = body.paragraphs(message)
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)
        return
    attached += body.messages
    yield from map(Ignored, body.attachments)
    if not paragraphs:
        # A message that only carries others is complete without a text.
        yield Ignored("message without a text") if body.messages else Refusal(place.label, "it contains no text")
        return
    name, address = parseaddr(mime.raw_header(message, "From"))
    sender = mime.decoded(name) or address
    of_list = _LIST_NAME.match(mime.header(message, "List-Id"))
    archived = _ANGLED.search(mime.raw_header(message, "Archived-At"))
    host = address.rpartition("@")[2]
    known = source_of_file(reading.sources, place.file) or source_of_url(reading.sources, f"https://{host}/")
    notes: list[str] = []
    letters = DamagedLetters(place.label)
    try:
        article = letters.article(
            id=mime.header(message, "Message-ID").strip("<> ") or None,
            url=archived[1] if archived and archived[1].lower().startswith(("http://", "https://")) else None,
            title=_REPLY.sub("", mime.header(message, "Subject")),
            paragraphs=paragraphs,
            published=_sent_at(message, reading, notes),
            source=known.name if known else of_list[1] if of_list else sender,
            authors=(sender,) if of_list and sender else (),
            retrieved_at=reading.retrieved_at,
        )
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)
        return
    if any(map(_FORWARDED.match, paragraphs)):
        notes.append("a forwarded message: source and date are those of the person who forwarded it")
    notes += letters.warnings()
    warning = f"{place.label}: {'; '.join(notes)}" if notes else None
    yield Record(article, whole, _MEDIA_TYPE, warning, origin=place.origin)


def _sent_at(message: mime.Part, reading: Reading, notes: list[str]) -> datetime | None:
    """The date of a message; clocks of senders may be wrong by years."""
    sent = mime.moment(message)
    if sent is None:
        said = mime.header(message, "Date")
        notes.append(f"kept without a date: {said[:80]!r} is not a date" if said else "it has no date")
    elif reading.retrieved_at and sent > reading.retrieved_at + _CLOCK_ERROR:
        notes.append(f"kept without a date: {sent:%Y-%m-%d} is in the future")
        return None
    return sent


class _Body:
    """Reads the text of a message; what is attached is collected on the way."""

    def __init__(self, label: str) -> None:
        self._label = label
        self.messages: list[mime.Part] = []
        self.attachments: list[str] = []

    def paragraphs(self, part: mime.Part) -> list[str]:
        """The paragraphs of a part.

        Raises:
            UnreadableInput: it is encrypted, or its HTML is too large.
        """
        media_type = mime.media_type(part)
        if media_type in _ENCRYPTED:
            raise UnreadableInput(self._label, "it is encrypted")
        inner = mime.parts_of(part)
        if media_type == "message/rfc822":
            self.messages += inner
            return []
        if inner:
            if media_type == "multipart/alternative":
                return _best([self.paragraphs(one) for one in inner])
            if media_type == "multipart/related":
                inner = inner[:1]  # the others are its pictures
            return [line for one in inner for line in self.paragraphs(one)]
        name = mime.file_name(part)
        if media_type in ("text/html", "text/plain") and not _is_attached(part, name):
            return self._text(part, is_html=media_type == "text/html")
        if not media_type.startswith("multipart/") and media_type != "application/pgp-signature":
            self.attachments.append(f"attachment {extension_of(name or '')}".rstrip())
        return []

    def _text(self, part: mime.Part, *, is_html: bool) -> list[str]:
        try:
            text = decode(mime.content(part), mime.charset(part))
        except ValueError as error:
            raise UnreadableInput(self._label, str(error)) from error
        if not is_html:
            return _plain_paragraphs(text, flowed="flowed" in mime.raw_header(part, "Content-Type").lower())
        if reason := too_many_tags(text):
            raise UnreadableInput(self._label, reason)
        soup = parse_html(text)
        for tag in soup.find_all(style=True):
            if not tag.decomposed and _HIDDEN.search(str(tag["style"]).replace(" ", "")):
                tag.decompose()
        return [block.text for block in text_blocks(soup) if _is_text(block.text)]


def _is_attached(part: mime.Part, name: str | None) -> bool:
    disposition = mime.raw_header(part, "Content-Disposition").lower()
    return disposition.startswith("attachment") or (name is not None and not disposition.startswith("inline"))


def _best(alternatives: list[list[str]]) -> list[str]:
    """The last alternative, which is the richest, unless it has hardly any text, as one of pictures."""
    letters = [len(_LETTER.findall(" ".join(one))) for one in alternatives]
    enough = [number for number, count in enumerate(letters) if count >= _ENOUGH_LETTERS]
    return alternatives[enough[-1] if enough else letters.index(max(letters))]


def _is_text(text: str) -> bool:
    if not _LETTER.search(text):
        return False  # the invisible characters after a preview
    return len(text) > _MAX_ABOUT or not _ABOUT_SUBSCRIPTION.search(text)


def _plain_paragraphs(text: str, *, flowed: bool) -> list[str]:
    """The paragraphs of a plain text, without the line breaks of the program that sent it."""
    found: list[str] = []
    for piece in _BLANK.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line for line in piece.split("\n") if line.strip()]
        wrapped = len(lines) > 1 and all(_SHORTEST_WRAPPED <= len(line) <= _LONGEST_WRAPPED for line in lines[:-1])
        joined = ""
        for line in lines:
            joined += f" {line.strip()}"
            if not wrapped and not (flowed and line.endswith(" ")):
                found.append(joined)
                joined = ""
        found.append(joined)
    return [line for one in found if (line := " ".join(one.split())) and _is_text(line)]

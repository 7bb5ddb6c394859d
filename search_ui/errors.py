"""Errors raised by the front ends."""

from __future__ import annotations

from corpus import ArshifError


class AddressInUse(ArshifError):
    """The server cannot listen at the given address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}")
        self.host = host
        self.port = port


class RevisionNotFound(ArshifError):
    """The article has no revision of this number."""

    def __init__(self, article_id: str, number: int, count: int) -> None:
        has = "one revision" if count == 1 else f"{count} revisions"
        super().__init__(f"the article {article_id!r} has {has}: there is no revision {number}")
        self.article_id = article_id
        self.number = number


class OnlyOneRevision(ArshifError):
    """The article has a single revision, so that there is nothing to compare."""

    def __init__(self, article_id: str) -> None:
        super().__init__(f"the article {article_id!r} has only one revision: there is nothing to compare")
        self.article_id = article_id


class PasswordTooShort(ArshifError):
    """The password has fewer characters than the minimum."""

    def __init__(self, least: int) -> None:
        super().__init__(f"the password is too short: it needs at least {least} characters")


class NoPlaceForSessions(ArshifError):
    """A private archive on a read-only system has no writable directory."""

    def __init__(self) -> None:
        super().__init__(
            "the archive is read-only, and there is no other writable directory for its readers' sessions: "
            "name one in the environment variable TMPDIR"
        )


class WorkersUnsupported(ArshifError):
    """This system cannot share a port between processes."""

    def __init__(self) -> None:
        super().__init__("this system cannot serve with several processes")


class SavedSearchExists(ArshifError):
    """A saved search of this name already exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a saved search named {name!r} already exists")
        self.name = name


class SavedSearchNotFound(ArshifError):
    """There is no saved search of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no saved search named {name!r}")
        self.name = name


class SavedSearchDamaged(ArshifError):
    """The stored text of a saved search is not one."""

    def __init__(self) -> None:
        super().__init__("the stored search is damaged; delete it and save it again")


class AccountExists(ArshifError):
    """A user or token of this name already exists."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"a {kind} named {name!r} already exists")
        self.name = name
        self.kind = kind


class AccountNotFound(ArshifError):
    """There is no user or token of this name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} named {name!r}")
        self.name = name
        self.kind = kind


class ListNotFound(ArshifError):
    """The reader has no list of this number, or a link to a list is not valid or was withdrawn."""

    def __init__(self) -> None:
        super().__init__("there is no such list")


class TooManyLists(ArshifError):
    """A desk has the maximum number of lists."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a desk has at most {most:,} lists")
        self.most = most


class ListFull(ArshifError):
    """A list would have more articles than it may; none was added."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a list has at most {most:,} articles")
        self.most = most


class ListChanged(ArshifError):
    """A list, or a note on it, was changed elsewhere after it was shown; nothing was saved."""

    def __init__(self) -> None:
        super().__init__("the list was changed in the meantime")


class TextTooLong(ArshifError):
    """A name, description or note is too long; nothing was saved."""

    def __init__(self, length: int, most: int) -> None:
        super().__init__(f"the text has {length:,} characters, and at most {most:,} are stored")
        self.length = length
        self.most = most


class PdfTooLong(ArshifError):
    """A list is too long for one PDF."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the articles are too long for one PDF, which has at most {most:,} characters")
        self.most = most


class PdfFailed(ArshifError):
    """The program that typesets a PDF failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the PDF could not be typeset: {reason}")


class FollowNotFound(ArshifError):
    """The reader's desk has no such followed search."""

    def __init__(self) -> None:
        super().__init__("there is no such followed search on this desk")


class TooManyFollows(ArshifError):
    """The desk, or the archive, has as many followed searches as are allowed."""

    def __init__(self, most: int) -> None:
        super().__init__(f"no more than {most:,} searches can be followed")
        self.most = most


class AddressInvalid(ArshifError):
    """The text is not a mail address to which mails can be sent."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address[:100]!r} is not a mail address")


class AddressUnavailable(ArshifError):
    """The address was asked to confirm less than a day ago, or the desk has too many addresses."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} was sent a confirming mail less than a day ago")


class WebhookInvalid(ArshifError):
    """The text is not a web address to which a webhook can be sent."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address[:100]!r} cannot be a webhook: {reason}")
        self.reason = reason


class MailFailed(ArshifError):
    """A mail could not be sent; `permanent` means that a later attempt would fail too."""

    def __init__(self, address: str, reason: str, *, permanent: bool) -> None:
        super().__init__(f"{address}: {reason}")
        self.reason = reason
        self.permanent = permanent


class MailNotConfigured(ArshifError):
    """The archive's settings have no mail server."""

    def __init__(self) -> None:
        super().__init__("there is no [mail] in arshif.toml: docs/following.md says how to set it up")


class DeliveryNotConfigured(ArshifError):
    """The archive's settings have neither a mail server nor webhooks."""

    def __init__(self) -> None:
        super().__init__("nothing can be delivered: there is no [mail] and no [follow] webhooks in arshif.toml")

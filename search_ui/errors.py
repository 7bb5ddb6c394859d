"""What can be wrong with the front ends themselves."""

from __future__ import annotations

from corpus import ArshifError


class AddressInUse(ArshifError):
    """The server cannot listen where it was told to."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason} (choose another with --port)")
        self.host = host
        self.port = port


class RevisionNotFound(ArshifError):
    """The article has no revision of this number."""

    def __init__(self, article_id: str, number: int, count: int) -> None:
        has = "one revision" if count == 1 else f"{count} revisions"
        super().__init__(f"the article {article_id!r} has {has}: there is no revision {number}")
        self.article_id = article_id
        self.number = number


class PasswordTooShort(ArshifError):
    """A password that is guessed too soon."""

    def __init__(self, least: int) -> None:
        super().__init__(f"the password is too short: {least} characters at least")


class NoPlaceForSessions(ArshifError):
    """A private archive on a read-only system without any directory to write to."""

    def __init__(self) -> None:
        super().__init__(
            "the archive is read-only, and there is no other directory for the sessions of its readers: "
            "name one by the variable TMPDIR"
        )


class WorkersUnsupported(ArshifError):
    """This system cannot share a port between processes."""

    def __init__(self) -> None:
        super().__init__("this system serves by one process only: leave out --workers")


class SavedSearchExists(ArshifError):
    """A search of this name is saved already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a saved search {name!r} already: 'arshif alert remove' removes it")
        self.name = name


class SavedSearchNotFound(ArshifError):
    """No search of this name is saved."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no saved search {name!r}: 'arshif alert list' names those there are")
        self.name = name


class AccountExists(ArshifError):
    """There is a user or a token of this name already."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is a {kind} {name!r} already: 'arshif {kind} remove' removes it")
        self.name = name


class AccountNotFound(ArshifError):
    """There is no user or token of this name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} {name!r}: 'arshif {kind} list' names those there are")
        self.name = name

"""Passwords by Argon2id (RFC 9106), with the parameters that argon2-cffi recommends."""

from __future__ import annotations

from functools import cache
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
# Each check takes 64 MiB of memory for a while: more than two at once wait.
_AT_ONCE = Semaphore(2)


def hash_password(password: str) -> str:
    """The hash, with its salt and parameters, in the PHC string format."""
    return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def is_password(known: str | None, password: str) -> bool:
    """Whether a password is the one of this hash; None, for no user, takes as long and is never right."""
    with _AT_ONCE:
        try:
            _HASHER.verify(known or _nobody(), password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
    return known is not None


@cache
def _nobody() -> str:
    return hash_password("nobody's")

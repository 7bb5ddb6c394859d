"""The languages of the pages: Arabic, and English beside it. Which one a request wants, and its catalogue.

The pages' sentences are in the sources in English; `translations/ar/LC_MESSAGES/messages.po` has the Arabic. The
catalogue is compiled in memory when it is first needed, so no compiled copy can be older than what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale

LANGUAGES: Final = {"ar": "العربية", "en": "English"}
"""Code → the language's own name; the first is the default."""

_DEFAULT: Final = "ar"
_YEAR: Final = 365 * 24 * 3600  # seconds
# What a reader chose once stays chosen: parameter and cookie of one name, with the values that are known.
_CHOICES: Final = {"lang": tuple(LANGUAGES), "calendar": ("gregorian", "hijri")}


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """The catalogues of this package, which Flask-Babel would look for compiled."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the request's language."""
        return catalogue(language())


def set_languages(app: Flask) -> None:
    """Makes an application speak the languages."""
    babel = Babel(app, default_locale=_DEFAULT, locale_selector=_wanted)
    babel.domain_instance = Catalogues()
    app.after_request(_remember)
    app.context_processor(lambda: {"language": language(), "calendar": calendar()})


def language() -> str:
    """The code of the language that is spoken now."""
    return _once("language", lambda: str(get_locale() or _DEFAULT))


def is_arabic() -> bool:
    """Whether the language that is spoken now is Arabic."""
    return language() == "ar"


def calendar() -> str:
    """`hijri` where the reader wants Hijri dates beside the Gregorian ones."""
    return _once("calendar", lambda: _chosen("calendar") or "gregorian")


@lru_cache
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language; those of English are the sources' own."""
    source = files("search_ui.web").joinpath("translations", code, "LC_MESSAGES", "messages.po")
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=code))
    compiled.seek(0)
    return Translations(compiled)


def _once(name: str, find: Callable[[], str]) -> str:
    """What is found is kept for the request: a page asks hundreds of times."""
    if not has_request_context():
        return find()
    known: str | None = g.get(name)
    if known is None:
        known = find()
        setattr(g, name, known)
    return known


def _wanted() -> str:
    return _chosen("lang") or request.accept_languages.best_match(list(LANGUAGES)) or _DEFAULT


def _chosen(name: str) -> str | None:
    if not has_request_context():
        return None
    for asked in (request.args.get(name), request.cookies.get(name)):
        if asked in _CHOICES[name]:
            return asked
    return None


def _remember(response: Response) -> Response:
    """Keeps what was chosen in this request; a page of another language is another answer to the same address."""
    for name, known in _CHOICES.items():
        if (asked := request.args.get(name)) in known and response.mimetype == "text/html":
            response.set_cookie(name, asked, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    return response

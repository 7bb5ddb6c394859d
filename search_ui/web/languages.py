"""The languages of the pages, Arabic and English: which one a request gets, and its catalogue of messages.

Messages are in English in the sources; `translations/ar/LC_MESSAGES/messages.po` has the Arabic, and `api.po` that of
the descriptions of the API. They are compiled in memory on first use, so that there is no compiled file that could be
out of date.
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
"""The name of each language in itself, by code; the first is the default."""

_DEFAULT: Final = "ar"
_YEAR: Final = 365 * 24 * 3600  # seconds
# Preferences that are remembered in a cookie: the name of the parameter and cookie, and its valid values.
_CHOICES: Final = {
    "lang": tuple(LANGUAGES),
    "calendar": ("gregorian", "hijri"),
    "months": ("both", "syriac", "roman", "maghreb"),
    "digits": ("latin", "arabic"),
}


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """Message catalogues compiled in memory; Flask-Babel itself reads only compiled files."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language."""
        return catalogue(language())


def set_languages(app: Flask) -> None:
    """Set up the languages of an application."""
    babel = Babel(app, default_locale=_DEFAULT, locale_selector=_locale)
    babel.domain_instance = Catalogues()
    # Flask-Babel's own callables look up its domain for each of the hundreds of messages of a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's extension i18n
        lambda message: catalogue(language()).gettext(message),
        lambda one, many, count: catalogue(language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.after_request(_remember)
    app.context_processor(
        lambda: {"language": language(), "calendar": calendar(), "months": months(), "digits": digits()}
    )


def language() -> str:
    """The code of the current language."""
    return _once_per_request("language", lambda: str(get_locale() or _DEFAULT))


def is_arabic() -> bool:
    """Whether the current language is Arabic."""
    return language() == "ar"


def calendar() -> str:
    """`hijri` if the reader chose Hijri dates next to the Gregorian ones, otherwise `gregorian`."""
    return _once_per_request("calendar", lambda: _chosen("calendar") or "gregorian")


def months() -> str:
    """The month names of Arabic pages: `both` (شباط/فبراير), `syriac` (شباط), `roman` (فبراير), `maghreb` (فيفري)."""
    return _once_per_request("months", lambda: _chosen("months") or "both")


def digits() -> str:
    """The digits of Arabic pages: `latin` (2015) or `arabic` (٢٠١٥)."""
    return _once_per_request("digits", lambda: _chosen("digits") or "latin")


@lru_cache
def catalogue(code: str, domain: str = "messages") -> NullTranslations:
    """The messages of a language; the English ones are in the sources."""
    source = files("search_ui.web").joinpath("translations", code, "LC_MESSAGES", f"{domain}.po")
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=code))
    compiled.seek(0)
    return Translations(compiled)


def _once_per_request(name: str, find: Callable[[], str]) -> str:
    """A value computed once per request: a page uses it hundreds of times."""
    if not has_request_context():
        return find()
    values: dict[str, str] = vars(g._get_current_object())
    known = values.get(name)
    if known is None:
        known = values[name] = find()
    return known


def _locale() -> str:
    return _chosen("lang") or request.accept_languages.best_match(list(LANGUAGES)) or _DEFAULT


def _chosen(name: str) -> str | None:
    if not has_request_context():
        return None
    for value in (request.args.get(name), request.cookies.get(name)):
        if value in _CHOICES[name]:
            return value
    return None


def _remember(response: Response) -> Response:
    """Store the preferences of this request in cookies, and distinguish languages in caches."""
    for name, known in _CHOICES.items():
        if (value := request.args.get(name)) in known and response.mimetype == "text/html":
            response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    return response

"""The files of lists and selections: citations, tables, PDF, and the bundle of evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flask import abort, current_app, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from corpus import ArchiveReadFailed, ArticleDamaged
from search_ui.export import LIST_FORMATS, Entry, Listing, make_pdf, read_listed, write_bundle
from search_ui.hints import with_hint
from search_ui.web.desk import without_store
from search_ui.web.exports import ExportFile, attachment, download
from search_ui.web.languages import language
from search_ui.web.links import article_url
from search_ui.web.rate_limits import lift_cost_limit
from search_ui.web.served_archive import served_archive

_MEDIA_TYPES: Final = {"pdf": "application/pdf", "zip": "application/zip"}


def listing_of(name: str, description: str, entries: list[Entry]) -> Listing:
    """A list as it is exported now, from this archive and with its permanent addresses."""
    archive = served_archive().archive.settings.name
    made_at = datetime.now(UTC)
    return Listing(name, tuple(entries), archive, made_at, description, lambda one: article_url(one, external=True))


def file_of(ending: str, listing: Listing) -> AnyResponse:
    """A list as a file by its ending. It is complete, or there is none: damage is a reason to refuse it."""
    form = LIST_FORMATS.get(ending)
    if form is None and ending not in _MEDIA_TYPES:
        abort(404)
    archive = served_archive().archive
    media_type = form.media_type if form else _MEDIA_TYPES[ending]

    def write(file: ExportFile) -> None:
        if form:
            file.write_texts(form.write(read_listed(archive, listing), listing, language()))
        elif ending == "pdf":
            file.write(make_pdf(archive, listing, language()))
        else:
            write_bundle(archive, listing, language(), file)

    too_large = gettext(
        "This file would be larger, or take longer to write, than the server allows. Make shorter lists."
    )
    try:
        return download(media_type, attachment(listing.name, ending), write, too_large)
    except (ArticleDamaged, ArchiveReadFailed) as error:
        lift_cost_limit()
        current_app.logger.error("%s", with_hint(error))
        return without_store(render_template("error.html", sentence=_refusal(error)), 500)


def _refusal(error: ArticleDamaged | ArchiveReadFailed) -> str:
    """Why there is no file, without paths of this machine."""
    if isinstance(error, ArticleDamaged):
        damaged = error.article_id
        return str(
            gettext("No file was made, since it would be incomplete: the article %(id)s is damaged.", id=damaged)
        )
    return str(gettext("No file was made, since it would be incomplete: a saved page is damaged or missing."))

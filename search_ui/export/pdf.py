"""A list of articles as a PDF to print, in Arabic or English, typeset by Typst in a child process.

The template is `listing.typ`. The font is Amiri: its letters are single glyphs, so that the text of the file can be
searched and copied, which is not so of fonts that draw dots apart. Texts are passed as data, never as markup.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from corpus import Archive, display_url
from search_ui.errors import PdfFailed, PdfTooLong
from search_ui.export import citation
from search_ui.export.about import program
from search_ui.export.listing import Listed, ListedState, Listing, read_listed

MAX_CHARACTERS: Final = 3_000_000
"""Characters of all texts of a PDF: about 2,300 pages, 14 seconds of processor time and 1.2 GB of memory."""

_SECONDS: Final = 180  # after which the child process is stopped
_HERE: Final = Path(__file__).parent
_LONG_WORD: Final = 30  # characters after which a word may be broken, which would otherwise leave the page
_BREAK: Final = "\u200b"  # zero width space
_OPENING: Final = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")  # signs that change the direction
_CLOSING: Final = frozenset("\u202c\u2069")
# With thousands of such signs in one paragraph, Typst may fail at its levels of direction; people use a few.
_MAX_OPENING: Final = 60

_ARABIC: Final = {
    "page": "صفحة {} من []",
    "contents": "المحتويات",
    "note": "ملاحظة",
    "from": "من أرشيف: {}",
    "made": "أُعدّ في {} بواسطة {}",
    "articles": "عدد المقالات: {}",
    "untitled": "مقال بلا عنوان",
    "citation": "الاقتباس",
    "permanent": "الرابط الدائم في الأرشيف",
    "original": "الرابط الأصلي",
    "changed": "تغيّر نص هذا المقال بعد إضافته إلى القائمة؛ المطبوع هنا نصه الحالي.",
    "removed": "المقال رقم {} ({}): أُزيل من الأرشيف.",
    "missing": "المقال رقم {} ({}): غير موجود في الأرشيف.",
}
_ENGLISH: Final = {
    "page": "Page {} of []",
    "contents": "Contents",
    "note": "Note",
    "from": "From the archive: {}",
    "made": "Made on {} by {}",
    "articles": "Articles: {}",
    "untitled": "Untitled article",
    "citation": "Citation",
    "permanent": "Permanent address in the archive",
    "original": "Original address",
    "changed": "The text of this article has changed since it was added to the list; its current text is printed here.",
    "removed": "Article {} ({}): removed from the archive.",
    "missing": "Article {} ({}): not in the archive.",
}


def make_pdf(archive: Archive, listing: Listing, language: str) -> bytes:
    """The PDF of a list in a language, `ar` or `en`.

    Raises:
        PdfTooLong: the texts have more than `MAX_CHARACTERS`, or typesetting takes too long.
        PdfFailed: Typst is missing or failed.
        ArticleDamaged: as `read_listed`.
    """
    document = json.dumps(_document(archive, listing, language), ensure_ascii=False)
    made_at = str(int(listing.made_at.timestamp()))
    program = (sys.executable, "-I", str(_HERE / "typeset.py"))
    arguments = (*program, str(_HERE / "listing.typ"), str(_HERE / "fonts"), made_at)
    try:
        done = subprocess.run(
            arguments, input=document.encode("utf-8", "replace"), capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PdfTooLong(MAX_CHARACTERS) from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PdfFailed(lines[-1] if lines else f"exit code {done.returncode}")
    return done.stdout


def _document(archive: Archive, listing: Listing, language: str) -> dict[str, Any]:
    words = _ARABIC if language == "ar" else _ENGLISH
    day = citation.arabic_day if language == "ar" else citation.english_day
    articles: list[dict[str, Any]] = []
    notices: list[str] = []
    characters = 0
    for listed in read_listed(archive, listing):
        if listed.article is None:
            notices.append(words[listed.state.value].format(listed.number, listed.entry.article_id))
            continue
        characters += len(listed.article.text) + len(listed.entry.note)
        if characters > MAX_CHARACTERS:
            raise PdfTooLong(MAX_CHARACTERS)
        articles.append(_article(listed, listing, language, words, day))
    own = "rtl" if language == "ar" else "ltr"
    facts = [
        words["from"].format(listing.archive),
        words["made"].format(day(listing.made_at), program()),
        words["articles"].format(len(listing.entries)),
    ]
    return {
        "language": language,
        "dir": own,
        "words": {name: words[name] for name in ("page", "contents", "note")},
        "title": _clean(listing.name),
        "archive": _clean(listing.archive),
        "footer": _breakable(f"{_isolated(listing.name)} · {_isolated(listing.archive)}"),
        "name": _paragraph(listing.name, own),
        "description": [_paragraph(line, own) for line in listing.description.splitlines() if line.strip()],
        "facts": [{**_paragraph(fact, own), "dir": own, "lang": language} for fact in facts],
        "notices": [{**_paragraph(line, own), "dir": own, "lang": language} for line in notices],
        "articles": articles,
    }


def _article(
    listed: Listed, listing: Listing, language: str, words: dict[str, str], day: Callable[[date | datetime], str]
) -> dict[str, Any]:
    article = listed.article
    assert article is not None
    own = "rtl" if language == "ar" else "ltr"
    number = str(listed.number)
    published = day(article.published) if article.published else None
    about = [number, article.source, article.section, published, *article.authors]
    cited = (citation.plain if language == "ar" else citation.plain_english)(article, listed.copy, isolated=True)
    facts = [{"label": words["citation"], **_paragraph(cited, own), "dir": own, "lang": language}]
    for label, address in (("permanent", listing.address(article.id)), ("original", article.url or "")):
        if address:
            link = {"link": address} if address.startswith(("http://", "https://")) else {}
            facts.append({"label": words[label], **_paragraph(display_url(address), "ltr"), **link})
    changed = [words["changed"]] if listed.state is ListedState.CHANGED else []
    return {
        "number": number,
        "title": _paragraph(article.title or words["untitled"], own),
        "about": {**_paragraph(" · ".join(_isolated(one) for one in about if one), own), "dir": own},
        "note": [_paragraph(line, own) for line in listed.entry.note.splitlines() if line.strip()],
        "notices": [{**_paragraph(line, own), "dir": own, "lang": language} for line in changed],
        "paragraphs": [_paragraph(text, own) for text in article.paragraphs],
        "facts": facts,
    }


def _paragraph(text: str, otherwise: str) -> dict[str, Any]:
    """A text with the direction of its first letter that has one, or another."""
    kinds = (unicodedata.bidirectional(letter) for letter in text[:200])
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), None)
    own = otherwise if first is None else "ltr" if first == "L" else "rtl"
    return {"text": _breakable(_clean(text)), "dir": own, "lang": "ar" if own == "rtl" else "en"}


def _isolated(text: str) -> str:
    return f"{citation.FIRST_ISOLATE}{_clean(text)}{citation.POP_ISOLATE}"


def _clean(text: str) -> str:
    dropped = _OPENING | _CLOSING if sum(letter in _OPENING for letter in text) > _MAX_OPENING else frozenset()
    return "".join(
        letter
        for letter in text
        if letter == "\t" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in dropped)
    )


def _breakable(text: str) -> str:
    if len(text) <= _LONG_WORD:
        return text
    # Typst breaks addresses by itself, and a copied one must work.
    return " ".join(word if "://" in word else _BREAK.join(_parts(word)) for word in text.split(" "))


def _parts(word: str) -> Iterator[str]:
    for start in range(0, len(word) or 1, _LONG_WORD):
        yield word[start : start + _LONG_WORD]

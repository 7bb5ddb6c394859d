"""The README of a bundle, in Arabic and English: what is in it, how it is verified, and what that proves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from search_ui.export.about import program
from search_ui.export.listing import Listing

_ARABIC = """\
حزمة مقالات من أرشيف: {archive}
القائمة: {name}
أُعدّت في {made_at} (بالتوقيت العالمي) بواسطة {program}. عدد المقالات: {count}.

ما في الحزمة
- manifest.json: وصف الحزمة: الأرشيف، ووقت الإعداد، وكل ملف وبصمته (SHA-256)، وكل مقال: معرّفه وإصداراته وبصمة محتواه
  ورابطه الأصلي، ومن أين استُورد ومتى.
- articles/: كل مقال في ملف JSON (النص الحالي وكل إصداراته السابقة) وفي ملف نصي، وملف changes.txt إن تغيّر نصه.
- {pages_ar}
- citations.*: الاقتباسات بالعربية والإنجليزية، ولبرامج المراجع (BibTeX وRIS).
- list.csv وlist.jsonl: القائمة جدولا وسجلات.
- {pdf_ar}
- SHA256SUMS: بصمات الملفات كلها.

التحقق
افتح الحزمة في مجلد ونفّذ فيه:  sha256sum -c SHA256SUMS
(في macOS:  shasum -a 256 -c SHA256SUMS)

ما الذي يثبته ذلك
تثبت البصمات أن الملفات لم تتغير منذ إعداد الحزمة. وهي لا تثبت أن الأرشيف حفظ الصفحات بأمانة، ولا أن الأوقات المسجلة
صحيحة.
لتثبيت تاريخ الحزمة لدى جهة أخرى، اطلب ختما زمنيا لملفها فور إعدادها (RFC 3161 أو OpenTimestamps).
"""

_ENGLISH = """\
A bundle of articles from the archive: {archive}
List: {name}
Made at {made_at} (UTC) by {program}. Articles: {count}.

What is in it
- manifest.json: describes the bundle: the archive, when it was made, every file with its SHA-256, and every article
  with its id, its versions, the hash of its content, its original address, and where and when it was imported from.
- articles/: every article as JSON (its current text and all earlier versions) and as text, with a file changes.txt if
  its text has changed.
- {pages_en}
- citations.*: citations in Arabic and English, and for reference managers (BibTeX, RIS).
- list.csv and list.jsonl: the list as a table and as records.
- {pdf_en}
- SHA256SUMS: the hashes of all files.

To verify it
Unpack it into a directory, and run there:  sha256sum -c SHA256SUMS
(on macOS:  shasum -a 256 -c SHA256SUMS)

What that proves
The hashes prove that the files have not changed since the bundle was made. They do not prove that the archive saved the
pages truthfully, nor that the recorded times are right.
To have the date of the bundle confirmed by others, get a time stamp for its file as soon as it is made (RFC 3161, or
OpenTimestamps).
"""

_PAGES_ARABIC = "pages/: الصفحات الأصلية كما حُفظت، حرفا بحرف. اسم كل ملف هو بصمته (SHA-256)."
_PAGES_ENGLISH = "pages/: the original pages as they were saved, byte for byte. The name of each file is its SHA-256."


def readme(listing: Listing, *, printed: bool, pages: int) -> Iterator[str]:
    """The text; `printed` is whether the bundle contains a PDF, `pages` how many saved pages it has."""
    values = {
        "archive": listing.archive,
        "name": listing.name,
        "made_at": f"{listing.made_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "program": program(),
        "count": len(listing.entries),
        "pages_ar": _PAGES_ARABIC if pages else "لا صفحات أصلية في هذه الحزمة: لم يحفظ الأرشيف صفحات هذه المقالات.",
        "pages_en": _PAGES_ENGLISH if pages else "There are no original pages: the archive has kept none.",
        "pdf_ar": "list.pdf: القائمة للطباعة." if printed else "لا ملف PDF في هذه الحزمة: النصوص أطول مما يتسع له.",
        "pdf_en": "list.pdf: the list to print." if printed else "There is no PDF: the texts are too long for one.",
    }
    yield _ARABIC.format(**values)
    yield f"\n{'-' * 80}\n\n"
    yield _ENGLISH.format(**values)

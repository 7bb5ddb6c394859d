"""An archive of words with several spellings, and its vocabulary."""

from __future__ import annotations

from pathlib import Path

from corpus import Archive, make_article
from indexer import rebuild_index
from indexer.embedded.snapshot import Snapshot, open_snapshot

TEXTS = [
    "قال عبدالله إن الاجتماع في أبو ظبي انتهى",
    "وصل عبد الله إلى أبوظبي وعاد منها",
    "رأس مال الشركة عشرة ملايين",
    "زاد رأسمال الشركة خمسة أضعاف",
    "عرض فيلم في لم شمل الأسرة",
    "إن شاء الله نعود غدا، لا سيما صلى الله عليه وسلم",
    "انشاء الله نعود لاسيما اليوم، قال ﷺ",
    "نقلت أ ف ب عن المصدر",
    "ذكرت أفب أن طائرة F-16 هبطت",
    "وقال قائد سرب F16 ذلك، وحضر سعد بن لادن",
    "قرر رييس الهيأة أن يوكد ذلك",
    "قرر رئيس الهيئة أن يؤكد ذلك",
    "باع ١٬٠٠٠ قطعة و 300 صندوق و 15 سيارة",
    "باع 1 000 قطعة ثم ألف قطعة وثلاثمئة صندوق، ثلاث مئة منها",
    "اشترى خمسة عشر منزلا و 5 سيارات، واحد منها 1",
    "انشغل ببنلادن نصرالله وجاء نصر الله",
    "قال خامنه ئي في الصلوة إن البرئ لا يخاف",
    "قال خامنئي في الصلاة إن البريء لا يخاف",
]


def spelling_archive(directory: Path) -> Archive:
    """The archive, indexed."""
    archive = Archive.create(directory)
    for number, text in enumerate(TEXTS):
        archive.add(make_article(id=str(number), title=f"خبر {number}", paragraphs=[text], source="الغد"))
    rebuild_index(archive)
    return archive


def vocabulary_of(archive: Archive) -> Snapshot:
    """The snapshot of the archive's index."""
    return open_snapshot(archive.index_directory)

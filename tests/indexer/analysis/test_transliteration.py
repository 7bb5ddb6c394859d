from __future__ import annotations

import pytest

from indexer.analysis import fold
from indexer.analysis.transliteration import MAX_TRANSLITERATED_LETTERS, latin_letters, transliterations

NAMES = [
    ("Soleimani", "سليماني"),
    ("Erdogan", "أردوغان"),
    ("Erdoğan", "أردوغان"),
    ("Lavrov", "لافروف"),
    ("Netanyahu", "نتنياهو"),
    ("Merkel", "ميركل"),
    ("Ghouta", "غوطة"),
    ("Muhammad", "محمد"),
    ("Mohammed", "محمد"),
    ("Ouattara", "واتارا"),
    ("Qaddafi", "قذافي"),
    ("Kadhafi", "قذافي"),
    ("Khamenei", "خامنئي"),
    ("Guterres", "غوتيريش"),
    ("Benzema", "بنزيما"),
    ("Mourinho", "مورينيو"),
    ("Obama", "أوباما"),
    ("Washington", "واشنطن"),
    ("Ibrahimović", "إبراهيموفيتش"),
    ("Steinmeier", "شتاينماير"),
    ("Djibouti", "جيبوتي"),
    ("Essebsi", "السبسي"),
]


@pytest.mark.parametrize(("latin", "arabic"), NAMES)
def test_a_latin_name_has_its_arabic_spelling(latin: str, arabic: str) -> None:
    # As in an archive that prints these names: all other prefixes are pruned.
    printed = {fold(name) for _, name in NAMES}
    letters = latin_letters(latin)
    assert letters is not None

    def existing_prefixes(starts: object) -> set[str]:
        return {start for start in starts if any(form.startswith(start) for form in printed)}  # type: ignore[attr-defined]

    assert next(form for form in transliterations(letters, existing_prefixes) if form in printed) == fold(arabic)


def test_a_prefix_is_spelled_as_a_prefix() -> None:
    assert "لافر" in transliterations("lavr", is_start=True)


@pytest.mark.parametrize("word", ["لافروف", "f16", "a" * (MAX_TRANSLITERATED_LETTERS + 1), "", "Лавров"])
def test_other_words_have_no_latin_letters(word: str) -> None:
    assert latin_letters(word) is None


def test_accents_and_marks_are_dropped() -> None:
    assert latin_letters("Şan'a") == "shana"

"""Words that mean something only side by side: abbreviations, names of two words, ligatures."""

from __future__ import annotations

import pytest

from indexer.analysis import fold
from indexer.analysis.multiword import (
    adjacent_forms,
    is_abbreviation,
    is_compound_name,
    is_sure_name,
    ligature_forms,
    ligature_words,
    strip_clitic,
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("أ ف ب", True), ("F 16", True), ("U N", True), ("16 F", False), ("في 16", False), ("أبو ظبي", False)],
)
def test_letters_one_by_one_and_letters_with_a_number_are_abbreviations(words: str, expected: bool) -> None:
    assert is_abbreviation(words.split()) == expected


NAMES = [
    ("beginning of names", "عبد العزيز", True),
    ("with a clitic", "وأبو ظبي", True),
    ("ending of names", "نصر الله", True),
    ("a clitic before an ending", "بال الدين", False),
    ("a stop word after a beginning", "أم على", False),
    ("too short after a beginning", "بن زي", False),
    ("other words", "رأس مال", False),
]


@pytest.mark.parametrize(("words", "expected"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_names_of_two_words(words: str, expected: bool) -> None:
    assert is_compound_name(*map(fold, words.split())) == expected


def test_some_parts_are_always_parts_of_names() -> None:
    assert is_sure_name("عبد", "العزيز")
    assert is_sure_name("نصر", "الله")
    assert not is_sure_name("بن", "زين")


def test_a_clitic_is_stripped_from_the_beginning_of_a_name_only() -> None:
    assert strip_clitic("وابو", "ظبي") == ("ابو", "ظبي")
    assert strip_clitic("ونصر", "الله") == ("ونصر", "الله")


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        ("أ ف ب", ("ا", "ف", "ب")),
        ("لأبو ظبي", ("ابو", "ظبي")),
        ("رأس مال", None),
        ("مدينة", None),
        ("عبد الله صالح", None),
    ],
)
def test_multiword_units_match_side_by_side(words: str, forms: tuple[str, ...] | None) -> None:
    assert adjacent_forms(words.split()) == forms


def test_a_ligature_stands_for_its_words() -> None:
    assert ligature_words("ﷺ") == ["صلى", "الله", "عليه", "وسلم"]
    assert ligature_words("ﷲ") == ligature_words("م") == ligature_words("a") == []
    assert fold("ﷺ") in ligature_forms()

from __future__ import annotations

from collections.abc import Iterable

import pytest

from indexer.analysis.lexicon import FormKind
from lexicon.nouns import (
    Form,
    broken_plural_forms,
    dual,
    elative_feminine,
    feminine_plural,
    five_nouns,
    masculine_plural,
    noun_forms,
    singular,
)


def words(forms: Iterable[Form]) -> set[str]:
    return {word for word, _, _ in forms}


MADE = [
    ("a noun and its accusative", singular("كتاب", 1), {"كتاب", "كتابا"}),
    ("ة becomes ت before a pronoun", singular("مدينة", 1), {"مدينة", "مدينت"}),
    ("ى becomes ا before a pronoun", singular("مستشفى", 1), {"مستشفى", "مستشفا"}),
    ("the hamza of اء gets a seat", singular("بناء", 1), {"بناء", "بناؤ", "بنائ"}),
    ("a defective noun loses its ي", singular("قاضي", 1, defective=True), {"قاضي", "قاضيا", "قاض"}),
    ("dual", dual("زورق", 1), {"زورقان", "زورقين", "زورقا", "زورقي"}),
    ("dual of ة", dual("قرية", 1), {"قريتان", "قريتين", "قريتا", "قريتي"}),
    ("dual of ى", dual("مستشفى", 1), {"مستشفيان", "مستشفيين", "مستشفيا", "مستشفيي"}),
    ("sound plural", masculine_plural("معلم", 1), {"معلمون", "معلمين", "معلمو", "معلمي"}),
    ("of a defective noun", masculine_plural("قاضي", 1, defective=True), {"قاضون", "قاضين", "قاضو", "قاضي"}),
    ("plural in ات", feminine_plural("حافلة", 1), {"حافلات"}),
    ("plural of ى", feminine_plural("مستشفى", 1), {"مستشفيات"}),
    ("plural of a foreign noun in و", feminine_plural("فيديو", 1), {"فيديوات", "فيديوهات"}),
    ("a broken plural that lost its ي", broken_plural_forms("أراض", is_defective=True), {"أراض", "أراضي"}),
    ("five nouns", five_nouns("أخ"), {"أخو", "أخا", "أخي"}),
]


@pytest.mark.parametrize(("forms", "expected"), [row[1:] for row in MADE], ids=[row[0] for row in MADE])
def test_forms(forms: Iterable[Form], expected: set[str]) -> None:
    assert expected <= words(forms)


def test_forms_that_occur_only_before_a_pronoun_are_bound() -> None:
    kinds = {word: kind for word, kind, _ in singular("مدينة", 1)}
    assert kinds["مدينت"] & FormKind.BOUND
    assert kinds["مدينة"] & FormKind.NO_PRONOUN
    assert not kinds["مدينة"] & FormKind.NO_ARTICLE


def test_the_accusative_takes_no_clitics() -> None:
    kinds = {word: kind for word, kind, _ in singular("كتاب", 1)}
    assert kinds["كتابا"] & FormKind.NO_ARTICLE
    assert kinds["كتابا"] & FormKind.NO_PRONOUN
    assert kinds["كتابا"] & FormKind.ACCUSATIVE


def test_a_short_masculine_noun_has_no_sound_feminine_plural() -> None:
    assert "عملات" not in words(noun_forms("عمل"))
    assert "قرارات" in words(noun_forms("قرار"))


def test_the_plural_is_rare_if_the_feminine_is_another_noun() -> None:
    shares = [
        next(share for form, _, share in noun_forms("مكتب", has_feminine_noun=has) if form == "مكتبات")
        for has in (True, False)
    ]
    assert shares[0] < shares[1] / 2


def test_an_adjective_has_a_feminine_and_both_plurals() -> None:
    assert {"قديم", "قديمة", "قديمتين", "قديمون", "قديمات"} <= words(noun_forms("قديم", is_adjective=True))


@pytest.mark.parametrize(
    ("masculine", "feminine"),
    [("أكبر", ("كبرى", "كبراء")), ("أعلى", ("عليا", "علياء")), ("كبير", ()), ("أستاذ", ())],
)
def test_the_feminine_of_an_elative(masculine: str, feminine: tuple[str, ...]) -> None:
    assert elative_feminine(masculine) == feminine

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.suggest.inflection import attesting_forms, differ_in_inflection

ATTESTED = [
    ("an article for another", "والمسرح", "للمسرح"),
    ("an article that the word has not", "المسرح", "مسرح"),
    ("an article that it has", "مسرح", "المسرح"),
    ("a clitic", "بمسرح", "مسرح"),
    ("a conjunction", "مسرح", "ومسرح"),
    ("a person", "نتناول", "يتناول"),
    ("a person behind a conjunction", "ونتناول", "ويتناول"),
    ("a pronoun for another", "مسرحهم", "مسرحها"),
    ("a plural", "ممثلون", "ممثلين"),
    ("a dual", "ممثلان", "ممثل"),
    ("the nisba", "مسرحي", "مسرحيه"),
    ("the accusative", "مسرحا", "مسرح"),
]
NOT_ATTESTED = [
    ("a clitic within the article", "اللمسرح", "لمسرح"),
    ("a doubled letter at the end", "مسرحيهه", "مسرحيه"),
    ("a pronoun behind an article", "المسرحه", "المسرح"),
    ("too little left", "بمن", "من"),
    ("itself", "مسرح", "مسرح"),
    ("another word", "مسرح", "مطرح"),
]
INFLECTED = [
    ("an article", "المسرح", "والمسرح", True),
    ("a person", "تتناول", "يتناول", True),
    ("an ending", "مسرحيات", "مسرحيه", True),
    ("a letter of the word", "مسرح", "مطرح", False),
    ("a letter of the article", "امسرح", "المسرح", False),
    ("both ends", "والمسرح", "مسرحا", False),
]


@pytest.mark.parametrize(("_", "form", "other"), ATTESTED, ids=[row[0] for row in ATTESTED])
def test_inflected_forms_attest_each_other(_: str, form: str, other: str) -> None:
    assert other in attesting_forms(form)


@pytest.mark.parametrize(("_", "form", "other"), NOT_ATTESTED, ids=[row[0] for row in NOT_ATTESTED])
def test_other_forms_do_not_attest_each_other(_: str, form: str, other: str) -> None:
    assert other not in attesting_forms(form)


def test_a_feminine_ending_is_not_a_pronoun() -> None:
    assert "تناولها" in attesting_forms("تناوله")
    assert "تناولها" not in attesting_forms("تناوله", is_feminine=True)


@pytest.mark.parametrize(("_", "form", "other", "differ"), INFLECTED, ids=[row[0] for row in INFLECTED])
def test_forms_that_differ_in_inflection(_: str, form: str, other: str, differ: bool) -> None:
    assert differ_in_inflection(form, other) is differ
    assert differ_in_inflection(other, form) is differ


@given(st.text("والبكلسيتنهمءد", max_size=10))
def test_no_form_raises_or_attests_itself(form: str) -> None:
    assert form not in attesting_forms(form)
    assert all(attesting_forms(form))

from __future__ import annotations

import pytest

pytest.importorskip(
    "libqutrub", reason="libqutrub, which builds the lexicon and is not needed to run, is not installed"
)

from indexer.analysis.lexicon import FormKind
from lexicon.verbs import verb_forms

FORMS = [
    ("strong", "كَتَبَ", "ضمة", {"كتب", "كتبت", "كتبوا", "يكتب", "تكتب", "يكتبون"}),
    ("hollow", "قَالَ", "ضمة", {"قال", "قالت", "قالوا", "يقول", "يقولون"}),
    ("defective", "دَعَا", "ضمة", {"دعا", "دعت", "دعوا", "يدعو", "يدعون"}),
    ("geminate", "رَدَّ", "ضمة", {"رد", "ردت", "ردوا", "يرد"}),
    ("assimilated", "وَصَلَ", "كسرة", {"وصل", "وصلت", "يصل", "يصلون"}),
    ("hamzated", "سَأَلَ", "فتحة", {"سأل", "سألت", "يسأل"}),
]


@pytest.mark.parametrize(("past", "future", "expected"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
def test_forms(past: str, future: str, expected: set[str]) -> None:
    assert expected <= {form for form, _, _ in verb_forms(past, future)}


def test_the_silent_alef_is_dropped_before_a_pronoun() -> None:
    kinds = {form: kind for form, kind, _ in verb_forms("كَتَبَ", "ضمة")}
    assert kinds["كتبوا"] & FormKind.NO_PRONOUN
    assert kinds["كتبو"] & FormKind.BOUND


def test_present_and_past_are_distinguished() -> None:
    kinds = {form: kind for form, kind, _ in verb_forms("قَالَ", "ضمة")}
    assert kinds["قال"] & FormKind.PAST
    assert kinds["يقول"] & FormKind.PRESENT

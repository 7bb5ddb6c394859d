"""Inflection of verbs, by libqutrub."""

from __future__ import annotations

from collections.abc import Iterator

from libqutrub import mosaref_main
from libqutrub.triverbtable import TriVerbTable

from indexer.analysis.lexicon import FormKind
from lexicon.nouns import Form
from lexicon.sources import Verb, bare

_TENSES = {
    "الماضي المعلوم": (FormKind.PAST, 1.0),
    "المضارع المعلوم": (FormKind.PRESENT, 0.8),
    "المضارع المنصوب": (FormKind.PRESENT, 0.2),
    "المضارع المجزوم": (FormKind.PRESENT, 0.06),
    "الماضي المجهول": (FormKind.PAST, 0.15),
    "المضارع المجهول": (FormKind.PRESENT, 0.1),
}
_PERSONS = {
    "هو": 0.5, "هي": 0.3, "هم": 0.12, "هما": 0.02, "هما مؤ": 0.01, "هن": 0.01, "أنا": 0.005, "نحن": 0.03, "أنت": 0.001,
    "أنتم": 0.001,
}  # fmt: skip


def verb_forms(past: str, future_type: str) -> Iterator[Form]:
    """The forms of a verb in news: past and present, active and passive; no imperatives, which look like the past."""
    conjugated = mosaref_main.do_sarf(
        past, future_type, True, True, True, True, False, True, False, True, display_format="DICT"
    )
    for tense, (kind, weight) in _TENSES.items():
        persons = (conjugated or {}).get(tense) or {}
        for person, share in _PERSONS.items():
            form = bare(persons.get(person) or "")
            if not form.isalpha():
                continue
            for spelled in {form, form.replace("أا", "آ").replace("ءا", "آ") if kind is FormKind.PAST else form}:
                yield from _with_pronouns(spelled, kind, weight * share)


def _with_pronouns(form: str, kind: FormKind, share: float) -> Iterator[Form]:
    if form.endswith("وا"):
        yield form, kind | FormKind.NO_PRONOUN, share
        yield form[:-1], kind | FormKind.BOUND, share * 0.1
    elif form.endswith("ى"):
        yield form, kind | FormKind.NO_PRONOUN, share
        yield (form[:-1] + "ا").replace("أا", "آ"), kind | FormKind.BOUND, share * 0.1
    else:
        yield form, kind, share


def from_table(vocalized: str) -> list[Verb]:
    """The verbs for a lemma that is only in the frequency list; of three letters, those of libqutrub's table."""
    past = bare(vocalized)
    if len(past) > 3 or "ّ" in vocalized:
        return [Verb(vocalized, "فتحة")]
    found = (entry for entry in TriVerbTable.values() if bare(entry["verb"]) == past)
    return [Verb(entry["verb"], entry["haraka"]) for entry in found]

"""Plans that no query of the sample articles makes."""

from __future__ import annotations

from indexer.analysis import analyze_word
from indexer.query.plan import LevelTerm, PlainWord, Terms


def word(stem: str, *others: str, loose: bool = False) -> PlainWord:
    """A word of this stem that has other lemmas beside its own."""
    terms = analyze_word(stem)
    lemmas = (*terms.lemmas, *(lemma for other in others for lemma in analyze_word(other).lemmas))
    root = LevelTerm("text_root", terms.root or stem, 0.5)
    form = LevelTerm("text_form", stem, 0.5)
    return PlainWord(Terms("text_lemma", lemmas), LevelTerm("text_stem", stem, 1.0), (form,), root, stem, loose)

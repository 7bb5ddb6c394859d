"""Plans that no query of the sample articles makes."""

from __future__ import annotations

from indexer.analysis import analyze_word
from indexer.query.plan import AnyTerm, WeightedTerm, WordPlan


def word(stem: str, *others: str, loose: bool = False) -> WordPlan:
    """A word of this stem that has other lemmas beside its own."""
    terms = analyze_word(stem)
    lemmas = (*terms.lemmas, *(lemma for other in others for lemma in analyze_word(other).lemmas))
    root = WeightedTerm("text_root", terms.root or stem, 0.5)
    form = WeightedTerm("text_form", stem, 0.5)
    return WordPlan(AnyTerm("text_lemma", lemmas), WeightedTerm("text_stem", stem, 1.0), (form,), root, stem, loose)

"""The most frequent words next to a keyword, over the lines of a concordance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from indexer.analysis import WORD, analyze_word, analyze_words
from indexer.words.concordance import ContextLine

MAX_NEIGHBOURS: Final = 10
_LEAST_LINES: Final = 2


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A word beside a keyword: the phrase that both are, as mostly printed, and the number of lines that have it.

    `narrowing` is what is added to the query to find only articles with the phrase.
    """

    word: str
    phrase: str
    lines: int

    @property
    def narrowing(self) -> str:
        """The phrase, required in every match mode."""
        return f'+"{self.phrase}"'


def neighbours(lines: Iterable[ContextLine], *, before: bool, most: int = MAX_NEIGHBOURS) -> tuple[Neighbour, ...]:
    """The most frequent words directly before, or after, a keyword; without stop words and numbers.

    Each pair of printed forms counts for itself, since a phrase is searched as printed.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    printed: defaultdict[tuple[str, ...], Counter[tuple[str, str]]] = defaultdict(Counter)
    for line in lines:
        word = _word_beside(line, before=before)
        if word is None:
            continue
        phrase = f"{word} {line.keyword}" if before else f"{line.keyword} {word}"
        forms = tuple(terms.form for terms in analyze_words(phrase))
        counts[forms] += 1
        printed[forms][word, " ".join(phrase.split())] += 1
    found = []
    for forms, count in counts.items():
        if count >= _LEAST_LINES:
            spellings = printed[forms]
            word, phrase = min(spellings, key=lambda pair: (-spellings[pair], pair))
            found.append(Neighbour(word, phrase, count))
    return tuple(sorted(found, key=lambda each: (-each.lines, each.phrase))[:most])


def _word_beside(line: ContextLine, *, before: bool) -> str | None:
    """The word next to the keyword with only space between them; None for a stop word, a number, or nothing."""
    text = line.before.rstrip() if before else line.after.lstrip()
    if before and text != line.before:
        found = [match for match in WORD.finditer(text, max(0, len(text) - 80)) if match.end() == len(text)]
    elif not before and text != line.after:
        match = WORD.match(text)
        found = [match] if match else []
    else:
        return None  # punctuation between them
    word = found[-1].group() if found else ""
    terms = analyze_word(word) if word else None
    if terms is None or not terms.lemmas or any(map(str.isdigit, terms.form)):
        return None
    return word

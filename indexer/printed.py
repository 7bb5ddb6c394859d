"""Forms as the archive prints them: the index has المفاوضه, the reader is shown المفاوضة."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from corpus import Archive
from indexer import budget
from indexer.analysis import INVISIBLE, MARKS, WORD, analyze_word, fold
from indexer.lexicon import Lexicon

_MOST_REMEMBERED: Final = 50_000
_TATWEEL: Final = "\u0640"
_SIGNS = re.compile(f"[{MARKS}{INVISIBLE}{_TATWEEL}]")


class PrintedForms:
    """The printed spellings of the forms of one state of an index, each looked up once."""

    def __init__(self, lexicon: Lexicon, archive: Archive) -> None:
        self._lexicon = lexicon
        self._archive = archive
        self._known: dict[str, str] = {}

    def spell(self, forms: Iterable[str], *, witnesses: int = 3) -> dict[str, str]:
        """The spelling that most of so many articles print for each form, without harakat and tatweel.

        A form that they no longer hold, since the archive has changed, is its own spelling.
        """
        wanted = list(dict.fromkeys(forms))
        asked = self.witnesses(wanted, self._lexicon, witnesses)
        articles = self._archive.get_many({article_id for ids in asked.values() for article_id in ids})
        if len(self._known) > _MOST_REMEMBERED:
            self._known = {}
        spelled = {}
        for form in wanted:
            texts = [articles[article_id] for article_id in asked.get(form, ()) if article_id in articles]
            found = Counter(
                printed for article in texts if (printed := _first(form, f"{article.title}\n{article.text}"))
            )
            spelled[form] = found.most_common(1)[0][0] if found else self._known.get(form, form)
        self._known |= spelled
        return spelled

    def witnesses(self, forms: Iterable[str], lexicon: Lexicon, count: int = 3) -> Mapping[str, list[str]]:
        """What `spell` asks a lexicon: the ids of articles that hold forms which were not looked up yet."""
        asked = [form for form in dict.fromkeys(forms) if form not in self._known]
        return lexicon.witnesses(asked, count) if asked else {}


def _first(form: str, text: str) -> str | None:
    """The first word of a text that has this form, bare of what is not letters."""
    budget.check()
    for word in WORD.findall(text):
        # Most words are told apart by their first letter, and need no analysis.
        if form.startswith(_folded(word[0])) and analyze_word(word).form == form:
            return _SIGNS.sub("", word)
    return None


@lru_cache(maxsize=1_000)
def _folded(letter: str) -> str:
    return fold(letter)

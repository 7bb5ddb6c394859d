"""The indices of an archive in the cluster: their names, fields and settings, and the state that they stand at.

`PREFIX` is an alias of the index in use, `PREFIX-000001` or a later number; each has its vocabulary beside it,
`PREFIX-000001-vocabulary`. The fields are those of `indexer.schema`, with the same terms at the same positions:

| field | type | holds |
|---|---|---|
| `text_form` `title_form` `source` `section` `author` | text, positions | forms |
| `text_stem` `text_root` `title_stem` | text, frequencies | stems, roots |
| `text_lemma` `title_lemma` | keyword, searched alone | lemmas |
| `source_name` `section_name` `author_name` `group_name` `day` `month` `year` `id` | keyword | whole values |
| `time` `order` `length` | numbers | for sorting: second of publication, number in the archive, words |
| `grouped` | number | 1 for a story of several copies, whose group `group_name` names; else that is its id |

Terms come analysed, with spaces between, and a word without a term keeps its place by a mark that is not indexed.
Lucene keeps a field's length in one byte, exact to 40 words and to one part in eight beyond: that, and a mean over the
articles that have the field at all, is all that its BM25 differs in from `indexer.scoring`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from corpus import ClusterSettings
from indexer.analysis import ANALYSIS_VERSION
from indexer.errors import IndexVersionMismatch
from indexer.results import MAX_HIT
from indexer.schema import TITLE_GAP
from indexer.scoring import K1, B

FORMAT_VERSION: Final = 3
"""Raised with every change of the mapping or of what is put into its fields: an older index asks for a reindex."""

NO_TERM: Final = "\u2205"
"""Stands where a word has no term; no term can be it, since it is neither letter nor digit."""

GRAM_ENDS: Final = "_"
"""Marks the ends of a stem in its trigrams."""

_POSITIONS: Final = ("text_form", "title_form", "source", "section", "author")
_FREQUENCIES: Final = ("text_stem", "text_root", "title_stem")
_SETS: Final = ("text_lemma", "title_lemma")
_KEYWORDS: Final = ("source_name", "section_name", "author_name", "group_name", "day", "month", "year", "id")
_NUMBERS: Final = ("time", "order", "length", "grouped")


@dataclass(frozen=True, slots=True)
class IndexState:
    """The index that an alias stands for, and what it was built from and by."""

    name: str
    change: int
    generation: int
    analysis: int
    format: int
    commit: str
    """A random id, which no other commit has."""

    @property
    def version(self) -> str:
        """What no other commit of any index has."""
        return f"{self.generation}-{self.commit}"

    @property
    def vocabulary(self) -> str:
        """The index of its vocabulary."""
        return vocabulary_of(self.name)

    def check(self) -> None:
        """Refuses an index of another analysis or format.

        Raises:
            IndexVersionMismatch: it must be built anew.
        """
        if self.analysis != ANALYSIS_VERSION:
            raise IndexVersionMismatch("analysis", self.analysis, ANALYSIS_VERSION)
        if self.format != FORMAT_VERSION:
            raise IndexVersionMismatch("format", self.format, FORMAT_VERSION)


def vocabulary_of(name: str) -> str:
    """The name of an index's vocabulary."""
    return f"{name}-vocabulary"


def writing(name: str) -> str:
    """The alias by which an index is written to: it goes with the index, so that no late writer makes that anew."""
    return f"{name}-writing"


def numbered(prefix: str, number: int) -> str:
    """The name of an archive's index number so-and-so."""
    return f"{prefix}-{number:06}"


def state_meta(change: int, generation: int) -> dict[str, int | str]:
    """What an index keeps of its state, in the `_meta` of its mapping: that of a new commit."""
    numbers = {"change": change, "generation": generation, "analysis": ANALYSIS_VERSION, "format": FORMAT_VERSION}
    return {**numbers, "commit": secrets.token_hex(8)}


def read_state(name: str, mapping: Mapping[str, Any]) -> IndexState:
    """The state that an index's mapping tells; zeros where it tells none."""
    meta = mapping.get("_meta") or {}
    found = (meta.get(key, 0) for key in ("change", "generation", "analysis", "format"))
    numbers = [number if isinstance(number, int) else 0 for number in found]
    change, generation, analysis, form = numbers
    return IndexState(name, change, generation, analysis, form, str(meta.get("commit", "")))


def index_body(settings: ClusterSettings, replicas: int) -> dict[str, Any]:
    """The settings and mapping of a new index of articles."""
    fields: dict[str, Any] = {name: _text("positions") for name in _POSITIONS}
    fields |= {name: _text("freqs") for name in _FREQUENCIES}
    fields |= {name: {"type": "keyword", "doc_values": False, "norms": False} for name in _SETS}
    fields |= {name: {"type": "keyword"} for name in _KEYWORDS}
    fields |= {name: {"type": "long"} for name in _NUMBERS}
    analysis = {
        "filter": {"places": {"type": "stop", "stopwords": [NO_TERM]}},
        "analyzer": {"terms": {"type": "custom", "tokenizer": "whitespace", "filter": ["places"]}},
    }
    similarity = {"default": {"type": "BM25", "k1": K1, "b": B}}
    return {
        "settings": {
            **_index_settings(settings, replicas),
            "analysis": analysis,
            "similarity": similarity,
            "max_result_window": MAX_HIT + 1,  # one more than is shown tells whether there is a next page
        },
        "mappings": {
            "_meta": state_meta(0, 0),
            "dynamic": "strict",
            # The archive holds the articles; an index that is lost is built anew from there.
            "_source": {"includes": ["id"]},
            "properties": fields,
        },
    }


def vocabulary_body(settings: ClusterSettings, replicas: int) -> dict[str, Any]:
    """The settings and mapping of a new index of forms and stems, with the number of articles that hold each."""
    fields: dict[str, Any] = {name: {"type": "keyword"} for name in ("form", "skeleton", "stem", "grams")}
    fields |= {name: {"type": "integer"} for name in ("articles", "gram_count")}
    return {
        "settings": _index_settings(settings, replicas),
        "mappings": {"dynamic": "strict", "properties": fields},
    }


def _index_settings(settings: ClusterSettings, replicas: int) -> dict[str, Any]:
    return {
        "number_of_shards": settings.shards,
        "number_of_replicas": replicas,
        "refresh_interval": -1,  # what is indexed is seen when the whole run is done, as with the embedded engine
    }


def _text(index_options: str) -> dict[str, Any]:
    gap = {"position_increment_gap": TITLE_GAP} if index_options == "positions" else {}
    return {"type": "text", "analyzer": "terms", "index_options": index_options, **gap}

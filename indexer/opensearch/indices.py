"""An archive's indices in the cluster: finding the one in use, making new ones, putting one in another's place.

The indices of an archive in the cluster: their names, fields and settings, and the state that they stand at.

`PREFIX` is an alias of the index in use, `PREFIX-000001` or a later number; each has its vocabulary beside it,
`PREFIX-000001-vocabulary`. The fields are those of the embedded index, with the same terms at the same positions:

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
articles that have the field at all, is all that its BM25 differs in from `indexer.search.bm25`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from time import sleep
from typing import Any, Final

from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.fields import TITLE_GAP
from indexer.errors import ClusterRefused, IndexMissing, IndexVersionMismatch
from indexer.opensearch.client import Client, NotThere, missing
from indexer.opensearch.settings import ClusterSettings
from indexer.results import MAX_HIT
from indexer.search.bm25 import K1, B

CHANGE_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.5  # between two looks at copies that are being made
_IDLE_SECONDS: Final = 10.0  # so long nothing is copied: nothing will be
_PATIENT: Final = {"timeout": "100s", "cluster_manager_timeout": "100s"}


class Indices:
    """The indices whose names begin with an archive's prefix."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prefix = client.settings.prefix

    def current(self, *, local: bool = False) -> IndexState:
        """The index in use, whatever analysis built it; `local` asks the node alone, also while none is in charge.

        Raises:
            IndexMissing: there is none.
            ClusterRefused: the prefix is not an alias of one index.
            ClusterUnavailable: the cluster does not answer.
        """
        try:
            params = {"local": "true"} if local else {}
            found = self._client.request("GET", f"/{self._prefix}/_mapping", params=params)
        except NotThere as error:
            raise missing(self._prefix) from error
        if len(found) != 1:
            raise ClusterRefused(self._client.hosts, f"the alias {self._prefix} stands for {len(found)} indices")
        ((name, value),) = found.items()
        if self._number(name) is None:
            raise ClusterRefused(
                self._client.hosts,
                f"{self._prefix} is {'an index' if name == self._prefix else f'an alias of {name}'}, which is not "
                "Arshif's: choose another prefix",
            )
        return read_state(name, value["mappings"])

    def create(self, *, in_use: bool) -> str:
        """Makes the next index and its vocabulary, both empty; gives its name.

        One that is not in use yet has no copies of its shards until `copy_to_others`.

        Raises:
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        name = numbered(self._prefix, max(self._numbers(), default=0) + 1)
        settings = self._client.settings
        replicas = settings.replicas if in_use else 0
        self._put(vocabulary_of(name), vocabulary_body(settings, replicas))
        try:
            self._put(name, index_body(settings, replicas), *((self._prefix,) if in_use else ()))
        except BaseException:
            self.remove(name)
            raise
        return name

    def set_change(self, name: str, change: int, generation: int) -> None:
        """Moves the mark of an index: it holds the archive's changes up to this one, and is that commit.

        Raises:
            NotThere: it is no longer there.
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        self._change("PUT", f"/{name}/_mapping", {"_meta": state_meta(change, generation)})

    def refresh(self, name: str) -> None:
        """Makes what was written seen."""
        self._client.request("POST", f"/{name},{vocabulary_of(name)}/_refresh", timeout=5 * CHANGE_SECONDS)

    def copy_to_others(self, name: str) -> None:
        """Has copies of an index's shards made, as many as the settings say, and waits for those that find a node.

        Raises:
            NotThere: it is no longer there.
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        both = f"{name},{vocabulary_of(name)}"
        replicas = self._client.settings.replicas
        # From here on the files hold everything: they are copied, and nothing is indexed a second time.
        self._client.request("POST", f"/{both}/_flush", timeout=5 * CHANGE_SECONDS)
        self._change("PUT", f"/{both}/_settings", {"number_of_replicas": replicas})
        idle = 0.0
        while idle < _IDLE_SECONDS:
            health = self._client.request("GET", f"/_cluster/health/{both}")
            copies = 1 + min(replicas, health["number_of_data_nodes"] - 1)
            if health["active_shards"] >= copies * health["active_primary_shards"]:
                return
            # Large shards take hours. Where no node may take a copy (there is no room, or a rule against it), nothing
            # is under way.
            under_way = health["initializing_shards"] + health["number_of_in_flight_fetch"]
            idle = 0.0 if under_way else idle + _LOOK_SECONDS
            sleep(_LOOK_SECONDS)

    def put_in_use(self, name: str) -> None:
        """Lets the alias stand for this index and no other, in one step; those before it are removed once unread."""
        try:
            before = list(self._client.request("GET", f"/_alias/{self._prefix}"))
        except NotThere:
            before = []
        actions = [{"remove": {"index": old, "alias": self._prefix}} for old in before if old != name]
        actions.append({"add": {"index": name, "alias": self._prefix}})
        self._change("POST", "/_aliases", {"actions": actions})
        self.remove_before(name)

    def remove_before(self, name: str) -> None:
        """Removes the indices before this one, but for those that a point in time still reads: the next run looks."""
        number = self._number(name) or 0
        for other in self._numbers():
            if other < number and not self._is_read(numbered(self._prefix, other)):
                self.remove(numbered(self._prefix, other))

    def remove(self, name: str) -> None:
        """Removes an index and its vocabulary; what is not there is no matter."""
        for one in (name, vocabulary_of(name)):
            try:
                self._change("DELETE", f"/{one}")
            except NotThere:
                continue

    def count(self, name: str) -> int:
        """The number of articles in an index that can be found."""
        return int(self._client.request("GET", f"/{name}/_count")["count"])

    def size(self, name: str) -> int:
        """How many bytes an index and its vocabulary take, replicas not counted."""
        found = self._client.request("GET", f"/{name},{vocabulary_of(name)}/_stats/store")
        return int(found["_all"]["primaries"]["store"]["size_in_bytes"])

    def _is_read(self, name: str) -> bool:
        try:
            found = self._client.request("GET", f"/{name}/_stats/search")
        except NotThere:
            return False
        return int(found["_all"]["total"]["search"].get("point_in_time_current", 0)) > 0

    def _put(self, name: str, body: dict[str, Any], *aliases: str) -> None:
        wanted = {**body, "aliases": {alias: {} for alias in (writing(name), *aliases)}}
        self._change("PUT", f"/{name}", wanted)

    def _change(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """Changes the cluster's state, which all nodes must acknowledge: slower than a search, and never half done."""
        answer = self._client.request(method, path, body, params=_PATIENT, timeout=CHANGE_SECONDS)
        if not answer.get("acknowledged"):
            raise ClusterRefused(self._client.hosts, "a change of the indices was not acknowledged in time")

    def _numbers(self) -> list[int]:
        found = self._client.request("GET", f"/{self._prefix}-*/_alias", params={"expand_wildcards": "all"})
        # A vocabulary may be there alone, where the making of its index was interrupted.
        numbers = (self._number(name.removesuffix(vocabulary_of(""))) for name in found)
        return sorted({number for number in numbers if number is not None})

    def _number(self, name: str) -> int | None:
        match = re.fullmatch(re.escape(self._prefix) + r"-(\d{6})", name)
        return int(match[1]) if match else None


def exists(indices: Indices) -> IndexState | None:
    """The index in use; None where there is none."""
    try:
        return indices.current()
    except IndexMissing:
        return None


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

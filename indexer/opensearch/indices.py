"""The indices of an archive in the cluster: names, mappings and state; finding, creating and replacing them.

`PREFIX` is an alias of the index in use, `PREFIX-000001` or a later number; each has its vocabulary in a second index,
`PREFIX-000001-vocabulary`. The fields are those of the embedded index, with the same terms at the same positions:

| field | type | content |
|---|---|---|
| `text_form` `title_form` `source` `section` `author` | text, positions | forms |
| `text_stem` `text_root` `title_stem` | text, frequencies | stems, roots |
| `text_lemma` `title_lemma` | keyword, searched only | lemmas |
| `source_name` `section_name` `author_name` `group_name` `day` `month` `year` `id` | keyword | whole values |
| `time` `order` `length` | numbers | for sorting: second of publication, number in the archive, words |
| `grouped` | number | 1 for a story of several copies, whose group is `group_name`; otherwise `group_name` is the id |

Terms are sent analyzed, with spaces between them; a mark that is not indexed keeps the position of a word without a
term. Scores differ from those of `indexer.search.bm25` only by two properties of Lucene: it keeps the length of a field
in one byte, exact to 40 words and to one part in eight beyond, and its mean is over the articles that have the field at
all.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, Final

from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.fields import TITLE_GAP
from indexer.errors import ClusterRefused, IndexMissing, IndexVersionMismatch
from indexer.opensearch.client import Client, NotFound
from indexer.opensearch.settings import ClusterSettings
from indexer.results import MAX_HIT
from indexer.search.bm25 import K1, B

FORMAT_VERSION: Final = 3
"""Incremented with every change of the mapping or of the content of its fields: an older index must be rebuilt."""

NO_TERM: Final = "\u2205"
"""Holds the position of a word without a term; it is neither a letter nor a digit, so no term can be equal to it."""

GRAM_ENDS: Final = "_"
"""Pads both ends of a stem for its trigrams."""

_POSITIONS: Final = ("text_form", "title_form", "source", "section", "author")
_FREQUENCIES: Final = ("text_stem", "text_root", "title_stem")
_SETS: Final = ("text_lemma", "title_lemma")
_KEYWORDS: Final = ("source_name", "section_name", "author_name", "group_name", "day", "month", "year", "id")
_NUMBERS: Final = ("time", "order", "length", "grouped")

CHANGE_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.5  # between two checks of replicas that are being allocated
_IDLE_SECONDS: Final = 10.0  # if no replica is being allocated for this long, none will be
_TIMEOUTS: Final = {"timeout": "100s", "cluster_manager_timeout": "100s"}


@dataclass(frozen=True, slots=True)
class IndexState:
    """The index that an alias refers to: its last change, its commit, and the versions that built it."""

    name: str
    change: int
    generation: int
    analysis: int
    format: int
    commit: str
    """A random id, unique to the commit."""

    @property
    def version(self) -> str:
        """The number and random id of the commit; unique to it, also among rebuilt indexes."""
        return f"{self.generation}-{self.commit}"

    @property
    def vocabulary(self) -> str:
        """The name of its vocabulary's index."""
        return vocabulary_of(self.name)

    def check(self) -> None:
        """Checks the versions of analysis and format.

        Raises:
            IndexVersionMismatch: the index must be rebuilt.
        """
        if self.analysis != ANALYSIS_VERSION:
            raise IndexVersionMismatch("analysis", self.analysis, ANALYSIS_VERSION)
        if self.format != FORMAT_VERSION:
            raise IndexVersionMismatch("format", self.format, FORMAT_VERSION)


def vocabulary_of(name: str) -> str:
    """The name of the vocabulary of an index."""
    return f"{name}-vocabulary"


def write_alias(name: str) -> str:
    """The alias for writing to an index: it is removed with the index, so that no late writer creates that again."""
    return f"{name}-writing"


def numbered(prefix: str, number: int) -> str:
    """The name of the index with a number."""
    return f"{prefix}-{number:06}"


def state_meta(change: int, generation: int) -> dict[str, int | str]:
    """The state of a new commit, which an index keeps in the `_meta` of its mapping."""
    numbers = {"change": change, "generation": generation, "analysis": ANALYSIS_VERSION, "format": FORMAT_VERSION}
    return {**numbers, "commit": secrets.token_hex(8)}


def read_state(name: str, mapping: Mapping[str, Any]) -> IndexState:
    """The state in the mapping of an index; zeros if it has none."""
    meta = mapping.get("_meta") or {}
    found = (meta.get(key, 0) for key in ("change", "generation", "analysis", "format"))
    numbers = [number if isinstance(number, int) else 0 for number in found]
    change, generation, analysis, form = numbers
    return IndexState(name, change, generation, analysis, form, str(meta.get("commit", "")))


class Indices:
    """The indices whose names begin with an archive's prefix."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prefix = client.settings.prefix

    def current(self, *, local: bool = False) -> IndexState:
        """The index in use, whose versions are not checked; `local` works while the cluster elects a manager node.

        Raises:
            IndexMissing: there is none.
            ClusterRefused: the prefix is not an alias of one index.
            ClusterUnavailable: the cluster does not answer.
        """
        try:
            params = {"local": "true"} if local else {}
            found = self._client.request("GET", f"/{self._prefix}/_mapping", params=params)
        except NotFound as error:
            raise IndexMissing(Path(self._prefix)) from error
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

    def current_or_none(self) -> IndexState | None:
        """As `current`; None if there is no index."""
        try:
            return self.current()
        except IndexMissing:
            return None

    def create(self, *, in_use: bool) -> str:
        """Creates the next index and its vocabulary, both empty, and returns its name.

        An index that is not in use yet has no replicas until `add_replicas`.

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
        """Commits: the index includes the archive's changes up to this one, and has this commit number.

        Raises:
            NotFound: the index was removed.
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        change_indices(self._client, "PUT", f"/{name}/_mapping", {"_meta": state_meta(change, generation)})

    def refresh(self, name: str) -> None:
        """Makes everything that was written visible to searches."""
        self._client.request("POST", f"/{name},{vocabulary_of(name)}/_refresh", timeout=5 * CHANGE_SECONDS)

    def add_replicas(self, name: str) -> None:
        """Adds the replicas that the settings require, and waits for those that can be allocated to a node.

        Raises:
            NotFound: the index was removed.
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        both = f"{name},{vocabulary_of(name)}"
        replicas = self._client.settings.replicas
        # After a flush the segment files are complete: replicas copy them, and nothing is indexed a second time.
        self._client.request("POST", f"/{both}/_flush", timeout=5 * CHANGE_SECONDS)
        change_indices(self._client, "PUT", f"/{both}/_settings", {"number_of_replicas": replicas})
        idle = 0.0
        while idle < _IDLE_SECONDS:
            health = self._client.request("GET", f"/_cluster/health/{both}")
            copies = 1 + min(replicas, health["number_of_data_nodes"] - 1)
            if health["active_shards"] >= copies * health["active_primary_shards"]:
                return
            # Large shards take hours. If no node may take a replica (no disk space, or an allocation rule), nothing is
            # in progress.
            in_progress = health["initializing_shards"] + health["number_of_in_flight_fetch"]
            idle = 0.0 if in_progress else idle + _POLL_SECONDS
            sleep(_POLL_SECONDS)

    def put_in_use(self, name: str) -> None:
        """Moves the alias to this index, atomically; older indices are removed when nothing reads them any more."""
        try:
            before = list(self._client.request("GET", f"/_alias/{self._prefix}"))
        except NotFound:
            before = []
        actions = [{"remove": {"index": old, "alias": self._prefix}} for old in before if old != name]
        actions.append({"add": {"index": name, "alias": self._prefix}})
        change_indices(self._client, "POST", "/_aliases", {"actions": actions})
        self.remove_before(name)

    def remove_before(self, name: str) -> None:
        """Removes older indices, except those that a point in time still reads: the next run checks again."""
        number = self._number(name) or 0
        for other in self._numbers():
            if other < number and not self._is_read(numbered(self._prefix, other)):
                self.remove(numbered(self._prefix, other))

    def remove(self, name: str) -> None:
        """Removes an index and its vocabulary, if they exist."""
        for index in (name, vocabulary_of(name)):
            try:
                change_indices(self._client, "DELETE", f"/{index}")
            except NotFound:
                continue

    def count(self, name: str) -> int:
        """The number of articles in an index."""
        return int(self._client.request("GET", f"/{name}/_count")["count"])

    def size(self, name: str) -> int:
        """The size of an index and its vocabulary in bytes, without replicas."""
        found = self._client.request("GET", f"/{name},{vocabulary_of(name)}/_stats/store")
        return int(found["_all"]["primaries"]["store"]["size_in_bytes"])

    def _is_read(self, name: str) -> bool:
        try:
            found = self._client.request("GET", f"/{name}/_stats/search")
        except NotFound:
            return False
        return int(found["_all"]["total"]["search"].get("point_in_time_current", 0)) > 0

    def _put(self, name: str, body: dict[str, Any], *aliases: str) -> None:
        body = {**body, "aliases": {alias: {} for alias in (write_alias(name), *aliases)}}
        change_indices(self._client, "PUT", f"/{name}", body)

    def _numbers(self) -> list[int]:
        found = self._client.request("GET", f"/{self._prefix}-*/_alias", params={"expand_wildcards": "all"})
        # A vocabulary may exist without its index, if the creation of that was interrupted.
        numbers = (self._number(name.removesuffix(vocabulary_of(""))) for name in found)
        return sorted({number for number in numbers if number is not None})

    def _number(self, name: str) -> int | None:
        match = re.fullmatch(re.escape(self._prefix) + r"-(\d{6})", name)
        return int(match[1]) if match else None


def change_indices(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> None:
    """Changes the cluster's state, which all nodes must acknowledge: slower than a search, and atomic.

    Raises:
        NotFound: an index was removed.
        ClusterUnavailable, ClusterRefused: as `Client.request`.
    """
    answer = client.request(method, path, body, params=_TIMEOUTS, timeout=CHANGE_SECONDS)
    if not answer.get("acknowledged"):
        raise ClusterRefused(client.hosts, "a change of the indices was not acknowledged in time")


def index_body(settings: ClusterSettings, replicas: int) -> dict[str, Any]:
    """The settings and mapping of a new index of articles."""
    fields: dict[str, Any] = {name: _text("positions") for name in _POSITIONS}
    fields |= {name: _text("freqs") for name in _FREQUENCIES}
    fields |= {name: {"type": "keyword", "doc_values": False, "norms": False} for name in _SETS}
    fields |= {name: {"type": "keyword"} for name in _KEYWORDS}
    fields |= {name: {"type": "long"} for name in _NUMBERS}
    analysis = {
        "filter": {"positions": {"type": "stop", "stopwords": [NO_TERM]}},
        "analyzer": {"terms": {"type": "custom", "tokenizer": "whitespace", "filter": ["positions"]}},
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
            # The archive has the articles; a lost index is rebuilt from there.
            "_source": {"includes": ["id"]},
            "properties": fields,
        },
    }


def vocabulary_body(settings: ClusterSettings, replicas: int) -> dict[str, Any]:
    """The settings and mapping of a new vocabulary: forms and stems, with the number of articles of each."""
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
        "refresh_interval": -1,  # articles become visible when the whole run is done, as with the embedded engine
    }


def _text(index_options: str) -> dict[str, Any]:
    gap = {"position_increment_gap": TITLE_GAP} if index_options == "positions" else {}
    return {"type": "text", "analyzer": "terms", "index_options": index_options, **gap}

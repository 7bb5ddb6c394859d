"""Sending the vectors of an archive to its cluster, and verifying them there.

`arshif embed` computes vectors into the archive's directory, level by level. After each level, the articles that
changed since the cluster's own mark of that level are sent, each as one document with all passages that it has by then.
The mark moves when the cluster has acknowledged all changes before it, after every few thousand: a run that is killed
or loses the cluster is continued by the next. Each run has a number, which is the version of what it writes: a late
request of an earlier run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from corpus import Archive, ChangeKind
from indexer.engine import EmbeddingState, EmbeddingSummary, LevelProgress
from indexer.errors import ClusterRefused
from indexer.meaning.build import (
    NEW_LEADS,
    check_complete,
    check_not_ahead,
    configured,
    embed_archive,
    embed_new_leads,
    pending_texts,
    vectors_directory,
    verify_vectors,
)
from indexer.meaning.encoder import EncoderIdentity, is_of_encoder
from indexer.meaning.vector_store import LEAD, LEVELS, StoredVectors, open_vectors
from indexer.opensearch.bulk import Action, BulkWriter, batched, delete_action, index_action, with_retries
from indexer.opensearch.client import Client, NotFound
from indexer.opensearch.indices import CHANGE_SECONDS, change_indices, write_alias
from indexer.opensearch.vectors import (
    VectorState,
    clearer_refusal,
    new_state,
    read_vector_state,
    vector_document,
    vectors_body,
    vectors_prefix,
)

SENDING: Final = "sending"
"""The level that progress is reported for while vectors are sent."""

_WINDOW: Final = 20_000  # changes between two marks
_BATCH: Final = 500  # articles whose vectors are read at a time
_PAGE: Final = 10_000  # numbers that are read at a time


def embed_and_send(
    client: Client, archive: Archive, progress: LevelProgress, *, replace: bool, processes: int = 1
) -> EmbeddingSummary:
    """Computes vectors as `indexer.meaning.build.embed_archive`, and sends them to the cluster after each level.

    Raises:
        MeaningUnavailable, LibraryMissing, EncoderFailed, VectorsLocked, VectorsWriteFailed: see `embed_archive`.
        VectorsDamaged: see there; or those of the cluster are ahead of the archive.
        ClusterUnavailable, ClusterRefused: as their names say; what was computed is kept, and sent by the next run.
    """
    sender = _Sender(client, archive, progress, replaces=replace)
    return embed_archive(archive, progress, replace=replace, processes=processes, receiver=sender)


def embed_and_send_new_leads(client: Client, archive: Archive) -> tuple[int, int]:
    """As `indexer.meaning.build.embed_new_leads`; leads are sent if the cluster has those of earlier articles.

    Raises:
        LibraryMissing, EncoderFailed, SettingsInvalid, VectorsWriteFailed: see there.
        VectorsDamaged, ClusterUnavailable, ClusterRefused: see `embed_and_send`.
    """
    return embed_new_leads(archive, receiver=_NewLeadsSender(client, archive, lambda level, done, total: None))


def cluster_embedding_state(client: Client, archive: Archive) -> EmbeddingState | None:
    """How far the vectors in the cluster are, without loading the encoder; None if the archive has none.

    Raises:
        SettingsInvalid, ClusterUnavailable, ClusterRefused: as their names say.
    """
    settings = configured(archive)
    indices = VectorIndices(client)
    own = indices.newest_of(settings.encoder)
    newest = own or max(indices.states(), key=lambda state: state.marks[LEAD], default=None)
    vectors, size = indices.sizes(newest.name) if newest else (0, 0)
    other = newest.identity.name if newest and not own else None
    leads, bodies = (pending_texts(archive, own.marks[level] if own else 0) for level in LEVELS)
    return EmbeddingState(settings.encoder, other, leads, bodies, vectors, size)


def verify_cluster_vectors(client: Client, archive: Archive) -> int:
    """Verifies the vectors on this machine, if there are any, and that the cluster has every article up to its mark.

    Returns the number of articles that it has.

    Raises:
        VectorsDamaged: a checksum is wrong, an article's vectors are missing, or the mark is ahead of the archive.
        ClusterUnavailable, ClusterRefused: as their names say.
    """
    verify_vectors(archive)
    indices, count = VectorIndices(client), 0
    for state in indices.states():
        check_not_ahead(archive, Path(state.name), state.marks.values())
        known = set(indices.numbers(state.name))
        check_complete(archive, Path(state.name), state.marks[LEAD], known)
        count = max(count, len(known))
    return count


class VectorIndices:
    """The indices of vectors of an archive in its cluster: one, or two while those of another encoder are sent."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prefix = client.settings.prefix

    def states(self) -> list[VectorState]:
        """The states of all of them."""
        found = self._client.request("GET", f"/{vectors_prefix(self._prefix)}*/_mapping")
        states = [read_vector_state(name, value["mappings"]) for name, value in found.items()]
        # Another archive's prefix may begin with this one's.
        return [each for each in states if each and each.name == new_state(self._prefix, each.identity).name]

    def state_of(self, identity: EncoderIdentity) -> VectorState | None:
        """The state of an encoder's; None if there is none."""
        return next((state for state in self.states() if state.identity == identity), None)

    def newest_of(self, encoder: str) -> VectorState | None:
        """The state with the most leads of an encoder, by its name in the settings; None if there is none."""
        own = [state for state in self.states() if is_of_encoder(state.identity, encoder)]
        return max(own, key=lambda state: state.marks[LEAD], default=None)

    def create(self, state: VectorState) -> None:
        """Creates an empty one.

        Raises:
            ClusterRefused: the cluster has no k-NN plugin.
        """
        try:
            change_indices(self._client, "PUT", f"/{state.name}", vectors_body(state, self._client.settings))
        except ClusterRefused as error:
            raise clearer_refusal(self._client, error) from error

    def commit(self, state: VectorState) -> None:
        """Makes what was written visible to searches, and stores the state."""
        with_retries(lambda: self._client.request("POST", f"/{state.name}/_refresh", timeout=5 * CHANGE_SECONDS))
        change_indices(self._client, "PUT", f"/{state.name}/_mapping", {"_meta": state.meta})

    def remove(self, name: str) -> None:
        """Removes one, if it exists."""
        try:
            change_indices(self._client, "DELETE", f"/{name}")
        except NotFound:
            return

    def sizes(self, name: str) -> tuple[int, int]:
        """The number of vectors, and the bytes without replicas."""
        found = self._client.request("GET", f"/{name}/_stats/docs,store")["_all"]["primaries"]
        articles = int(self._client.request("GET", f"/{name}/_count")["count"])
        # Each passage is a document beside its article's.
        return int(found["docs"]["count"]) - articles, int(found["store"]["size_in_bytes"])

    def numbers(self, name: str) -> Iterator[int]:
        """The numbers of all articles that have vectors, ascending."""
        body: dict[str, Any] = {"size": _PAGE, "sort": [{"number": "asc"}], "_source": False, "stored_fields": "_none_"}
        while hits := self._client.search(name, body)["hits"]["hits"]:
            yield from (int(hit["sort"][0]) for hit in hits)
            body["search_after"] = hits[-1]["sort"]


class _Sender:
    """Sends what the cluster lacks of one encoder's vectors (`indexer.meaning.build.VectorReceiver`)."""

    def __init__(self, client: Client, archive: Archive, progress: LevelProgress, *, replaces: bool = False) -> None:
        """With `replaces` everything is sent again."""
        self._client = client
        self._archive = archive
        self._progress = progress
        self._replaces = replaces
        self._indices = VectorIndices(client)

    def begin(self, identity: EncoderIdentity) -> None:
        """Creates the index if there is none.

        Raises:
            VectorsDamaged: its mark is ahead of the archive.
            ClusterRefused: the cluster has no k-NN plugin.
        """
        self._identity = identity
        state = self._indices.state_of(identity)
        if state is None:
            self._indices.create(new_state(self._client.settings.prefix, identity))
        elif not self._replaces:
            check_not_ahead(self._archive, Path(state.name), state.marks.values())

    def finish(self, level: str) -> None:
        """Sends the articles that changed since the mark of a level, and moves it."""
        if self._replaces and level == LEAD:
            self._indices.remove(new_state(self._client.settings.prefix, self._identity).name)
            self.begin(self._identity)
        stored = open_vectors(vectors_directory(self._archive))
        state = self._indices.state_of(self._identity)
        if stored is None or stored.commit.identity != self._identity:
            return  # the archive is empty
        if state is None:
            raise ClusterRefused(self._client.hosts, "the index of vectors was deleted: was another 'embed' running?")
        last, mark = stored.commit.levels[level].change, state.marks[level]
        if mark < last:
            state = replace(state, runs=state.runs + 1)
            self._indices.commit(state)
        done, total = 0, self._archive.changed_count(mark)
        while mark < last:
            changes = [change for change in self._archive.changes(mark, _WINDOW) if change.number <= last]
            mark = changes[-1].number
            changed = dict.fromkeys(change.article_id for change in changes if change.kind is not ChangeKind.GROUPED)
            with BulkWriter(self._client) as writer:
                for part in batched(changed, _BATCH):
                    self._progress(SENDING, min(done, total), total)
                    for action in self._actions(state, stored, part):
                        writer.add(action)
                    done += len(part)
                writer.finish()
            if writer.refused:
                raise ClusterRefused(self._client.hosts, f"the vectors of an article: {writer.refused[0][1]}")
            state = replace(state, marks={**state.marks, level: mark})
            self._indices.commit(state)
        self._progress(SENDING, total, total)
        if level == LEAD:
            for other in self._indices.states():
                if other.name != state.name:
                    self._indices.remove(other.name)

    def _actions(self, state: VectorState, stored: StoredVectors, article_ids: list[str]) -> Iterator[Action]:
        numbers = list(self._archive.numbers(article_ids).values())
        codes = stored.codes(numbers)
        for number in numbers:
            key, alias = str(number), write_alias(state.name)
            if number in codes:
                yield index_action(key, alias, key, vector_document(number, codes[number]), state.runs)
            else:  # it was removed
                yield delete_action(key, alias, key, state.runs)


class _NewLeadsSender(_Sender):
    """Sends the leads of a few new articles; everything else is left to `embed_and_send`."""

    def begin(self, identity: EncoderIdentity) -> None:
        self._identity = identity

    def finish(self, level: str) -> None:
        state = self._indices.state_of(self._identity)
        if state and self._archive.changed_count(state.marks[level]) <= NEW_LEADS:
            super().finish(level)

"""What an index of some commits must hold, by brute force: no Whoosh, no arrays, only loops over the texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.indexer.codec.both_codecs import Commit

FIELDS = ("existence", "frequency", "positions", "weighted")
"""Fields of `both_codecs` that are checked."""


@dataclass
class Posting:
    """One term in one document: what the field stores of it."""

    freq: int = 0
    weight: float = 0
    positions: list[int] | None = None


def live_documents(commits: Sequence[Commit]) -> dict[str, dict[str, str]]:
    """The documents that are not deleted, by their keys. Deletions are by number: segment by segment."""
    segments: list[list[str | None]] = []
    documents: dict[str, dict[str, str]] = {}
    for commit in commits:
        places = [(segment, number) for segment in segments for number in range(len(segment))]
        for segment, number in (places[place] for place in commit.deleted if place < len(places)):
            segment[number] = None
        new: list[str | None] = []
        for document in commit.documents:
            new.append(str(len(documents)))
            documents[str(len(documents))] = document
        if commit.optimize:  # the new documents come first
            segments = [new + [key for segment in segments for key in segment if key is not None]]
        elif new:
            segments.append(new)
    live = {key for segment in segments for key in segment if key is not None}
    return {key: document for key, document in documents.items() if key in live}


def postings(documents: dict[str, dict[str, str]], field: str) -> dict[str, dict[str, Posting]]:
    """The postings of a field: term → key of a document → posting."""
    found: dict[str, dict[str, Posting]] = {}
    for key, document in documents.items():
        for position, token in enumerate(document[field].split(" ") if field in document else ()):
            term, _, boost = token.partition("^")
            posting = found.setdefault(term, {}).setdefault(key, Posting())
            if field == "existence":
                posting.freq, posting.weight = 1, 1
                continue
            posting.freq += 1
            posting.weight += float(boost or 1) * (1.5 if field == "weighted" else 1)
            if field != "frequency":
                posting.positions = [*(posting.positions or []), position]
    return found


def length(document: dict[str, str], field: str) -> int:
    """Tokens of a field; a field that stores documents only has no length."""
    return len(document[field].split(" ")) if field in document and field != "existence" else 0


def phrase(documents: dict[str, dict[str, str]], field: str, words: Sequence[str]) -> set[str]:
    """The keys of the documents that have some words side by side."""
    found = set()
    for key, document in documents.items():
        terms = [token.partition("^")[0] for token in document.get(field, "").split(" ")]
        if any(terms[start : start + len(words)] == list(words) for start in range(len(terms))):
            found.add(key)
    return found

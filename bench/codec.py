"""Times the codec's arrays: `python -m bench.codec [TOKENS] [SEGMENTS]`.

Tokens are synthetic: 300 per document, with positions, terms distributed by Zipf's law. Figures depend on the
machine's load.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indexer.codec import (
    FieldArrays,
    MappedFile,
    SegmentPostings,
    SegmentPostingsWriter,
    document_maps,
    invert,
    merge,
)

DOCUMENT_TOKENS = 300
VOCABULARY = 400_000


@contextmanager
def timed(what: str, amount: int, unit: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds = time.perf_counter() - started
    print(f"{what:<28} {seconds:8.3f} s   {amount / seconds / 1e6:8.2f} million {unit}/s")


def write(directory: Path, name: str, arrays: FieldArrays, documents: int) -> Path:
    path = directory / name
    with path.open("wb") as file:
        writer = SegmentPostingsWriter(file)
        writer.add_field("body", arrays)
        writer.finish(documents)
    return path


def open_postings(directory: Path, name: str) -> SegmentPostings:
    return SegmentPostings(MappedFile(directory, name))


def main(tokens: int = 9_000_000, segments: int = 10) -> None:
    random = np.random.default_rng(1)
    documents = tokens // DOCUMENT_TOKENS
    tokens = documents * DOCUMENT_TOKENS
    term_numbers = np.minimum(random.zipf(1.3, tokens) - 1, VOCABULARY - 1).astype(np.uint32)
    doc_numbers = np.repeat(np.arange(documents, dtype=np.uint32), DOCUMENT_TOKENS)
    positions = np.tile(np.arange(DOCUMENT_TOKENS, dtype=np.uint32), documents)
    terms = [f"w{number:x}".encode() for number in random.permutation(VOCABULARY).tolist()]

    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with timed("invert", tokens, "tokens"):
            whole = invert(term_numbers, doc_numbers, positions, terms, doc_count=documents)
        with timed("write", tokens, "tokens"):
            path = write(directory, "whole.arr", whole, documents)
        size = path.stat().st_size
        print(f"{'size':<28} {size / 1e6:8.1f} MB  {size / tokens:8.2f} bytes/token")
        del whole

        cuts = np.linspace(0, documents, segments + 1).astype(int)
        for number in range(segments):
            part = slice(cuts[number] * DOCUMENT_TOKENS, cuts[number + 1] * DOCUMENT_TOKENS)
            count = int(cuts[number + 1] - cuts[number])
            own = doc_numbers[part] - doc_numbers[part][0]
            write(
                directory,
                f"{number}.arr",
                invert(term_numbers[part], own, positions[part], terms, doc_count=count),
                count,
            )
        opened = [open_postings(directory, f"{number}.arr") for number in range(segments)]
        for share in (0.0, 0.1):
            deleted = [random.random(segment.doc_count) < share for segment in opened]
            maps = document_maps((segment.doc_count, mask) for segment, mask in zip(opened, deleted, strict=True))
            with timed(f"merge {segments}, {share:.0%} deleted", tokens, "tokens"):
                merged = merge([(segment.fields["body"], new) for segment, new in zip(opened, maps, strict=True)])
            if not share:
                path = write(directory, "merged.arr", merged, documents)
                same = path.read_bytes() == (directory / "whole.arr").read_bytes()
                print(f"{'merged is the whole':<28} {same!s:>8}")
        for segment in opened:
            segment.close()

        started = time.perf_counter()
        for _ in range(100):
            open_postings(directory, "whole.arr").close()
        print(f"{'open':<28} {(time.perf_counter() - started) * 10:8.3f} ms")
        segment = open_postings(directory, "whole.arr")
        field = segment.fields["body"]
        looked_up = [terms[number] for number in random.integers(0, VOCABULARY, 10_000).tolist()]
        with timed("find", len(looked_up), "terms"):
            for term in looked_up:
                field.find(term)
        with timed("terms", field.term_count, "terms"):
            field.terms()
        with timed("verify", size, "bytes"):
            segment.verify()
        segment.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

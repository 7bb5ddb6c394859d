from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.errors import EncoderFailed
from indexer.meaning import open_encoder
from indexer.meaning.settings import MeaningSettings

for library in ("onnx", "onnxruntime", "tokenizers"):
    pytest.importorskip(library, reason=f"{library} is not installed: pip install 'arshif[onnx]'")

WORDS = ["[PAD]", "[UNK]", "query:", "passage:", "حرب", "سلام", "نفط"]
TABLE = np.array([[9, 9], [0, 0], [0, 0], [0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
"""The vector of each word; that of the padding must not count."""


def make_model(directory: Path, table: np.ndarray = TABLE, *, inputs: tuple[str, ...] = ("input_ids",)) -> Path:
    """A model that looks up the vectors of words, with its tokenizer."""
    from onnx import TensorProto, helper, numpy_helper, save_model
    from tokenizers import Tokenizer, models, pre_tokenizers

    directory.mkdir(exist_ok=True)
    node = helper.make_node("Gather", ["table", inputs[0]], ["last_hidden_state"])
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs]
    result = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", table.shape[1]])
    graph = helper.make_graph([node], "lookup", given, [result], [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    save_model(model, str(directory / "model.onnx"))
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(directory / "tokenizer.json"))
    return directory


def settings(directory: Path, **others: Any) -> MeaningSettings:
    return MeaningSettings("onnx", directory, **others)


def test_the_vector_of_a_text_is_the_mean_of_its_words_without_padding(tmp_path: Path) -> None:
    encoder = open_encoder(settings(make_model(tmp_path / "model")))
    assert encoder.identity.name == "onnx: model"
    assert encoder.identity.dimension == 2
    vectors = encoder.passages(["حرب", "حرب سلام", "نفط نفط نفط نفط نفط سلام"])
    assert vectors[0].tolist() == pytest.approx([1, 0])
    assert vectors[1].tolist() == pytest.approx([0.5**0.5, 0.5**0.5])
    assert encoder.query("سلام").tolist() == pytest.approx([0, 1])


def test_the_vector_can_be_that_of_the_first_token(tmp_path: Path) -> None:
    place = make_model(tmp_path / "model")
    encoder = open_encoder(settings(place, pooling="first", passage_prefix="", query_prefix=""))
    assert encoder.passages(["سلام حرب حرب"])[0].tolist() == pytest.approx([0, 1])


def test_long_and_strange_texts_are_encoded(tmp_path: Path) -> None:
    encoder = open_encoder(settings(make_model(tmp_path / "model")))
    assert encoder.passages(["حرب " * 5000, "\udc80\0", "", "   "]).shape == (4, 2)


def test_the_version_depends_on_the_model_and_the_settings(tmp_path: Path) -> None:
    place = make_model(tmp_path / "model")
    first = open_encoder(settings(place)).identity
    assert open_encoder(settings(place)).identity == first
    assert open_encoder(settings(place, query_prefix="")).identity.version != first.version
    make_model(place, TABLE * 2)
    assert open_encoder(settings(place)).identity.version != first.version


def test_a_model_may_be_in_a_folder_of_its_own(tmp_path: Path) -> None:
    place = make_model(tmp_path / "model")
    (place / "onnx").mkdir()
    (place / "model.onnx").rename(place / "onnx" / "model.onnx")
    assert open_encoder(settings(place)).identity.dimension == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("model.onnx", None, "has no model.onnx"),
        ("tokenizer.json", None, "has no tokenizer.json"),
        ("model.onnx", b"", "cannot be loaded"),
        ("model.onnx", b"not a model", "cannot be loaded"),
        ("tokenizer.json", b"{", "is not a tokenizer"),
        ("tokenizer.json", json.dumps({"model": 1}).encode(), "is not a tokenizer"),
    ],
)
def test_a_bad_directory_is_one_line(name: str, content: bytes | None, reason: str, tmp_path: Path) -> None:
    place = make_model(tmp_path / "model")
    (place / name).unlink()
    if content is not None:
        (place / name).write_bytes(content)
    with pytest.raises(EncoderFailed, match=reason) as error:
        open_encoder(settings(place))
    assert "\n" not in str(error.value)


def test_a_directory_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="the directory cannot be read: File name too long"):
        open_encoder(settings(tmp_path / ("a" * 1000)))


def test_a_model_of_other_inputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="not an encoder of texts"):
        open_encoder(settings(make_model(tmp_path / "model", inputs=("pixels",))))


def test_a_tokenizer_of_another_model_is_an_error_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed):
        open_encoder(settings(make_model(tmp_path / "model", TABLE[:2])))

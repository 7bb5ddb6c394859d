from __future__ import annotations

from pathlib import Path

import pytest

from indexer import analysis
from indexer.analysis.lexicon import DATA_FILE, MAX_WEIGHT, TRIE_FILE, FormKind, Lexicon, lexicon, pack, spelling_of
from indexer.errors import LexiconDamaged

LEMMAS = ["دار", "كتاب", "كتب"]
SPELLINGS = ["", "أ"]
NOUN, PAST = int(FormKind.NOUN), int(FormKind.PAST)
FORMS = {
    "كتب": [(1, NOUN, 4, 0), (2, PAST, 8, 0)],
    "كتاب": [(1, NOUN, 2, 0)],
    "كتبوا": [(2, PAST, 12, 0)],
    "ادور": [(0, NOUN, 1000, 1)],
}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    pack(FORMS, LEMMAS, SPELLINGS, tmp_path, "sources")
    return tmp_path


def test_a_packed_table_is_read_back(packed: Path) -> None:
    table = Lexicon(packed)
    assert {
        key: [(table.lemma(lemma), kind, table.spelling(spelling)) for lemma, kind, _, spelling in table.readings(form)]
        for text in ("كتبوا", "كتاب", "ادور")
        for key, form in table.prefixes(text)
    } == {
        "كتب": [("كتاب", NOUN, ""), ("كتب", PAST, "")],
        "كتبوا": [("كتب", PAST, "")],
        "كتاب": [("كتاب", NOUN, "")],
        "ادور": [("دار", NOUN, "أ")],
    }
    assert list(table.prefixes("قلم")) == list(table.prefixes("")) == []


def test_weights_are_capped(packed: Path) -> None:
    table = Lexicon(packed)
    ((_, form),) = table.prefixes("ادور")
    assert [weight for _, _, weight, _ in table.readings(form)] == [MAX_WEIGHT]


def test_common_letters_are_those_of_all_forms_of_a_lemma(packed: Path) -> None:
    table = Lexicon(packed)
    assert table.common_letters("كتاب") == "".join(sorted("كتب"))
    assert table.common_letters("دار") == "".join(sorted("ادور"))
    assert table.common_letters("قلم") is None


@pytest.mark.parametrize("name", [DATA_FILE, TRIE_FILE])
@pytest.mark.parametrize("what", ["missing", "empty", "foreign", "cut short", "longer"])
def test_a_damaged_file_is_named(name: str, what: str, packed: Path) -> None:
    path = packed / name
    whole = path.read_bytes()
    changed = {"empty": b"", "foreign": b"\x7fELF" * 100, "cut short": whole[:-3], "longer": whole + b"...."}
    if what == "missing":
        path.unlink()
    elif name == TRIE_FILE and what == "longer":
        pytest.skip("a trie is read up to its own end")
    else:
        path.write_bytes(changed[what])
    with pytest.raises(LexiconDamaged, match="must be reinstalled") as raised:
        Lexicon(packed)
    assert raised.value.path == path


def test_files_of_different_tables_are_rejected(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    pack({"كتب": FORMS["كتب"]}, LEMMAS, SPELLINGS, other, "sources")
    (packed / TRIE_FILE).write_bytes((other / TRIE_FILE).read_bytes())
    with pytest.raises(LexiconDamaged, match=TRIE_FILE):
        Lexicon(packed)


def test_the_shipped_table_is_small_and_whole() -> None:
    directory = Path(analysis.__file__).parent
    assert sum((directory / name).stat().st_size for name in (DATA_FILE, TRIE_FILE)) < 8_000_000
    table = lexicon()
    for word in ("كتاب", "قال", "مدينة", "سياسي"):
        assert table.common_letters(word)


SPELLED = [("أستانة", "أ....ة"), ("مسؤول", "..ؤ.."), ("على", "..ى"), ("كتب", "..."), ("", "")]


@pytest.mark.parametrize(("word", "spelling"), SPELLED)
def test_spelling(word: str, spelling: str) -> None:
    assert spelling_of(word) == spelling

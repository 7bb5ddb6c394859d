from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bench.names import latin_read, read_latin, read_pairs
from indexer.analysis import fold
from indexer.analysis.transcription import transcriptions
from indexer.spellings.name_variants import exonyms, name_variants

FLOOR_OF_RULES = 0.8
"""The least share of pairs of spellings of one name, with as many words, that the rules generate or fold."""
FLOOR_OF_LATIN = 0.9


class Printed:
    """A vocabulary with the document frequencies of some forms."""

    doc_count = 1000

    def __init__(self, **counts: int) -> None:
        self._counts = {fold(word): count for word, count in counts.items()}

    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        return {term: self._counts[term] for term in terms if term in self._counts}


FOUND = [
    ("another spelling, in an archive of two articles", "غوتيريش", {"غوتيريش": 1, "جوتيريس": 1}, ["جوتيريس"]),
    ("the most frequent first", "غوتيريش", {"غوتيريش": 9, "جوتيريس": 2, "غوتيريز": 5}, ["غوتيريز", "جوتيريس"]),
    ("typed with the article", "الكونغو", {"الكونغو": 5, "الكونجو": 2}, ["الكونجو"]),
    ("with clitics, which are searched anyway", "غوتيريش", {"غوتيريش": 1, "وغوتيريش": 1}, []),
    ("two established names of five letters", "كارول", {"كارول": 19, "كارل": 20}, []),
    ("a word with Iran in it", "بايرن", {"بايرن": 10, "بايران": 2, "ايران": 900}, []),
    ("an Arabic name", "القصيبي", {"القصيبي": 9, "القصبي": 9}, []),
    ("a word in another spelling", "الله", {"الله": 900, "آلة": 5}, []),
    ("a slip of a word", "الدستور", {"الدستور": 300, "الدستورد": 1}, []),
    ("a slip of a word with a clitic", "وكذلك", {"وكذلك": 300, "وكذالك": 2}, []),
    ("listed names of one thing", "جوجل", {"غوغل": 7, "جوجل": 5}, ["غوغل"]),
    ("and the other way", "غوغل", {"غوغل": 7, "جوجل": 5}, ["جوجل"]),
    ("a short one that lacks a vowel", "ترمب", {"ترامب": 7, "ترمب": 5}, ["ترامب"]),
    ("longer than any name", "غوتيريش" * 40, {"غوتيريس": 5}, []),
    ("a stop word", "إلى", {"الي": 900, "اله": 5}, []),
    ("Latin letters", "Merkel", {"ميركل": 5}, []),
    ("a number", "2015", {"2015": 5}, []),
]


@pytest.mark.parametrize(("typed", "printed", "others"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_variants_that_an_archive_prints(typed: str, printed: dict[str, int], others: list[str]) -> None:
    found = name_variants((typed,), Printed(**printed))  # type: ignore[arg-type]
    assert found == [(fold(other),) for other in others]


def test_exonyms_that_an_archive_prints() -> None:
    printed = Printed(ميانمار=3, بورما=2, دمشق=9, إسلام=5, آباد=2, القاهرة=4)
    assert exonyms(("ميانمار",), printed) == [("بورما",)]  # type: ignore[arg-type]
    assert exonyms(("damascus",), printed) == [(fold("دمشق"),)]  # type: ignore[arg-type]
    assert exonyms(("Cairo",), printed) == [(fold("القاهرة"),)]  # type: ignore[arg-type]
    assert exonyms(("Islamabad",), printed) == [(fold("إسلام"), fold("آباد"))]  # type: ignore[arg-type]
    assert exonyms(("القاهرة",), printed) == []  # type: ignore[arg-type]
    america = Printed(الولايات=5, المتحدة=5)
    assert exonyms(("US",), america) == [(fold("الولايات"), fold("المتحدة"))]  # type: ignore[arg-type]
    assert exonyms(("us",), america) == []  # type: ignore[arg-type]


def test_rules_stay_above_their_floor(shared_data: Path) -> None:
    pairs = [
        (fold(one), fold(two))
        for a, b in read_pairs(shared_data / "spelling" / "name_variants.tsv")
        if len(a.split()) == len(b.split())
        for one, two in zip(a.split(), b.split(), strict=True)
        if fold(one) != fold(two)
    ]
    met = [
        (a, b)
        for a, b in pairs
        if b.removeprefix("ال") in {a.removeprefix("ال"), *transcriptions(a.removeprefix("ال"))}
    ]
    assert len(met) >= FLOOR_OF_RULES * len(pairs)


@pytest.mark.slow
def test_latin_spellings_stay_above_their_floor(shared_data: Path) -> None:
    right, names = latin_read(read_latin(shared_data / "names" / "ar2en.txt"), 300)
    assert right >= FLOOR_OF_LATIN * names

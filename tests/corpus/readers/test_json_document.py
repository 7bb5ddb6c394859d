"""JSON documents: arrays, objects around arrays, one article; and which files that begin with `{` are JSON Lines."""

from __future__ import annotations

import json

import pytest

from tests.corpus.readers.made_files import line, lines, read, read_piped

ONE = {"id": "a", "text": "نص", "title": "عنوان"}
TWO = {"id": "b", "text": "آخر", "author": [{"name": "سمير"}]}
THREE = {"id": "c", "text": "ثالث"}


def dumped(value: object, **options: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, **options).encode()  # type: ignore[arg-type]


READ: list[tuple[str, bytes, list[str]]] = [
    ("array", dumped([ONE, THREE]), ["a", "c"]),
    ("array, indented", dumped([ONE, THREE], indent=2), ["a", "c"]),
    ("array of one", dumped([ONE]), ["a"]),
    ("with a mark", b"\xef\xbb\xbf" + dumped([ONE, THREE]), ["a", "c"]),
    ("UTF-16", dumped([ONE, THREE]).decode().encode("utf-16"), ["a", "c"]),
    ("escapes", json.dumps([ONE, THREE]).encode(), ["a", "c"]),
    ("object around", dumped({"total": 2, "next": None, "articles": [ONE, THREE]}), ["a", "c"]),
    ("object around, indented", dumped({"total": 2, "articles": [ONE, THREE]}, indent=1), ["a", "c"]),
    ("names after the array", dumped({"articles": [ONE, THREE], "total": 2}), ["a", "c"]),
    ("one article, indented", dumped(ONE, indent=2), ["a"]),
    ("one article with objects", dumped({"tags": ["x"], "author": [{"name": "س"}], "id": "b"} | ONE, indent=1), ["a"]),
    ("lines", lines("a", "c"), ["a", "c"]),
    ("one line", lines("a"), ["a"]),
    ("one line without its end", lines("a").strip(), ["a"]),
    ("one line with objects", line("a", author=["س"], links=[{"href": "x"}]).strip(), ["a"]),
    ("one long line", line("a", text="كلمة " * 60_000), ["a"]),
    ("large elements", dumped([{"id": str(n), "text": "كلمة " * 40_000} for n in range(5)]), list("01234")),
    ("many elements", dumped([{"id": str(n), "text": "x"} for n in range(3000)]), [str(n) for n in range(3000)]),
]


@pytest.mark.parametrize(("_", "data", "ids"), READ, ids=[row[0] for row in READ])
def test_articles_of_documents(_: str, data: bytes, ids: list[str]) -> None:
    for found in (read(data, "n.json"), read(data, "n"), read_piped(data)):
        assert found.ids == ids
        assert not found.reasons


def test_elements_are_cited_by_their_number() -> None:
    found = read(dumped({"articles": [ONE, THREE]}), "n.json")
    assert [record.origin.part for record in found.records] == ["articles, element 1", "articles, element 2"]


BAD: list[tuple[str, bytes, list[str], list[str]]] = [
    ("an element that is none", b'[{"id": "a", "text": "x"}, {"id": "b", text: 1}, {"id": "c", "text": "y"}]', ["a", "c"],
     ["element 2: not valid JSON: Expecting property name"]),
    ("quotes within quotes", b'[{"id": "b", "text": "he said "yes" to"}, {"id": "c", "text": "y"}]', ["c"], ["element 1"]),
    ("an element without text", b'[{"id": "b"}, {"id": "c", "text": "y"}]', ["c"], ["element 1: it has no 'text'; its names are: id"]),
    ("a number among them", b'[1, {"id": "c", "text": "y"}, "x"]', ["c"], ["element 1: not a JSON object", "element 3: not a JSON object"]),
    ("cut in an element", b'[{"id": "a", "text": "x"}, {"id": "b", "te', ["a"], ["element 2: not valid JSON"]),
    ("cut between", b'[{"id": "a", "text": "x"}, ', ["a"], ["ends too early"]),
    ("an empty array", b"[]", [], ["its array is empty"]),
    ("an array of arrays", b"[" * 100_000, [], ["nested too deeply"]),
    ("a number", b"12", [], ["not a JSON array or object"]),
    ("an object of nothing", b'{"a": 1}', [], ["it has no 'text'"]),
    ("an object cut", b'{"total": 3, "art', [], ["not valid JSON"]),
    ("a huge number", b'[{"text": ' + b"9" * 5000 + b"}]", [], ["number too long"]),
    ("numbers without end", b'{\n"a": [' + b"1," * 50_000 + b"1]}", [], ["too many values for an article"]),
    ("names without end", b"{\n" + b",".join(b'"%d":1' % n for n in range(20_000)) + b"}", [], ["too many names"]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "data", "ids", "reasons"), BAD, ids=[row[0] for row in BAD])
def test_invalid_elements_are_reported_and_the_others_are_read(
    _: str, data: bytes, ids: list[str], reasons: list[str]
) -> None:
    found = read(data, "n.json")
    assert found.ids == ids
    assert found.reasons
    for reason in reasons:
        assert any(reason in reported for reported in found.reasons)


def test_json_lines_are_recognized_despite_an_invalid_first_line() -> None:
    found = read(b'{broken\n{"id": "a", "text": "x"}\n', "n.json")
    assert found.ids == ["a"]
    assert "line 1" in found.reasons[0]


def test_complete_elements_are_read_from_every_truncation() -> None:
    data = dumped([ONE, TWO | {"author": "س"}, THREE])
    for end in range(1, len(data)):
        found = read(data[:end], "n.json")
        assert found.ids == ["a", "b", "c"][: len(found.ids)]
        assert found.reasons


def test_a_line_in_another_encoding_is_read_with_a_warning() -> None:
    data = lines("a") + '{"id": "b", "text": "أعلنت الوزارة"}\n'.encode("windows-1256")
    found = read(data, "n.jsonl")
    assert found.articles[1].text == "أعلنت الوزارة"
    assert found.records[1].warning == "n.jsonl, line 2: not valid UTF-8: read as cp1256"

from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.encodings import decode

NEWS = "أعلن وزير الخارجية، أمس الأربعاء، أن المفاوضات ستستأنف الأسبوع المقبل في جنيف بحضور وفود الدول المعنية."
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "windows-1256",
    "iso8859-6",
    "mac_arabic",
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_undeclared_encodings_are_recognized(encoding: str) -> None:
    assert decode(NEWS.encode(encoding)) == NEWS


@pytest.mark.parametrize("length", [20, 40, 80])
@pytest.mark.parametrize("encoding", ["windows-1256", "iso8859-6"])
def test_encodings_of_short_texts_are_recognized(encoding: str, length: int) -> None:
    assert decode(NEWS[:length].encode(encoding)) == NEWS[:length]


DECLARATIONS = [
    ("meta charset", "windows-1256", '<meta charset="windows-1256">'),
    ("http-equiv", "iso8859-6", '<META http-equiv="Content-Type" content="text/html; charset=ISO-8859-6">'),
    ("XML declaration", "windows-1256", '<?xml version="1.0" encoding="windows-1256"?>'),
    ("a lie: UTF-8 called windows-1256", "utf-8", '<meta charset="windows-1256">'),
    ("a lie: windows-1256 called UTF-8", "windows-1256", '<meta charset="utf-8">'),
    ("a server never told: Latin-1", "windows-1256", '<meta charset="iso-8859-1">'),
    ("a lie: windows-1256 called Cyrillic", "windows-1256", '<meta charset="windows-1251">'),
    ("a lie: ISO-8859-6 called windows-1256", "iso8859-6", '<meta charset="windows-1256">'),
    ("an encoding that is none of text", "utf-8", '<meta charset="hex">'),
    ("an encoding of hosts", "windows-1256", '<meta charset="idna">'),
    ("no such encoding", "utf-8", '<meta charset="klingon">'),
]


@pytest.mark.parametrize(("_", "encoding", "declaration"), DECLARATIONS, ids=[row[0] for row in DECLARATIONS])
def test_declared_encodings_are_used(_: str, encoding: str, declaration: str) -> None:
    page = declaration + NEWS
    assert decode(page.encode(encoding)) == page


def test_the_charset_of_the_transport_is_used_unless_the_bytes_contradict_it() -> None:
    assert decode(NEWS.encode("windows-1256"), "windows-1256") == NEWS
    assert decode(NEWS.encode("utf-8"), "windows-1256") == NEWS
    assert decode(NEWS.encode("utf-8"), "klingon") == NEWS


def test_utf8_truncated_inside_a_letter() -> None:
    assert decode(NEWS.encode()[:-2]).startswith(NEWS[:-2])


def test_text_without_arabic() -> None:
    assert decode("À la une : réunion à Genève".encode("cp1252")) == "À la une : réunion à Genève"
    assert decode(b"plain") == "plain"
    assert decode(b"") == ""


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04zip", b"te\x00\x01\x02\x03\x04" * 50, bytes(range(1, 32)) * 20],
    ids=["pdf", "png", "zip", "zeros", "controls"],
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not text"):
        decode(data)


def test_random_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="not text"):
        decode(os.urandom(20_000))


@given(st.binary(max_size=500))
def test_any_bytes_are_decoded_or_raise_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(decode(data), str)

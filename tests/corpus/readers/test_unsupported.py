from __future__ import annotations

import gzip
import io
import sqlite3
import wave
from pathlib import Path

import pytest

from corpus.readers.unsupported import unsupported_form
from tests.corpus.readers.made_files import PAGE, SENTENCE, read, read_piped, zipped

FORMS = [
    ("PDF", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "a PDF document"),
    ("old Office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old or encrypted Office document"),
    ("RTF", rb"{\rtf1\ansi\ansicpg1256 \'c7\'e1}", "an RTF document"),
    ("PostScript", b"%!PS-Adobe-3.0\n", "a PostScript document"),
    ("RAR", b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
    ("7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive"),
    ("Kindle", b"book".ljust(60, b"\x00") + b"BOOKMOBI", "a Kindle e-book"),
    ("picture", b"\x89PNG\r\n\x1a\n", "a picture"),
    ("video", b"\x00\x00\x00\x18ftypmp42", "a sound or video"),
    ("calendar", b"BEGIN:VCALENDAR\r\n", "a calendar"),
    ("subtitles", b"1\n00:00:01,000 --> 00:00:02,000\nx", "subtitles"),
    ("dump", b"-- MySQL dump 10.13\n", "a dump of a database"),
    ("link", b"[InternetShortcut]\r\nURL=https://a.example\r\n", "a link to a page"),
]


@pytest.mark.parametrize(("_", "data", "reason"), FORMS, ids=[row[0] for row in FORMS])
@pytest.mark.parametrize("name", ["n", "n.txt", "n.html", "n.docx", "n.eml", "n.md", "n.mht"])
def test_a_form_that_is_not_read_is_refused_under_any_name(_: str, data: bytes, reason: str, name: str) -> None:
    for found in (read(data, name), read(gzip.compress(data), f"{name}.gz"), read_piped(data)):
        assert not found.records
        (said,) = found.reasons
        assert reason in said


def test_files_of_real_programs_are_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("CREATE TABLE news (text)")
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(1000))
    for data in ((tmp_path / "a.db").read_bytes(), sound.getvalue(), zipped({"META-INF/MANIFEST.MF": b"x"})):
        assert not read(data, "n").records
        assert read(data, "n").reasons


def test_xml_that_is_no_page_is_refused_under_any_name() -> None:
    drawing = f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>{SENTENCE * 3}</text></svg>'
    assert "neither a feed nor a page" in read(drawing.encode(), "n").reasons[0]
    page = b'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>' + PAGE
    assert len(read(page, "n").articles) == 1


@pytest.mark.parametrize("text", ["عنوان\nنص", "RIF", "From Riyadh with news", "1\n2\n3", "-- قال", "{\\ نص"])
def test_texts_are_no_other_form(text: str) -> None:
    assert unsupported_form(text.encode()) is None

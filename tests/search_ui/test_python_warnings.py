"""No Python warning reaches a user of the command, and none is hidden: all are errors here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import COMMAND
from tests.corpus.readers.made_files import PAGE, Warc, gzipped, lines, tarred, zipped

_WORD = '<span class="ocrx_word">افتتحت البلدية صباح اليوم معرض الزهور في الحديقة الكبرى</span> '
_XML = f'<?xml version="1.0" encoding="UTF-8"?><div class="ocr_page"><p class="ocr_par">{_WORD * 4}</p></div>'
_XHTML = f'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{_WORD * 4}</p></body></html>'
_FEED = f"<rss><channel><item><title>https://a.example/x.html</title><description>{_WORD * 20}</description></item></channel></rss>"

FILES = {
    "page.hocr": _XML.encode(),
    "xml.html": b"\xef\xbb\xbf <!-- a -->" + _XML.encode(),
    "page.xhtml": _XHTML.encode(),
    "address.html": b"https://a.example/page.html",
    "name.html": b"page.html",
    "instruction.html": b"<?xml:namespace prefix = o /><p>" + _WORD.encode() * 4,
    "feed.rss": _FEED.encode(),
    "invalid.rss": b"<rss><channel><item><title>a.txt</title>",
    "fields.jsonl": b'{"text": "<p>https://a.example/x.html</p>"}\n{"text": "&lt;?xml?&gt;", "title": "a.html"}\n',
    "n.csv": b"id,text\na,page.html\n",
    "twice.zip": zipped({"a.jsonl": lines("a"), "p.html": PAGE}),
    "n.tar.gz": tarred({"a.jsonl": lines("a"), "p.html": _XML.encode()}, "w:gz"),
    "n.warc.gz": Warc().response(_XML.encode()).data,
    "cut.html.gz": gzipped(PAGE)[:-20],
    "mojibake.txt": PAGE.decode().encode().decode("latin-1").encode(),
}


def run(directory: Path, *arguments: str, python: tuple[str, ...] = ()) -> str:
    command = [COMMAND[0], *python, *COMMAND[1:], "--archive", str(directory / "archive"), *arguments]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return done.stderr.decode()


@pytest.mark.slow
def test_the_command_shows_none(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for name, data in FILES.items():
        (files / name).write_bytes(data)
    run(tmp_path, "init")
    for python in ((), ("-W", "error", "-W", "ignore::ResourceWarning")):
        named = [str(path) for path in sorted(files.iterdir())]
        for errors in (run(tmp_path, "add", *named, python=python), run(tmp_path, "search", "الزهور", python=python)):
            assert "Warning" not in errors
            assert "Traceback" not in errors
            assert "Exception ignored" not in errors
            assert ".py" not in errors


def test_xml_that_is_read_as_a_page_keeps_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(FILES["page.hocr"])
    run(tmp_path, "init")
    assert run(tmp_path, "add", str(tmp_path / "a.html")) == ""
    command = [sys.executable, *COMMAND[1:], "--archive", str(tmp_path / "archive"), "search", "الحديقة"]
    assert "الكبرى" in subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode()

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import Record, Refusal, read_stream
from corpus.readers.mojibake import undo_mojibake
from corpus.readers.visual_order import logical_order, without_forms

TITLE = "افتتاح معرض الزهور في الحديقة الكبرى"
TEXT = (
    "افتتحت البلدية صباح اليوم معرض الزهور في الحديقة الكبرى بحضور عدد كبير من سكان المدينة والزوار، وسيبقى مفتوحا أسبوعين.\n"
    "وقال مدير المعرض «إن الحضور فاق التوقعات» وإن 1250 زهرة عرضت في القاعات، بينها أصناف نادرة لم تعرض من قبل في البلاد."
)


def misread(text: str, right: str, wrong: str, undefined: str | None = None) -> str:
    found = []
    for byte in text.encode(right):
        char = bytes([byte]).decode(wrong, "replace")
        found.append((chr(byte) if undefined is None else undefined) if char == "\ufffd" else char)
    return "".join(found)


def visual(text: str) -> str:
    return "\n".join(logical_order(line) for line in text.split("\n"))


def in_forms(text: str) -> str:
    """Words in initial, medial and final presentation forms; letters without a medial form count as joining nowhere."""
    forms: dict[tuple[str, str], str] = {}
    for code in range(0xFE80, 0xFEF5):
        kind, letter = unicodedata.decomposition(chr(code)).split()
        forms[chr(int(letter, 16)), kind[1:-1]] = chr(code)
    shaped = []
    for at, letter in enumerate(text):
        joined = at > 0 and (text[at - 1], "medial") in forms and (letter, "final") in forms
        joins = (letter, "medial") in forms and at + 1 < len(text) and (text[at + 1], "final") in forms
        kind = ("medial" if joins else "final") if joined else ("initial" if joins else "isolated")
        shaped.append(forms.get((letter, kind), letter))
    return "".join(shaped)


def read(data: bytes, name: str) -> Record:
    (found,) = read_stream(io.BytesIO(data), name)
    assert isinstance(found, Record), found
    return found


def jsonl(title: str, text: str, **more: str) -> bytes:
    return json.dumps({"id": "a", "title": title, "text": text, **more}, ensure_ascii=False).encode() + b"\n"


def page(title: str, text: str) -> str:
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    head = f'<meta charset="utf-8"><title>{title}</title><meta property="og:title" content="{title}">'
    return f"<html><head>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>"


DAMAGE = {
    "UTF-8 read as windows-1252": lambda text: misread(text, "utf-8", "cp1252"),
    "UTF-8 read as ISO-8859-1": lambda text: misread(text, "utf-8", "latin-1"),
    "undefined bytes dropped": lambda text: misread(text, "utf-8", "cp1252", "").replace("\xad", ""),
    "undefined bytes replaced": lambda text: misread(text, "utf-8", "cp1252", "\ufffd"),
    "UTF-8 read as windows-1256": lambda text: misread(text, "utf-8", "cp1256"),
    "UTF-8 read as MacRoman": lambda text: misread(text, "utf-8", "mac-roman"),
    "UTF-8 read as code page 437": lambda text: misread(text, "utf-8", "cp437"),
    "twice": lambda text: misread(misread(text, "utf-8", "cp1252"), "utf-8", "cp1252"),
    "windows-1256 read as windows-1252": lambda text: misread(text, "cp1256", "cp1252"),
    "ISO-8859-6 read as windows-1252": lambda text: misread(
        text.replace("«", '"').replace("»", '"'), "iso8859-6", "cp1252"
    ),
    "visual order": visual,
    "whole lines reversed": lambda text: "\n".join(line[::-1] for line in text.split("\n")),
    "presentation forms in visual order": lambda text: visual(in_forms(text)),
}


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("form", ["a.jsonl", "a.html", "a.txt", "a.csv"])
def test_damage_is_undone_and_reported(kind: str, form: str) -> None:
    title, text = DAMAGE[kind](TITLE), DAMAGE[kind](TEXT)
    data = {
        "a.jsonl": jsonl(title, text),
        "a.html": page(title, text).encode(),
        "a.txt": f"{title}\n{text}".encode(),
        "a.csv": f'id,title,text\na,"{title}","{text}"\n'.encode(),
    }[form]
    if form == "a.csv" and '"' in text:
        pytest.skip("the text has quotes, as ISO-8859-6 has no others")
    found = read(data, form)
    right = TEXT.replace("«", '"').replace("»", '"') if kind.startswith("ISO-8859-6") else TEXT
    assert (found.article.title, found.article.text) == (TITLE, right)
    assert found.warning
    assert "letters of the" in found.warning


def test_only_the_damaged_field_is_changed_and_named() -> None:
    found = read(jsonl(DAMAGE["UTF-8 read as windows-1252"](TITLE), TEXT), "a.jsonl")
    assert (found.article.title, found.article.text) == (TITLE, TEXT)
    assert found.warning == "a.jsonl, line 1: letters of the title were UTF-8 read as windows-1252: undone"


def test_only_the_damaged_paragraph_is_changed() -> None:
    first, second = TEXT.split("\n")
    for damage in ("UTF-8 read as windows-1252", "visual order"):
        assert read(jsonl(TITLE, f"{first}\n{DAMAGE[damage](second)}"), "a.jsonl").article.text == TEXT


def test_presentation_forms_in_logical_order_are_kept_as_printed() -> None:
    found = read(jsonl(in_forms(TITLE), in_forms(TEXT)), "a.jsonl")
    assert (found.article.title, found.article.text) == (in_forms(TITLE), in_forms(TEXT))
    assert found.warning is None


def test_escaped_letters_in_pages_are_undone() -> None:
    title = "".join(
        f"&#{ord(char)};" if char > "\x7f" else char for char in DAMAGE["UTF-8 read as windows-1252"](TITLE)
    )
    assert read(page(title, TEXT).encode(), "a.html").article.title == TITLE


@pytest.mark.parametrize(("outer", "inner"), [("utf-8", "windows-1256"), ("windows-1256", "utf-8")])
def test_a_page_of_two_encodings_is_read_in_both(outer: str, inner: str) -> None:
    before, _, after = page(TITLE, "|").partition("|")
    found = read(before.encode(outer) + TEXT.replace("\n", "</p><p>").encode(inner) + after.encode(outer), "a.html")
    assert (found.article.title, found.article.text) == (TITLE, TEXT)
    assert found.warning == "a.html: letters of the page are in UTF-8 and windows-1256: each part is read in its own"


def test_an_object_of_two_encodings_is_read_field_by_field() -> None:
    title, text = TITLE.encode(), TEXT.replace("\n", "\\n").encode("windows-1256")
    found = read(b'{"title":"' + title + b'","text":"' + text + b'"}\n', "a.jsonl")
    assert (found.article.title, found.article.text) == (TITLE, TEXT)


def test_wrapped_lines_of_a_paragraph_in_visual_order_keep_their_order() -> None:
    words = TEXT.replace("\n", " ").split()
    wrapped = "\n".join(visual(" ".join(words[at : at + 6])) for at in range(0, len(words), 6))
    found = read(f"<html><body><article><h1>{TITLE}</h1><p>{wrapped}</p></article></body></html>".encode(), "a.html")
    assert found.article.text == " ".join(words)


RIGHT = [
    "تظهر الحروف في المتصفح هكذا: «Ø£Ø¹Ù„Ù†Øª ÙˆØ²Ø§Ø±Ø©» ولا يفهمها القارئ العادي",
    "ينتج الحقل النفط، والغاز في الأوسط، وحافظ على حظوظ الحظ؛ ظ ط",
    "Café à l'été où Noël était là, São Paulo, Ørsted, ÇA VA",
    "ما هذا ؟؟ ولماذا ??",
    "لا لا، كلا ولا لولا إلا هلا مولا أولا",
    "قال ﷺ ﴿اﻷعمال﴾ بكلفة ٥٠ ﷼ وﷲ أعلم",
    "Москва и Санкт-Петербург",
]


@pytest.mark.parametrize("text", [*RIGHT, TITLE, *TEXT.split("\n")])
def test_right_text_is_unchanged(text: str) -> None:
    found = read(jsonl(TITLE, text), "a.jsonl")
    assert found.article.paragraphs == (text,)
    assert found.article.title == TITLE


def test_a_mention_of_mojibake_is_kept_and_reported() -> None:
    assert "may be UTF-8 read as windows-1252, in part: kept" in (read(jsonl(TITLE, RIGHT[0]), "a.jsonl").warning or "")


def test_lost_letters_are_kept_and_reported() -> None:
    found = read(jsonl("????? ???? ??????", TEXT), "a.jsonl")
    assert found.article.title == "????? ???? ??????"
    assert found.warning == "a.jsonl, line 1: letters of the title are lost, and printed as question marks"


def test_a_text_of_question_marks_is_refused() -> None:
    (found,) = read_stream(io.BytesIO(jsonl(TITLE, "????? ???? ??????\n???? ??????")), "a.jsonl")
    assert found == Refusal("a.jsonl, line 1", "its letters are lost: its text consists of question marks")


def test_an_address_is_not_changed() -> None:
    link = '<a href="/n/Ø£Ø®Ø¨Ø§Ø±">Ø£Ø®Ø¨Ø§Ø± Ø§Ù„Ù…Ø¯ÙŠÙ†Ø©</a>'
    assert undo_mojibake(link, is_source=True).text == '<a href="/n/Ø£Ø®Ø¨Ø§Ø±">أخبار المدينة</a>'


ORDER = [
    ("a number", "عام 2017 في", "يف 2017 ماع"),
    ("Latin words", "شركة Blue Sky الجديدة", "ةديدجلا Blue Sky ةكرش"),
    ("a number that touches a Latin word", "بدقة 11k في", "يف 11k ةقدب"),
    ("brackets", "قال (اليوم) إنه", "هنإ (مويلا) لاق"),
    ("a decimal", "نسبة 12.5 في المئة", "ةئملا يف 12.5 ةبسن"),
]


@pytest.mark.parametrize(("logical", "shown"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_runs_of_their_own_order(logical: str, shown: str) -> None:
    assert logical_order(shown) == logical


def test_phrases_and_ornate_parentheses_are_kept() -> None:
    assert without_forms("ﷲ ﷺ ﴿ﺍﻟﺠﺴﺮ ﻻ﴾") == "ﷲ ﷺ ﴿الجسر لا﴾"


@given(st.text(st.sampled_from("ØÙÃÂâ§£„ Ç|<>&;#216\\u00d8ظط\u200c\xad\x81اأ?\ufffd ﺍﻟ\u064b\n\x1e")))
def test_any_text_is_read(text: str) -> None:
    for name, data in (("a.jsonl", jsonl(text, text)), ("a.html", page(text, text).encode()), ("a.txt", text.encode())):
        for item in read_stream(io.BytesIO(data), name):
            assert not isinstance(item, Record) or item.article.content_hash()

"""Pages that a script draws: the article in the data of Next.js, Nuxt, Fusion and others, if it is the page's own."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Article, printed_date
from corpus.errors import UnreadableInput
from corpus.readers.html import read_html
from tests.conftest import examples
from tests.corpus.readers.made_files import SENTENCE
from tests.guards import hang_guard

TITLE = "افتتاح الميناء الجديد أمام السفن التجارية"
ONE, TWO = SENTENCE * 2, SENTENCE * 3
HTML = f"<p>{ONE}</p><p>{TWO}</p>"
OTHER = {"title": "مهرجان الربيع يجتذب آلاف الزوار في المدينة", "body": f"<p>{SENTENCE * 9}</p>"}


def page(script: str) -> str:
    return f"<html><head><title>{TITLE} | النهضة</title></head><body><div id=root></div>{script}</body></html>"


def read(script: str) -> Article:
    return read_html(page(script).encode(), "page.html")


def data(value: object, name: str = "__NEXT_DATA__") -> str:
    return f'<script id="{name}" type="application/json">{json.dumps(value, ensure_ascii=False)}</script>'


def assigned(name: str, value: object) -> str:
    return f"<script>var a=1;{name} = {json.dumps(value, ensure_ascii=False)};(function(){{}})()</script>"


BLOCKS = [{"type": "paragraph", "text": ONE}, {"type": "image", "text": "صورة"}, {"type": "paragraph", "text": TWO}]
SCRIPTS = [
    ("Next.js", data({"props": {"pageProps": {"related": [OTHER], "article": {"title": TITLE, "body": HTML}}}})),
    ("blocks", data({"props": {"post": {"headline": TITLE, "content": {"blocks": BLOCKS}}, "more": [OTHER]}})),
    ("lines", data({"a": {"title": TITLE, "text": f"{ONE}\n\n{TWO}"}, "b": OTHER})),
    ("a state", assigned("window.__INITIAL_STATE__", {"posts": {"7": {"headline": TITLE, "content": HTML}, "8": OTHER}})),
    ("a parsed state", assigned("window.__PRELOADED_STATE__", 0).replace(
        " 0", f" JSON.parse({json.dumps(json.dumps({'title': TITLE, 'html': HTML}))})")),
    ("Fusion", assigned("Fusion.globalContent", {
        "headlines": {"basic": TITLE},
        "content_elements": [{"type": "text", "content": ONE}, {"type": "interstitial_link", "content": "اقرأ أيضا"},
                             {"type": "text", "content": TWO}]})),
    ("Nuxt's flat list", data([["Reactive", 1], {"title": 2, "body": 3}, TITLE, HTML], "__NUXT_DATA__")),
    ("Nuxt's function", f"<script>window.__NUXT__=(function(a,b){{return {{post:{{id:a,title:{json.dumps(TITLE)},"
                        f"body:{json.dumps(HTML)}}}}}}}(1,2))</script>"),
    ("WordPress's fields", data({"post": {"title": {"rendered": TITLE}, "content": {"rendered": HTML}}}, "data")),
]  # fmt: skip


@pytest.mark.parametrize(("_", "script"), SCRIPTS, ids=[row[0] for row in SCRIPTS])
def test_an_article_that_only_a_scripts_data_has_is_read(_: str, script: str) -> None:
    article = read(script)
    assert (article.title.split(" | ")[0], article.paragraphs) == (TITLE, (ONE, TWO))


def test_the_date_beside_the_text_is_read() -> None:
    script = data({"title": TITLE, "body": HTML, "publishedAt": "2019-02-27T08:00:00+03:00"})
    assert printed_date(read(script).published) == "2019-02-27T08:00:00+03:00"


def test_the_text_on_the_page_is_preferred() -> None:
    article = read(f"<p>{SENTENCE * 8}</p>" + data({"title": TITLE, "body": HTML}))
    assert article.paragraphs == (SENTENCE.strip() * 8,) or SENTENCE.strip() in article.paragraphs[0]


@pytest.mark.parametrize(
    "script",
    [
        data({"related": [OTHER]}),
        data({"title": TITLE, "related": [OTHER]}),
        data({"title": TITLE, "body": "قريبا"}),
        data({"title": "عاجل", "body": HTML}),
        data({"body": HTML}),
        assigned("window.analytics", {"title": TITLE, "body": HTML}),
        f'<script id="__NEXT_DATA__" type="application/json">{{"title": "{TITLE}", "body": "{HTML}</script>',
        f'<script type="application/json">{"[" * 5000}</script>',
    ],
    ids=["others", "others below", "no text", "a label", "no headline", "another script", "cut off", "nested"],
)
def test_other_data_is_no_article(script: str) -> None:
    with pytest.raises(UnreadableInput, match="no article text"):
        read(script)


@pytest.mark.parametrize(
    "script",
    [
        "window.__NUXT__=(function(){return {" + "a" * 400_000 + "}}())",
        "window.__NUXT__=(function(){return {" + 'a:"\\' * 100_000 + "}}())",
        "window.__INITIAL_STATE__" + " " * 400_000,
        "__NEXT_DATA__ " + "a=" * 200_000,
        "__NEXT_DATA__ = " + '{"a":' * 50_000,
    ],
    ids=["a long word", "backslashes", "spaces", "assignments", "nested"],
)
def test_hostile_scripts_take_linear_time(script: str) -> None:
    with hang_guard(), pytest.raises(UnreadableInput):
        read(f"<script>{script}</script>")


PIECES = [
    *'{}[]":,\\ \n',
    "null",
    "1",
    f'"title":"{TITLE}"',
    f'"body":"{ONE}"',
    "__NEXT_DATA__",
    "=",
    "JSON.parse(",
    "</script>",
]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.sampled_from(
        ["<script>window.__NUXT__=", "<script>window.__INITIAL_STATE__=", '<script type="application/json">']
    ),
)
def test_any_script_is_read_or_refused(text: str, opening: str) -> None:
    with contextlib.suppress(UnreadableInput):
        assert read(f"{opening}{text}</script>").paragraphs

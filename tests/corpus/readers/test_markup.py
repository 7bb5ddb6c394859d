from __future__ import annotations

import json

import pytest

from corpus.readers.html_tree import MAX_TAGS
from corpus.readers.markup import plain_text
from tests.corpus.readers.made_files import SENTENCE, line, read

AS_PRINTED = [
    "AT&T وشركاؤها & غيرها",
    "العنصر <p> للفقرة والعنصر <br> للسطر",
    "يفتح <p> الفقرة و</p> يغلقها",
    "الوسم «<b>» ثم «</b>»",
    "<p> هو وسم الفقرة",
    "<p>",
    "3 < 4 و5 > 2",
    "List<String> قائمة",
    "<user@mail.example> كتب",
    "https://a.example/?a=1&copy=2&lt=3",
    "&foo; و &copy بلا فاصلة",
    r"C:\news\readme و\\server\n",
    r"الرمز \n سطر جديد",
]


@pytest.mark.parametrize("text", AS_PRINTED)
def test_a_text_that_is_not_clearly_markup_is_unchanged(text: str) -> None:
    found = plain_text(text)
    assert (found.text, found.had_html, found.had_breaks) == (text, False, False)


def test_a_text_with_tags_that_may_be_markup_is_kept_with_a_warning() -> None:
    assert [plain_text(text).may_be_html for text in AS_PRINTED[:6]] == [False, True, True, True, True, True]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>أولى</p><p>ثانية</p>", "أولى\nثانية"),
        ("<p> أولى </p>\n<p> ثانية </p>", "أولى\nثانية"),
        ("أولى<br />ثانية&nbsp;", "أولى\nثانية"),
        ("<P DIR=rtl>أولى<P DIR=rtl>ثانية", "أولى\nثانية"),
        ("قال <b>الوزير</b> أمس\nوأضاف", "قال الوزير أمس\nوأضاف"),
        ("<o:p></o:p><p>نص</p>", "نص"),
        ("<p>نص</p><script>x()</script><!-- ب -->", "نص"),
        ("<p>العنصر &lt;p&gt; للفقرة، و3 < 4 و<user@a></p>", "العنصر <p> للفقرة، و3 < 4 و<user@a>"),
        ("&lt;p&gt;أولى&lt;/p&gt;&lt;p&gt;ثانية&lt;/p&gt;", "أولى\nثانية"),
        ("&quot;خبر&quot; و&amp;quot;آخر&amp;quot;", '"خبر" و"آخر"'),
        ("AT&amp;T", "AT&T"),
        ("&#1571;&#x0645;&#8211;", "أم–"),
        (r"أولى.\n\nثانية\r\nثالثة", "أولى.\n\nثانية\nثالثة"),
        (f'<p>{SENTENCE}</p><div class="share-buttons">شارك</div>', SENTENCE),
        (f'<div class="related">{SENTENCE}</div>', SENTENCE),
    ],
)
def test_markup_is_converted(text: str, plain: str) -> None:
    assert plain_text(text).text == plain


def test_too_many_tags_are_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        plain_text("<b>نص</b>" + "\n" * MAX_TAGS)
    data = line(text="<p>نص</p>" * MAX_TAGS) + line("b")
    found = read(data, "a.jsonl")
    assert found.reasons == [f"a.jsonl, line 1: it has more than {MAX_TAGS:,} tags, the limit for a page"]
    assert found.ids == ["b"]


def test_each_kind_of_markup_is_reported_once_per_file() -> None:
    data = b"".join(line(str(n), title="&quot;أ&quot;", text="<p>ب</p>", author="&#1571;") for n in range(3))
    found = read(data, "a.jsonl")
    assert [(article.title, article.paragraphs, article.authors) for article in found.articles] == [
        ('"أ"', ("ب",), ("أ",))
    ] * 3
    assert [record.warning for record in found.records] == [
        "a.jsonl, line 1: HTML in 'text' is converted to plain text, also in what follows; HTML in 'title' is converted "
        "to plain text, also in what follows; HTML in 'author' is converted to plain text, also in what follows",
        None,
        None,
    ]


def test_a_warning_about_markup_follows_that_about_the_date() -> None:
    (record,) = read(line(date="غدا", text=r"أ\nب"), "a.jsonl").records
    assert record.warning == (
        "a.jsonl, line 1: kept without a date: 'غدا' is not a date; literal \\n in 'text' is read as a line break, "
        "also in what follows"
    )


def test_markup_in_a_table_and_in_an_address() -> None:
    data = "url,title,text\nhttps://a.example/?a=1&amp;b=2,&quot;خبر&quot;,<p>أولى</p><p>ثانية</p>\n".encode()
    (article,) = read(data, "a.csv").articles
    assert (article.url, article.title) == ("https://a.example/?a=1&b=2", '"خبر"')
    assert article.paragraphs == ("أولى", "ثانية")


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        (["أولى", "ثانية\nثالثة", ""], ("أولى", "ثانية", "ثالثة")),
        (["أولى", None, "ثانية"], ("أولى", "ثانية")),
        ([{"text": "أولى"}, {"type": "paragraph", "text": "ثانية"}], ("أولى", "ثانية")),
        (["قال ", {"type": "bold", "text": "الوزير"}, " أمس\n\n", {"type": "hashtag", "text": "#خبر"}], ("قال الوزير أمس", "#خبر")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_the_text_may_be_a_list(text: list[object], paragraphs: tuple[str, ...], name: str) -> None:
    data = json.dumps({"title": "خبر", "content": text}).encode()
    (article,) = read(data, name, field_map={"text": "content"}).articles
    assert article.paragraphs == paragraphs


@pytest.mark.parametrize("text", [[1], [None], [{"x": "أ"}], []])
def test_a_list_of_something_else_is_refused(text: list[object]) -> None:
    found = read(json.dumps({"id": "1", "text": text}).encode(), "a.jsonl")
    assert len(found.reasons) == 1
    assert not found.articles


def test_an_export_of_a_telegram_channel() -> None:
    messages = [
        {"id": 1, "type": "service", "date": "2019-02-27T08:00:00", "title": "x", "text": ""},
        {"id": 2, "type": "message", "date": "2019-02-27T09:00:00", "text": ["خبر ", {"type": "link", "text": "رابط"}]},
        {"id": 3, "type": "message", "photo": "p.jpg", "text": ""},
    ]
    data = json.dumps({"name": "قناة", "type": "public_channel", "id": 7, "messages": messages}, indent=1).encode()
    found = read(data, "result.json")
    (article,) = found.articles
    assert (article.id, article.source, article.paragraphs) == ("telegram-7-2", "قناة", ("خبر رابط",))
    assert found.ignored == ["service message", "message without text"]
    assert not found.reasons


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('[caption id="a" width="3"]<img src=x/> صورة[/caption]نص الخبر', "نص الخبر"),
        ('<img src="x.jpg" />نص<br/>[caption id="a"]صورة[/caption] [gallery ids="1"] آخر', "نص\nآخر"),
        ("نص.<!--more-->آخر", "نص.\nآخر"),
        ("<p>نص.<!--nextpage-->آخر</p>", "نص.\nآخر"),
    ],
)
def test_what_wordpress_replaces_is_removed(text: str, plain: str) -> None:
    found = plain_text(text)
    assert (found.text, found.had_html) == (plain, True)


@pytest.mark.parametrize("text", ["شاهد [video] هنا", "[فيديو] خبر", "[caption]", "قال [إنه] حضر"])
def test_words_in_square_brackets_are_kept(text: str) -> None:
    assert plain_text(text).text == text

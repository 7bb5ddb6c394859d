"""Exports of programs in JSON: each shape by its content, what is no article is counted, a field map overrides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.corpus.readers.made_files import Read, read, zipped

TEXT = "افتتحت البلدية اليوم الميناء الجديد بعد عامين من العمل."
MARKUP = f"<p>{TEXT}</p><p>وحضر الحفل كثيرون &amp; غيرهم.</p>"
PARAGRAPHS = (TEXT, "وحضر الحفل كثيرون & غيرهم.")
URL = "https://marfaa.example/1"


def exported(value: object, name: str = "export.json", *, indent: int | None = 1, **options: Any) -> Read:
    """What is read of a value, which is the same on one line and without a name."""
    data = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    found = read(data, name, **options)
    assert read(json.dumps(value).encode(), "file", **options).articles == found.articles
    return found


def message(number: int, text: object, **values: Any) -> dict[str, Any]:
    return {"id": number, "type": "message", "date": "2019-02-27T09:00:00", "text": text, **values}


CHANNEL = {
    "name": "قناة الميناء",
    "type": "public_channel",
    "id": 7,
    "messages": [
        {"id": 1, "type": "service", "date": "2019-02-27T08:00:00", "action": "create_channel", "text": ""},
        message(2, ["عاجل: ", {"type": "bold", "text": TEXT}, "\n\n", {"type": "hashtag", "text": "#ميناء"}]),
        message(3, "تعليق الصورة", photo="photos/1.jpg", edited="2019-02-27T10:00:00"),
        message(4, "", photo="photos/2.jpg"),
    ],
}


def test_messages_of_a_telegram_channel_are_whole() -> None:
    found = exported(CHANNEL, "result.json")
    first, second = found.articles
    assert (first.id, first.source, first.title, first.authors) == ("telegram-7-2", "قناة الميناء", "", ())
    assert first.paragraphs == (f"عاجل: {TEXT}", "#ميناء")
    assert second.paragraphs == ("تعليق الصورة",)
    assert found.ignored == ["service message", "message without text"]
    assert not any(record.warning for record in found.records)


def test_the_offset_of_a_telegram_date_follows_from_the_time_in_utc() -> None:
    # 1551247200 is 06:00 UTC.
    chat = CHANNEL | {"messages": [message(2, TEXT, date_unixtime="1551247200"), message(3, TEXT, date_unixtime="5")]}
    first, second = exported(chat).articles
    assert str(first.published) == "2019-02-27 09:00:00+03:00"
    assert str(second.published) == "1970-01-01 00:00:05+00:00"  # no time zone is that far from UTC


def test_authors_in_telegram() -> None:
    chat = CHANNEL | {"messages": [message(2, TEXT, forwarded_from="قناة أخرى", **{"from": "قناة الميناء"})]}
    assert exported(chat).articles[0].authors == ("قناة أخرى",)
    group = CHANNEL | {"type": "public_supergroup", "messages": [message(2, TEXT, **{"from": "سلمى"})]}
    assert exported(group).articles[0].authors == ("سلمى",)


def test_text_entities_are_the_text_if_there_is_no_other() -> None:
    entities = [{"type": "plain", "text": "نص "}, {"type": "bold", "text": "كامل"}]
    assert exported(CHANNEL | {"messages": [message(2, "", text_entities=entities)]}).articles[0].text == "نص كامل"


def test_a_whole_telegram_account_keeps_channels_and_counts_private_chats() -> None:
    private = CHANNEL | {"id": 8, "type": "personal_chat", "name": "فلان"}
    empty = CHANNEL | {"id": 9, "messages": []}
    account = {
        "about": "x",
        "personal_information": {"user_id": 1},
        "contacts": {"about": "x", "list": [{"first_name": "س"}]},
        "chats": {"about": "x", "list": [CHANNEL, private, empty]},
        "left_chats": {"about": "x", "list": [CHANNEL | {"id": 10}]},
    }
    found = exported(account, "result.json")
    assert found.ids == ["telegram-7-2", "telegram-7-3", "telegram-10-2", "telegram-10-3"]
    assert found.ignored.count("message of a private chat") == 4
    assert found.ignored.count("chat without messages") == 1
    assert not found.reasons


def test_messages_before_damage_in_a_chat_are_kept() -> None:
    data = json.dumps({"chats": {"list": [CHANNEL]}}, ensure_ascii=False).encode()
    found = read(data[: data.index("تعليق".encode())], "result.json")
    assert found.ids == ["telegram-7-2"]
    assert found.reasons


def garbled(text: str) -> str:
    """A text as Meta writes it: a character per byte of its UTF-8."""
    return text.encode().decode("latin-1")


def test_posts_of_facebook_have_their_letters() -> None:
    media = {"media": {"uri": "1.jpg", "description": garbled(TEXT)}}
    posts = [
        {"timestamp": 1551247200, "title": garbled("سلمى updated her status."), "data": [{"post": garbled(f"{TEXT}\nثان")}],
         "attachments": [{"data": [media]}]},
        {"timestamp": 1551247201, "data": [{"update_timestamp": 1551247202}], "title": "x"},
        {"timestamp": 1551247201, "title": "x"},
        {"timestamp": 1551247203, "data": [{"comment": {"comment": garbled(TEXT)}}], "title": "x"},
    ]  # fmt: skip
    found = exported(posts, "posts_1.json")
    (article,) = found.articles
    assert article.paragraphs == (TEXT, "ثان")
    assert str(article.published) == "2019-02-27 06:00:00+00:00"
    assert article.title == ""
    assert found.ignored == ["post without text", "post without text", "comment"]


def test_posts_that_another_program_repaired_are_unchanged() -> None:
    assert exported([{"timestamp": 1551247200, "data": [{"post": TEXT}]}]).articles[0].text == TEXT


def test_captions_of_instagram_and_private_messages() -> None:
    photo = {"media": [{"uri": "1.jpg", "creation_timestamp": 1551247200, "title": garbled("الميناء ليلا")}]}
    assert exported([photo]).articles[0].text == "الميناء ليلا"
    letter = {"sender_name": "x", "timestamp_ms": 1551247200000, "content": "x"}
    assert (
        exported({"participants": [{"name": "x"}], "messages": [letter, letter]}).ignored.count("private message") == 2
    )


def tweet(text: str, **values: Any) -> dict[str, Any]:
    return {"tweet": {"id_str": "11", "created_at": "Wed Feb 27 08:00:00 +0000 2019", "full_text": text, **values}}


def test_posts_of_x() -> None:
    links = [{"url": "https://t.co/a", "expanded_url": URL}]
    media = [{"url": "https://t.co/b", "expanded_url": "https://twitter.com/marfaa/status/11/photo/1"}]
    entities = {"urls": links, "media": media}
    posts = [
        tweet("الميناء &amp; المدينة https://t.co/a https://t.co/b", entities=entities),
        tweet("RT @other: نص مقطوع…", id_str="12"),
        tweet("https://t.co/b", id_str="13", entities=entities),
    ]
    data = b"window.YTD.tweets.part0 = " + json.dumps(posts, indent=2).encode()
    for name in ("data/tweets.js", "tweet.js", "tweets-part2.js", "file"):
        found = read(data, name)
        (article,) = found.articles
        assert article.text == f"الميناء & المدينة {URL}"
        assert (article.id, article.url) == ("twitter-11", "https://twitter.com/marfaa/status/11")
        assert str(article.published) == "2019-02-27 08:00:00+00:00"
        assert found.ignored == ["retweet", "post without text"]


def test_long_posts_of_x() -> None:
    links = [{"url": "https://t.co/a", "expanded_url": "https://twitter.com/i/web/status/11"}]
    found = exported([tweet("بداية نص طويل… https://t.co/a", entities={"urls": links})])
    assert "post 11 may be cut off" in (found.records[0].warning or "")
    core = {"text": f"{TEXT} https://t.co/b", "urls": [{"shortUrl": "https://t.co/b", "expandedUrl": URL}]}
    note = {"noteTweet": {"noteTweetId": "9", "createdAt": "2023-02-27T08:00:00.000Z", "core": core}}
    (article,) = read(b"window.YTD.note_tweet.part0 = " + json.dumps([note]).encode(), "note-tweet.js").articles
    assert (article.text, str(article.published)) == (f"{TEXT} {URL}", "2023-02-27 08:00:00+00:00")


def test_of_an_archive_of_x_only_the_posts_are_read() -> None:
    posts = b"window.YTD.tweets.part0 = " + json.dumps([tweet("نص")]).encode()
    data = zipped({"data/tweets.js": posts, "data/like.js": b"window.YTD.like.part0 = []", "assets/js/main.js": b"x"})
    found = read(data, "twitter.zip")
    assert found.ids == ["twitter-11"]
    assert found.ignored == [".js", ".js"]
    assert read(zipped({"a/n.nitf": b"<nitf/>", "a/n.hocr": b"<html/>"}), "a.zip").ignored == []


def test_other_scripts_are_no_posts() -> None:
    assert read(b"window.setTimeout(function() {}, 1)", "file").ignored == ["script"]


WORDPRESS = {
    "id": 3,
    "date": "2019-02-27T11:00:00",
    "date_gmt": "2019-02-27T08:00:00",
    "link": "https://www.marfaa.example/1/",
    "status": "publish",
    "type": "post",
    "title": {"rendered": "الميناء &#8211; الجديد"},
    "content": {"rendered": MARKUP, "protected": False},
    "_embedded": {
        "author": [{"id": 1, "name": "سامي الحداد"}],
        "wp:term": [[{"taxonomy": "category", "name": "محليات"}], [{"taxonomy": "post_tag", "name": "وسم"}]],
    },
}


def test_posts_of_wordpress() -> None:
    others = [
        WORDPRESS | {"status": "draft"},
        WORDPRESS | {"status": "private"},
        WORDPRESS | {"type": "page"},
        WORDPRESS | {"content": {"rendered": "", "protected": True}},
    ]
    found = exported([WORDPRESS, *others], "posts.json")
    (article,) = found.articles
    assert (article.title, article.section, article.authors) == ("الميناء – الجديد", "محليات", ("سامي الحداد",))
    assert article.paragraphs == PARAGRAPHS
    assert str(article.published) == "2019-02-27 11:00:00+03:00"
    assert (article.url, article.source) == ("https://www.marfaa.example/1/", "marfaa.example")
    assert found.ignored == ["draft", "private", "page", "post with a password"]
    assert found.records[0].warning is None


def test_an_unknown_type_of_wordpress_is_reported_once() -> None:
    one, two = WORDPRESS | {"type": "news"}, WORDPRESS | {"type": "news", "link": "https://marfaa.example/2/"}
    first, second = exported([one, two]).records
    assert "its type 'news' may not be that of articles" in (first.warning or "")
    assert second.warning is None


WALLABAG = {
    "id": 5,
    "is_archived": 0,
    "is_starred": 1,
    "title": "الميناء &amp; المدينة",
    "url": URL,
    "content": MARKUP,
    "created_at": "2020-01-01T10:00:00+0200",
    "published_at": "2019-02-27T08:00:00+0300",
    "published_by": ["سامي الحداد"],
    "domain_name": "marfaa.example",
    "reading_time": 1,
    "tags": ["x"],
}
DRUPAL = {
    "type": "node--article",
    "id": "0b1c",
    "links": {"self": {"href": "https://marfaa.example/jsonapi/node/article/0b1c"}},
    "attributes": {
        "title": "الميناء & المدينة",
        "status": True,
        "created": "2019-02-27T08:00:00+03:00",
        "body": {"value": "x", "processed": MARKUP},
        "path": {"alias": "/1"},
    },
}
BLOGGER = {
    "kind": "blogger#post",
    "id": "1",
    "published": "2019-02-27T08:00:00+03:00",
    "url": URL,
    "title": "الميناء & المدينة",
    "content": MARKUP,
    "author": {"displayName": "سامي الحداد"},
    "labels": ["محليات"],
}
ATOM = {
    "id": {"$t": "tag:1"},
    "published": {"$t": "2019-02-27T08:00:00+03:00"},
    "title": {"type": "text", "$t": "الميناء & المدينة"},
    "content": {"type": "html", "$t": MARKUP},
    "link": [{"rel": "self", "href": "x"}, {"rel": "alternate", "href": URL}],
    "author": [{"name": {"$t": "سامي الحداد"}}],
    "category": [{"scheme": "http://www.blogger.com/atom/ns#", "term": "محليات"}],
}
FEED_ITEM = {
    "id": "1",
    "url": URL,
    "title": "الميناء & المدينة",
    "content_html": MARKUP,
    "date_published": "2019-02-27T08:00:00+03:00",
    "authors": [{"name": "سامي الحداد"}],
}
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "جريدة",
    "authors": [{"name": "x"}],
    "hubs": [{"type": "x"}],
}
NINJS = {
    "uri": "urn:1",
    "type": "text",
    "pubstatus": "usable",
    "contentcreated": "2019-02-27T08:00:00+03:00",
    "versioncreated": "2019-02-28T08:00:00+03:00",
    "headline": "الميناء & المدينة",
    "subject": [{"name": "x"}],
    "byline": "بقلم سامي الحداد",
    "body_xhtml": MARKUP,
}
WHOLE = [
    ("wallabag", [WALLABAG]),
    ("Drupal", {"jsonapi": {"version": "1.0"}, "data": [DRUPAL], "included": [{"type": "user--user", "id": "1", "attributes": {}}]}),
    ("Drupal, one", {"jsonapi": {"version": "1.0"}, "data": DRUPAL}),
    ("Blogger", {"kind": "blogger#postList", "items": [BLOGGER]}),
    ("Blogger, one", BLOGGER),
    ("Blogger, a feed", {"version": "1.0", "feed": {"title": {"$t": "مدونة"}, "link": [{"rel": "x"}], "entry": [ATOM]}}),
    ("JSON Feed", FEED | {"items": [FEED_ITEM]}),
    ("JSON Feed, names in another order", {"items": [FEED_ITEM]} | FEED),
    ("ninjs", NINJS),
    ("ninjs, several", {"items": [NINJS]}),
    ("ninjs 2", [{key: value for key, value in NINJS.items() if key not in ("headline", "byline", "body_xhtml")} | {
        "headlines": [{"value": "الميناء & المدينة"}], "bylines": [{"value": "سامي الحداد"}],
        "bodies": [{"role": "main", "contenttype": "text/html", "value": MARKUP}]}]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WHOLE, ids=[name for name, _ in WHOLE])
def test_other_shapes(name: str, value: Any) -> None:
    found = exported(value)
    (article,) = found.articles
    assert article.title == "الميناء & المدينة"
    assert article.paragraphs == PARAGRAPHS
    assert str(article.published) == "2019-02-27 08:00:00+03:00"
    assert article.url == URL or article.id == "urn:1"
    assert article.authors in (("سامي الحداد",), ())
    assert not found.reasons
    assert found.records[0].warning is None


def test_wallabag_knows_when_a_page_was_saved() -> None:
    (article,) = exported([WALLABAG]).articles
    assert str(article.retrieved_at) == "2020-01-01 08:00:00+00:00"


PLAIN = [
    ("news-please", {"maintext": TEXT, "source_domain": "marfaa.example", "url": URL, "title": "ع",
                     "date_publish": "2019-02-27 08:00:00", "authors": ["سلمى"]}),
    ("trafilatura", {"text": TEXT, "source": URL, "source-hostname": "marfaa.example", "fingerprint": "x", "title": "ع",
                     "date": "2019-02-27", "author": "سلمى"}),
    ("webz.io", {"text": TEXT, "uuid": "x", "published": "2019-02-27T08:00:00.000+02:00", "url": URL, "title": "ع",
                 "thread": {"site": "marfaa.example"}, "author": "سلمى"}),
    ("Event Registry", {"body": TEXT, "uri": "5", "dateTime": "2019-02-27T08:00:00Z", "url": URL, "title": "ع",
                        "source": {"title": "marfaa.example"}, "authors": [{"name": "سلمى"}]}),
    ("Media Cloud", {"stories_id": 5, "story_text": TEXT, "media_name": "marfaa.example", "url": URL, "title": "ع",
                     "publish_date": "2019-02-27 08:00:00"}),
    ("NewsAPI", {"source": {"id": None, "name": "marfaa.example"}, "author": "سلمى", "title": "ع", "description": "x",
                 "url": URL, "publishedAt": "2019-02-27T08:00:00Z", "content": TEXT}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), PLAIN, ids=[name for name, _ in PLAIN])
def test_shapes_of_collections(name: str, value: dict[str, Any]) -> None:
    for given in (value, [value], {"articles": [value]}, {"articles": {"results": [value]}}):
        (article,) = exported(given).articles
        assert (article.text, article.title, article.source, article.url) == (TEXT, "ع", "marfaa.example", URL)
        assert str(article.published).startswith("2019-02-27")
        assert article.authors in (("سلمى",), ())
    (article,) = read(json.dumps(value).encode() + b"\n", "n.jsonl").articles
    assert article.url == URL


def test_a_text_that_newsapi_cut_off_is_refused() -> None:
    value = {**PLAIN[-1][1], "content": f"{TEXT}… [+1234 chars]"}
    found = exported({"status": "ok", "articles": [value]})
    assert not found.articles
    assert "its text is cut off" in found.reasons[0]


UNPUBLISHED: list[tuple[str, Any, str]] = [
    ("Drupal", [DRUPAL | {"attributes": DRUPAL["attributes"] | {"status": False}}], "unpublished"),  # type: ignore[operator]
    ("a page of Drupal", [DRUPAL | {"type": "node--page"}], "page"),
    ("Blogger", [BLOGGER | {"status": "DRAFT"}], "draft"),
    ("a comment on Blogger", [{"kind": "blogger#comment", "id": "1", "content": "x"}], "comment"),
    ("a comment in a feed", {"feed": {"entry": [ATOM | {"thr$in-reply-to": {"ref": "x"}}]}}, "comment"),
    ("ninjs, canceled", [NINJS | {"pubstatus": "canceled"}], "canceled"),
    ("ninjs, withheld", [NINJS | {"pubstatus": "withheld"}], "withheld"),
    ("ninjs, a picture", [NINJS | {"type": "picture"}], "picture"),
]


@pytest.mark.parametrize(("_", "value", "kind"), UNPUBLISHED, ids=[row[0] for row in UNPUBLISHED])
def test_what_is_no_article_is_counted(_: str, value: Any, kind: str) -> None:
    found = exported(value)
    assert not found.articles
    assert found.ignored == [kind]


def test_an_item_without_text_is_refused() -> None:
    found = exported(FEED | {"items": [{"id": "1", "summary": "x"}]})
    assert "only a summary" in found.reasons[0]
    assert "contains no text" in exported([WALLABAG | {"content": "<p> </p>"}]).reasons[0]


GHOST = {
    "db": [
        {
            "meta": {"version": "5.0"},
            "data": {
                "posts": [
                    {"id": "1", "uuid": "a-1", "title": "الميناء", "html": MARKUP, "status": "published", "type": "post",
                     "published_at": "2019-02-27T08:00:00.000Z"},
                    {"id": "2", "uuid": "a-2", "title": "x", "html": MARKUP, "status": "draft", "type": "post"},
                    {"id": "3", "uuid": "a-3", "title": "x", "html": MARKUP, "status": "published", "type": "page"},
                ],
                "posts_authors": [{"post_id": "1", "author_id": "9", "sort_order": 1},
                                  {"post_id": "1", "author_id": "8", "sort_order": 0}],
                "posts_tags": [{"post_id": "1", "tag_id": "4", "sort_order": 0}, {"post_id": "1", "tag_id": "5", "sort_order": 1}],
                "settings": [{"key": "title", "value": "جريدة الميناء"}],
                "tags": [{"id": "4", "name": "#internal"}, {"id": "5", "name": "محليات"}],
                "users": [{"id": "8", "name": "سلمى"}, {"id": "9", "name": "سامي"}],
            },
        }
    ]
}  # fmt: skip


def test_an_export_of_ghost_whose_authors_follow_the_posts() -> None:
    found = exported(GHOST)
    (article,) = found.articles
    assert (article.id, article.title, article.source) == ("ghost-a-1", "الميناء", "جريدة الميناء")
    assert (article.section, article.authors) == ("محليات", ("سلمى", "سامي"))
    assert article.paragraphs == PARAGRAPHS
    assert found.ignored == ["draft", "page"]


def test_a_field_map_overrides_a_shape() -> None:
    value = WORDPRESS | {"acf": {"writer": "سلمى", "headline": "عنوان آخر"}}
    (article,) = exported([value], field_map={"author": "acf.writer", "title": "acf.headline"}).articles
    assert (article.title, article.authors) == ("عنوان آخر", ("سلمى",))
    assert article.paragraphs == PARAGRAPHS
    (article,) = exported(CHANNEL, field_map={"text": "date"}).articles[:1]
    assert article.text == "2019-02-27T09:00:00"


def test_a_text_about_markup_is_not_converted_twice() -> None:
    value = WORDPRESS | {"content": {"rendered": "<p>العنصر &lt;p&gt; يبدأ فقرة&lt;/p&gt;</p>"}}
    assert exported([value]).articles[0].text == "العنصر <p> يبدأ فقرة</p>"


LINKS: list[tuple[str, Any]] = [
    ("Pocket", [{"given_url": URL, "resolved_url": URL, "resolved_title": "x"}]),
    ("Omnivore", [{"slug": "x", "url": URL, "savedAt": "2019", "title": "x"}] * 3),
    (
        "GDELT",
        {"articles": [{"url": URL, "title": "x", "seendate": "20190227T080000Z", "domain": "marfaa.example"}] * 3},
    ),
]


@pytest.mark.parametrize(("_", "value"), LINKS, ids=[row[0] for row in LINKS])
def test_a_list_of_links_is_refused_once(_: str, value: Any) -> None:
    found = exported(value)
    assert not found.articles
    assert len(found.reasons) == 1
    assert "a list of links without articles" in found.reasons[0]


@pytest.mark.parametrize(
    "others",
    [
        {"timestamp": 1551247200, "data": [1], "attachments": [{"x": 1}]},
        {"uri": "x", "type": "text", "byline": "x", "pubstatus": "canceled"},
        {"maintext": "x", "source_domain": "x"},
        {"media": [{"creation_timestamp": 1}]},
    ],
)
def test_an_object_with_our_text_has_no_shape_that_would_lose_it(others: dict[str, Any]) -> None:
    assert [article.text for article in exported([{"text": TEXT} | others]).articles] == [TEXT]


def test_names_of_ours_are_no_shape() -> None:
    ours = {"id": "1", "text": TEXT, "title": "ع", "url": URL, "content": "x", "published": "2019", "source": "جريدة"}
    (article,) = exported([ours]).articles
    assert (article.source, article.published) == ("جريدة", None)


def test_hostile_documents_end() -> None:
    deep = b'{"chats": ' * 5000
    assert read(deep, "n.json").reasons
    assert read(b'{"db": [{"data": {"posts": [' + b'{"id": [' * 5000, "n.json").reasons
    assert read(b'{"feed": {"feed": {"feed": {"feed": {"entry": [{}]}}}}}', "n.json").reasons

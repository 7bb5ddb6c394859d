from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from corpus import make_article, printed_date
from corpus.article import Article


def test_the_id_is_given_or_derived_from_the_url_or_the_text() -> None:
    given = make_article(id=" news-1 ", url="https://a.example/1", paragraphs=["نص"])
    from_url = make_article(url="https://a.example/1", paragraphs=["نص"])
    from_text = make_article(paragraphs=["نص"])
    assert given.id == "news-1"
    assert from_url.id.startswith("u-")
    assert from_text.id.startswith("t-")


def test_an_id_from_a_url_does_not_depend_on_the_text() -> None:
    before = make_article(url="https://a.example/خبر?utm_source=x", paragraphs=["قبل"])
    after = make_article(url="HTTPS://A.example/%D8%AE%D8%A8%D8%B1#top", paragraphs=["بعد"])
    assert before.id == after.id
    assert before.content_hash() != after.content_hash()


def test_an_id_from_a_text_depends_on_title_and_text() -> None:
    assert make_article(title="أ", paragraphs=["ب"]).id == make_article(title=" أ ", paragraphs=["ب ", ""]).id
    assert make_article(title="أ", paragraphs=["ب"]).id != make_article(title="ج", paragraphs=["ب"]).id


@pytest.mark.parametrize("paragraphs", [[], [""], [" \n\t "], ["\x00\x07"], ["\ud800"]])
def test_an_article_needs_printable_text(paragraphs: list[str]) -> None:
    with pytest.raises(ValueError, match="no text"):
        make_article(paragraphs=paragraphs)


def test_characters_that_cannot_be_stored_are_dropped() -> None:
    article = make_article(title="عنوان\x00 \nثان", paragraphs=["أ\ud83dب\x1b", "  "], authors=[" سمير ", "سمير", ""])
    assert article.title == "عنوان ثان"
    assert article.paragraphs == ("أب",)
    assert article.authors == ("سمير",)


def test_harakat_and_joiners_are_kept() -> None:
    printed = "المُفاوَضاتِ المســـلحة\u200c كلمه\u200dها"
    assert make_article(paragraphs=[printed]).paragraphs == (printed,)


def test_the_hash_depends_on_everything_but_the_time_of_retrieval() -> None:
    def article(**changes: object) -> Article:
        return make_article(**{"id": "x", "paragraphs": ["نص"], "source": "مصدر", **changes})  # type: ignore[arg-type]

    assert article().content_hash() == article(retrieved_at=datetime.now(UTC)).content_hash()
    for change in ({"source": "آخر"}, {"section": "قسم"}, {"title": "عنوان"}, {"authors": ["كاتب"]}):
        assert article().content_hash() != article(**change).content_hash()


def test_a_date_without_a_time_is_printed_as_a_day() -> None:
    riyadh = timezone(timedelta(hours=3))
    assert printed_date(None) is None
    assert printed_date(datetime(2017, 2, 16, tzinfo=UTC)) == "2017-02-16"
    assert printed_date(datetime(2017, 2, 16, 0, 30, tzinfo=riyadh)) == "2017-02-16T00:30:00+03:00"


def test_the_printed_utc_offset_is_kept() -> None:
    riyadh = timezone(timedelta(hours=3))
    article = make_article(paragraphs=["نص"], published=datetime(2017, 2, 16, 0, 30, tzinfo=riyadh))
    assert article.published is not None
    assert article.published.date().isoformat() == "2017-02-16"

"""Settings of a source, applied to its pages and files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from corpus import Article, Source
from tests.corpus.readers.made_files import SENTENCE, Read, Warc, line, read

BODY = "وأكد البيان أن الأعمال ستبدأ مطلع الشهر المقبل بعد استكمال الدراسات اللازمة لها."
PAGE = f"""
<html><head><title>الصحيفة</title><link rel="canonical" href="https://a.example/1"></head><body>
<h1>الصحيفة</h1><div class="kicker">عاجل</div><div class="head">العنوان الحقيقي</div>
<div class="when" content="2016-05-01">أمس</div><span class="by">كتب: سمير الخطيب، ليلى حداد</span>
<div class="article-body"><p>{SENTENCE}</p><p>{SENTENCE}</p><p>{SENTENCE}</p></div>
<div class="sidebar"><div class="real"><p>{BODY}</p><div class="real"><p>خاتمة.</p></div><script>var x</script></div></div>
</body></html>
"""
RULES = {"title": ".head", "body": ".real", "date": ".when", "author": ".by"}


def source(name: str = "الجريدة", **values: Any) -> Source:
    return Source(name, hosts=("a.example",), **values)


def article_of(found: Read) -> Article:
    (article,) = found.articles
    return article


def test_selectors_locate_every_field() -> None:
    found = read(PAGE.encode(), "p.html", sources=[source(selectors=RULES)])
    article = article_of(found)
    assert article.title == "العنوان الحقيقي"
    assert article.paragraphs == (BODY, "خاتمة.")
    assert str(article.published) == "2016-05-01 00:00:00+00:00"
    assert article.authors == ("سمير الخطيب", "ليلى حداد")
    assert article.source == "الجريدة"
    assert found.records[0].warning is None


@pytest.mark.parametrize("rule", list(RULES))
def test_a_rule_that_matches_nothing_is_reported_and_the_page_is_read_without_it(rule: str) -> None:
    general = article_of(read(PAGE.encode(), "p.html"))
    found = read(PAGE.encode(), "p.html", sources=[source(selectors={rule: ".gone"})])
    article = article_of(found)
    field = {"title": "title", "body": "paragraphs", "date": "published", "author": "authors"}[rule]
    assert getattr(article, field) == getattr(general, field)
    assert found.records[0].warning == f"p.html: the rule for {rule} of الجريدة matches nothing and was ignored"


def test_a_date_rule_that_selects_no_date_is_reported() -> None:
    found = read(PAGE.encode(), "p.html", sources=[source(selectors={"date": ".kicker"})])
    assert "rule for date" in (found.records[0].warning or "")


def test_rules_do_not_apply_to_other_hosts() -> None:
    other = Source("أخرى", hosts=("b.example",), selectors=RULES)
    article = article_of(read(PAGE.encode(), "p.html", sources=[other]))
    assert article.title != "العنوان الحقيقي"
    assert article.source != "أخرى"


def test_the_url_of_a_web_archive_is_used_if_the_page_declares_none() -> None:
    page = PAGE.replace('<link rel="canonical" href="https://a.example/1">', "").encode()
    data = Warc().response(page, "https://www.a.example/x").data
    assert article_of(read(data, "a.warc", sources=[source(selectors=RULES)])).title == "العنوان الحقيقي"


FOREIGN = {"content": "نص", "headline": "عنوان", "meta": {"when": "2017-02-16"}, "by": {"name": "سمير"}, "a.b": "قسم"}
MAP = {"text": "content", "title": "headline", "date": "meta.when", "author": "by.name", "section": "a.b"}


@pytest.mark.parametrize("data", [json.dumps(FOREIGN).encode(), json.dumps([FOREIGN]).encode()], ids=["lines", "array"])
def test_foreign_field_names_are_mapped(data: bytes) -> None:
    article = article_of(read(data, "n.json", field_map=MAP))
    assert (article.text, article.title, article.section) == ("نص", "عنوان", "قسم")
    assert article.authors == ("سمير",)
    assert article.published is not None


def test_foreign_column_names_are_mapped() -> None:
    text = f"المعرف;المحتوى\n7;{SENTENCE}\n"
    for name, encoding in ((name, encoding) for name in ("n.csv", "n") for encoding in ("utf-8", "windows-1256")):
        data = text.encode(encoding)
        article = article_of(read(data, name, field_map={"id": "المعرف", "text": "المحتوى"}))
        assert (article.id, article.text) == ("7", SENTENCE)


def test_a_mapped_column_that_is_missing_is_reported_once() -> None:
    found = read(b"id,text\na,x\nb,y\n", "n.csv", field_map={"date": "when"})
    assert [record.warning for record in found.records] == ["n.csv: its header has no column 'when' for date", None]


def test_a_missing_field_is_reported_with_the_existing_ones() -> None:
    (reason,) = read(line("a"), "n.jsonl", field_map={"text": "content"}).reasons
    assert reason == "n.jsonl, line 1: it has no 'content'; its names are: id, text"


def test_files_of_a_source_use_its_map_and_its_name() -> None:
    riyadh = Source("الرياض", files=("riyadh*.csv",), field_map={"text": "content", "title": "head"})
    data = "content,head,body\nنص,عنوان,آخر\n".encode()
    article = article_of(read(data, "in/riyadh-2015.csv", sources=[riyadh]))
    assert (article.text, article.title, article.source) == ("نص", "عنوان", "الرياض")
    # Options of the command override the settings.
    article = article_of(read(data, "riyadh.csv", sources=[riyadh], field_map={"text": "body"}))
    assert (article.text, article.title) == ("آخر", "عنوان")
    assert not read(data, "other.csv", sources=[riyadh]).articles


def test_a_missing_source_is_derived_from_the_url() -> None:
    data = line("a", url="https://a.example/1") + line("b", url="https://a.example/2", source="غيرها")
    assert [article.source for article in read(data, "n.jsonl", sources=[source()]).articles] == ["الجريدة", "غيرها"]

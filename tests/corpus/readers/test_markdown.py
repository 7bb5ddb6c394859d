from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.corpus.readers.made_files import SENTENCE, read, zipped

HUGO = f"""+++
title = "الجسر الجديد"
date = 2019-02-27T08:00:00+03:00
authors = ["سامي الحداد", "ليلى منصور"]
categories = ["محليات", "نقل"]
tags = ["جسر"]
+++

{SENTENCE}

{{{{< figure src="a.jpg" >}}}}

## عنوان فرعي

- بند *أول*
- بند [ثان](https://a.example)
"""
JEKYLL = f"""---
layout: post
title: "الجسر: الجديد"
author:
  name: سامي الحداد
category: محليات
canonical_url: https://wadi.example/1
---
{SENTENCE}
{{% include ad.html %}}
سطر ثان من الفقرة.

| أ | ب |
|---|---|
| ج | د |
"""
OBSIDIAN = f"""---
title: الجسر
source: "https://wadi.example/2"
author:
  - "[[سامي الحداد]]"
published: 2019-02-27
created: 2024-01-01
tags:
  - clippings
---
%% ملاحظة %%
> [!note] تنبيه
> {SENTENCE}

قال [[وزير النقل|الوزير]] في [[العاصمة#وسط]]. ![[صورة.png]] نص[^1]

[^1]: مصدر
"""


def test_hugo() -> None:
    data = HUGO.encode()
    (record,) = read(data, "content/n.md").records
    article = record.article
    assert article.title == "الجسر الجديد"
    assert article.published == datetime(2019, 2, 27, 8, tzinfo=timezone(timedelta(hours=3)))
    assert article.authors == ("سامي الحداد", "ليلى منصور")
    assert article.section == "محليات"
    assert list(article.paragraphs) == [SENTENCE, "عنوان فرعي", "بند أول", "بند ثان"]
    assert (record.page, record.media_type, record.warning) == (data, "text/markdown", None)


def test_jekyll() -> None:
    for found in (
        read(JEKYLL.encode(), "_posts/2019-02-27-bridge.md"),
        read(zipped({"2019-02-27-b.markdown": JEKYLL.encode()}), "z.zip"),
    ):
        (article,) = found.articles
        assert article.title == "الجسر: الجديد"
        assert article.published == datetime(2019, 2, 27, tzinfo=UTC)
        assert article.authors == ("سامي الحداد",)
        assert article.section == "محليات"
        assert article.url == "https://wadi.example/1"
        assert list(article.paragraphs) == [SENTENCE, "سطر ثان من الفقرة.", "أ", "ب", "ج", "د"]


def test_obsidian() -> None:
    (article,) = read(OBSIDIAN.replace("\n", "\r\n").encode(), "n.md").articles
    assert article.url == "https://wadi.example/2"
    assert article.authors == ("سامي الحداد",)
    assert article.published == datetime(2019, 2, 27, tzinfo=UTC)
    assert article.source is None
    assert list(article.paragraphs) == [f"تنبيه {SENTENCE}", "قال الوزير في العاصمة. نص", "مصدر"]


@pytest.mark.parametrize(
    ("text", "title", "paragraphs"),
    [
        (f"# عنوان\n\n{SENTENCE}", "عنوان", [SENTENCE]),
        (f"---\ntitle: عنوان\n---\n# عنوان\n\n{SENTENCE}", "عنوان", [SENTENCE]),
        (f"---\ntitle: عنوان\n---\n# آخر\n\n{SENTENCE}", "عنوان", ["آخر", SENTENCE]),
        (f"{SENTENCE}\n\n---\n\nنص", "", [SENTENCE, "نص"]),
        (f"---\n{SENTENCE}\n---\nنص", "", ["نص"]),
        ("<p>نص <b>مهم</b></p><script>x()</script>\n\n&quot;نص&quot;", "", ["نص مهم", '"نص"']),
    ],
    ids=["heading", "repeated heading", "another heading", "a rule", "no mapping", "HTML"],
)
def test_title_and_text(text: str, title: str, paragraphs: list[str]) -> None:
    (article,) = read(text.encode(), "n.md").articles
    assert article.title == title
    assert list(article.paragraphs) == paragraphs


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"---\ndraft: true\n---\nx", "n.md", "draft"),
        (b"+++\ndraft = true\n+++\nx", "n.md", "draft"),
        (b"---\npublished: false\n---\nx", "n.md", "draft"),
        (b"# About", "README.md", "readme.md"),
        (b"---\ntitle: x\n---\nx", "content/news/_index.md", "_index.md"),
    ],
)
def test_files_that_are_no_articles_are_counted(data: bytes, name: str, kind: str) -> None:
    found = read(data, name)
    assert found.ignored == [kind]
    assert not found.records


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"---\ntitle: [x\n---\nx", "its front matter is not valid YAML: .* in line 3"),
        (b"+++\ntitle = \n+++\nx", "its front matter is not valid TOML"),
        (b"---\ntitle: x\n---\n", "it contains no text"),
        (b"---\na: " + b"[" * 5000 + b"\n---\nx", "not valid YAML"),
        (b"+++\na = " + b"[" * 5000 + b"\n+++\nx", "not valid TOML"),
        (b"---\na: " + b"x" * 70_000 + b"\n---\nx", "larger than 64 KB"),
        (b"x" * 2**19, "larger than 256 KB"),
        (b"\x00\x01\x02" * 100, "binary"),
    ],
)
def test_files_that_cannot_be_read(data: bytes, reason: str) -> None:
    found = read(data, "n.md")
    assert not found.records
    (said,) = found.reasons
    assert re.search(reason, said)


def test_yaml_creates_no_objects() -> None:
    found = read(f"---\ntitle: !!python/object/apply:os.system [x]\ndate: {{a: b}}\n---\n{SENTENCE}".encode(), "n.md")
    assert found.articles[0].title == "x"


def test_a_bomb_of_aliases_is_not_expanded() -> None:
    start = time.process_time()
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    front = "\n".join([*lines, "title: *a59", "author: *a59"])
    assert len(read(f"---\n{front}\n---\n{SENTENCE}".encode(), "n.md").articles) == 1
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "piece", ["[", "![", "*a", "> ", "`", "<", "{{<", "{%", "|a\n|-\n", "a\n\n", "# a\n", "- a\n  - b\n"]
)
def test_hostile_markdown_takes_little_time(piece: str) -> None:
    start = time.process_time()
    read((piece * (250_000 // len(piece))).encode(), "n.md")
    assert time.process_time() - start < 10


def test_the_users_names_of_fields() -> None:
    found = read(
        f"---\nheadline: عنوان\n---\n{SENTENCE}".encode(), "n.md", field_map={"title": "headline", "text": "x"}
    )
    assert found.articles[0].title == "عنوان"

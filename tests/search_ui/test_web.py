from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from corpus import Archive, make_article
from indexer import update_index
from search_ui.web.template_filters import count_of_results
from tests.search_ui.small_site import Site, address, found, texts

EVERYTHING = ["match", "budget", "iran", "talks", "undated"]  # the newest first


def test_home_shows_what_the_archive_contains(site: Site) -> None:
    page = site.page("/")
    assert texts(page, "h1") == ["أرشيف الصحافة"]
    assert texts(page, ".holds div") == ["المقالات5", "المصادر2", "من16 شباط/فبراير 2017", "إلى1 آذار/مارس 2019"]


def test_home_of_an_empty_archive_says_what_to_do_next(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Archive.create(tmp_path_factory.mktemp("empty") / "archive") as archive:
        page = Site(archive).page("/")
        assert texts(page, ".holds div") == []
        assert texts(page, ".empty code") == ["arshif add pages/"]


def test_a_search_reports_changes_that_are_not_indexed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Archive.create(tmp_path_factory.mktemp("behind") / "archive") as archive:
        archive.add(make_article(id="a", title="زلزال", paragraphs=["نص"]))
        update_index(archive)
        site = Site(archive)
        assert texts(site.search("زلزال"), ".note") == []
        archive.add(make_article(id="b", title="زلزال", paragraphs=["نص"]))
        archive.add(make_article(id="c", title="زلزال", paragraphs=["نص"]))
        told = ["تغييرات لم تُفهرس بعد، فلا يشملها البحث: 2"]
        assert texts(site.search("زلزال"), ".note") == told
        assert found(site.search("زلزال")) == ["a"]


def test_the_form_of_home_asks_for_results_by_get(site: Site) -> None:
    (form,) = site.page("/").select("form")  # the one in the middle: the header has none
    assert (form["action"], form["method"], form["role"]) == ("/search", "get", "search")
    assert [entry["name"] for entry in form.select("input")] == ["q"]


def test_the_examples_of_home_are_links_to_searches(site: Site) -> None:
    examples = site.page("/").select(".examples a")
    assert len(examples) == 4
    for example in examples:
        assert texts(site.page(str(example["href"])), "#count bdi") == [example.get_text()]


def test_a_result_has_its_title_source_section_date_and_marked_snippet(site: Site) -> None:
    page = site.search("مفاوضات استانه")
    (hit,) = page.select(".hit")
    assert texts(hit, "h2") == ["محادثات أستانة"]
    assert texts(hit, "h2 mark") == ["أستانة"]
    assert texts(hit, ".about") == ["النهضة·سياسة·16 شباط/فبراير 2017·سمير الخطيب"]
    assert hit.select_one("time")["datetime"] == "2017-02-16"  # type: ignore[index]
    assert texts(hit, ".snippet mark") == ["المُفاوَضات", "أستانة"]
    assert "انطلقت المُفاوَضات في أستانة" in texts(hit, ".snippet")[0]


def test_the_link_to_an_article_carries_the_query(site: Site) -> None:
    link = urlsplit(address(site.search('"وقف إطلاق النار" &#+%'), ".hit:not(.nearest *) h2 a"))
    assert link.path == "/article/talks"
    assert parse_qs(link.query) == {"q": ['"وقف إطلاق النار" &#+%']}


def test_the_link_to_an_article_carries_the_filters_and_it_leads_back_to_them(site: Site) -> None:
    results = site.search("محادثات", source="النهضة", before="2017", author="سمير الخطيب", size="20", sort="newest")
    link = address(results, ".hit h2 a")
    back = urlsplit(address(site.page(link), ".back a"))
    assert back.path == "/search"
    assert parse_qs(back.query) == {
        "q": ["محادثات"],
        "source": ["النهضة"],
        "author": ["سمير الخطيب"],
        "before": ["2017"],
        "size": ["20"],
        "sort": ["newest"],
    }
    assert address(site.page(link), "link[rel=canonical]") == "/article/talks"


def test_the_query_stays_in_both_forms(site: Site) -> None:
    page = site.search("  زلزال ")
    assert [entry["value"] for entry in page.select("input[name=q]")] == ["زلزال", "زلزال"]
    assert texts(page, "title") == ["زلزال - أرشيف الصحافة"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "لا نتائج"),
        (1, "نتيجة واحدة"),
        (2, "نتيجتان"),
        (3, "3 نتائج"),
        (10, "10 نتائج"),
        (11, "11 نتيجة"),
        (100, "100 نتيجة"),
        (103, "103 نتائج"),
        (1250, "1,250 نتيجة"),
    ],
)
def test_a_count_agrees_with_its_noun(site: Site, number: int, text: str) -> None:
    with site.client.application.test_request_context():
        assert count_of_results(number) == text


@pytest.mark.parametrize(
    ("query", "text"),
    [("", "5 نتائج"), ("ايران", "نتيجتان عن ايران"), ("زلزال", "نتيجة واحدة عن زلزال"), ("كسكسي", "لا نتائج عن كسكسي")],
    ids=["all", "two", "one", "none"],
)
def test_the_heading_has_the_total(site: Site, query: str, text: str) -> None:
    assert texts(site.search(query), "#count")[0].startswith(text)


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, EVERYTHING),
        ({"sort": "oldest"}, ["talks", "iran", "budget", "match", "undated"]),
        ({"source": "النهضة"}, ["budget", "talks"]),
        ({"source": ["النهضة", "الغد"]}, EVERYTHING),
        ({"section": ["رياضة", "سياسة"]}, ["match", "talks"]),
        ({"source": "الغد", "section": "سياسة"}, []),
        ({"source": "لا أحد"}, []),
        ({"source": "", "section": "", "after": " ", "before": "", "sort": "", "page": ""}, EVERYTHING),
        ({"after": "2018"}, ["match", "budget"]),
        ({"before": "2017-11-13"}, ["iran", "talks"]),
        ({"before": "2017-11-12"}, ["talks"]),
        ({"after": "13/11/2017", "before": "5-1-2018"}, ["budget", "iran"]),
        ({"after": "تشرين الثاني 2017"}, ["match", "budget", "iran"]),
        ({"before": "شباط/فبراير ٢٠١٧"}, ["talks"]),
        ({"before": "٥ يناير ٢٠١٨"}, ["budget", "iran", "talks"]),
        ({"before": "1438هـ"}, ["talks"]),
        ({"after": "1439 هـ"}, ["match", "budget", "iran"]),
        ({"after": "جمادى الأولى 1438هـ", "before": "24 صفر 1439"}, ["iran", "talks"]),
    ],
    ids=repr,
)
def test_filters_and_order(site: Site, values: dict[str, object], ids: list[str]) -> None:
    page = site.search(**values)
    assert found(page) == ids
    assert page.select(".note") == []


def test_the_filter_form_shows_what_was_chosen(site: Site) -> None:
    page = site.search("ايران", source="الغد", section="رياضة", after="شباط 2017", before="1441هـ", sort="oldest")
    form = page.select_one(".filters form")
    assert form is not None
    checked = [(entry["name"], entry["value"]) for entry in form.select("input[checked]")]
    assert checked == [("source", "الغد"), ("section", "رياضة")]
    assert form.select_one("[type=hidden][name=sort]")["value"] == "oldest"  # type: ignore[index]
    assert form.select_one("#after")["value"] == "شباط 2017"  # type: ignore[index]
    assert form.select_one("#before")["value"] == "1441هـ"  # type: ignore[index]
    # As many as selecting it too would find.
    assert texts(form, "label:has([name=source])") == ["الغد 1 من النتائج"]
    assert texts(form, "label:has([name=section])") == ["رياضة 1 من النتائج", "محليات 1 من النتائج"]
    everything = site.search(source="النهضة").select_one(".filters form")
    assert everything is not None
    assert texts(everything, "label:has([name=source])") == ["الغد 3 من النتائج", "النهضة 2 من النتائج"]
    assert [entry["value"] for entry in everything.select("[name=source][checked]")] == ["النهضة"]


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"after": "غدا"}, "«غدا» ليس تاريخا."),
        ({"before": "2017-02-30"}, "«2017-02-30» ليس تاريخا."),
        ({"after": "9" * 5000}, f"«{'9' * 40}» ليس تاريخا."),
        ({"before": b"\xed\xa0\x80"}, "«%ED%A0%80» ليس تاريخا."),
        ({"sort": "sideways"}, "القيمة «sideways» غير صالحة للوسيط «sort»."),
        ({"page": "0"}, "رقم الصفحة غير صالح: هذه الصفحة الأولى."),
        ({"page": "-1"}, "رقم الصفحة غير صالح: هذه الصفحة الأولى."),
        ({"page": "1e3"}, "رقم الصفحة غير صالح: هذه الصفحة الأولى."),
        ({"page": "²"}, "رقم الصفحة غير صالح: هذه الصفحة الأولى."),
        ({"page": "9" * 7}, "رقم الصفحة غير صالح: هذه الصفحة الأولى."),
    ],
    ids=[
        "no date",
        "no such day",
        "a long number",
        "not UTF-8",
        "no order",
        "page 0",
        "below 0",
        "a float",
        "superscript",
        "seven digits",
    ],
)
def test_invalid_parameters_give_a_note_and_all_results(site: Site, values: dict[str, object], note: str) -> None:
    page = site.search(**values)
    assert texts(page, ".note[role=status]") == [note]
    assert found(page) == EVERYTHING


def test_invalid_input_stays_in_the_form_to_be_corrected(site: Site) -> None:
    assert site.search(after="شباط 20177").select_one("#after")["value"] == "شباط 20177"  # type: ignore[index]


def test_each_chip_takes_one_filter_away(site: Site) -> None:
    values = {"source": ["النهضة", "الغد"], "section": ["رياضة"], "after": ["شباط 2017"], "before": ["2019"]}
    page = site.search("ايران", **values, sort="newest", page=3)
    *chips, all_away = page.select(".chips a")
    assert parse_qs(urlsplit(str(all_away["href"])).query) == {"q": ["ايران"], "sort": ["newest"]}
    assert [chip.get_text().split("×")[0].strip() for chip in chips] == [
        "النهضة", "الغد", "رياضة", "من 1 شباط/فبراير 2017", "إلى 31 كانون الأول/ديسمبر 2019",
    ]  # fmt: skip
    asked = {"q": ["ايران"], "sort": ["newest"], **values}
    left = [parse_qs(urlsplit(str(chip["href"])).query) for chip in chips]
    assert left == [
        asked | {"source": ["الغد"]},
        asked | {"source": ["النهضة"]},
        {name: value for name, value in asked.items() if name != "section"},
        {name: value for name, value in asked.items() if name != "after"},
        {name: value for name, value in asked.items() if name != "before"},
    ]


def test_without_results_there_is_advice(site: Site) -> None:
    page = site.search("كسكسي")
    assert texts(page, ".empty li") == ["كلمة مرادفة."]
    assert page.select(".hits, .pages, .empty a") == []


def test_without_results_for_filters_it_offers_the_search_without_them(site: Site) -> None:
    page = site.search("زلزال", source="النهضة")
    assert found(page) == []
    assert found(site.page(address(page, ".none li a"))) == ["iran"]


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("لون:أحمر", "«لون:» ليس اسم حقل، فبُحث عن الكلمة."),
        ('زلزال "', "علامة اقتباس بلا نظير: أُهملت."),
        ("زلزال " * 1700, "الاستعلام أطول من 10,000 حرف: بُحث عن بدايته فقط."),
        ("ز" * 10_001, "الاستعلام أطول من 10,000 حرف: بُحث عن بدايته فقط."),
    ],
    ids=["unknown field", "lone quote", "many words", "one word of 10,001 letters"],
)
def test_warnings_about_the_query_are_shown(site: Site, query: str, note: str) -> None:
    assert note in texts(site.search(query), ".note[role=status]")


def test_a_very_long_query_is_shortened_where_it_is_only_shown(site: Site) -> None:
    page = site.search("زلزال " * 1700)
    assert len(texts(page, "title")[0]) < 120
    assert len(texts(page, "#count")[0]) < 120


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """95 articles, ten pages of results, each from a different source."""
    with Archive.create(tmp_path_factory.mktemp("many") / "archive") as archive:
        with archive.batch():
            for number in range(95):
                name = f"{number:02}"
                archive.add(make_article(id=name, title=f"خبر {name}", paragraphs=["زلزال"], source=f"صحيفة {name}"))
        update_index(archive)
        yield Site(archive)


@pytest.mark.parametrize(
    ("page", "shown", "hits"),
    [
        ("1", "[1] 2 3 … 10 التالية", 10),
        ("2", "السابقة 1 [2] 3 4 … 10 التالية", 10),
        ("٥", "السابقة 1 … 3 4 [5] 6 7 … 10 التالية", 10),
        ("9", "السابقة 1 … 7 8 [9] 10 التالية", 10),
        ("10", "السابقة 1 … 8 9 [10]", 5),
        ("11", "السابقة 1 … 8 9 10", 0),
        ("999999", "السابقة 1 … 8 9 10", 0),
    ],
)
def test_paging(many: Site, page: str, shown: str, hits: int) -> None:
    result = many.search("زلزال", page=page)
    for current in result.select("[aria-current=page]"):
        current.string = f"[{current.get_text()}]"
    assert texts(result, ".pages") == [shown]
    assert len(result.select(".hit")) == hits


def test_pages_hold_every_hit_once(many: Site) -> None:
    pages = [many.search("زلزال", page=1)]
    while following := pages[-1].select("a[rel=next]"):
        pages.append(many.page(str(following[0]["href"])))
    assert sorted(id for page in pages for id in found(page)) == [f"{number:02}" for number in range(95)]
    assert [page.select_one("ol.hits")["start"] for page in pages] == [str(n) for n in range(1, 95, 10)]  # type: ignore[index]


def test_the_first_page_has_one_address(many: Site) -> None:
    assert address(many.search("زلزال", page=2), "a[rel=prev]") == address(many.search("زلزال", page=11), ".empty a")
    assert "page" not in address(many.search("زلزال", page=2), "a[rel=prev]")


def test_beyond_the_last_page_previous_leads_to_it(many: Site) -> None:
    assert len(found(many.page(address(many.search("زلزال", page=20), "a[rel=prev]")))) == 5


def test_paging_keeps_filters_and_order(many: Site) -> None:
    page = many.search("زلزال", source=[f"صحيفة {number:02}" for number in range(20)], sort="oldest")
    assert len(found(many.page(address(page, "a[rel=next]")))) == 10
    assert parse_qs(urlsplit(address(page, "a[rel=next]")).query)["sort"] == ["oldest"]


def test_paging_ends_where_the_search_does_and_says_so(many: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_ui.web.views.MAX_HIT", 30)
    monkeypatch.setattr("search_ui.web.links.MAX_HIT", 30)
    monkeypatch.setattr("indexer.search.paging.MAX_HIT", 30)
    page = many.search("زلزال", page=3)
    assert texts(page, ".pages") == ["السابقة 1 2 3"]
    assert texts(page, ".note") == ["لا تُعرض إلا أول 30 نتيجة."]


def test_a_chosen_source_stays_chosen_where_the_list_is_cut(many: Site) -> None:
    page = many.search("زلزال", source="صحيفة 94")
    listed = [str(entry["value"]) for entry in page.select(".filters [name=source]")]
    assert listed == sorted(listed)
    assert len(set(listed)) == len(listed) == 95
    assert [entry["value"] for entry in page.select("[name=source][checked]")] == ["صحيفة 94"]

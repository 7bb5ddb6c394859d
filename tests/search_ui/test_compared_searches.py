from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.search_ui.small_site import Site, address, found, texts


def queries(site: Site, where: str) -> list[str]:
    return [str(field["value"]) for field in site.page(where).select(".queries [type=search]")]


def test_common_filters_count_for_every_search(site: Site) -> None:
    page = site.page("/compare?q=إيران&q=الحكومة&q=زلزال&q=أكثر&source=الغد")
    assert [entry["value"] for entry in page.select(".queries [type=search]")] == [
        "إيران",
        "الحكومة",
        "زلزال",
        "أكثر",
        "",
    ]
    assert texts(page, ".legend small") == ["نتيجتان", "لا نتائج", "نتيجة واحدة", "لا نتائج"]
    assert len(page.select(".chart .line")) >= 4
    link = str(page.select(".legend a")[0]["href"])
    assert found(site.page(link)) == found(site.search("إيران", source="الغد"))
    assert texts(page, "tbody tr:first-child > *") == [
        "تشرين الثاني/نوفمبر 2017", "1 100%", "0", "1 100%", "0", "1",
    ]  # fmt: skip


def test_common_dates_are_in_words_and_periods_without_results_are_said_to_be_left_out(site: Site) -> None:
    page = site.page("/compare?q=إيران&q=زلزال&after=2016-02&before=2018")
    assert texts(page, ".chips li")[0].startswith("من 1 شباط/فبراير 2016 إلى 31 كانون الأول/ديسمبر 2018")
    assert "لا تُدرج هنا الفترات التي لا نتائج فيها" in page.get_text()


def test_filters_of_one_search_replace_the_common_ones(site: Site) -> None:
    page = site.page("/compare?q=النار&q=النار&source=النهضة&source.2=الغد&after.2=2017&forms.1=printed")
    assert texts(page, ".legend small") == [
        "نتيجتان؛ الكلمات كما كُتبت",
        "لا نتائج؛ المصدر: الغد؛ من 1 كانون الثاني/يناير 2017",
    ]
    assert page.select_one("[name='source.2']")["value"] == "الغد"  # type: ignore[index]
    assert page.select_one("[name='forms.1'] [selected]")["value"] == "printed"  # type: ignore[index]
    asked = parse_qs(urlsplit(str(page.select(".legend a")[1]["href"])).query)
    assert (asked["source"], asked["after"]) == (["الغد"], ["2017"])


def test_a_search_may_have_filters_and_no_words(site: Site) -> None:
    page = site.page("/compare?q=&q=&source.1=النهضة&source.2=الغد")
    assert texts(page, ".legend a") == ["كل المقالات", "كل المقالات"]
    assert texts(page, ".legend small") == ["نتيجتان؛ المصدر: النهضة", "3 نتائج؛ المصدر: الغد"]
    assert "مقالات بلا تاريخ لا يظهرها الرسم: 1" in page.get_text()


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("q=زلزال&q=&q=&source=&after.1=", "q=زلزال"),
        ("q=&q=زلزال&source.2=الغد&match.2=", "q=زلزال&source.1=الغد"),
        ("q=&q=&source.2=الغد&chart=share&x=1&section=", "q=&chart=share&x=1&source.1=الغد"),
        ("q=", ""),
    ],
)
def test_empty_fields_of_the_form_are_left_out_of_the_address(site: Site, typed: str, tidy: str) -> None:
    answer = site.answer(f"/compare?{typed}")
    assert answer.status_code == 302
    there = urlsplit(answer.headers["Location"])
    assert there.path == "/compare"
    assert parse_qs(there.query, keep_blank_values=True) == parse_qs(tidy, keep_blank_values=True)
    assert site.answer(answer.headers["Location"]).status_code == 200


def test_a_seventh_search_is_left_out_and_said(site: Site) -> None:
    page = site.page("/compare", q=["أ", "ب", "ت", "ث", "ج", "ح", "خامس", "سادس"])
    assert len(page.select(".queries [type=search]")) == 6
    assert texts(page, ".note") == ["لا يُقارَن أكثر من 6 عمليات بحث. تُرك: “خامس”، “سادس”"]
    assert site.answer("/compare.csv", q=list("أبتثجحخ")).status_code == 400
    many = site.page("/compare", q=[f"كلمة{number}" for number in range(500)])
    assert len(many.select(".queries [type=search]")) == 6


def test_equal_searches_and_unknown_sources_are_said(site: Site) -> None:
    notes = texts(site.page("/compare?q=زلزال&q=إيران&q=زلزال&source.2=لا أحد"), ".note")
    assert notes == [
        "ليس في الأرشيف مصدر باسم «لا أحد».",
        "البحثان 1 و3 متطابقان، وخطّاهما متطابقان.",
    ]


def test_invalid_values_are_said_once(site: Site) -> None:
    notes = texts(site.page("/compare?q=زلزال&q=إيران&after=x&match.2=y&colour.1=red&source.0=a"), ".note")
    assert len(notes) == len(set(notes)) == 4
    assert any("colour.1" in note for note in notes)
    assert site.answer("/compare.svg?q=زلزال&after=x").status_code == 400


def test_a_search_can_be_removed_and_the_others_keep_their_filters(site: Site) -> None:
    page = site.page("/compare?q=أ&q=إيران&q=زلزال&source.2=الغد&section.3=محليات&after=2015")
    assert parse_qs(urlsplit(str(page.select(".remove")[0]["href"])).query) == {
        "q": ["إيران", "زلزال"], "source.1": ["الغد"], "section.2": ["محليات"], "after": ["2015"],
    }  # fmt: skip
    assert "after" not in parse_qs(urlsplit(str(page.select(".chips a")[0]["href"])).query)


def test_a_point_leads_to_its_articles_and_a_drag_narrows_all_searches(site: Site) -> None:
    page = site.page("/compare?q=إيران&q=زلزال&after.2=2016&lang=en")
    points = page.select(".chart a")
    assert len(points) == 3
    assert found(site.page(str(points[0]["href"]))) == ["iran"]
    assert points[0]["aria-label"] == "1. November 2017: 1 result (100% of 1 articles)"
    whole = parse_qs(urlsplit(str(page.select_one(".chart")["data-all"])).query)  # type: ignore[index]
    assert whole == {"q": ["إيران", "زلزال"]}
    site.client.delete_cookie("lang")


def test_the_results_lead_to_the_comparison_with_their_search_as_the_first(site: Site) -> None:
    results = site.search("إيران", source="الغد", forms="printed", sort="newest", page=1)
    there = address(results, ".numbers p > a")
    assert parse_qs(urlsplit(there).query) == {"q": ["إيران"], "source": ["الغد"], "forms": ["printed"]}
    assert queries(site, there) == ["إيران", ""]
    assert address(results, ".links a[href*=compare]") == there
    everything = site.search(source="الغد")
    assert parse_qs(urlsplit(address(everything, ".numbers p > a")).query) == {"source.1": ["الغد"]}
    assert texts(site.page(address(everything, ".numbers p > a")), ".legend small") == ["3 نتائج؛ المصدر: الغد"]


def test_comparison_of_nothing_asks_for_words(site: Site) -> None:
    page = site.page("/compare")
    assert page.select(".timeline, .legend") == []
    assert len(page.select(".queries [type=search]")) == 2
    assert texts(site.page("/compare", q="كسكسي"), ".empty") == ["لا يوجد مقال يطابق البحث."]
    assert texts(site.page("/compare", q="المكتبات"), ".empty") == ["لا تاريخ لأي مقال من النتائج."]


def test_every_number_is_in_the_digits_that_were_chosen(site: Site) -> None:
    page = site.page("/compare?q=إيران&q=زلزال&digits=arabic")
    assert texts(page, ".queries label[for=q1]") == ["البحث ٢"]
    assert texts(page, ".legend li")[0].startswith("١.")
    assert texts(page, ".chart .end") == ["١", "٢"]
    assert not any(letter in "0123456789" for text in texts(page, ".chart text") for letter in text)


@pytest.mark.parametrize(
    ("dates", "partial"),
    [
        ("after=2016-02&before=2018-12", False),
        ("after=2016-02-01&before=2018-12-31", False),
        ("after=2017-02-02&before=2018", True),
        ("after=2016&before=2017-11-20", True),
    ],
)
def test_partial_periods_are_said_and_whole_ones_are_not(site: Site, dates: str, partial: bool) -> None:
    page = site.page(f"/compare?q=إيران&q=زلزال&{dates}")
    assert page.select(".chart")
    assert ("الفترتان الأولى والأخيرة" in page.get_text()) is partial

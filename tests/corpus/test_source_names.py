from __future__ import annotations

from corpus import Source, SourceNames, make_article

NAMES = SourceNames(
    (
        Source("okaz", shown_as="عكاظ"),
        Source("okaz.example", shown_as="عُكاظ"),
        Source("jadid", shown_as="الأفق الجديد"),
        Source("النهضة"),
    )
)


def test_a_source_is_shown_by_its_name() -> None:
    assert [NAMES.shown(source) for source in ("okaz", "النهضة", "other")] == ["عكاظ", "النهضة", "other"]
    assert [NAMES.other(source) for source in ("okaz", "النهضة", "other", None)] == ["عكاظ", None, None, None]


def test_a_shown_name_means_each_source_with_it() -> None:
    assert NAMES.stored("عكاظ") == ("okaz", "okaz.example")
    assert NAMES.stored("الافق الجديد") == ("jadid",)
    assert NAMES.stored("الجديد") == NAMES.stored("") == NAMES.stored("okaz") == ()


def test_words_of_a_shown_name_mean_its_source() -> None:
    assert NAMES.stored_with(["الجديد"]) == NAMES.stored_with(["الأفق", "الجديد"]) == ("jadid",)
    assert NAMES.stored_with(["الجديد", "الأفق"]) == NAMES.stored_with([]) == NAMES.stored_with(["ال"]) == ()


def test_articles_for_people_have_the_shown_name() -> None:
    article = make_article(id="a", paragraphs=["نص"], source="okaz")
    assert NAMES.for_people(article).source == "عكاظ"
    assert article.source == "okaz"

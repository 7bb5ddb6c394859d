"""Other spellings on the page: how they are shown, and that links keep a search without them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.indexer.spelling_archive import spelling_archive
from tests.search_ui.small_site import Site, texts


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with spelling_archive(tmp_path_factory.mktemp("spelled") / "archive") as archive:
        yield Site(archive)


@pytest.mark.parametrize(("form", "carried"), [("form.narrow", "false"), ("form.box", "false")])
def test_each_form_keeps_a_search_without_other_spellings(site: Site, form: str, carried: str) -> None:
    page = site.search("عبدالله", spellings="false")
    (field,) = page.select(f"{form} input[name=spellings]")
    assert (field["type"], field["value"]) == ("hidden", carried)


@pytest.mark.parametrize(
    ("language", "arrow", "without", "with_them"),
    [
        ("ar", "←", "استبعاد صور الكتابة الأخرى", "تضمين صور الكتابة الأخرى"),
        ("en", "→", "Exclude other spellings", "Include other spellings"),
    ],
)
def test_the_line_and_its_links(site: Site, language: str, arrow: str, without: str, with_them: str) -> None:
    site.client.set_cookie("lang", language)
    assert texts(site.search("عبدالله"), ".also p")[:2] == [f"عبدالله {arrow} عبد الله", without]
    assert texts(site.search("عبدالله", spellings="false"), "p.understood") == [with_them]


@pytest.mark.parametrize(("query", "told"), [("5", "بالحروف"), ("خمسة", "بالأرقام"), ("يوكد", "كتابة أخرى للكلمة")])
def test_numbers_are_labelled_as_words_or_digits(site: Site, query: str, told: str) -> None:
    site.client.set_cookie("lang", "ar")
    assert any(text.endswith(f"({told})") for text in texts(site.search(query), ".matches li"))


@pytest.mark.parametrize(("query", "said"), [("سعد-بن لادن", []), ("«سعد بن", ["بُحث عن الكلمات: سعد بن"])])
def test_that_hyphens_part_words_is_not_worth_a_note(site: Site, query: str, said: list[str]) -> None:
    site.client.set_cookie("lang", "ar")
    assert texts(site.search(query, spellings="false"), ".explained p.understood") == said


def test_marks_alone_are_no_search_for_everything(site: Site) -> None:
    page = site.search("\u200f\u200b")
    assert "ليس في الاستعلام كلمة يُبحث عنها." in texts(page, ".note")
    assert not page.select(".hit")

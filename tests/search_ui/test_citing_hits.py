from __future__ import annotations

from tests.search_ui.small_site import Site


def test_the_citation_of_a_hit_is_a_text_that_names_the_archive(site: Site) -> None:
    page = site.search("مفاوضات")
    link = page.select(".hit .cite-hit")[0]
    answer = site.answer(str(link["data-citation"]))
    assert answer.mimetype == "text/plain"
    assert site.archive.settings.name in answer.text
    assert "http://localhost/article/" in answer.text
    assert str(link["href"]).endswith("#cite")


def test_it_is_in_the_language_of_the_page(site: Site) -> None:
    arabic = site.answer("/citation", id="talks", lang="ar").text
    english = site.answer("/citation", id="talks", lang="en").text
    assert arabic != english
    assert "«" in arabic
    assert "“" in english


def test_of_an_article_that_is_not_there_there_is_none(site: Site) -> None:
    assert site.answer("/citation", id="none").status_code == 404
    assert site.answer("/citation").status_code == 404

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from corpus import Archive
from indexer import update_index
from search_ui.command.cli import cli
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, address, texts


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("suggestions") / "archive"
    with Archive.create(directory) as archive:
        fill(archive)
        update_index(archive)
    return directory


def arshif(directory: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["--archive", str(directory), *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_a_misspelt_query_is_offered_corrected_with_its_filters(site: Site) -> None:
    page = site.search("ذلزال", source="الغد", sort="newest")
    assert texts(page, ".instead") == ["هل تقصد: زلزال؟"]
    values = parse_qs(urlsplit(address(page, ".instead a")).query)
    assert values == {"q": ["زلزال"], "source": ["الغد"], "sort": ["newest"]}


def test_a_well_spelled_query_is_not(site: Site) -> None:
    assert texts(site.search("زلزال"), ".instead") == []


def test_search_prints_did_you_mean_to_standard_error(directory: Path) -> None:
    result = arshif(directory, "search", "ذلزال")
    assert "did you mean: زلزال" in result.stderr.splitlines()
    assert "did you mean" not in result.stdout


def test_search_as_json_has_the_suggestion(directory: Path) -> None:
    assert json.loads(arshif(directory, "search", "ذلزال", "-f", "json").stdout)["suggestion"] == "زلزال"
    assert json.loads(arshif(directory, "search", "زلزال", "-f", "json").stdout)["suggestion"] is None


def test_suggest_completes_words_and_names_titles(directory: Path) -> None:
    lines = arshif(directory, "suggest", "زلزا").stdout.splitlines()
    assert lines == ["word   زلزال", "title  زلزال في إيران  iran"]


def test_suggest_as_json_and_with_a_limit(directory: Path) -> None:
    rows = json.loads(arshif(directory, "suggest", "زلزا", "--limit", "1", "-f", "json").stdout)
    assert rows == [{"kind": "word", "text": "زلزال", "id": None}]
    assert arshif(directory, "suggest", "زلزا", "-f", "csv").stdout.splitlines()[0] == "kind,text,id"


def test_an_article_lists_similar_ones(site: Site) -> None:
    page = site.page("/article/iran")
    assert texts(page, ".similar h2") == ["مقالات مشابهة"]
    assert address(page, ".similar a") == "/article/match"


def test_an_article_is_shown_without_an_index(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        fill(archive)
        assert texts(Site(archive).page("/article/iran"), ".similar") == []


def test_show_names_similar_articles_when_asked(directory: Path) -> None:
    assert "More like this" not in arshif(directory, "show", "iran").stdout
    lines = arshif(directory, "show", "iran", "--similar").stdout.splitlines()
    assert lines[-2:] == ["More like this:", "  فوز اليابان على إيران · الغد · 2019-03-01 · match"]
    value = json.loads(arshif(directory, "show", "iran", "--similar", "-f", "json").stdout)
    assert [hit["id"] for hit in value["similar"]] == ["match"]


def test_a_result_shows_why_it_matched_unless_it_has_the_exact_word(site: Site) -> None:
    assert texts(site.search("مفاوضات"), ".matches li") == ["مفاوضات ←طابقت المُفاوَضات (صيغة أخرى للكلمة)"]
    assert texts(site.search("المفاوضات"), ".matches") == []
    assert texts(site.search("ميستوارا"), ".matches li") == ["ميستوارا ←طابقت ميستورا (كلمة شبيهة)"]


def test_search_explains_each_hit_when_asked(directory: Path) -> None:
    assert "(lemma)" not in arshif(directory, "search", "مفاوضات").stdout
    assert "   مفاوضات -> المُفاوَضات (lemma)" in arshif(directory, "search", "مفاوضات", "--explain").stdout.splitlines()


def test_search_as_json_has_the_matches(directory: Path) -> None:
    (hit,) = json.loads(arshif(directory, "search", "مفاوضات", "-f", "json").stdout)["hits"]
    assert hit["matches"] == [{"word": "مفاوضات", "printed": "المُفاوَضات", "level": "lemma"}]


def test_the_box_is_offered_words_and_titles_as_json(site: Site) -> None:
    offered = site.answer("/suggest", q="زلزا").get_json()["suggestions"]
    assert offered == [
        {"kind": "word", "text": "زلزال", "url": None},
        {"kind": "title", "text": "زلزال في إيران", "url": "/article/iran"},
    ]
    for nothing in ("", " ", "\u202e", '"', "ز" * 10_000, "\x00"):
        assert site.answer("/suggest", q=nothing).get_json() == {"suggestions": []}

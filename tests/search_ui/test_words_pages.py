"""The pages and files of keywords in context and of typical words."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import read_concordance, update_index
from search_ui.web import create_app
from tests.search_ui.arshif import Arshif
from tests.search_ui.small_site import Site, address, texts

SHIPS = "وصلت سفينة في اليوم {0}. وقال مدير الميناء سالم الدرعاوي عن هذا إن خفر السواحل الوطني أنقذ البحارة."
MARKET = "فتح السوق أبوابه في اليوم {0}. وقال تاجر إن البضائع كثيرة."


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive.create(tmp_path_factory.mktemp("words") / "archive")
    with archive.batch():
        for number in range(70):
            day = datetime(2015, 1 + number % 12, 3, tzinfo=UTC)
            paragraphs = [SHIPS.format(number), f"ثم عادت سفينة أخرى رقمها {number}"]
            archive.add(
                make_article(id=f"h{number}", title="عودة", paragraphs=paragraphs, published=day, source="الغد")
            )
        for number in range(200):
            archive.add(
                make_article(id=f"m{number}", title="تجارة", paragraphs=[MARKET.format(number)], source="السوق")
            )
        text = ["=سفينة <script>alert(1)</script>", "the ship سفينة left at dawn"]
        archive.add(make_article(id="../odd", title="<b>سفينة</b>", paragraphs=text, url="https://news.example/odd"))
    update_index(archive)
    return archive


@pytest.fixture(scope="module")
def site(archive: Archive) -> Site:
    return Site(archive)


def test_a_line_leads_to_its_mark_in_the_article(site: Site) -> None:
    page = site.page("/search/context", q="سفينة أخرى", lines="date")
    line = page.select(".lines li")[0]
    link = str(line.select_one("a.from")["href"])  # type: ignore[index]
    path, _, mark = link.partition("#")
    article = site.page(path)
    assert article.select_one(f"#{mark}").get_text() == line.select_one("mark").get_text().split()[0]  # type: ignore[union-attr]


def test_lines_are_paged_and_counted(site: Site) -> None:
    first = site.page("/search/context", q="سفينة", lang="en")
    assert texts(first, "h1") == ["143 occurrences: سفينة"]
    assert len(first.select(".lines li")) == 50
    last = site.page("/search/context", q="سفينة", page=3, lang="en")
    assert len(last.select(".lines li")) == 43
    assert last.select_one(".lines")["start"] == "101"  # type: ignore[index]
    beyond = site.page("/search/context", q="سفينة", page=9, lang="en")
    assert "There is no page with this number" in beyond.get_text()


def test_a_partial_concordance_says_what_it_is_from(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"most": 10, "seconds": 2.0}
    monkeypatch.setattr(read_concordance, "__kwdefaults__", few)
    for sort, words in (("", "5 most relevant of 71"), ("newest", "5 newest of 71"), ("oldest", "5 oldest of 71")):
        page = site.page("/search/context", q="سفينة", sort=sort, lang="en")
        assert f"These are from the {words} articles." in page.get_text()
        assert texts(page, "h1")[0].startswith("The first ")


def test_text_is_escaped_and_keeps_its_direction(site: Site) -> None:
    answer = site.answer("/search/context", q="سفينة", lines="source", page=3)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<b>سفينة" not in answer.text


def test_neighbours_narrow_the_search(site: Site) -> None:
    page = site.page("/search/context", q="سفينة", lang="en")
    assert texts(page, ".neighbours tbody tr") == ["عادت سفينة70", "وصلت سفينة70", "سفينة أخرى70"]
    (link,) = [a for a in page.select(".neighbours a") if a.get_text() == "سفينة أخرى"]
    assert texts(site.page(f"{link['href']}&lang=en"), "#count")[0].startswith("70 ")


def test_files_have_every_line(site: Site) -> None:
    answer = site.answer("/search/context.csv", q="سفينة", lines="date")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 144
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["before"], row["keyword"], row["where"], row["id"]) == ("وصلت ", "سفينة", "1", "h0")
    assert row["archive_url"].endswith("/article/h0")
    assert answer.headers["Arshif-Lines"] == "143"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row if len(cell) > 1)
    text = site.answer("/search/context.txt", q="سفينة").text
    assert len(text.splitlines()) == 143
    assert len({line.index("[") for line in text.splitlines()}) == 1


def test_a_file_needs_valid_parameters_and_a_page_notes_invalid_ones(site: Site) -> None:
    assert site.answer("/search/context.csv", q="سفينة", lines="x").status_code == 400
    assert site.answer("/search/words.csv", q="سفينة", sort="x").status_code == 400
    assert site.answer("/search/context.exe", q="سفينة").status_code == 404
    page = site.page("/search/context", q="سفينة", lines="x", lang="en")
    assert texts(page, ".note") == ["“x” is not a valid value of the parameter “lines”."]


@pytest.mark.parametrize("path", ["/search/context", "/search/words", "/search/words/list"])
@pytest.mark.parametrize(
    "query", ["", "؟؟؟", "كسكسي", '"', "((", "م" * 3000, "أ أو ب " * 200, "=" * 50, "https://news.example/odd"]
)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_query_breaks_a_page(site: Site, path: str, query: str, language: str) -> None:
    assert site.answer(path, q=query, lang=language).status_code == 200


def test_typical_words_narrow_to_what_their_number_says(site: Site) -> None:
    page = site.page("/search/words/list", q="سفينة")
    links = page.select("a")
    assert "خفر السواحل الوطني" in [link.get_text() for link in links]
    for link, count in zip(links, texts(page, "small"), strict=True):
        narrowed = site.page(f"{link['href']}&lang=en")
        assert texts(narrowed, "#count")[0].startswith(count.split()[0] + " ")


def test_the_results_page_has_a_place_for_them_and_a_link(site: Site) -> None:
    page = site.search("سفينة", lang="en", source="الغد")
    place = page.select_one("[data-typical]")
    assert place is not None
    assert "source=" in str(place["data-typical"])
    assert address(page, ".typical .all a").startswith("/search/words?")
    assert texts(page, "details.views a") == ["Keywords in context", "Typical words"]
    assert site.search().select(".typical") == []


def test_typical_words_are_cached_until_the_archive_changes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    original = type(site.client.application.extensions["arshif"].searcher).typical_words

    def counted(self: object, *arguments: object) -> object:
        asked.append(arguments)
        return original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("indexer.searcher.Searcher.typical_words", counted)
    for _ in range(3):
        site.page("/search/words/list", q="الدرعاوي", sort="newest")
    site.page("/search/words/list", q="الدرعاوي", size="20")
    assert len(asked) == 1


def test_the_table_says_how_and_is_a_file(site: Site) -> None:
    page = site.page("/search/words", q="سفينة", lang="en")
    assert "(1,000 letters) of 71 of 71 articles" in page.get_text()
    answer = site.answer("/search/words.csv", q="سفينة")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    (row,) = [row for row in rows if row["text"] == "خفر السواحل الوطني"]
    assert (row["articles_in_results"], row["results"], row["archive"]) == ("70", "71", "271")
    assert "No article matches." in site.page("/search/words", q="كسكسي", lang="en").get_text()


def test_a_private_archive_shows_no_words_to_strangers(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    archive.add(make_article(id="a", title="سفينة", paragraphs=["سفينة"]))
    update_index(archive)
    settings = archive.directory / "arshif.toml"
    settings.write_text("private = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    client = create_app({"ARCHIVE": archive.directory}).test_client()
    for path in ("/search/context", "/search/context.csv", "/search/context.txt", "/search/words", "/search/words.csv"):
        answer = client.get(path, query_string={"q": "سفينة"})
        assert answer.status_code in (302, 303, 401), path
        assert "سفينة" not in answer.text
    for path in ("/search/words/list", "/api/v1/context", "/api/v1/words"):
        assert client.get(path, query_string={"q": "سفينة"}).status_code in (302, 303, 401)


def test_the_command_prints_lines_and_words(archive: Archive) -> None:
    arshif = Arshif(archive.directory.parent)
    lines = arshif("search", "سفينة", "--context", "--lines", "before").splitlines()
    assert sum("[سفينة]" in line for line in lines) == 143
    value = arshif.json("search", "سفينة", "--context")
    assert (value["whole"], len(value["lines"]), value["total"]) == (True, 143, 71)
    assert "خفر السواحل الوطني" in arshif("search", "سفينة", "--typical")
    assert len(arshif("search", "سفينة", "--context", "--all", "--format", "jsonl").splitlines()) >= 143


@pytest.mark.parametrize(
    "options",
    [("--context", "--typical"), ("--context", "--format", "ris"), ("--context", "-n", "5"), ("--typical", "--all")],
    ids=" ".join,
)
def test_options_that_exclude_each_other(archive: Archive, options: tuple[str, ...]) -> None:
    arshif = Arshif(archive.directory.parent)
    assert arshif.result("search", "سفينة", *options).exit_code == 2

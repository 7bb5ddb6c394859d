"""The page of solved complaints is correct: every query finds the texts of its row and marks the words in bold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import Hit, Searcher, SearchRequest, open_searcher, update_index
from tests.conftest import ROOT
from tests.search_ui.small_site import Site, address, found, texts

PAGE = (ROOT / "docs/solved.md").read_text(encoding="utf-8")

PADDING = "كانت المدينة هادئة والناس في بيوتهم والطريق خال من السيارات والمطر يهطل على السطوح " * 8
"""No punctuation in it: what surrounds a text that the page shows between two ellipses."""


@dataclass(frozen=True)
class Text:
    """A text of a cell: what is printed, the spans in bold, the address that it links to."""

    printed: str
    spans: tuple[tuple[int, int], ...]
    url: str | None

    @property
    def is_excerpt(self) -> bool:
        return self.printed.startswith("… ") and self.printed.endswith(" …")

    @property
    def stored(self) -> str:
        """The text of the article."""
        return self.printed.replace("… ", PADDING).replace(" …", " " + PADDING) if self.is_excerpt else self.printed


@dataclass(frozen=True)
class Row:
    """A query, the texts that it finds, and some that it does not."""

    query: str
    finds: tuple[Text, ...]
    others: tuple[Text, ...]


@dataclass(frozen=True)
class Entry:
    """A complaint: its heading, its prose, its rows."""

    heading: str
    prose: str
    rows: tuple[Row, ...]

    @property
    def texts(self) -> dict[str, Text]:
        """Every text of its tables, by what is stored."""
        return {text.stored: text for row in self.rows for text in (*row.finds, *row.others)}


def _entries(page: str) -> list[Entry]:
    sections = re.split(r"^### ", page, flags=re.M)[1:]
    return [_entry(re.split(r"^## ", section, flags=re.M)[0]) for section in sections]


def _entry(section: str) -> Entry:
    heading, *lines = section.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table[:2] == ["| query | finds | doesn't find |", "|---|---|---|"], heading
    prose = "\n".join(line for line in lines if not line.startswith("|"))
    return Entry(heading, prose, tuple(_row(line) for line in table[2:]))


def _row(line: str) -> Row:
    _, query, finds, others, _ = line.split("|")
    code = re.fullmatch(r"`([^`]+)`|<code>(.+)</code>", query.strip())
    assert code, line
    return Row(unescape(code[1] or code[2]), _texts(finds), _texts(others))


def _texts(cell: str) -> tuple[Text, ...]:
    return tuple(_text(part) for part in cell.strip().split("<br>") if part)


def _text(markdown: str) -> Text:
    link = re.fullmatch(r"\[(.+)\]\((.+)\)", markdown)
    # An archive composes letters, so the offsets of its marks are those of composed text.
    pieces = unicodedata.normalize("NFC", unescape(link[1] if link else markdown)).split("**")
    assert len(pieces) % 2, f"bold is not closed: {markdown}"
    spans = []
    position = 0
    for number, piece in enumerate(pieces):
        if number % 2:
            spans.append((position, position + len(piece)))
        position += len(piece)
    return Text("".join(pieces), tuple(spans), link[2] if link else None)


ENTRIES = _entries(PAGE)
ROWS = [(entry, row) for entry in ENTRIES for row in entry.rows]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Entry], Searcher]]:
    """Opens the archive of an entry; created on first use."""
    archives: list[Archive] = []
    searchers: dict[str, Searcher] = {}

    def searcher(entry: Entry) -> Searcher:
        if entry.heading not in searchers:
            archive = _archive(entry, tmp_path_factory.mktemp("solved"))
            archives.append(archive)
            searchers[entry.heading] = open_searcher(archive)
        return searchers[entry.heading]

    yield searcher
    for archive in archives:
        archive.close()


def _archive(entry: Entry, directory: Path) -> Archive:
    archive = Archive.create(directory / "archive")
    for number, (stored, text) in enumerate(entry.texts.items()):
        archive.add(make_article(id=str(number), paragraphs=[stored], url=text.url))
    update_index(archive)
    return archive


def test_the_page_is_parsed_completely() -> None:
    """Otherwise tests could pass without testing anything."""
    assert 15 <= len(ENTRIES) <= 25
    assert len(ENTRIES) == PAGE.count("\n### ")
    assert len(ROWS) == len(re.findall(r"^\| (?:`|<code>)", PAGE, re.M)) > 50
    assert sum(len(text.spans) for _, row in ROWS for text in row.finds) == PAGE.count("**") / 2 > 80


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.heading[:30])
def test_an_entry_links_to_its_thread_and_has_texts_that_match_and_texts_that_do_not(entry: Entry) -> None:
    assert re.match(r"\[(\S+)#(\d+)\]\(https://github\.com/\1/issues/\2\): \S", entry.heading)
    assert "Arshif" in entry.prose
    assert any(row.finds for row in entry.rows)
    assert all(row.others for row in entry.rows)


@pytest.mark.parametrize(("entry", "row"), ROWS, ids=[f"{e.heading[:30]} {r.query}" for e, r in ROWS])
def test_a_query_finds_and_marks_the_texts_of_its_row(
    search: Callable[[Entry], Searcher], entry: Entry, row: Row
) -> None:
    stored = list(entry.texts)
    page = search(entry).search(SearchRequest(row.query, page_size=50, group=False))
    matched = {stored[int(hit.id)]: hit for hit in page.hits if hit.matched}
    assert set(matched) == {text.stored for text in row.finds}
    assert not {text.stored for text in row.others} & set(matched)
    assert page.total == len(row.finds)
    assert page.warnings == ()
    for text in row.finds:
        assert _shown(matched[text.stored], text) == (text.printed, text.spans)


def _shown(hit: Hit, text: Text) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The snippet and its marks; of an excerpt's, the part that the page shows, which it must have around it."""
    snippet = hit.snippet
    if not text.is_excerpt:
        return snippet.text, tuple(snippet.spans)
    inner = text.printed.removeprefix("… ").removesuffix(" …")
    before, shown, after = snippet.text.partition(inner)
    assert shown, snippet.text
    assert min(len(before), len(after)) > 20, snippet.text
    shift = len(before) - len("… ")
    return f"… {shown} …", tuple((start - shift, end - shift) for start, end in snippet.spans)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """Serves the archive of an entry, by its complaint, such as `alephdata/aleph#2023`."""
    with ExitStack() as opened:

        def serve(complaint: str) -> Site:
            (entry,) = (one for one in ENTRIES if one.heading.startswith(f"[{complaint}]"))
            return Site(opened.enter_context(_archive(entry, tmp_path)))

        yield serve


def test_the_search_box_takes_the_direction_of_its_text(site: Callable[[str], Site]) -> None:
    (box,) = site("Princeton-CDH/geniza#948").search("*دلالة").select("#q")
    assert (box["value"], box["dir"]) == ("*دلالة", "auto")


def test_result_pages_are_right_to_left(site: Callable[[str], Site]) -> None:
    page = site("scambier/obsidian-omnisearch#498").search("نبات")
    assert len(found(page)) == 1
    assert [html["dir"] for html in page.select("html")] == ["rtl"]


def test_a_correction_is_suggested_for_a_misspelt_word(site: Callable[[str], Site]) -> None:
    page = site("meilisearch/meilisearch#1331").search("عصيير أفريكانا")
    assert found(page) == []
    assert texts(page, ".instead bdi") == ["عصير أفريكانا"]


def test_the_page_offers_a_wider_search(site: Callable[[str], Site]) -> None:
    served = site("quran/quran.com-api#636")
    assert [len(found(served.search("سفينة الشحن البحر", match=match))) for match in ("all", "most", "any")] == [
        1,
        2,
        4,
    ]


def test_spelling_variants_in_other_scripts_are_listed_and_can_be_turned_off(site: Callable[[str], Site]) -> None:
    served = site("alephdata/aleph#2023")
    page = served.search("Soleimani")
    assert "سليماني" in " ".join(texts(page, ".understood"))
    assert len(found(page)) == 2
    assert len(found(served.page(address(page, ".understood a[href*='spellings=false']")))) == 1

"""`./run bench tasks ADDRESS`: twelve tasks of a newsroom, done by the page alone in a browser, clicks counted.

ADDRESS serves an archive of the two collections of news that the questions are about (SaudiNewsNet and ANT Corpus),
with `[mail]` set up. Every task begins at the home page. A click, and a key that submits, count as one each; typing
does not. What is found is compared with the answers of the API.
"""

from __future__ import annotations

import csv
import json
import secrets
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

_SLIPS: Final = (("ايرن والاتفاف النووي", "نووي"), ("اسعار النفظ تتراحع", "نفط"), ("الرائيس الامركي اوبما", "أوباما"))
_LATIN: Final = {"Netanyahu": "نتنياهو", "Erdogan": "أردوغان", "Rouhani": "روحاني", "Zarif": "ظريف", "Kerry": "كيري"}
_CITIES: Final = {"الكاف": "الكاف", "صور": "صور", "عدن": "عدن", "الباحة": "الباحة"}


class Reader:
    """A reader at a page, whose clicks are counted."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address.rstrip("/")
        self.clicks = 0

    def home(self) -> None:
        """Begin again at the home page."""
        self.page.goto(self.address + "/?lang=ar")
        self.clicks = 0

    def search(self, query: str) -> None:
        """Type into the box that has the focus, and press Enter."""
        self.page.locator("input[name=q]:focus").wait_for()  # the box of the first page has the focus
        self.page.keyboard.type(query)
        self.page.keyboard.press("Enter")
        self.clicks += 1
        self.page.wait_for_url("**/search?**")

    def click(self, selector: str, **which: Any) -> None:
        """Click what a selector finds first."""
        self.page.locator(selector, **which).locator("visible=true").first.click()
        self.clicks += 1

    def text(self, selector: str) -> str:
        """The text of the first element."""
        return str(self.page.locator(selector).first.inner_text())

    def titles(self) -> list[str]:
        """The titles of the results."""
        return [str(title) for title in self.page.locator(".hit h2").all_inner_texts()]

    def ask(self, operation: str, **values: str) -> Any:
        """What the API answers."""
        with urllib.request.urlopen(f"{self.address}/api/v1/{operation}?{urlencode(values)}") as answer:
            return json.load(answer)


def spellings(reader: Reader) -> str:
    """All coverage of a name in one month, in every spelling, with the true number."""
    reader.search("نتنياهو تاريخ:2015-08")
    total = reader.ask("search", q="نتنياهو", after="2015-08-01", before="2015-08-31")["total"]
    assert f"{total:,}" in reader.text("#count"), (total, reader.text("#count"))
    assert reader.page.locator(".also").count(), "other spellings are not named"
    return reader.text("#count")


def over_time(reader: Reader) -> str:
    """Two topics over time: a picture of it for a paper."""
    reader.search("إيران")
    reader.click("nav.links a[href*=compare]")
    reader.page.locator("input[name^=q]").nth(1).fill("اليمن")
    reader.page.keyboard.press("Enter")
    reader.clicks += 1
    reader.page.wait_for_url("**/compare?**")
    with reader.page.expect_download() as download:
        reader.click("a[href*='.png']")
    name = str(download.value.suggested_filename)
    assert name.endswith(".png")
    return name


def first_printing(reader: Reader) -> str:
    """Who printed a story first, with the hour, and how it spread."""
    reader.search("رصد ذئب رمادي في كاليفورنيا للمرة الثانية منذ عام 1924")
    reader.click(".copies summary")
    line = reader.text(".copies summary")
    assert reader.page.locator(".copies[open] li").count() >= 2
    return line


def half_a_quote(reader: Reader) -> str:
    """Half-remembered quotes: without two of their words, the rest in another order."""
    found = []
    for hit in reader.ask("search", q="قال وزير", limit="7")["hits"]:
        words = reader.ask("article", id=hit["id"])["text"].split()[12:22]
        reader.home()
        reader.search(" ".join(words[6:] + words[1:5]))
        found.append(any(hit["title"] in title for title in reader.titles()))
    assert sum(found) >= 6, found
    return f"{sum(found)} of {len(found)} on the first page"


def one_source(reader: Reader) -> str:
    """Narrow to a source."""
    reader.search("النفط")
    before = reader.text("#count")
    reader.click(".filters input[name=source]")
    reader.page.wait_for_url("**source=**")
    reader.page.locator(".chips").first.wait_for()
    assert reader.text("#count") != before
    return reader.text("#count")


def citation(reader: Reader) -> str:
    """Copy a citation that names the archive."""
    reader.search("أسعار النفط")
    reader.click(".cite-hit")
    reader.page.locator(".cite-hit", has_text="نُسخ").or_(
        reader.page.locator(".cite-hit", has_text="تم")
    ).first.wait_for()
    text = str(reader.page.evaluate("navigator.clipboard.readText()"))
    assert reader.ask("status")["name"] in text, text
    return text


def export(reader: Reader) -> str:
    """Export all results."""
    reader.search("الاتفاق النووي")
    with reader.page.expect_download() as download:
        reader.click("a[href*='.csv']")
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
    total = reader.ask("search", q="الاتفاق النووي")["total"]
    assert rows == total, (rows, total)
    return f"{rows:,} rows"


def follow(reader: Reader) -> str:
    """Follow a search by e-mail."""
    reader.search("السيول")
    reader.click(".follow-button")
    reader.page.locator("input[name=address]").fill(
        f"reader-{secrets.token_hex(4)}@news.example"
    )  # an address gets one mail a day that asks it to confirm
    reader.click("form button[type=submit]", has_text="متابعة")
    reader.page.wait_for_url("**/desk**")
    return reader.text("main h1")


def slips(reader: Reader) -> str:
    """Headlines with slips of the keyboard: the right article first, or a correction in one click."""
    found = []
    for query, word in _SLIPS:
        reader.home()
        reader.search(query)
        found.append(any(word in title or word[:4] in title for title in reader.titles()[:3]))
    assert all(found), found
    return f"{sum(found)} of {len(found)}"


def latin(reader: Reader) -> str:
    """Names typed in Latin letters."""
    found = []
    for name, arabic in _LATIN.items():
        reader.home()
        reader.search(name)
        marks = " ".join(reader.page.locator(".hit mark").all_inner_texts())
        found.append(arabic[:4] in marks)
    assert all(found), dict(zip(_LATIN, found, strict=True))
    return f"{sum(found)} of {len(found)}"


def cities(reader: Reader) -> str:
    """A city whose name is also a word: the number of its own form, beside that of all forms."""
    counts = []
    for typed, query in _CITIES.items():
        reader.home()
        reader.search(query)
        reader.click("#match-menu")
        reader.page.locator(".panel small").first.wait_for()
        total = reader.ask("search", q=query, forms="printed")["total"]
        reader.page.locator(f".panel a:has-text('{total:,}'), .panel strong:has-text('{total:,}')").first.wait_for()
        counts.append(f"{typed} {total:,}")
    return "; ".join(counts)


def one_day(reader: Reader) -> str:
    """What was printed on 6 August 2015."""
    reader.click("a[href*='/browse/2015/08']")
    reader.page.wait_for_url("**/browse/2015/08**")
    reader.click("a[href*='/browse/2015/08/06']")
    reader.page.wait_for_url("**/browse/2015/08/06**")
    total = reader.ask("search", after="2015-08-06", before="2015-08-06")["total"]
    assert f"{total:,}" in reader.text("main"), total
    return reader.text("main h1")


def what_a_source_holds(reader: Reader) -> str:
    """What a source holds."""
    reader.click("nav.links a[href*=sources]")
    reader.page.wait_for_url("**/sources**")
    reader.click("main tbody a[href*='/sources/']")
    reader.page.wait_for_url("**/sources/*")
    return reader.text("main h1")


TASKS: Final[tuple[tuple[str, Callable[[Reader], str], int], ...]] = (
    ("1", spellings, 2),
    ("2", over_time, 4),
    ("3", first_printing, 2),
    ("4", half_a_quote, 1),
    ("5", one_source, 2),
    ("6", citation, 2),
    ("7", export, 2),
    ("8", follow, 3),
    ("9", slips, 1),
    ("10", latin, 1),
    ("11", cities, 2),
    ("12a", one_day, 3),
    ("12b", what_a_source_holds, 3),
)


def run(address: str, only: str | None) -> None:
    """Prints each task with its clicks, the most that it may take, and what was found."""
    from playwright.sync_api import sync_playwright

    from docs.make_pictures import chromium

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(driver), args=["--no-sandbox", "--disable-gpu"])
        for number, task, most in TASKS:
            if only not in (None, number):
                continue
            context = browser.new_context(locale="ar", viewport={"width": 1280, "height": 900})
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            reader = Reader(context.new_page(), address)
            reader.home()
            try:
                found, word = task(reader), "done"
            except Exception as error:
                found, word = f"{type(error).__name__}: {error}".split("\n")[0][:200], "FAILED"
            over = " TOO MANY" if reader.clicks > most else ""
            print(f"{number:>3}  {word}  {reader.clicks} of {most} clicks{over}  {task.__doc__}  {found}")
            context.close()
        browser.close()

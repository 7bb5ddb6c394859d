"""`arshif fetch` and `arshif watch`, run as a user runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive
from tests.conftest import COMMAND, ROOT
from tests.corpus.fetch.loopback import Site, item, page, rss, running_site

pytestmark = pytest.mark.slow


class Arshif:
    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "ARSHIF_ARCHIVE": str(archive)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def __call__(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, err
        return out, err


@pytest.fixture
def arshif(tmp_path: Path) -> Arshif:
    Archive.create(tmp_path / "archive").close()
    return Arshif(tmp_path / "archive")


@pytest.fixture
def web() -> Iterator[Site]:
    with running_site() as running:
        yield running


# fetch


def test_a_feed_is_fetched_indexed_and_found(arshif: Arshif, web: Site) -> None:
    feed = rss(item(web.answer("/a", page("محادثات أستانة"))), item(web.url("/gone")))
    url = web.answer("/rss.xml", feed, ETag='"1"')
    out, err = arshif("fetch", "--allow-private", "--delay", "0", url)
    assert [line.split() for line in out.splitlines()][:5] == [
        ["added", "1"],
        ["revised", "0"],
        ["unchanged", "0"],
        ["refused", "1"],
        ["requests", "4"],
    ]
    assert err == f"refused: {web.url('/gone')}: there is no such page (404)\n"
    assert "محادثات" in arshif("search", "أستانة")[0]
    out, err = arshif("fetch", "--allow-private", "--delay", "0", "--format", "json", url)
    assert json.loads(out)["requests"] == 2
    assert f"{url}: nothing new since" in err


def test_this_machine_is_not_fetched_from_by_default(arshif: Arshif, web: Site) -> None:
    _, err = arshif("fetch", web.answer("/a", page()), code=1)
    assert err == (
        f"refused: {web.url('/a')}: 127.0.0.1 is a private address, and private networks are not allowed\n"
        "hint: --allow-private fetches from private networks\n"
    )
    assert web.requests == []


def test_the_contact_of_the_settings_is_sent_to_sites(arshif: Arshif, web: Site) -> None:
    settings = arshif.archive / "arshif.toml"
    settings.write_text('contact = "mailto:archive@paper.example"\n', encoding="utf-8")
    arshif("fetch", "--allow-private", "--delay", "0", "--no-index", web.answer("/a", page()))
    assert web.requests[0][1]["User-Agent"].endswith("(+mailto:archive@paper.example)")
    settings.write_text('contact = "a@b.example\\r\\nX: y"\n', encoding="utf-8")
    assert "contact must be a web or mail address" in arshif("fetch", web.url("/a"), code=1)[1]


def test_an_invalid_date_is_reported(arshif: Arshif) -> None:
    assert arshif("fetch", "--since", "أمس", "http://a.example/", code=1)[1] == "arshif: 'أمس' is not a date\n"


def test_an_interruption_keeps_what_was_fetched(arshif: Arshif, web: Site) -> None:
    items = [item(web.answer(f"/{n}", page(f"خبر {n}"))) for n in range(200)]
    fetching = arshif.start("fetch", "--allow-private", "--delay", "0.05", web.answer("/rss.xml", rss(*items)))
    wait_for(lambda: len(web.requests) > 5)
    fetching.send_signal(signal.SIGINT)
    _, err = fetching.communicate(timeout=30)
    assert (fetching.returncode, err) == (130, "arshif: interrupted; what was saved before is kept\n")
    with Archive.open(arshif.archive) as archive:
        kept = archive.counts().articles
    assert 3 <= kept < 200


def wait_for(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


# watch


def line(article_id: str, text: str = "نص") -> str:
    return json.dumps({"id": article_id, "text": text}, ensure_ascii=False) + "\n"


def test_watch_once_adds_and_indexes_what_is_finished(arshif: Arshif, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(line("a", "زلزال"), encoding="utf-8")
    (tmp_path / "in" / "bad.html").write_text("<p>x", encoding="utf-8")
    out, err = arshif("watch", "--once", "--settled", "0.1", str(tmp_path / "in"))
    assert out == "2 files: 1 added, 1 refused\n"
    assert "bad.html: no article text was found" in err
    assert "1 article" in arshif("search", "زلزال")[0]
    assert arshif("watch", "--once", "--settled", "0.1", str(tmp_path / "in")) == ("", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watch_picks_up_files_until_it_is_stopped(arshif: Arshif, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "in").mkdir()
    watching = arshif.start("watch", "--interval", "0.1", "--settled", "0.1", str(tmp_path / "in"))
    assert watching.stdout is not None
    (tmp_path / "in" / "a.jsonl").write_text(line("a"), encoding="utf-8")
    assert watching.stdout.readline() == "1 file: 1 added\n"
    (tmp_path / "in" / "a.jsonl").write_text(line("a", "نص جديد"), encoding="utf-8")
    assert watching.stdout.readline() == "1 file: 1 revised\n"
    watching.send_signal(number)
    _, err = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert err.splitlines()[-1] == "stopped; files read so far are in the archive"


def test_a_killed_watch_continues_where_it_was(arshif: Arshif, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(600):
        (tmp_path / "in" / f"{number:03}.jsonl").write_text(line(str(number)), encoding="utf-8")
    watching = arshif.start("watch", "--interval", "0.1", "--settled", "0.1", str(tmp_path / "in"))

    def some() -> bool:
        with Archive.open(arshif.archive) as archive:
            return archive.counts().articles > 0

    wait_for(some)
    watching.kill()
    watching.communicate()
    assert arshif("watch", "--once", "--settled", "0.1", str(tmp_path / "in"))[1] == ""
    with Archive.open(arshif.archive) as archive:
        assert (archive.counts().articles, archive.counts().revisions) == (600, 600)
    assert "600 articles" in arshif("search", "نص")[0]


def test_what_was_added_but_not_indexed_is_indexed(arshif: Arshif, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line("a", "زلزال"), encoding="utf-8")
    arshif("add", "--no-index", str(tmp_path / "a.jsonl"))
    (tmp_path / "in").mkdir()
    arshif("watch", "--once", str(tmp_path / "in"))
    assert "1 article" in arshif("search", "زلزال")[0]


def test_an_invalid_directory_to_watch_is_reported(arshif: Arshif) -> None:
    assert arshif("watch", "nowhere", code=1)[1] == "arshif: cannot watch nowhere: there is no such directory\n"

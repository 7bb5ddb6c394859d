"""Health checks and metrics of the server, in one process and in several that share a port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from corpus import Archive, make_article
from indexer import update_index
from search_ui.web.api import ResponseCache
from search_ui.web.health import BOUNDS, MAX_VIEWS, Counters, CounterTable
from tests.conftest import COMMAND, ROOT
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, parsed, texts
from tests.search_ui.test_serving import free_port

LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+$')


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill(opened)
        yield opened


def value(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(line.rpartition(" ")[2])


def test_ready_requires_an_index(archive: Archive) -> None:
    site = Site(archive)
    assert site.answer("/healthz").status_code == 200
    assert site.answer("/healthz/ready").status_code == 503
    update_index(archive)
    assert site.answer("/healthz/ready").text == "ready\n"


def test_metrics_count_requests_and_show_the_state_of_the_index(archive: Archive) -> None:
    update_index(archive)
    site = Site(archive)
    for _ in range(3):
        site.search("زلزال")
    site.answer("/search", q="زلزال", page="x")
    site.answer("/article/none")
    site.answer("/nowhere")
    site.client.post("/nowhere")
    archive.add(make_article(id="new", paragraphs=["نص"]))
    answer = site.answer("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert [line for line in lines if not line.startswith("# ") and not LINE.match(line)] == []
    assert value(answer.text, 'arshif_requests_total{view="pages.search",status="2xx"}') == 4
    assert value(answer.text, 'arshif_requests_total{view="articles.article",status="4xx"}') == 1
    assert value(answer.text, 'arshif_requests_total{view="none",status="4xx"}') == 2
    assert value(answer.text, 'arshif_request_seconds_count{view="pages.search"}') == 4
    assert value(answer.text, 'arshif_request_seconds_bucket{view="pages.search",le="+Inf"}') == 4
    assert value(answer.text, "arshif_articles") == 6
    assert value(answer.text, "arshif_pending_changes") == 1
    assert value(answer.text, "arshif_ready") == 1


def test_a_histogram_counts_up_to_each_bound_and_all_processes() -> None:
    table = CounterTable(2)
    first, second = (Counters(table, number, ["b", "a"]) for number in range(2))
    first.count("a", 200, BOUNDS[0])
    second.count("a", 503, 100.0)
    second.count("nowhere", 200, 1.0)
    text = "\n".join(first.lines())
    assert text == "\n".join(second.lines())
    assert value(text, f'arshif_request_seconds_bucket{{view="a",le="{BOUNDS[0]}"}}') == 1
    assert value(text, f'arshif_request_seconds_bucket{{view="a",le="{BOUNDS[-1]}"}}') == 1
    assert value(text, 'arshif_request_seconds_bucket{view="a",le="+Inf"}') == 2
    assert value(text, 'arshif_request_seconds_sum{view="a"}') == pytest.approx(100 + BOUNDS[0])
    assert value(text, 'arshif_requests_total{view="a",status="5xx"}') == 1
    assert "nowhere" not in text


def test_the_status_page_shows_the_state_of_the_archive(archive: Archive) -> None:
    site = Site(archive)
    assert "لم يُفهرس هذا الأرشيف بعد" in texts(parsed(site.answer("/status")), ".note")[0]
    update_index(archive)
    page = parsed(site.answer("/status"))
    assert texts(page, ".note") == []
    assert "المقالات5" in texts(page, ".facts div")


def test_responses_are_cached_for_one_state_and_within_bounds() -> None:
    cache = ResponseCache(max_bytes=50)
    assert cache.get("a", "1") is None
    cache.put("a", "1", b"x" * 20)
    assert cache.get("a", "1") == b"x" * 20
    cache.put("b", "1", b"y" * 20)
    assert cache.get("a", "1") == b"x" * 20
    cache.put("c", "1", b"z" * 20)
    assert [cache.get(name, "1") is not None for name in "abc"] == [True, False, True]
    cache.put("d", "0", b"late")
    assert cache.get("a", "2") is None
    assert cache.get("d", "2") is None


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system serves by one process only")
def test_several_processes_answer_count_together_and_end_together(archive: Archive) -> None:
    update_index(archive)
    address = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen(
        [*COMMAND, "--archive", str(archive.directory), "serve", "--port", str(port), "--workers", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    def get(path: str) -> str:
        for _ in range(600):
            try:
                with urlopen(address + path) as answer:
                    return str(answer.read().decode())
            except (URLError, ConnectionError):
                assert process.poll() is None
                time.sleep(0.05)
        raise AssertionError("no answer")

    children: list[int] = []
    try:
        get("/healthz/ready")
        for _ in range(20):
            get("/api/v1/search?q=talks")
        assert value(get("/metrics"), 'arshif_requests_total{view="api.search",status="2xx"}') == 20
        if sys.platform == "linux":
            listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            children = [int(child) for child in listed.split()]
            assert len(children) == 2
            os.kill(children[0], signal.SIGKILL)
            for _ in range(5):
                assert get("/healthz") == "ok\n"
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert ("restarted" in errors.decode()) == bool(children)
    with pytest.raises(URLError):
        urlopen(address + "/healthz")


def test_every_view_has_counters(site: Site) -> None:
    assert len(site.client.application.view_functions) <= MAX_VIEWS

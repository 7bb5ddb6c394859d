"""The cost of a request: one limit of processor time for all of it, and limits on what it repeats."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from corpus import Archive, make_article, near_duplicates
from indexer import SearchTooCostly, budget, update_index
from search_ui.web import create_app
from search_ui.web.rate_limits import Limiter
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import parsed, texts

pytestmark = pytest.mark.slow

MANY = 120
LOOK = 0.01  # seconds between two readings of the clock below

Open = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small archive, and a story that many papers printed."""
    directory = tmp_path_factory.mktemp("costs") / "archive"
    with Archive.create(directory) as archive:
        fill(archive)
        story = [f"غرقت سفينة شحن رقم {number} قبالة الساحل وأنقذت فرق خفر السواحل بحارتها" for number in range(5)]
        for number in range(MANY):
            archive.add(
                make_article(id=f"copy-{number}", title="غرق سفينة", paragraphs=story, source=f"صحيفة {number}")
            )
        near_duplicates.group_changes(archive)
        update_index(archive)
    return directory


@pytest.fixture
def client_of(directory: Path) -> Open:
    def open_with(settings: str) -> FlaskClient:
        (directory / "arshif.toml").write_text(f'name = "x"\n[web]\n{settings}\n', encoding="utf-8")
        return create_app({"ARCHIVE": directory}).test_client()

    return open_with


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that advances with each reading: a costlier search reads it more often, on any machine."""
    times = [0.0]

    def look() -> float:
        times[0] += LOOK
        return times[0]

    monkeypatch.setattr(budget, "thread_time", look)
    return times


def test_processor_time_counts_and_waiting_for_others_but_not_for_this_machine() -> None:
    with budget.limited(0.2):
        time.sleep(0.3)  # the machine is busy
        budget.check()
        with budget.limited(10):  # of two limits, the lower one applies
            assert (budget.remaining() or 0) <= 0.2
        with budget.waiting():
            time.sleep(0.3)
        assert budget.remaining() == 0
        with pytest.raises(SearchTooCostly, match=r"longer than 0\.2 seconds"):
            budget.check()
    budget.check()
    with budget.limited(0.05):
        used = time.thread_time() + 0.06
        while time.thread_time() < used:
            pass
        with pytest.raises(SearchTooCostly):
            budget.check()
    assert budget.remaining() is None


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("/search?q=لافروف&source=النهضة", "/search?q=لافروف&source=النهضة&section=سياسة&author=سمير الخطيب"),
        ("/compare?q=سفينة", "/compare?q=سفينة&q=زلزال&q=مفاوضات"),
        ("/search?q=سفينة&group=false", "/search?q=سفينة&group=false&size=100"),
        ("/article/copy-1", "/article/copy-1?q=سفينه~ أو ساحك~ أو بحاره~"),
        ("/article/talks", "/article/copy-1"),
        ("/api/v1/search?q=سفينة&group=false&limit=1", "/api/v1/search?q=سفينة&group=false&limit=100"),
        ("/suggest?q=سفينة", "/suggest?q=غرق سفينة شحن رقم قبالة"),
    ],
    ids=["facets", "compare", "hits and links", "marks", "copies", "the API", "suggestions"],
)
def test_one_budget_bounds_all_that_a_request_does(client_of: Open, clock: list[float], one: str, several: str) -> None:
    costs = []
    for address in (one, several):
        client, clock[0] = client_of("seconds = 1000"), 0.0
        assert client.get(address).status_code == 200
        costs.append(clock[0])
    assert costs[1] > costs[0] + 2 * LOOK
    bound = f"seconds = {sum(costs) / 2}"
    assert [client_of(bound).get(address).status_code for address in (one, several)] == [200, 400]


def test_an_export_over_the_time_limit_is_refused(client_of: Open, clock: list[float]) -> None:
    assert client_of("export_seconds = 1000").get("/search.csv?q=سفينة").status_code == 200
    client = client_of(f"export_seconds = {clock[0] * 0.8}")
    answer = client.get("/search.csv?q=سفينة")
    assert answer.status_code == 400
    assert "Content-Disposition" not in answer.headers
    assert "هذا الملف أكبر مما يسمح به الخادم، أو تستغرق كتابته وقتا أطول. ضيّق البحث." in answer.text
    assert client.get("/search.csv?q=زلزال").status_code == 200


def test_an_export_over_the_size_limit_is_refused(client_of: Open) -> None:
    client = client_of("export_megabytes = 0.01")
    assert client.get("/search.csv?q=سفينة").status_code == 400
    assert client.get("/search.csv?q=زلزال").status_code == 200


def test_exports_beyond_the_limit_get_retry_after(client_of: Open) -> None:
    client = client_of("")
    held = [client.get("/search.csv", buffered=False) for _ in range(4)]  # nobody reads them
    answer = client.get("/search.csv")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert client.head("/search.csv").status_code == 200
    for one in held:
        one.close()
    assert client.get("/search.csv").status_code == 200


def test_the_cost_of_a_request_is_charged_to_the_rate(client_of: Open, clock: list[float]) -> None:
    cheap = client_of("rate = 1\nburst = 20")
    assert [cheap.get("/healthz").status_code for _ in range(30)] == [200] * 30
    costly = client_of("rate = 1\nburst = 20\nseconds = 1000\nexport_seconds = 1000")
    costly.get("/search.csv")
    answer = costly.get("/")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 61


def test_a_charge_delays_a_client_for_at_most_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("search_ui.web.rate_limits.monotonic", lambda: now)
    limiter = Limiter(rate=2.0, burst=10.0)
    assert limiter.take("a") == 0
    limiter.charge("a", 12)
    assert limiter.take("a") == 2.0
    limiter.charge("a", 10_000)
    assert limiter.take("a") == 60.0
    limiter.charge("b", -1)
    assert [limiter.take("b") for _ in range(11)] == [0] * 10 + [0.5]


@pytest.mark.parametrize("name", ["source", "section", "author"])
def test_a_page_accepts_as_many_filters_as_the_api(client_of: Open, name: str) -> None:
    client = client_of("")
    values = {name: [f"قيمة {number}" for number in range(4000)], "q": "سفينة"}
    answer = client.get("/search", query_string=values)
    assert answer.status_code == 200
    assert len(answer.data) < 500_000
    page = parsed(answer)
    assert len(page.select(".chips a")) == 21
    assert texts(page, ".note")[0].startswith("لا يُستعمل من قيم الوسيط")
    assert client.get("/search.csv", query_string=values).status_code == 400
    assert client.get("/search", query_string={name: "x" * 201}).status_code == 200
    assert len(parsed(client.get("/search", query_string={name: "x" * 201})).select(".chips a")) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"q": "سفينة " * 1600, "match": "any"},
        {"q": "سفينة", "after": "x" * 20_000, "before": "x" * 20_000},
        {"q": "سفينة", "sort": "x" * 60_000},
        {"q": "سفينة", "page": "x" * 60_000},
        {"q": "سفينة", **{name: [name + "ـ" * 180 + str(n) for n in range(20)] for name in ("source", "section")}},
        {"q": "سفينة", **{f"x{number}": "y" for number in range(8000)}},
    ],
    ids=["query", "dates", "order", "page", "filters", "unknown"],
)
@pytest.mark.parametrize("where", ["/search", "/article/copy-1"])
def test_a_long_search_is_not_repeated_in_links(client_of: Open, where: str, values: dict[str, object]) -> None:
    answer = client_of("").get(where, query_string={"size": "100", "group": "false", **values})
    assert answer.status_code == 200
    assert len(answer.data) < 4_000_000


def test_a_hit_lists_twenty_copies_and_counts_all(client_of: Open) -> None:
    client = client_of("")
    answer = client.get("/api/v1/search?q=سفينة&limit=100&group=false")
    assert len(answer.data) < 1_000_000
    group = answer.json["hits"][0]["group"]  # type: ignore[index]
    assert (group["count"], group["papers"], len(group["copies"]), len(group["sources"])) == (MANY, MANY, 20, 20)
    whole = client.get("/api/v1/article?id=copy-1").json["group"]  # type: ignore[index]
    assert (whole["count"], len(whole["copies"])) == (MANY, MANY)

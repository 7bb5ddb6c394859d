"""The JSON API: responses and errors are valid by its OpenAPI document, to the last page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from corpus import Archive, make_article
from indexer import update_index
from search_ui.web.api.operations import OPERATIONS
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, texts

ASKED = {
    "search": {"q": "ايران", "facets": "true"},
    "article": {"id": "talks", "q": "مفاوضات"},
    "similar": {"id": "talks"},
    "suggest": {"q": "مف"},
    "facets": {"q": "ايران"},
    "timeline": {},
    "context": {"q": "ايران", "lines": "before"},
    "words": {"q": "ايران"},
    "status": {},
}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill(opened)
        yield opened


def document(site: Site) -> Any:
    return site.answer("/api/v1/openapi.json").json


def assert_as_described(site: Site, schema: str, value: Any) -> None:
    described = document(site)
    validator = Draft202012Validator({**described, "$ref": f"#/components/schemas/{schema}"})
    assert [error.message for error in validator.iter_errors(value)] == []


def assert_problem(site: Site, answer: Any, status: int) -> Any:
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert_as_described(site, "Problem", answer.json)
    assert answer.json["status"] == status
    return answer.json


def test_changes_that_are_not_indexed_are_counted(archive: Archive) -> None:
    update_index(archive)
    site = Site(archive)
    for name in ("search", "facets", "timeline"):
        assert site.answer(f"/api/v1/{name}", q="ايران").json["pending_changes"] == 0  # type: ignore[index]
    site.archive.add(make_article(id="new", title="ايران", paragraphs=["نص"]))
    for name in ("search", "facets", "timeline"):
        assert site.answer(f"/api/v1/{name}", q="ايران").json["pending_changes"] == 1  # type: ignore[index]
    update_index(site.archive)
    assert site.answer("/api/v1/search", q="ايران").json["pending_changes"] == 0  # type: ignore[index]


def test_the_document_is_openapi(site: Site) -> None:
    described = document(site)
    OpenAPIV31SpecValidator(described).validate()
    assert set(described["paths"]) == {operation.path for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_response_is_valid_by_the_document(site: Site, operation: Any) -> None:
    answer = site.answer(f"/api/v1{operation.path}", **ASKED[operation.name])
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert_as_described(site, operation.schema, answer.json)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_responses_of_an_empty_archive_are_valid_by_the_document(operation: Any, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        update_index(archive)
        site = Site(archive)
        answer = site.answer(f"/api/v1{operation.path}", **ASKED[operation.name])
        if operation.finds:
            assert_problem(site, answer, 404)
        else:
            assert_as_described(site, operation.schema, answer.json)


def test_a_search_answers_with_its_hits(site: Site) -> None:
    value = site.answer("/api/v1/search", q="مفاوضات استانه").json
    assert [hit["id"] for hit in value["hits"]] == ["talks"]
    (hit,) = value["hits"]
    assert [hit["title"][start:end] for start, end in hit["title_spans"]] == ["أستانة"]
    assert value["next"] is None


def test_the_last_page_is_reached_by_cursors_each_hit_once(archive: Archive) -> None:
    with archive.batch():
        for number in range(120):
            archive.add(make_article(id=f"n{number}", paragraphs=[f"زلزال رقم {number}"]))
    update_index(archive)
    site = Site(archive)
    asked = {"q": "زلزال", "limit": 7}
    page = site.answer("/api/v1/search", **asked).json
    ids = [hit["id"] for hit in page["hits"]]
    while page["next"]:
        page = site.answer("/api/v1/search", **asked, cursor=page["next"]).json
        ids += [hit["id"] for hit in page["hits"]]
    assert len(ids) == len(set(ids)) == page["total"] == 121


def test_an_earlier_revision_can_be_read(archive: Archive) -> None:
    archive.add(make_article(id="talks", title="محادثات", paragraphs=["نص آخر"]))
    update_index(archive)
    site = Site(archive)
    now = site.answer("/api/v1/article", id="talks").json
    before = site.answer("/api/v1/article", id="talks", revision=1).json
    assert (now["revision"], before["revision"], len(now["revisions"])) == (2, 1, 2)
    assert now["text"] == "نص آخر"
    assert "المُفاوَضات" in before["text"]
    assert_problem(site, site.answer("/api/v1/article", id="talks", revision=3), 404)


BAD = [
    ("/search", {"limit": "0"}, "limit"),
    ("/search", {"limit": "١٠"}, "limit"),
    ("/search", {"limit": "9" * 5000}, "limit"),
    ("/search", {"sort": "best"}, "sort"),
    ("/search", {"after": "غدا"}, "after"),
    ("/search", {"group": "maybe"}, "group"),
    ("/search", {"sorce": "الغد"}, "sorce"),
    ("/search", {"q": "ز" * 10_001}, "q"),
    ("/search", {"q": ["زلزال", "هزة"]}, "q"),
    ("/search", {"source": [f"s{number}" for number in range(101)]}, "source"),
    ("/suggest", {}, "q"),
    ("/article", {}, "id"),
    ("/article", {"id": "talks", "revision": "-1"}, "revision"),
]


@pytest.mark.parametrize(("path", "values", "name"), BAD)
def test_invalid_parameters_are_reported_by_name(site: Site, path: str, values: dict[str, Any], name: str) -> None:
    told = assert_problem(site, site.answer(f"/api/v1{path}", **values), 400)
    assert [fault["parameter"] for fault in told["errors"]] == [name]


def test_all_invalid_parameters_are_reported_at_once(site: Site) -> None:
    told = assert_problem(site, site.answer("/api/v1/search", limit="x", sort="x", colour="x"), 400)
    assert {fault["parameter"] for fault in told["errors"]} == {"limit", "sort", "colour"}


def test_every_error_is_a_problem(site: Site, archive: Archive) -> None:
    assert "cursor" in assert_problem(site, site.answer("/api/v1/search", cursor="x"), 400)["detail"]
    assert_problem(site, site.answer("/api/v1/article", id="none"), 404)
    assert_problem(site, site.answer("/api/v1/none"), 404)
    told = site.client.post("/api/v1/search")
    assert_problem(site, told, 405)
    assert "GET" in told.headers["Allow"]
    unindexed = Site(archive)
    assert "no index yet" in assert_problem(unindexed, unindexed.answer("/api/v1/search"), 503)["detail"]
    status = unindexed.answer("/api/v1/status").json
    assert_as_described(unindexed, "Status", status)
    assert "no index yet" in status["problem"]


def test_a_costly_search_is_reported(archive: Archive) -> None:
    update_index(archive)
    settings = archive.directory / "arshif.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n[web]\nseconds = 0.01\n", encoding="utf-8")
    with Archive.open(archive.directory) as limited:
        site = Site(limited)
        served = site.client.application.extensions["arshif"]
        assert served.seconds == 0.01
        served.seconds = 0.0  # less than any search takes
        told = assert_problem(site, site.answer("/api/v1/search", q="زلزال"), 400)
        assert "longer than 0 seconds" in told["detail"]
        for where in ("/search?q=زلزال", "/search.csv?q=زلزال", "/article/iran?q=زلزل~1"):
            answer = site.answer(where)
            assert answer.status_code == 400
            assert "استغرق هذا البحث" in answer.text


def test_an_unchanged_response_is_not_sent_again(archive: Archive) -> None:
    update_index(archive)
    site = Site(archive)
    first = site.answer("/api/v1/search", q="زلزال")
    asked = {"If-None-Match": first.headers["ETag"]}
    again = site.client.get("/api/v1/search", query_string={"q": "زلزال"}, headers=asked)
    assert (again.status_code, again.data) == (304, b"")
    archive.add(make_article(id="new", paragraphs=["زلزال"]))
    update_index(archive)
    changed = site.client.get("/api/v1/search", query_string={"q": "زلزال"}, headers=asked)
    assert changed.status_code == 200
    assert changed.json["total"] == 2


@pytest.mark.parametrize(
    ("origins", "asked", "allowed"),
    [
        ([], "https://a.example", None),
        (["https://a.example"], "https://a.example", "https://a.example"),
        (["https://a.example"], "https://b.example", None),
        (["*"], "https://b.example", "*"),
    ],
)
def test_other_origins_are_allowed_by_setting(
    archive: Archive, origins: list[str], asked: str, allowed: str | None
) -> None:
    update_index(archive)
    settings = archive.directory / "arshif.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + f"\n[web]\ncors_origins = {origins}\n", encoding="utf-8")
    with Archive.open(archive.directory) as opened:
        site = Site(opened)
        for method in ("GET", "OPTIONS"):
            answer = site.client.open("/api/v1/search", method=method, headers={"Origin": asked})
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
            assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Access-Control-Allow-Origin" not in site.client.get("/search", headers={"Origin": asked}).headers


def test_the_page_for_people_names_every_operation_parameter_and_answer(site: Site) -> None:
    page = site.page("/api/v1/")
    assert texts(page, "h2 code") == [f"/api/v1{operation.path}" for operation in OPERATIONS]
    named = set(texts(page, "dt code"))
    assert {parameter.name for operation in OPERATIONS for parameter in operation.parameters} <= named
    assert texts(page, "h3") == list(document(site)["components"]["schemas"])
    anchors = {element["id"] for element in page.select("[id]")}
    assert {str(link["href"])[1:] for link in page.select('a[href^="#"]')} <= anchors


def test_filters_are_those_of_the_page(site: Site) -> None:
    for asked in (
        {"author": "سمير الخطيب"},
        {"source": "النهضة", "before": "2017"},
        {"section": "سياسة", "q": "أستانة"},
    ):
        value = site.answer("/api/v1/search", **asked).json
        assert [hit["id"] for hit in value["hits"]] == ["talks"]

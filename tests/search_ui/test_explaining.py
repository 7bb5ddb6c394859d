"""`arshif explain`: what is read, and where each field comes from, without an archive or with its rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.corpus.readers.made_files import lines
from tests.search_ui.arshif import Arshif

TEXT = "افتتحت البلدية أمس السوق الشعبي الجديد وسط المدينة بعد أعمال ترميم استمرت سنتين كاملتين. "
BODY = f"<p>{TEXT * 2}</p>"
PAGE = f"""<html><head><title>السوق يفتح أبوابه | النهضة</title><meta property="og:site_name" content="النهضة">
<meta property="article:published_time" content="2020-05-05"><link rel="canonical" href="https://souk.example/a/5">
</head><body><h1>السوق يفتح أبوابه</h1><div class="by">كتبت منى</div><div class="entry-content">{BODY}</div></body></html>"""


@pytest.fixture
def arshif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arshif:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    command = Arshif(tmp_path)
    command("init")
    return command


def test_each_field_of_a_page_is_shown_with_its_feature(arshif: Arshif) -> None:
    (found,) = json.loads(arshif("explain", "a.html", "-f", "json"))
    (article,) = found["articles"]
    assert article["title"]["value"] == "السوق يفتح أبوابه"
    assert article["date"] == {"value": "2020-05-05", "from": "<meta property=article:published_time>"}
    assert article["source"] == {"value": "النهضة", "from": "<meta property=og:site_name>"}
    assert article["address"] == {"value": "https://souk.example/a/5", "from": "<link rel=canonical>"}
    assert article["section"] == {"value": None, "from": None}
    assert "entry-content" in article["text"]["from"]
    assert len(article["text"]["paragraphs"]) == 1


def test_a_rule_of_the_archive_is_applied_and_named(arshif: Arshif) -> None:
    settings = arshif.archive / "arshif.toml"
    rule = '\n[sources."السوق"]\nhosts = ["souk.example"]\nauthor = ".by"\nbody = "div.nothing"\n'
    settings.write_text(settings.read_text("utf-8") + rule, "utf-8")
    result = arshif.result("explain", "a.html")
    assert "author   منى\n             from the rule for author of السوق: .by" in result.stdout
    assert "the rule for body of السوق matches nothing" in result.stderr


def test_nothing_is_added(arshif: Arshif) -> None:
    arshif("explain", "a.html")
    assert arshif.json("status")["articles"] == 0


def test_fields_of_a_table_are_named_as_in_the_file(arshif: Arshif, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,content\n1,ضرب زلزال غرب البلاد\n", "utf-8")
    assert "from the field 'content'" in arshif("explain", "t.csv", "--map", "text=content")


def test_a_long_file_is_read_as_far_as_it_is_shown(arshif: Arshif, tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_bytes(lines(*(f"a{number}" for number in range(20))))
    (found,) = json.loads(arshif("explain", "n.jsonl", "-n", "3", "-f", "json"))
    assert (len(found["articles"]), found["more"]) == (3, True)


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("missing.html", None, "refused: missing.html: No such file or directory"),
        ("e.html", b"", "refused: e.html: the file is empty"),
        ("list.html", b"<html><a href='/1'>x</a></html>", "refused: list.html: no article text was found on the page"),
    ],
)
def test_without_an_article_the_reason_is_one_line(
    arshif: Arshif, tmp_path: Path, name: str, data: bytes | None, line: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    result = arshif.result("explain", name)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", line + "\n")


def test_an_address_that_cannot_be_fetched_is_refused(arshif: Arshif) -> None:
    result = arshif.result("explain", "http://127.0.0.1:9/a")
    assert result.exit_code == 1
    assert "private" in result.stderr


def test_no_archive_is_needed_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from search_ui.command.cli import cli

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    assert CliRunner().invoke(cli, ["explain", "a.html"]).exit_code == 0
    named = CliRunner().invoke(cli, ["-a", "nowhere", "explain", "a.html"])
    assert (named.exit_code, named.stderr) == (
        1,
        "arshif: nowhere is not an Arshif archive: there is no arshif.toml in it\n",
    )

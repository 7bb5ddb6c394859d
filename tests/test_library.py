"""`import arshif`: the examples of its docstrings and of docs/library.md, and further behaviour."""

from __future__ import annotations

import doctest
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import arshif
import arshif.archive
from corpus import Archive, make_article
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs/library.md").read_text(encoding="utf-8")
PANDAS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory holds the seeds, as the examples need."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[arshif.SearchableArchive]:
    with arshif.create(tmp_path / "archive") as opened:
        yield opened


def run_examples(*tests: doctest.DocTest) -> int:
    """Runs examples in order; returns their number."""
    runner = doctest.DocTestRunner()
    for test in tests:
        runner.run(test)
    assert runner.failures == 0
    return runner.tries


@pytest.mark.slow
@pytest.mark.usefixtures("checkout")
def test_the_examples_of_the_docstrings() -> None:
    found = [
        *doctest.DocTestFinder(recurse=False).find(arshif),
        *doctest.DocTestFinder().find(arshif.archive, globs={"arshif": arshif}),
    ]
    with_examples = [test for test in found if test.examples]
    assert len(with_examples) >= 8
    run_examples(*sorted(with_examples, key=lambda test: (test.name != "arshif", test.lineno or 0)))


@pytest.mark.usefixtures("checkout")
def test_the_examples_of_the_document() -> None:
    assert run_examples(doctest.DocTestParser().get_doctest(DOCUMENT, {}, "library.md", "library.md", 0)) > 25


@pytest.mark.usefixtures("checkout")
def test_the_examples_with_pandas() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert len(PANDAS) == 2
    with arshif.create("pandas") as archive:
        archive.add(["seeds/wire.jsonl", "seeds/pages"])
        names: dict[str, Any] = {"arshif": arshif, "archive": archive}
        for block in PANDAS:
            exec(block, names)
        frame = names["frame"]
        assert names["by_source"].sum() == len(frame) == 9
        assert {archive.show(one).paragraphs[-1] for one in frame["id"]} == {"فقرة جديدة"}


def test_add_accepts_a_path_a_mapping_an_article_or_several_of_them(
    archive: arshif.SearchableArchive, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("عنوان\n\nنص من ملف", encoding="utf-8")
    assert archive.add(tmp_path / "a.txt").added == 1
    assert archive.add({"text": "نص"}).added == 1
    assert archive.add(make_article(id="one", paragraphs=["نص آخر"])).added == 1
    mixed = ({"id": n, "text": f"نص {n}"} if n % 2 else str(tmp_path / "a.txt") for n in range(4))
    done = archive.add(mixed)
    assert (done.added, done.unchanged, done.indexed) == (2, 2, 2)
    assert archive.search("نص").total == 5


def test_missing_values_and_dates_are_those_of_python(archive: arshif.SearchableArchive) -> None:
    archive.add(
        [
            {
                "id": "a",
                "text": "نص",
                "title": None,
                "source": math.nan,
                "author": ("سمير", "ليلى"),
                "date": date(2017, 2, 3),
            },
            {"id": "b", "text": "نص", "date": datetime(2017, 2, 4, 10, 30, tzinfo=UTC)},
        ]
    )
    first, second = archive.show("a"), archive.show("b")
    assert (first.title, first.source, first.authors) == ("", None, ("سمير", "ليلى"))
    assert [row["date"] for row in arshif.rows(archive.scan("نص", sort="oldest"))] == [
        "2017-02-03",
        "2017-02-04T10:30:00+00:00",
    ]
    assert second.published == datetime(2017, 2, 4, 10, 30, tzinfo=UTC)


def test_invalid_items_are_refused_by_their_number_and_the_others_added(
    archive: arshif.SearchableArchive, tmp_path: Path
) -> None:
    done = archive.add([{"text": "نص"}, {"text": 3}, {"text": ""}, {"text": "نص", "title": "ا" * 20_000}])
    assert (done.added, done.refused) == (1, 3)
    assert [refusal.partition(":")[0] for refusal in done.refusals] == ["article 2", "article 3", "article 4"]
    assert archive.add(tmp_path / "nowhere").refusals == (f"{tmp_path / 'nowhere'}: No such file or directory",)


def test_unsupported_items_raise_type_error(archive: arshif.SearchableArchive) -> None:
    with pytest.raises(TypeError, match="cannot add int"):
        archive.add([3])  # type: ignore[list-item]


def test_rows_of_one_archive_can_be_added_to_another(archive: arshif.SearchableArchive, tmp_path: Path) -> None:
    archive.add(ROOT / "seeds/wire.jsonl")
    with arshif.create(tmp_path / "second") as second:
        assert second.add(arshif.rows(archive.scan())).added == 34
        assert {row["id"]: row["text"] for row in arshif.rows(second.scan())} == {
            row["id"]: row["text"] for row in arshif.rows(archive.scan())
        }


def test_filters_accept_one_name_or_several(archive: arshif.SearchableArchive) -> None:
    archive.add([{"text": "نص", "source": name, "section": "سياسة", "date": "2017-02-03"} for name in ("أ", "ب", "ج")])
    assert archive.search("نص", sources="أ", group=False).total == 1
    assert archive.scan("نص", sources=["أ", "ب"], sections="سياسة").total == 2
    assert archive.search("نص", after=date(2017, 2, 4)).total == 0
    assert archive.search("نص", before=datetime(2017, 2, 3, 12, tzinfo=UTC), group=False).total == 3


def test_pending_changes_cause_a_warning(archive: arshif.SearchableArchive) -> None:
    with Archive.open(archive.path) as other:
        other.add(make_article(paragraphs=["نص"]))
    with pytest.warns(UserWarning, match="1 change is not indexed yet"):
        assert archive.search("نص").total == 0
    assert archive.update_index() == 1
    assert archive.search("نص").total == 1


def test_the_module_is_the_command_and_the_version_is_the_packages() -> None:
    done = subprocess.run([sys.executable, "-m", "arshif", "--version"], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode().strip() == f"arshif, version {arshif.__version__}"
    assert arshif.__version__ == version("arshif")

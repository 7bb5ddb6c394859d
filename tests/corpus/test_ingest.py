from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import plistlib
import resource
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from corpus import Archive
from corpus.ingest import AddSummary, InputFile, add_files, add_paths, add_stream, readable_files
from tests.corpus.readers.made_documents import docx, mail, mhtml, odt, webarchive, word

PAGE = "<html><body><article><h1>عنوان الخبر</h1>" + "<p>قال الوزير إن المفاوضات ستستأنف غدا في العاصمة.</p>" * 3
LINE = json.dumps({"id": "a", "title": "عنوان", "text": "فقرة\nأخرى", "date": "2017-02-16", "author": "سمير"})


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


def add(archive: Archive, *paths: Path) -> AddSummary:
    summary = AddSummary()
    add_paths(archive, paths, summary)
    return summary


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_articles_of_each_format_are_added(archive: Archive, tmp_path: Path) -> None:
    top = tmp_path / "in"
    write(top / "page.html", PAGE)
    write(top / "deep" / "er" / "note.txt", "عنوان قصير\n" + "نص طويل من كلمات كثيرة. " * 20)
    write(top / "lines.jsonl", LINE)
    write(top / "more.jsonl.gz", gzip.compress(LINE.replace('"a"', '"b"').encode()))
    summary = add(archive, top)
    assert (summary.added, summary.refused) == (4, 0)
    article = archive.get("a")
    assert (article.title, article.paragraphs, article.authors) == ("عنوان", ("فقرة", "أخرى"), ("سمير",))
    assert article.retrieved_at is not None


def test_bytes_of_pages_and_texts_are_stored_unchanged(archive: Archive, tmp_path: Path) -> None:
    data = PAGE.encode("windows-1256")
    add(archive, write(tmp_path / "page.html", data))
    (article,) = archive.articles()
    (revision,) = archive.revisions(article.id)
    assert revision.page is not None
    assert archive.pages.read(revision.page) == data


def test_documents_in_a_directory_are_added_and_stored_unchanged(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / ".in"
    documents = {
        "a.mhtml": mhtml(),
        "b.webarchive": webarchive(form=plistlib.FMT_XML).replace(b"a.example", b"b.example"),
        "c.eml": mail("<p>نشرة أولى</p>", headers={"Message-ID": "<c>"}),
        "d.docx": docx(word("تقرير")),
        "e.odt": odt("<text:p>بيان</text:p>"),
        "f.md": "---\ntitle: تدوينة\n---\nنص".encode(),
        "box/cur/1551254400.M1.a,S=9": mail("<p>نشرة ثانية</p>", headers={"Message-ID": "<g>"}),
    }
    for name, data in documents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(folder / name, data)
    summary = add(archive, folder)
    assert summary.added == len(documents)
    assert not summary.refused
    kept = [archive.revisions(article.id)[-1].page for article in archive.articles()]
    assert {archive.pages.read(page) for page in kept if page} == set(documents.values())


def test_adding_again_changes_nothing(archive: Archive, tmp_path: Path) -> None:
    paths = write(tmp_path / "p.html", PAGE), write(tmp_path / "l.jsonl", LINE)
    add(archive, *paths)
    summary = add(archive, *paths)
    assert (summary.added, summary.unchanged, summary.revised) == (0, 2, 0)


def test_invalid_lines_are_refused_by_number_and_the_others_added(archive: Archive, tmp_path: Path) -> None:
    lines = [
        LINE,
        "{broken",
        "",
        '["a list"]',
        '{"id": "no text"}',
        '{"text": 3}',
        '{"text": " "}',
        '{"id": [], "text": "x"}',
        '{"text": "x", "author": 5}',
        "[" * 100_000,
        '{"id": "b", "text": "آخر"}',
    ]
    summary = add(archive, write(tmp_path / "l.jsonl", "\n".join(lines).encode() + b"\n\xff\xfe{}\n"))
    assert summary.added == 2
    assert summary.refused == 9
    assert [refusal.name.rpartition(", ")[2] for refusal in summary.refusals] == [
        f"line {number}" for number in (2, 4, 5, 6, 7, 8, 9, 10, 12)
    ]
    reasons = " ".join(refusal.reason for refusal in summary.refusals)
    for expected in ("not valid JSON", "not a JSON object", "no 'text'", "'text' must be", "is empty", "'id' must be"):
        assert expected in reasons


@pytest.mark.parametrize("name", ["id", "url", "title", "source", "section", "author"])
def test_an_oversized_field_is_refused(archive: Archive, tmp_path: Path, name: str) -> None:
    long = {"text": "نص", name: "https://a.example/" + "ب" * 1_000_000}
    summary = add(archive, write(tmp_path / "l.jsonl", json.dumps(long) + "\n" + LINE))
    (refusal,) = summary.refusals
    assert refusal.name.endswith("l.jsonl, line 1")
    assert "characters: more than the limit of 10,000" in refusal.reason
    assert len(refusal.reason) < 100
    assert summary.added == 1


def test_an_unreadable_date_is_a_warning_and_the_article_is_added(archive: Archive, tmp_path: Path) -> None:
    line = json.dumps({"id": "a", "text": "نص", "date": "غدا"})
    summary = add(archive, write(tmp_path / "l.jsonl", line))
    assert summary.added == 1
    assert archive.get("a").published is None
    (warning,) = summary.warnings
    assert "line 1" in warning
    assert "غدا" in warning


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.html", b"", "empty"),
        ("empty.txt", b"", "empty"),
        ("empty.jsonl", b"", "empty"),
        ("blank.jsonl", b"\n\n", "no lines"),
        ("noise.html", bytes(range(256)) * 20, ""),
        ("noise.txt", os.urandom(4000) + b"\0\0\0", ""),
        ("noise.jsonl.gz", b"\x1f\x8b\x08" + bytes(100), "gzip"),
    ],
)
def test_files_without_an_article_are_refused(
    archive: Archive, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    good = write(tmp_path / "good.jsonl", LINE)
    summary = add(archive, write(tmp_path / name, content), good)
    assert (summary.added, summary.refused) == (1, 1)
    assert summary.refusals[0].name.endswith(name)
    assert reason in summary.refusals[0].reason


def test_articles_before_the_truncation_of_a_gzip_file_are_added(archive: Archive, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"id": str(n), "text": f"نص {n} " * 50}) for n in range(2000))
    data = gzip.compress(lines.encode())
    summary = add(archive, write(tmp_path / "l.jsonl.gz", data[: len(data) // 2]))
    assert summary.added > 100
    assert "ends too early" in summary.refusals[-1].reason


def test_a_missing_file_is_refused_and_the_others_are_added(archive: Archive, tmp_path: Path) -> None:
    summary = add(archive, tmp_path / "nowhere.html", write(tmp_path / "good.jsonl", LINE))
    assert summary.added == 1
    assert "No such file" in summary.refusals[0].reason


def test_links_below_a_directory_are_not_followed(archive: Archive, tmp_path: Path) -> None:
    top = tmp_path / "in"
    write(top / "a" / "page.html", PAGE)
    (top / "a" / "up").symlink_to(top, target_is_directory=True)
    (top / "dangling.html").symlink_to(top / "nowhere")
    (top / "secret.jsonl").symlink_to(write(tmp_path / "secret", LINE))
    (top / "away").symlink_to(write(tmp_path / "elsewhere" / "b.jsonl", LINE).parent, target_is_directory=True)
    summary = add(archive, top)
    assert (summary.added, summary.refused) == (1, 0)
    assert summary.not_read == {"symbolic link": 4}
    # Files named by the user are read, even if they are links.
    (tmp_path / "link").symlink_to(top, target_is_directory=True)
    assert add(archive, tmp_path / "link", top / "secret.jsonl").added == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_sockets_and_devices_do_not_block(archive: Archive, tmp_path: Path) -> None:
    top = tmp_path / "in"
    write(top / "good.jsonl", LINE)
    os.mkfifo(top / "pipe.jsonl")
    os.mkfifo(top / "pipe.html")
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(top):
        listening.bind("s.jsonl")
        summary = add(archive, top)
    assert (summary.added, summary.refused) == (1, 0)
    assert summary.not_read == {"named pipe": 2, "socket": 1}
    assert summary.ignored == {}
    (tmp_path / "link.jsonl").symlink_to(top / "pipe.jsonl")
    named = add(archive, top / "pipe.jsonl", tmp_path / "link.jsonl", Path(os.devnull), top / "good.jsonl")
    assert [refusal.reason for refusal in named.refusals] == [
        *2 * ["a named pipe, not a file: not read"],
        "a device, not a file: not read",
    ]
    assert named.unchanged == 1


@pytest.mark.skipif(os.name == "nt", reason="this system takes no such paths")
def test_nested_directories_are_read_to_a_maximum_depth(archive: Archive, tmp_path: Path) -> None:
    top = directory = tmp_path / "in"
    top.mkdir()
    with contextlib.chdir(top):
        for number in range(1500):
            Path("d").mkdir()
            os.chdir("d")
            if number in (100, 1400):
                Path("n.jsonl").write_text(json.dumps({"id": str(number), "text": "نص"}), encoding="utf-8")
    summary = add(archive, top)
    (refusal,) = summary.refusals
    assert refusal.reason == "more than 200 nested directories: not read"
    assert (summary.added, refusal.name) == (1, str(directory.joinpath(*["d"] * 201)))
    subprocess.run(["rm", "-r", str(top)], check=True)  # too deep for `shutil`, with which pytest cleans up


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system opens files by their whole paths")
@pytest.mark.parametrize("link", ["a", "a/n.jsonl"])
def test_a_file_that_became_a_link_before_it_is_opened_is_not_read(archive: Archive, tmp_path: Path, link: str) -> None:
    top = tmp_path / "in"
    write(top / "a" / "n.jsonl", LINE)
    outside = write(tmp_path / "outside" / "n.jsonl", LINE)
    summary = AddSummary()
    files = list(readable_files(top, summary))
    (top / link).rename(tmp_path / "before")
    (top / link).symlink_to(outside.parent if link == "a" else outside)
    add_files(archive, files, summary)
    assert (summary.added, summary.refused) == (0, 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_file_that_became_a_pipe_before_it_is_opened_does_not_block(archive: Archive, tmp_path: Path) -> None:
    path = write(tmp_path / "in" / "n.jsonl", LINE)
    (file,) = readable_files(path.parent, AddSummary())
    path.unlink()
    os.mkfifo(path)
    assert isinstance(file, InputFile)
    with pytest.raises(OSError, match="a named pipe, not a file"):
        file.open()


STDIN = """
import sys
from pathlib import Path
from corpus import Archive
from corpus.ingest import AddSummary, add_paths
summary = AddSummary()
add_paths(Archive.open(Path(sys.argv[1])), [Path("/dev/stdin")], summary)
print(summary.added, summary.refusals)
"""


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="this system does not name its standard input")
@pytest.mark.parametrize("piped", [True, False])
def test_standard_input_by_its_device_name(archive: Archive, tmp_path: Path, piped: bool) -> None:
    archive.close()
    command = [sys.executable, "-c", STDIN, str(archive.directory)]
    if piped:
        done = subprocess.run(command, input=LINE, capture_output=True, text=True, check=True)
    else:
        with write(tmp_path / "l.jsonl", LINE).open() as stream:
            done = subprocess.run(command, stdin=stream, capture_output=True, text=True, check=True)
    assert done.stdout == "1 []\n"


def test_other_files_of_a_saved_page_are_ignored_and_counted(archive: Archive, tmp_path: Path) -> None:
    top = tmp_path / "in"
    write(top / "page.html", PAGE)
    for name in ("page_files/style.css", "page_files/a.png", "page_files/b.png", ".hidden.html"):
        write(top / name, b"x")
    summary = add(archive, top)
    assert (summary.added, summary.refused) == (1, 0)
    assert summary.ignored[".png"] == 2


def test_pages_of_frames_beside_a_saved_page_and_robots_txt_are_ignored_and_counted(
    archive: Archive, tmp_path: Path
) -> None:
    top = tmp_path / "in"
    for name in ("page.html", "page_files/frame.html", "page_files/ads/1.html", "lost_files/1.html"):
        write(top / name, PAGE)
    write(top / "robots.txt", b"User-agent: *")
    summary = add(archive, top)
    assert summary.added + summary.unchanged == 2
    assert summary.ignored == {"files of a saved page": 2, "robots.txt": 1}


def test_a_file_named_by_the_user_is_read_regardless_of_its_name(archive: Archive, tmp_path: Path) -> None:
    summary = add(
        archive,
        write(tmp_path / "page", PAGE),
        write(tmp_path / "lines.dat", LINE),
        write(tmp_path / "note.md", "نص بلا عنوان. " * 30),
    )
    assert summary.added == 3


def test_standard_input(archive: Archive) -> None:
    summary = AddSummary()
    add_stream(archive, io.BytesIO(LINE.encode()), "standard input", summary)
    assert summary.added == 1


@pytest.mark.slow
def test_progress_never_decreases_or_exceeds_the_total(archive: Archive, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"id": str(n), "text": "نص"}) for n in range(1600))
    seen: list[tuple[int, int]] = []
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as members:
        for name in ("z.jsonl", "a.jsonl"):
            members.writestr(name, lines)
        members.filelist.reverse()  # listed in another order than stored
    add_paths(
        archive,
        [
            write(tmp_path / "l.jsonl.gz", gzip.compress(lines.encode())),
            write(tmp_path / "n.zip", zipped.getvalue()),
            write(tmp_path / "p.html", PAGE),
        ],
        AddSummary(),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert len(seen) >= 3
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert all(done <= total for done, total in seen)


FILL = """
import sys, resource, signal
from pathlib import Path
from corpus import Archive, ArshifError
from corpus.ingest import AddSummary, add_paths
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
summary = AddSummary()
archive = Archive.open(Path(sys.argv[1]))
try:
    add_paths(archive, [Path(sys.argv[2])], summary)
except ArshifError as error:
    print(f"{type(error).__name__}: {error}")
print(summary.added)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="this system cannot bound the size of files")
def test_a_full_disk_is_reported_and_committed_articles_stay(archive: Archive, tmp_path: Path) -> None:
    archive.close()
    lines = "\n".join(json.dumps({"id": str(n), "text": "نص طويل جدا " * 10}, ensure_ascii=False) for n in range(6000))
    path = write(tmp_path / "l.jsonl", lines)
    assert signal.SIGXFSZ
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(archive.directory), str(path)], capture_output=True, text=True, check=True
    )
    error, added = done.stdout.splitlines()
    assert error.startswith("ArchiveWriteFailed")
    with Archive.open(archive.directory) as after:
        assert after.counts().articles == int(added) > 0
        assert add(after, path).added == 6000 - int(added)

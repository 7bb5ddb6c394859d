"""Uses an installed Arshif like a user: the library, the command, then the search page over HTTP.

Run it with the Python of the environment to test, in an empty directory: `use_wheel.py CHECKOUT [--extras]`. It needs
only Arshif and its dependencies. The extras must be installed with `--extras`, and must not be without it.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode, urljoin
from urllib.request import ProxyHandler, build_opener

import arshif as library
import corpus
import indexer
import search_ui

ARSHIF = Path(sysconfig.get_path("scripts")) / "arshif"
ARTICLE = "استئناف المُفاوَضات في جنيف\n\nقال الوزير إن المفاوضات ستُستأنف غدا في جنيف.\n"
SECONDS_TO_START = 60
# Connects directly, even if the environment configures a proxy.
HTTP = build_opener(ProxyHandler({}))


def check(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(f"use_wheel: {message}")


def arshif(*arguments: str) -> str:
    done = subprocess.run([ARSHIF, *arguments], capture_output=True, encoding="utf-8", timeout=120, check=False)
    check(done.returncode == 0, f"arshif {' '.join(arguments)} exited {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def get(url: str) -> str:
    with HTTP.open(url, timeout=20) as answer:
        return str(answer.read(), "utf-8")


def get_when_up(url: str, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return get(url)
        except (URLError, ConnectionError) as error:
            check(server.poll() is None, f"arshif serve exited {server.returncode}")
            check(time.monotonic() < deadline, f"no page at {url} after {SECONDS_TO_START} s: {error}")
        time.sleep(0.2)


def use_packages(checkout: Path) -> None:
    for package in (library, corpus, indexer, search_ui):
        place = Path(str(package.__file__)).resolve()
        check(not place.is_relative_to(checkout), f"{package.__name__} was imported from the checkout, not the wheel")
        check(place.with_name("py.typed").is_file(), f"{package.__name__} is typed but ships no py.typed")


def use_library() -> None:
    check(library.__version__ in arshif("--version"), "the command and the library differ in their version")
    with library.create("by-library") as archive:
        archive.add({"title": "المفاوضات", "text": "استؤنفت المفاوضات في جنيف."})
        check(archive.search("مفاوضات").total == 1, "the library did not find the article that it added")
    done = subprocess.run(
        [sys.executable, "-I", "-m", "arshif", "--archive", "by-library", "search", "جنيف"],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    check("جنيف" in done.stdout, f"python -m arshif search did not find the article:\n{done.stdout}{done.stderr}")


def use_command() -> None:
    check("search" in arshif("--help"), "arshif --help names no search")
    Path("talks.txt").write_text(ARTICLE, encoding="utf-8")
    arshif("init", "archive")
    arshif("--archive", "archive", "add", "talks.txt")
    found = arshif("--archive", "archive", "search", "مفاوضات")
    check("جنيف" in found, f"arshif search did not find the article:\n{found}")


def use_evaluation(*, extras: bool) -> None:
    """Measure relevance if the extra `evaluate` is installed, otherwise expect an error that names the extra."""
    Path("queries.txt").write_text("مفاوضات\n", encoding="utf-8")
    Path("qrels.txt").write_text("1 0 article-of-another-archive 1\n", encoding="utf-8")
    command = ["--archive", "archive", "evaluate", "queries.txt", "qrels.txt"]
    if extras:
        check("nDCG@10" in arshif(*command), "arshif evaluate printed no measures")
        return
    done = subprocess.run([ARSHIF, *command], capture_output=True, encoding="utf-8", timeout=120, check=False)
    one_line = done.returncode == 1 and done.stderr.count("\n") == 1
    check(one_line, f"arshif evaluate without its extra gave no one-line error:\n{done.stderr}")
    check("pip install 'arshif[evaluate]'" in done.stderr, f"arshif evaluate names no extra:\n{done.stderr}")


def use_page() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    page_url = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen([ARSHIF, "--archive", "archive", "serve", "--port", str(port)])
    try:
        page = get_when_up(page_url, server)
        check('dir="rtl"' in page, f"the search page is not a right-to-left page:\n{page}")
        sheets = [tag for tag in re.findall(r"<link\b[^>]*>", page) if "stylesheet" in tag]
        check(bool(sheets), f"the search page has no style sheet:\n{page}")
        for sheet in sheets:
            address = re.search(r'href="([^"]+)"', sheet)
            check(address is not None and bool(get(urljoin(page_url, address[1]))), f"an empty style sheet: {sheet}")
        check("ابحث في الأرشيف" in page, f"the search page has no Arabic sentences:\n{page}")
        check("The query language" in get(page_url + "help?lang=en"), "the help page is not in the wheel")
        for font in re.findall(r'href="(/static/fonts/[^"]+)"', page):
            with HTTP.open(urljoin(page_url, font), timeout=20) as answer:
                check(answer.read(4) == b"wOF2", f"not a font: {font}")
        hits = get(page_url + "search?" + urlencode({"q": "مفاوضات"}))
        check("<mark>" in hits and "جنيف" in hits, f"the page shows no marked hit:\n{hits}")
    finally:
        server.terminate()
        server.wait(timeout=20)


WITH_EXTRAS = "--extras" in sys.argv[2:]
use_packages(Path(sys.argv[1]).resolve())
use_library()
use_command()
use_evaluation(extras=WITH_EXTRAS)
use_page()
print("the library, the command, the search page, its style sheet and a search with a marked hit: used from the wheel")

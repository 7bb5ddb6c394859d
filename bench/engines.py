"""Arshif beside other engines, in one run: indexing and searching the same articles.

Arshif indexes from its archive at three levels, title and body, with positions. The others index one level, the stems
of title and body, made by Arshif's own analysis: what they would need besides is not counted against them. Each query
is three words of a random headline, any of which may be met, ranked, the best ten. Engines that are not installed are
left out, and it is said: `pip install tantivy`; SQLite's FTS5 is in most builds of Python.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from corpus import Archive, Article, ingest
from indexer import Searcher, SearchRequest, rebuild_index
from indexer.analysis import analyze_words

QUERIES: Final = 300
Search = Callable[[list[str]], int]
"""Searches for any of some printed words; gives how many of the best ten were found."""


def run(news: Path, articles: int | None) -> None:
    """Prints a Markdown table."""
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        with Archive.create(directory / "archive") as archive:
            ingest.add_paths(archive, [news], ingest.AddSummary())
            texts = list(archive.articles())[:articles]
            print(f"{len(texts):,} articles\n\n| | articles/s | MB | p50 ms | p95 ms |\n|---|---|---|---|---|")
            queries = _queries(texts)
            for name, build in (
                ("Arshif, three levels", lambda: _arshif(archive)),
                ("Whoosh, its own codec, one level", lambda: _whoosh(texts, directory / "whoosh")),
                ("SQLite FTS5, one level", lambda: _fts5(texts, directory / "fts5")),
                ("Tantivy, one level", lambda: _tantivy(texts, directory / "tantivy")),
            ):
                began = perf_counter()
                try:
                    search, size = build()
                except (ImportError, sqlite3.OperationalError) as error:
                    print(f"| {name} | not measured: {error} | | | |")
                    continue
                seconds = perf_counter() - began
                p50, p95 = _times(search, queries)
                print(
                    f"| {name} | {len(texts) / seconds:,.0f} | {size / 2**20:,.0f} | {p50:.2f} | {p95:.2f} |",
                    flush=True,
                )


def _queries(texts: list[Article]) -> list[list[str]]:
    chosen = random.Random(1)
    titles = [words for article in texts if len(words := article.title.split()) >= 3]
    return [title[:3] for title in chosen.sample(titles, min(QUERIES, len(titles)))]


def _times(search: Search, queries: list[list[str]]) -> tuple[float, float]:
    for query in queries[:20]:
        search(query)
    times = []
    for query in queries:
        began = perf_counter()
        search(query)
        times.append(1000 * (perf_counter() - began))
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _stems(text: str) -> list[str]:
    return [terms.stem for terms in analyze_words(text) if terms.stem]


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _arshif(archive: Archive) -> tuple[Search, int]:
    rebuild_index(archive)
    searcher = Searcher(archive)
    return (
        lambda words: len(searcher.rank(SearchRequest(" أو ".join(words)), 10).articles),
        _size(archive.index_directory),
    )


def _whoosh(texts: list[Article], directory: Path) -> tuple[Search, int]:
    from whoosh import query as wq
    from whoosh.analysis import SpaceSeparatedTokenizer
    from whoosh.fields import STORED, TEXT, Schema
    from whoosh.index import create_in

    directory.mkdir()
    index = create_in(str(directory), Schema(id=STORED, text=TEXT(analyzer=SpaceSeparatedTokenizer())))
    with index.writer(limitmb=256) as writer:
        for article in texts:
            writer.add_document(id=article.id, text=" ".join(_stems(f"{article.title}\n{article.text}")))
    searcher = index.searcher()

    def search(words: list[str]) -> int:
        query = wq.Or([wq.Term("text", stem) for stem in _stems(" ".join(words))])
        return len(searcher.search(query, limit=10).top_n)

    return search, _size(directory)


def _fts5(texts: list[Article], directory: Path) -> tuple[Search, int]:
    directory.mkdir()
    database = sqlite3.connect(directory / "fts.db")
    database.execute("CREATE VIRTUAL TABLE articles USING fts5(text, content='', tokenize='unicode61')")
    database.executemany(
        "INSERT INTO articles(text) VALUES (?)",
        ((" ".join(_stems(f"{article.title}\n{article.text}")),) for article in texts),
    )
    database.commit()

    def search(words: list[str]) -> int:
        query = " OR ".join(f'"{stem}"' for stem in _stems(" ".join(words))) or '""'
        sql = "SELECT rowid FROM articles WHERE articles MATCH ? ORDER BY rank LIMIT 10"
        return len(database.execute(sql, (query,)).fetchall())

    return search, _size(directory)


def _tantivy(texts: list[Article], directory: Path) -> tuple[Search, int]:
    import tantivy  # type: ignore[import-not-found, unused-ignore]

    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
    schema = builder.build()
    index = tantivy.Index(schema, path=str(directory))
    writer = index.writer(256 * 2**20, 1)
    for article in texts:
        writer.add_document(tantivy.Document(text=" ".join(_stems(f"{article.title}\n{article.text}"))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(words: list[str]) -> int:
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", stem)) for stem in _stems(" ".join(words))
        ]
        return len(searcher.search(tantivy.Query.boolean_query(clauses), 10).hits)

    return search, _size(directory)

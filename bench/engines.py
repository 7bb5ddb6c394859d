"""The engines that Arshif is compared with: each indexes the same articles and runs disjunctions of a few words.

Arshif indexes from its archive at four levels, title and body, with positions. The others index title and body as one
text, with positions: Whoosh, FTS5 and Tantivy one level, Arshif's stems, from the caches that the build of Arshif has
filled; Lucene the terms of its own ArabicAnalyzer. They store no articles. All rank by BM25 with k1 = 1.2 and b = 0.75,
use one thread and 256 MB to index, and call the library's default search for the ten best hits.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench.searching import any_of
from corpus import Archive, Article
from indexer import SearchRequest, rebuild_index
from indexer.analysis import analyze_words
from indexer.embedded.searcher import EmbeddedSearcher

MEGABYTES: Final = 256
"""Memory that an engine may use to buffer postings, in megabytes."""

LUCENE_JARS: Final = "ARSHIF_LUCENE_JARS"

Search = Callable[[list[str]], int]
"""Searches for any of some printed words; returns how many of the ten best hits there are."""

Open = Callable[[], Search]
"""Opens an index; its caches are cold."""


class NotMeasured(Exception):
    """An engine or a command is not available; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine and its name in the tables; `build` indexes articles into a new, empty directory."""

    name: str
    build: Callable[[list[Article], Path], Open]


def build_arshif(archive: Archive) -> Open:
    """Rebuilds the index of the whole archive."""
    rebuild_index(archive)

    def opened() -> Search:
        searcher = EmbeddedSearcher(archive)
        return lambda words: len(searcher.rank(SearchRequest(any_of(words), group=False), 10).articles)

    return opened


def other_engines() -> tuple[Engine, ...]:
    """Returns the other engines, Whoosh first: it is the baseline."""
    return (
        Engine(f"Whoosh{_version('whoosh3')}, its own codec, one level", _whoosh),
        Engine(f"SQLite {sqlite3.sqlite_version} FTS5, one level", _fts5),
        Engine(f"Tantivy{_version('tantivy')}, one level", _tantivy),
        Engine("Lucene, its ArabicAnalyzer, through JPype", _lucene),
    )


def _version(distribution: str) -> str:
    try:
        return f" {version(distribution)}"
    except ImportError:
        return ""


def _stems(text: str) -> list[str]:
    return [terms.stem for terms in analyze_words(text) if terms.stem]


def _texts(articles: list[Article]) -> Iterator[str]:
    return (f"{article.title}\n{article.text}" for article in articles)


def _whoosh(articles: list[Article], directory: Path) -> Open:
    from whoosh import query as wq
    from whoosh.analysis import SpaceSeparatedTokenizer
    from whoosh.fields import STORED, TEXT, Schema
    from whoosh.index import create_in

    index = create_in(str(directory), Schema(id=STORED, text=TEXT(analyzer=SpaceSeparatedTokenizer())))
    with index.writer(limitmb=MEGABYTES) as writer:
        for article, text in zip(articles, _texts(articles), strict=True):
            writer.add_document(id=article.id, text=" ".join(_stems(text)))

    def opened() -> Search:
        searcher = index.searcher()

        def search(words: list[str]) -> int:
            query = wq.Or([wq.Term("text", stem) for stem in _stems(" ".join(words))])
            return len(searcher.search(query, limit=10).top_n)

        return search

    return opened


def _fts5(articles: list[Article], directory: Path) -> Open:
    database = sqlite3.connect(directory / "fts.db")
    try:
        database.execute("CREATE VIRTUAL TABLE articles USING fts5(text, content='', tokenize='unicode61')")
    except sqlite3.OperationalError as error:
        raise NotMeasured(f"this Python's SQLite has no FTS5: {error}") from error
    rows = ((" ".join(_stems(text)),) for text in _texts(articles))
    database.executemany("INSERT INTO articles(text) VALUES (?)", rows)
    database.commit()
    database.close()

    def opened() -> Search:
        database = sqlite3.connect(directory / "fts.db")

        def search(words: list[str]) -> int:
            query = " OR ".join(f'"{stem}"' for stem in _stems(" ".join(words))) or '""'
            sql = "SELECT rowid FROM articles WHERE articles MATCH ? ORDER BY rank LIMIT 10"
            return len(database.execute(sql, (query,)).fetchall())

        return search

    return opened


def _tantivy(articles: list[Article], directory: Path) -> Open:
    try:
        import tantivy  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise NotMeasured("`pip install tantivy` is needed") from error

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
    schema = builder.build()
    index = tantivy.Index(schema, path=str(directory))
    writer = index.writer(MEGABYTES * 2**20, 1)
    for text in _texts(articles):
        writer.add_document(tantivy.Document(text=" ".join(_stems(text))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()

    def opened() -> Search:
        searcher = index.searcher()
        should = tantivy.Occur.Should

        def search(words: list[str]) -> int:
            clauses = [(should, tantivy.Query.term_query(schema, "text", stem)) for stem in _stems(" ".join(words))]
            return len(searcher.search(tantivy.Query.boolean_query(clauses), 10).hits)

        return search

    return opened


def _lucene(articles: list[Article], directory: Path) -> Open:
    lucene = _start_java()
    path = lucene("java.nio.file.Paths").get(str(directory))
    place = lucene("org.apache.lucene.store.FSDirectory").open(path)
    analyzer = lucene("org.apache.lucene.analysis.ar.ArabicAnalyzer")()
    similarity = lucene("org.apache.lucene.search.similarities.BM25Similarity")(1.2, 0.75)
    config = lucene("org.apache.lucene.index.IndexWriterConfig")(analyzer)
    config.setRAMBufferSizeMB(float(MEGABYTES))
    config.setSimilarity(similarity)
    config.setMergeScheduler(lucene("org.apache.lucene.index.SerialMergeScheduler")())  # in this thread
    writer = lucene("org.apache.lucene.index.IndexWriter")(place, config)
    no = lucene("org.apache.lucene.document.Field$Store").NO
    field = lucene("org.apache.lucene.document.TextField")("text", "", no)
    document = lucene("org.apache.lucene.document.Document")()
    document.add(field)
    for text in _texts(articles):
        field.setStringValue(text)
        writer.addDocument(document)
    writer.close()

    def opened() -> Search:
        searcher = lucene("org.apache.lucene.search.IndexSearcher")(
            lucene("org.apache.lucene.index.DirectoryReader").open(place)
        )
        searcher.setSimilarity(similarity)
        builder = lucene("org.apache.lucene.util.QueryBuilder")(analyzer)
        should = lucene("org.apache.lucene.search.BooleanClause$Occur").SHOULD

        def search(words: list[str]) -> int:
            query = builder.createBooleanQuery("text", " ".join(words), should)
            return 0 if query is None else len(searcher.search(query, 10).scoreDocs)

        return search

    return opened


def _start_java() -> Any:
    """Starts the JVM; returns a function that looks up a Java class by its name."""
    try:
        import jpype  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise NotMeasured("`pip install jpype1` is needed, and Java") from error
    place = os.environ.get(LUCENE_JARS)
    if not place:
        raise NotMeasured(f"{LUCENE_JARS} does not name a directory with lucene-core and lucene-analysis-common")
    jars = []
    for name in ("lucene-core", "lucene-analysis-common"):
        found = sorted(Path(place).glob(f"{name}-*.jar"))
        if len(found) != 1:
            raise NotMeasured(f"{place} holds {len(found)} files {name}-VERSION.jar, and one is needed")
        jars += [str(found[0])]
    if jpype.isJVMStarted():
        return jpype.JClass
    try:
        jpype.startJVM("-Xmx2g", "-Djava.util.logging.config.file=none", classpath=jars)
        jpype.JClass("org.apache.lucene.util.Version")
    except (jpype.JVMNotFoundException, jpype.JException, TypeError, OSError) as error:
        raise NotMeasured(f"no Java that runs these jars: {error}") from error
    return jpype.JClass

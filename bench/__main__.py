"""`./run bench speed NEWS.jsonl.gz`: each benchmark is a module of this package with a `run` function."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench import (
    answers,
    cluster,
    foreign,
    fuzz,
    groups,
    growth,
    headlines,
    ingest,
    kills,
    letters,
    levels,
    load,
    match_sets,
    meaning,
    names,
    pages,
    speed,
    suggest,
    tasks,
    words,
)


def main() -> None:
    """Reads the command line and runs one benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK")
    command = commands.add_parser(
        "speed", help="compare indexing and searching with other engines, and with the requirements"
    )
    command.add_argument("news", type=Path, metavar="NEWS", help="JSON Lines of articles, plain or gzip")
    command.add_argument("--articles", type=int, metavar="NUMBER", help="only the first ones")
    command.set_defaults(run=speed.run)
    command = commands.add_parser(
        "ingest", help="add the same articles from every file format, and compare the archives"
    )
    command.add_argument("news", type=Path, metavar="NEWS", help="JSON Lines of articles, plain or gzip")
    command.add_argument("--articles", type=int, default=None, help="only this many of them")
    command.add_argument("--only", nargs="+", metavar="FILE", help="only files of these names, such as pages.wacz")
    command.set_defaults(run=ingest.run)
    command = commands.add_parser("tasks", help="do twelve tasks of a newsroom in a browser, and count the clicks")
    command.add_argument("address", metavar="ADDRESS", help="where the archive of the two collections is served")
    command.add_argument("--only", metavar="NUMBER", help="one task")
    command.set_defaults(run=tasks.run)
    command = commands.add_parser("answers", help="measure the sentences that answer questions with judgements")
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument("queries", type=Path, metavar="QUERIES", help="JSON Lines of id, text and perhaps answers")
    command.add_argument("qrels", type=Path, metavar="QRELS", help="judgements in TREC's format")
    command.add_argument("--every", type=int, default=1, metavar="NUMBER", help="only every question of this distance")
    command.add_argument("--first", type=int, default=0, metavar="NUMBER", help="from this one on, counted from 0")
    command.set_defaults(run=answers.run)
    command = commands.add_parser("fuzz", help="read damaged and hostile files, and report failures")
    command.add_argument("seconds", type=float, metavar="SECONDS", help="how long")
    command.add_argument("--seed", type=int, default=0, help="seed of the random damage")
    command.add_argument(
        "--samples", type=Path, default=None, metavar="DIR", help="damage the files of this directory too"
    )
    command.set_defaults(run=fuzz.run)
    command = commands.add_parser("letters", help="damage letters of articles in each way, and read them again")
    command.add_argument("news", type=Path, nargs="+", metavar="NEWS", help="JSON Lines of articles, gzip")
    command.add_argument("--articles", type=int, default=2000, metavar="NUMBER", help="how many are damaged")
    command.set_defaults(run=letters.run)
    command = commands.add_parser("growth", help="build and search archives of increasing size")
    command.add_argument("news", type=Path, metavar="NEWS", help="JSON Lines of articles to recombine, plain or gzip")
    command.add_argument("sizes", type=int, nargs="+", metavar="ARTICLES", help="sizes of the archives")
    command.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the archives in this directory, and reuse those in it"
    )
    command.add_argument("--picture", type=Path, metavar="FILE.svg", help="plot the times of the queries")
    command.set_defaults(run=growth.run)
    command = commands.add_parser(
        "groups", help="group near-duplicates; measure the recall of modified copies; draw or compare judged pairs"
    )
    command.add_argument("news", type=Path, nargs="?", metavar="NEWS", help="JSON Lines of articles, plain or gzip")
    command.add_argument(
        "--copies", type=int, nargs="+", default=[], metavar="N", help="group this many copies of one story"
    )
    command.add_argument(
        "--pairs", type=int, default=0, metavar="NUMBER", help="print pairs of articles of one group, to judge"
    )
    command.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="seed of the sample")
    command.add_argument("--judged", action="store_true", help="compare the groups with bench/near_duplicate_pairs.tsv")
    command.set_defaults(run=groups.run)
    command = commands.add_parser("suggest", help="measure corrections and completions on an indexed archive")
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument(
        "--data", type=Path, metavar="DIR", help="also measure with real misspellings and names of this directory"
    )
    command.add_argument("--show-wrong", action="store_true", help="print each failed case")
    command.set_defaults(run=suggest.run)
    command = commands.add_parser("names", help="measure the spelling variants of names on an indexed archive")
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument(
        "--data", type=Path, metavar="DIR", help="measure with pairs of spellings and Latin spellings of this directory"
    )
    command.add_argument("--names", type=int, default=1000, metavar="NUMBER", help="how many Latin spellings")
    command.add_argument(
        "--sample", type=int, default=0, metavar="NUMBER", help="print the spelling variants of this many words"
    )
    command.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="seed of the sample")
    command.set_defaults(run=names.run)
    command = commands.add_parser("words", help="measure which words match at each level, and recall by other forms")
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument("--data", type=Path, metavar="DIR", help="measure with pairs of words of this directory")
    command.add_argument("--show-wrong", dest="show", action="store_true", help="print the failed pairs")
    command.add_argument("--limits", action="store_true", help="print the effect of other limits of ambiguity")
    command.add_argument("--sample", type=int, default=0, metavar="NUMBER", help="print the forms of this many lemmas")
    command.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="seed of the sample")
    command.set_defaults(run=words.run)
    command = commands.add_parser(
        "sets", help="count the articles that match typical queries; --sample prints some to judge"
    )
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument(
        "--sample", type=int, default=0, metavar="NUMBER", help="print this many articles of each match set"
    )
    command.add_argument("--newest", action="store_true", help="sample the newest articles, not random ones")
    command.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="seed of the sample")
    command.set_defaults(run=match_sets.run)
    command = commands.add_parser(
        "headlines", help="search for headlines: does the article, or a copy of its story, rank first?"
    )
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument("--articles", type=int, metavar="NUMBER", help="only this many, drawn at random")
    command.set_defaults(run=headlines.run)
    command = commands.add_parser(
        "levels", help="measure what each level of analysis contributes to the ranking of judged queries"
    )
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument("queries", type=Path, metavar="QUERIES", help="file of queries, as for arshif evaluate")
    command.add_argument("qrels", type=Path, metavar="QRELS", help="file of judgements, as for arshif evaluate")
    command.set_defaults(run=levels.run)
    command = commands.add_parser(
        "meaning", help="measure the nearest vectors, and searches by meaning, on an archive with vectors"
    )
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument(
        "--queries", type=Path, help="file of queries, as for arshif evaluate; by default random titles"
    )
    command.add_argument("--qrels", type=Path, help="file of judgements of these queries")
    command.add_argument("--number", type=int, default=200, metavar="NUMBER", help="how many queries")
    command.add_argument("--encode", action="store_true", help="compare with new vectors, not with the stored bytes")
    command.add_argument(
        "--made", type=int, nargs="+", default=[], metavar="ARTICLES", help="also scan this many made vectors"
    )
    command.add_argument("--passages", type=int, default=5, metavar="NUMBER", help="vectors of a made article")
    command.set_defaults(run=meaning.run)
    command = commands.add_parser(
        "pages", help="compare the reader of pages with others on real pages: body, titles, dates"
    )
    command.add_argument(
        "directory", type=Path, metavar="DIR", help="where the repositories of the pages are checked out"
    )
    command.add_argument(
        "--python", metavar="FILE", help="an interpreter with trafilatura, newspaper4k, readability-lxml"
    )
    command.add_argument(
        "--worst", type=int, default=0, metavar="NUMBER", help="print this many bodies, and wrong fields"
    )
    command.set_defaults(run=pages.run)
    command = commands.add_parser(
        "foreign", help="search with questions in other languages: is the article that answers among the first ten?"
    )
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive with vectors of its articles")
    command.add_argument("--show", action="store_true", help="print each question, and the place of its article")
    command.set_defaults(run=foreign.run)
    command = commands.add_parser("kills", help="kill processes at random moments, and check the archive")
    command.add_argument("kills", type=int, metavar="N", help="number of kills")
    command.add_argument("--seed", type=int, default=1, help="seed of the random moments")
    command.set_defaults(run=kills.run)
    command = commands.add_parser("load", help="serve an indexed archive, and send requests over many connections")
    command.add_argument("archive", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument("--workers", type=int, default=2, help="processes of the server")
    command.add_argument("--threads", type=int, default=4, help="threads per process")
    command.add_argument("--seconds", type=float, default=10, help="how long each measurement lasts")
    command.add_argument("--distinct", action="store_true", help="request no URL twice")
    command.add_argument(
        "--requests", type=int, default=0, help="measure memory over this many requests, while the index is rebuilt"
    )
    command.add_argument(
        "--soak", type=float, default=0, help="run for this many seconds with slow and hostile clients and a writer"
    )
    command.set_defaults(run=load.run_benchmark)
    command = commands.add_parser("cluster", help="compare OpenSearch with the embedded engine on one archive")
    command.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    command.add_argument(
        "--host", action="append", metavar="URL", help="URL of a cluster; by default three nodes are started"
    )
    command.add_argument("--shards", type=int, default=3)
    command.add_argument("--replicas", type=int, default=1)
    command.set_defaults(run=cluster.run)
    options = vars(parser.parse_args())
    options.pop("run")(**options)


if __name__ == "__main__":  # child processes import this module
    main()

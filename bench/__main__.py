"""`./run bench speed NEWS.jsonl.gz`: each benchmark is a module here with a `run` function and its options."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench import (
    cluster,
    fuzz,
    groups,
    growth,
    headlines,
    ingest,
    kills,
    levels,
    load,
    match_sets,
    names,
    speed,
    suggest,
    words,
)


def main() -> None:
    """Reads the command line and runs one benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK")
    one = commands.add_parser("speed", help="index and search the same articles with other engines too; what is wanted")
    one.add_argument("news", type=Path, metavar="NEWS", help="JSON Lines of articles, plain or gzip")
    one.add_argument("--articles", type=int, metavar="NUMBER", help="only the first so many of them")
    one.set_defaults(run=speed.run)
    forms = commands.add_parser("ingest", help="add the same articles in every file form, and compare the archives")
    forms.add_argument("news", type=Path, metavar="NEWS", help="JSON Lines of articles, plain or gzip")
    forms.add_argument("--articles", type=int, default=None, help="only so many of them")
    forms.add_argument("--only", nargs="+", metavar="FORM", help="only files of these names, such as pages.wacz")
    forms.set_defaults(run=ingest.run)
    fuzzing = commands.add_parser("fuzz", help="read damaged and hostile files for a while, and tell what broke")
    fuzzing.add_argument("seconds", type=float, metavar="SECONDS", help="how long")
    fuzzing.add_argument("--seed", type=int, default=0, help="of the random damage")
    fuzzing.add_argument("--samples", type=Path, default=None, metavar="DIR", help="damage the files in it too")
    fuzzing.set_defaults(run=fuzz.run)
    sizes = commands.add_parser("growth", help="build and search archives of more and more articles")
    sizes.add_argument("news", type=Path, metavar="NEWS", help="JSON Lines of articles to recombine, plain or gzip")
    sizes.add_argument("sizes", type=int, nargs="+", metavar="ARTICLES", help="numbers of articles")
    sizes.add_argument("--keep", type=Path, metavar="DIR", help="keep the made archives there, and use those there")
    sizes.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw the times of the queries")
    sizes.set_defaults(run=growth.run)
    one = commands.add_parser("groups", help="group near-duplicates; find retellings of articles; draw pairs to read")
    one.add_argument("news", type=Path, nargs="?", metavar="NEWS", help="JSON Lines of articles, plain or gzip")
    one.add_argument("--copies", type=int, nargs="+", default=[], metavar="N", help="group so many of one story")
    one.add_argument("--pairs", type=int, default=0, metavar="NUMBER", help="print pairs of articles in one group")
    one.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="which pairs are drawn")
    one.set_defaults(run=groups.run)
    one = commands.add_parser("suggest", help="correct misspelt words and complete beginnings, in an indexed archive")
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("--data", type=Path, metavar="DIR", help="real misspellings and names, to measure with them too")
    one.add_argument("--show-wrong", action="store_true", help="print each case that went wrong")
    one.set_defaults(run=suggest.run)
    one = commands.add_parser("names", help="find names in their other spellings, in an indexed archive")
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("--data", type=Path, metavar="DIR", help="pairs of spellings, and Latin ones, to measure with")
    one.add_argument("--names", type=int, default=1000, metavar="NUMBER", help="so many of the Latin ones")
    one.add_argument("--sample", type=int, default=0, metavar="NUMBER", help="print so many words' other spellings")
    one.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="which are drawn")
    one.set_defaults(run=names.run)
    one = commands.add_parser("words", help="which words are one word at each level; what is found by another form")
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("--data", type=Path, metavar="DIR", help="pairs of words to measure with")
    one.add_argument("--show-wrong", dest="show", action="store_true", help="print the pairs that went wrong")
    one.add_argument("--limits", action="store_true", help="print what other limits of ambiguity would join")
    one.add_argument("--sample", type=int, default=0, metavar="NUMBER", help="print so many lemmas with their forms")
    one.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="which are drawn")
    one.set_defaults(run=words.run)
    one = commands.add_parser(
        "sets", help="how many articles match typed queries; with --sample, some of them to judge"
    )
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("--sample", type=int, default=0, metavar="NUMBER", help="print so many of each set")
    one.add_argument("--newest", action="store_true", help="of the sample the newest, not any")
    one.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="which are drawn")
    one.set_defaults(run=match_sets.run)
    one = commands.add_parser("headlines", help="paste headlines back: is the article, or its story, found?")
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("--articles", type=int, metavar="NUMBER", help="only so many, drawn at random")
    one.set_defaults(run=headlines.run)
    one = commands.add_parser("levels", help="what each level of analysis adds to the ranking of judged queries")
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("queries", type=Path, metavar="QUERIES", help="as for arshif evaluate")
    one.add_argument("qrels", type=Path, metavar="QRELS", help="likewise")
    one.set_defaults(run=levels.run)
    one = commands.add_parser("kills", help="kill processes at random moments, and check what is left of the archive")
    one.add_argument("kills", type=int, metavar="N", help="how many")
    one.add_argument("--seed", type=int, default=1, help="of the random moments")
    one.set_defaults(run=kills.run)
    loads = commands.add_parser("load", help="serve an indexed archive and ask it over many connections")
    loads.add_argument("archive", type=Path, metavar="ARCHIVE", help="an archive's directory")
    loads.add_argument("--workers", type=int, default=2, help="processes of the server")
    loads.add_argument("--threads", type=int, default=4, help="threads of each")
    loads.add_argument("--seconds", type=float, default=10, help="how long each measurement lasts")
    loads.add_argument("--distinct", action="store_true", help="ask for nothing twice")
    loads.add_argument("--requests", type=int, default=0, help="for memory, while articles are added and indexed anew")
    loads.add_argument("--soak", type=float, default=0, help="run so long with slow and hostile clients and a writer")
    loads.set_defaults(run=load.run_benchmark)
    one = commands.add_parser("cluster", help="index and search an archive on OpenSearch, beside the embedded engine")
    one.add_argument("directory", type=Path, metavar="ARCHIVE", help="an archive's directory")
    one.add_argument("--host", action="append", metavar="URL", help="of a cluster; without, three nodes start here")
    one.add_argument("--shards", type=int, default=3)
    one.add_argument("--replicas", type=int, default=1)
    one.set_defaults(run=cluster.run)
    options = vars(parser.parse_args())
    options.pop("run")(**options)


if __name__ == "__main__":  # processes that are started read this too
    main()

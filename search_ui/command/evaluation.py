"""`arshif batch | evaluate`: running a file of queries, and measuring the relevance of results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corpus import Archive, printed_date
from indexer import MAX_HIT, MEASURES, Comparison, Evaluation
from search_ui.command.cli import with_archive
from search_ui.command.output import (
    format_option,
    match_options,
    meaning_option,
    print_csv,
    print_json,
    print_json_lines,
    progress_bar,
)

if TYPE_CHECKING:
    from indexer import Ranking, ScoredDoc, Topic

_BATCH_COLUMNS: Final = ("query_id", "query", "rank", "id", "score", "title", "source", "date", "total")
_IDS_NAMED: Final = 5

_MEAN: Final = "mean"
_DIGITS: Final = 6
_SMALLEST_P: Final = 0.0001


class _Tag(click.ParamType[str]):
    """A run's name: one word, since TREC's columns are separated by white space."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if len(value.split()) != 1:
            self.fail("a tag is one word", param, ctx)
        return value


_limit_option = click.option(
    "--limit",
    "-n",
    type=click.IntRange(1, MAX_HIT),
    default=100,
    show_default=True,
    help="Articles ranked per query, at most.",
)


@click.command()
@click.argument("queries", metavar="QUERIES")
@click.option(
    "--format",
    "-f",
    "output_format",
    type=click.Choice(["trec", "csv", "jsonl"]),
    default="trec",
    show_default=True,
    help="Output format: TREC's six columns, CSV, or JSON Lines.",
)
@_limit_option
@click.option(
    "--group/--no-group",
    default=False,
    show_default=True,
    help="Rank only the best copy of a story, or every copy.",
)
@match_options
@meaning_option
@click.option(
    "--tag", type=_Tag(), default="arshif", show_default=True, help="Name of the run, the last column of trec."
)
@with_archive
def batch(
    archive: Archive,
    queries: str,
    output_format: str,
    limit: int,
    group: bool,
    match: str,
    forms: str,
    spellings: bool,
    meaning: bool,
    tag: str,
) -> None:
    """Run a file of queries.

    QUERIES is JSON Lines of {"id", "text"}, CSV with the columns id and text, or plain text with one query per line,
    whose id is the line number; "-" is standard input. A line that is not a query is reported, and the rest are run.
    Each query is run as by 'arshif search --no-group', since judgements are of articles.
    """
    from indexer import is_trec_id, open_searcher, run_lines  # loads the indexer

    topics = _read_topics(queries)
    searcher = open_searcher(archive)
    encoded = 0
    columns = (*_BATCH_COLUMNS, "by_meaning") if meaning else _BATCH_COLUMNS
    if output_format == "csv":
        print_csv(columns, ())
    # Results printed to the terminal show the progress themselves.
    with nullcontext(_no_progress) if sys.stdout.isatty() else progress_bar("searching") as progress:
        for topic, ranking in _rankings(
            searcher,
            topics,
            limit,
            progress,
            group=group,
            match=match,
            forms=forms,
            spellings=spellings,
            meaning=meaning,
        ):
            if output_format == "trec":
                encoded += sum(not is_trec_id(given) for given in (topic.id, *(i for i, _ in ranking.articles)))
                for line in run_lines(topic.id, ranking.articles, tag):
                    click.echo(line)
            elif output_format == "csv":
                print_csv(columns, _batch_rows(archive, topic, ranking, meaning=meaning), header=False)
            else:
                print_json_lines(_batch_rows(archive, topic, ranking, meaning=meaning))
    if encoded:
        _print_note(
            f"{encoded:,} ids contain white space: they are percent-encoded, 'a b' as a%20b; 'evaluate' decodes them"
        )


@click.command()
@click.argument("queries", metavar="QUERIES")
@click.argument("qrels", metavar="QRELS")
@click.option("--run", "run_file", metavar="FILE", help="Measure this TREC run instead of searching the archive.")
@click.option("--compare", "other_file", metavar="FILE", help="A second TREC run to compare with.")
@click.option("--per-query", is_flag=True, help="Print the figures of each query before the means.")
@_limit_option
@meaning_option
@format_option
@click.option("--archive", "-a", "own_archive", type=click.Path(path_type=Path), help="The archive's directory.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    queries: str,
    qrels: str,
    run_file: str | None,
    other_file: str | None,
    per_query: bool,
    limit: int,
    meaning: bool,
    output_format: str,
    own_archive: Path | None,
) -> None:
    """Measure the relevance of results: nDCG@10, MRR@10, recall@100.

    QUERIES is a file as for 'arshif batch'; QRELS contains judgements in TREC's four columns: query, 0, article, grade.
    The archive is searched as by 'arshif batch', unless --run gives the results. Queries without judgements are
    ignored; judged queries without results count as zero. With --compare, p is the probability of a difference at least
    as large between equally good runs (paired randomization test). docs/relevance.md explains the measures. This needs
    the extra 'evaluate': pip install 'arshif[evaluate]'.
    """
    from indexer import EvaluationFileInvalid, compare, read_qrels, read_run  # loads the indexer
    from indexer import evaluate as measure

    if run_file and meaning:
        raise click.UsageError("--run is measured as it is: leave out --meaning")
    if [queries, qrels, run_file, other_file].count("-") > 1:
        raise click.UsageError("only one of the files can be standard input")
    topics = _read_topics(queries)
    judgements = read_qrels(_read(qrels), _file_name(qrels))
    if not measure(topics, judgements, ()).scores:
        raise EvaluationFileInvalid(_file_name(qrels), f"it has no judgements of the queries in {_file_name(queries)}")
    other_run = read_run(_read(other_file), _file_name(other_file)) if other_file else ()
    if run_file:
        run = read_run(_read(run_file), _file_name(run_file))
    else:
        with Archive.open(own_archive or ctx.obj) as archive:
            run = tuple(_search_run(archive, topics, limit, meaning=meaning))
    evaluation = measure(topics, judgements, run)
    _report_ignored(evaluation, _file_name(queries))
    if not other_file:
        print_evaluation(evaluation, output_format, per_query=per_query)
        return
    other = measure(topics, judgements, other_run)
    _report_unanswered(other, f"in {_file_name(other_file)}")
    print_evaluation(
        evaluation, output_format, per_query=per_query, other=other, comparisons=compare(evaluation, other)
    )


def print_evaluation(
    evaluation: Evaluation,
    output_format: str,
    *,
    per_query: bool = False,
    other: Evaluation | None = None,
    comparisons: Sequence[Comparison] = (),
) -> None:
    """Print the means; optionally the figures of each query first, and a comparison with another run.

    As a table, one JSON value, or one row per query and measure.
    """
    rows = [*(_query_rows(evaluation, other) if per_query else ()), *_mean_rows(evaluation, comparisons)]
    if output_format == "json":
        print_json(_value(evaluation, other if per_query else None, comparisons, per_query=per_query))
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(tuple(rows[-1]), rows)
    else:
        click.echo("\n".join(_table(evaluation, other, comparisons, per_query=per_query)))


def _rankings(
    searcher: Any,
    topics: Sequence[Topic],
    limit: int,
    progress: Callable[[int, int], None],
    *,
    group: bool = False,
    match: str = "all",
    forms: str = "lemma",
    spellings: bool = True,
    meaning: bool = False,
) -> Iterator[tuple[Topic, Ranking]]:
    """Each query with its ranking; warnings are printed at the end, once each with the queries they apply to."""
    from indexer import MatchMode, SearchRequest, WordForms

    notes: dict[str, list[str]] = {}
    for number, topic in enumerate(topics, 1):
        ranking = searcher.rank(
            SearchRequest(
                topic.text,
                group=group,
                match=MatchMode(match),
                forms=WordForms(forms),
                spellings=spellings,
                meaning=meaning,
            ),
            limit,
        )
        for warning in ranking.warnings:
            notes.setdefault(warning.english, []).append(topic.id)
        if not ranking.articles:
            notes.setdefault("No results.", []).append(topic.id)
        elif not ranking.total:
            notes.setdefault("No article has all the words: the nearest articles were ranked.", []).append(topic.id)
        yield topic, ranking
        progress(number, len(topics))
    for sentence, ids in notes.items():
        _print_note(f"{_counted(ids, 'query', 'queries')}: {sentence}")


def _batch_rows(archive: Archive, topic: Topic, ranking: Ranking, *, meaning: bool) -> Iterator[dict[str, Any]]:
    articles = archive.get_many(article_id for article_id, _ in ranking.articles)
    for rank, (article_id, score) in enumerate(ranking.articles, 1):
        # The index may still have an article that was removed from the archive.
        if article := articles.get(article_id):
            about = (article_id, round(score, 4), article.title, article.source, printed_date(article.published))
            row = dict(zip(_BATCH_COLUMNS, (topic.id, topic.text, rank, *about, ranking.total), strict=True))
            yield {**row, "by_meaning": article_id in ranking.by_meaning} if meaning else row


def _search_run(archive: Archive, topics: Sequence[Topic], limit: int, *, meaning: bool) -> Iterator[ScoredDoc]:
    from indexer import as_run, open_searcher

    with progress_bar("searching") as progress:
        for topic, ranking in _rankings(open_searcher(archive), topics, limit, progress, meaning=meaning):
            yield from as_run(topic.id, ranking.articles)


def _read_topics(queries: str) -> Sequence[Topic]:
    from indexer import read_topics

    topics, problems = read_topics(_read(queries), _file_name(queries))
    for problem in problems:
        click.echo(f"refused: {problem}", err=True)
    return topics


def _read(file: str) -> bytes:
    from indexer import EvaluationFileInvalid

    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise EvaluationFileInvalid(file, error.strerror or str(error)) from error


def _file_name(file: str) -> str:
    return "standard input" if file == "-" else file


def _report_ignored(evaluation: Evaluation, queries: str) -> None:
    if evaluation.unjudged:
        _print_note(f"ignored: {_counted(evaluation.unjudged, 'query', 'queries')} without judgements")
    if evaluation.without_query:
        _print_note(f"ignored: judgements of {_counted(evaluation.without_query, 'query', 'queries')} not in {queries}")
    if evaluation.without_relevant:
        _print_note(
            f"counted as zero: {_counted(evaluation.without_relevant, 'query', 'queries')} without any relevant article"
        )
    _report_unanswered(evaluation, "")


def _report_unanswered(evaluation: Evaluation, where: str) -> None:
    if evaluation.without_results:
        named = _counted(evaluation.without_results, "query", "queries")
        _print_note(" ".join(filter(None, ["counted as zero:", named, "without results", where])))


def _counted(ids: Sequence[str], singular: str, plural: str) -> str:
    """A number with its noun, and the first of the ids."""
    more = ", ..." if len(ids) > _IDS_NAMED else ""
    return f"{len(ids):,} {singular if len(ids) == 1 else plural} ({', '.join(ids[:_IDS_NAMED])}{more})"


def _print_note(sentence: str) -> None:
    click.echo(f"arshif: {sentence}", err=True)


def _no_progress(done: int, total: int) -> None:
    """Ignore progress."""


def _query_rows(evaluation: Evaluation, other: Evaluation | None) -> Iterator[dict[str, Any]]:
    for topic_id, figures in evaluation.scores.items():
        for at, measure in enumerate(MEASURES):
            row: dict[str, Any] = {"query": topic_id, "measure": measure, "value": _rounded(figures[at])}
            if other:
                compared = other.scores[topic_id][at]
                row |= {"compared": _rounded(compared), "difference": _rounded(figures[at] - compared), "p": None}
            yield row


def _mean_rows(evaluation: Evaluation, comparisons: Sequence[Comparison]) -> Iterator[dict[str, Any]]:
    for measure, mean in zip(MEASURES, evaluation.means(), strict=True):
        row: dict[str, Any] = {"query": _MEAN, "measure": measure, "value": _rounded(mean)}
        for comparison in comparisons:
            if comparison.measure == measure:
                row |= _comparison_value(comparison)
        yield row


def _comparison_value(comparison: Comparison) -> dict[str, Any]:
    return {
        "compared": _rounded(comparison.other_mean),
        "difference": _rounded(comparison.difference),
        "p": _rounded(comparison.p_value),
    }


def _value(
    evaluation: Evaluation, other: Evaluation | None, comparisons: Sequence[Comparison], *, per_query: bool
) -> dict[str, Any]:
    value: dict[str, Any] = {
        "queries": len(evaluation.scores),
        "means": dict(zip(MEASURES, map(_rounded, evaluation.means()), strict=True)),
        "without_judgements": list(evaluation.unjudged),
        "without_answers": list(evaluation.without_results),
    }
    if comparisons:
        value["comparison"] = {comparison.measure: _comparison_value(comparison) for comparison in comparisons}
    if per_query:
        value["per_query"] = _by_query(evaluation)
        if other:
            value["per_query_compared"] = _by_query(other)
    return value


def _by_query(evaluation: Evaluation) -> dict[str, dict[str, float]]:
    return {
        topic_id: dict(zip(MEASURES, map(_rounded, figures), strict=True))
        for topic_id, figures in evaluation.scores.items()
    }


def _table(
    evaluation: Evaluation, other: Evaluation | None, comparisons: Sequence[Comparison], *, per_query: bool
) -> Iterator[str]:
    noun = "query" if len(evaluation.scores) == 1 else "queries"
    label = f"{_MEAN} of {len(evaluation.scores):,} {noun}"
    if per_query or not comparisons:
        width = max(len(label), *(len(topic_id) for topic_id in evaluation.scores)) if per_query else len(label)
        cell = 16 if other else 10
        yield " " * width + "".join(f"  {measure:>{cell}}" for measure in MEASURES)
        for topic_id, figures in evaluation.scores.items() if per_query else ():
            beside = other.scores[topic_id] if other else (None,) * len(MEASURES)
            cells = (_cell(figure, compared) for figure, compared in zip(figures, beside, strict=True))
            yield f"{topic_id:<{width}}" + "".join(f"  {text:>{cell}}" for text in cells)
        if not comparisons:
            yield f"{label:<{width}}" + "".join(f"  {mean:>{cell}.4f}" for mean in evaluation.means())
    if comparisons:
        if per_query:
            yield ""
        yield f"{label:<22}{_MEAN:>8}  {'compared':>8}  {'difference':>10}  {'p':>7}"
        for row in comparisons:
            figures_of = f"{row.mean:>8.4f}  {row.other_mean:>8.4f}  {row.difference:>+10.4f}  {_p(row.p_value):>7}"
            yield f"{row.measure:<22}{figures_of}"


def _cell(figure: float, compared: float | None) -> str:
    return f"{figure:.4f}" if compared is None else f"{figure:.4f} ({figure - compared:+.4f})"


def _p(value: float) -> str:
    return f"{value:.4f}" if value >= _SMALLEST_P else f"<{_SMALLEST_P}"


def _rounded(figure: float) -> float:
    return round(figure, _DIGITS)

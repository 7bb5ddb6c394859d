"""Printing an evaluation: a table for people, one JSON value, or a row for each query and measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from indexer import MEASURES, Comparison, Evaluation
from search_ui.command.output import print_csv, print_json, print_json_lines

_MEAN: Final = "mean"
_DIGITS: Final = 6
_SMALLEST_P: Final = 0.0001


def print_evaluation(
    evaluation: Evaluation,
    output_format: str,
    *,
    per_query: bool = False,
    other: Evaluation | None = None,
    comparisons: Sequence[Comparison] = (),
) -> None:
    """Prints the means, preceded by the figures of each query and compared with another run on request."""
    rows = [*(_query_rows(evaluation, other) if per_query else ()), *_mean_rows(evaluation, comparisons)]
    if output_format == "json":
        print_json(_value(evaluation, other if per_query else None, comparisons, per_query=per_query))
    elif output_format == "jsonl":
        print_json_lines(rows)
    elif output_format == "csv":
        print_csv(tuple(rows[-1]), rows)
    else:
        click.echo("\n".join(_table(evaluation, other, comparisons, per_query=per_query)))


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
                row |= _compared(comparison)
        yield row


def _compared(comparison: Comparison) -> dict[str, Any]:
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
        "without_answers": list(evaluation.unanswered),
    }
    if comparisons:
        value["comparison"] = {comparison.measure: _compared(comparison) for comparison in comparisons}
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

"""Measurements that the benchmarks share: times of calls, quantiles, memory of this process, size of a directory."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


def milliseconds(call: Callable[[T], object], arguments: Iterable[T]) -> list[float]:
    """The time of each call, in milliseconds, in order."""
    times = []
    for argument in arguments:
        began = perf_counter()
        call(argument)
        times.append(1000 * (perf_counter() - began))
    return times


def least(rounds: Iterable[Sequence[float]]) -> list[float]:
    """The least time of each call over several rounds of the same calls: its time without interference."""
    return [min(times) for times in zip(*rounds, strict=True)]


def p50_p95(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile of at least two times."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def both(times: Sequence[float]) -> str:
    """The median and the 95th percentile as a table's cell."""
    p50, p95 = p50_p95(times)
    return f"{p50:.2f} / {p95:.2f}"


def megabytes(directory: Path) -> float:
    """Size of the files of a directory and its subdirectories."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 2**20


def peak_megabytes() -> float:
    """Peak memory of this process; 0 where the system does not report it."""
    # Not getrusage: its peak includes that of the parent process.
    return _of_process("status", "VmHWM:")


def private_megabytes() -> float:
    """Memory of this process that no file backs; 0 where the system does not report it."""
    return _of_process("smaps_rollup", "Anonymous:")


def _of_process(file: str, label: str) -> float:
    try:
        lines = Path("/proc/self", file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(label)) / 1024

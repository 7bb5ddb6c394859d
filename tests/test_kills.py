"""Crash tests: processes killed at random moments; `./run bench kills 200` runs more of them."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from bench import kills
from bench.kills import ACTIONS, Broken, Siege
from corpus import Archive, make_article

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")]
ROUNDS = 18  # two of each action


def test_no_reported_step_is_lost_or_repeated_and_the_next_command_succeeds(
    tmp_path: Path, chance: random.Random
) -> None:
    siege = Siege(tmp_path, chance)
    actions = list(ACTIONS)
    for number in range(ROUNDS):
        siege.attack(actions[number % len(actions)])
    assert siege.kills.total() == ROUNDS
    assert siege.acknowledged > 0


def report_before_adding(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    report([f"i{number}"])
    sleep(kills.LONGEST)


def add_without_indexing(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    archive.add(make_article(id=f"i{number}", paragraphs=["نص"]))
    report([f"i{number}"])
    sleep(kills.LONGEST)


def lose_an_article(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    archive.remove("base1")
    report([])
    sleep(kills.LONGEST)


@pytest.mark.parametrize("work", [report_before_adding, add_without_indexing, lose_an_article])
def test_a_broken_guarantee_is_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None]
) -> None:
    prepare, _, check = ACTIONS["index"]
    monkeypatch.setitem(ACTIONS, "index", (prepare, work, check))
    siege = Siege(tmp_path, random.Random(3))

    def attack() -> None:
        for _ in range(3):
            siege.attack("index")

    with pytest.raises(Broken):
        attack()

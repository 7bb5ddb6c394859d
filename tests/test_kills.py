"""Processes killed at random moments; `./run bench kills 200` does more of the same."""

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


def test_nothing_that_was_told_is_lost_nothing_is_double_and_the_next_command_succeeds(
    tmp_path: Path, chance: random.Random
) -> None:
    siege = Siege(tmp_path, chance)
    actions = list(ACTIONS)
    for number in range(ROUNDS):
        siege.attack(actions[number % len(actions)])
    assert siege.kills.total() == ROUNDS
    assert siege.acknowledged > 0


def say_too_early(archive: Archive, number: int, say: Callable[[Any], None]) -> None:
    say([f"i{number}"])
    sleep(kills.LONGEST)


def keep_and_never_index(archive: Archive, number: int, say: Callable[[Any], None]) -> None:
    archive.add(make_article(id=f"i{number}", paragraphs=["نص"]))
    say([f"i{number}"])
    sleep(kills.LONGEST)


def lose_an_article(archive: Archive, number: int, say: Callable[[Any], None]) -> None:
    archive.remove("base1")
    say([])
    sleep(kills.LONGEST)


@pytest.mark.parametrize("work", [say_too_early, keep_and_never_index, lose_an_article])
def test_a_promise_that_is_not_kept_is_found(
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

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive
from tests.indexer.small_archive import Search, fill


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill(opened)
        yield opened


@pytest.fixture
def search(archive: Archive) -> Search:
    return Search(archive)

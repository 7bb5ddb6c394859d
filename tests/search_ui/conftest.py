from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus import Archive
from indexer import update_index
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The search page of the small archive; no test may change it."""
    with Archive.create(tmp_path_factory.mktemp("site") / "archive", name="أرشيف الصحافة") as archive:
        fill(archive)
        update_index(archive)
        yield Site(archive)

"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from corpus import Archive
from indexer.opensearch.client import Client
from indexer.opensearch.settings import ClusterSettings
from tests.opensearch.cluster import Cluster, ClusterUnavailable

# A machine that is busy with other things is no failure of what is tested.
settings.register_profile("arshif", deadline=None)
settings.load_profile("arshif")

ROOT = Path(__file__).resolve().parent.parent

# A shell that starts the tests in the background lets them, and so what they start, ignore SIGINT.
_PROGRAM = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from search_ui.command import main; main()"
COMMAND = [sys.executable, "-c", _PROGRAM]
"""`arshif`, as a process of its own; PYTHONPATH must lead it here."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of real news and retrieval sets, which is not part of the project: tests skip without it."""
    path = Path(os.environ.get("ARSHIF_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not path.is_dir():
        pytest.skip(f"real test data is not at {path} (set ARSHIF_TEST_DATA to where it is)")
    return path


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[Cluster]:
    """Three nodes of OpenSearch, started here once for all tests; who harms one mends it."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    with ExitStack() as running:
        try:
            cluster = running.enter_context(Cluster())
        except ClusterUnavailable as error:
            pytest.skip(f"no OpenSearch to test with: {error}")
        yield cluster


@pytest.fixture(scope="session")
def cluster_urls(request: pytest.FixtureRequest) -> list[str]:
    """The addresses of a real cluster: the one that ARSHIF_TEST_OPENSEARCH names, or the three nodes started here."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    if given := os.environ.get("ARSHIF_TEST_OPENSEARCH"):
        return given.split(",")
    urls: list[str] = request.getfixturevalue("own_cluster").urls
    return urls


def on_cluster(archive: Archive, urls: list[str], prefix: str, **settings: object) -> Archive:
    """The archive opened anew as one on a cluster; `settings` are further ones of its [opensearch] table."""
    path = archive.directory / "arshif.toml"
    lines = ['engine = "opensearch"', "[opensearch]", f"hosts = {urls!r}", f'prefix = "{prefix}"']
    lines += [f"{name} = {value}" for name, value in settings.items()]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    archive.close()
    return Archive.open(archive.directory)


@pytest.fixture(scope="module", params=["embedded", "opensearch"])
def new_archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Archive]]:
    """Makes empty archives of each engine in turn; what they leave in the cluster is removed at the end."""
    with ExitStack() as made:

        def make() -> Archive:
            archive = Archive.create(tmp_path_factory.mktemp(request.param) / "archive")
            if request.param == "opensearch":
                urls = request.getfixturevalue("cluster_urls")
                prefix = f"test-{uuid.uuid4().hex[:12]}"
                archive = on_cluster(archive, urls, prefix, shards=2)
                made.callback(remove_indices, urls, prefix)
            made.callback(archive.close)
            return archive

        yield make


def remove_indices(urls: list[str], prefix: str) -> None:
    """Removes all indices of a prefix."""
    client = Client(ClusterSettings(hosts=tuple(urls)))
    for name in client.request("GET", f"/{prefix}-*/_alias"):
        client.request("DELETE", f"/{name}")
    client.close()

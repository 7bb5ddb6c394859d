"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import random
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from corpus import Archive
from indexer.opensearch.client import Client
from indexer.opensearch.settings import ClusterSettings
from tests.opensearch.cluster import Cluster, ClusterUnavailable

# No deadlines: a busy machine must not make a test fail.
settings.register_profile("arshif", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.load_profile("arshif")


def examples(number: int) -> int:
    """The `max_examples` of a test that does not use the profile's; no more than the quick profile's, if that is loaded."""
    quick: int = settings.get_profile("quick").max_examples
    return min(number, quick) if settings.default.max_examples == quick else number


ROOT = Path(__file__).resolve().parent.parent
SEED = "ARSHIF_TEST_SEED"

# A shell that starts the tests in the background makes them and their child processes ignore SIGINT.
_PROGRAM = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from search_ui.command import main; main()"
COMMAND = [sys.executable, "-c", _PROGRAM]
"""The command `arshif` as a separate process; PYTHONPATH must contain the checkout."""


def pytest_configure() -> None:
    """Choose one seed for the run; the worker processes inherit it."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(2**32)))


def pytest_report_header() -> str:
    return f"{SEED}={os.environ[SEED]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a cluster or a browser, and run them first: they take longest."""
    for item in items:
        if _is_on_cluster(item):
            item.add_marker("cluster")
        if group_of(item.nodeid) == "browser":
            item.add_marker("browser")
    order = {"cluster": 0, "browser": 1}
    items.sort(key=lambda item: order.get(group_of(item.nodeid), 2))


def _is_on_cluster(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    on_cluster = bool({"own_cluster", "cluster_urls"} & set(getattr(item, "fixturenames", ()))) or (
        call is not None and call.params.get("new_archive") == "opensearch"
    )
    assert not on_cluster or group_of(item.nodeid) == "cluster", (
        f"another process would start a cluster for {item.nodeid}"
    )
    return on_cluster


def group_of(nodeid: str) -> str:
    """The group of a test, which one process runs: all tests on the cluster, all in the browser, or all of a module."""
    path, _, name = nodeid.partition("::")
    if path.startswith("tests/opensearch/") or re.search(r"[\[-]opensearch[]-]", name):
        return "cluster"
    return "browser" if path.startswith("tests/browser/") else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distribute the tests by `group_of`, in their order.

    xdist's own loadgroup writes groups into the ids of tests, which pytest 9.2 no longer lets it change.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """A random number generator, seeded differently in each run; a failure prints the seed."""
    seed = f"{os.environ[SEED]} {request.node.nodeid}"
    print(f"drawn with {SEED}={os.environ[SEED]}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of real news and test collections, which is not part of the project: tests are skipped without it."""
    path = Path(os.environ.get("ARSHIF_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not path.is_dir():
        pytest.skip(f"real test data is not at {path} (set ARSHIF_TEST_DATA to where it is)")
    return path


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[Cluster]:
    """Three OpenSearch nodes, started once per session; a test that damages one must restore it."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    with ExitStack() as running:
        try:
            cluster = running.enter_context(Cluster())
        except ClusterUnavailable as error:
            pytest.skip(f"no OpenSearch to test with: {error}")
        yield cluster


@pytest.fixture(scope="session")
def cluster_urls(request: pytest.FixtureRequest) -> list[str]:
    """The URLs of a real cluster: the one in ARSHIF_TEST_OPENSEARCH, or the three nodes started here."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    if given := os.environ.get("ARSHIF_TEST_OPENSEARCH"):
        return given.split(",")
    urls: list[str] = request.getfixturevalue("own_cluster").urls
    return urls


def on_cluster(archive: Archive, urls: list[str], prefix: str, **settings: object) -> Archive:
    """Reopen an archive with its index on a cluster; `settings` are further ones of its [opensearch] table."""
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
    """Creates empty archives, of each engine in turn; removes their indices from the cluster at the end."""
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

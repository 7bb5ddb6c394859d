"""What is said when the cluster cannot be asked; no cluster is needed for these."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from corpus import Archive, ClusterSettings
from indexer import ClusterRefused, ClusterUnavailable, EngineMissing, open_searcher
from indexer.opensearch import Client
from tests.conftest import on_cluster
from tests.opensearch.cluster import free_ports


def test_without_the_library_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    archive = on_cluster(Archive.create(tmp_path / "archive"), ["http://127.0.0.1:9"], "x")
    with pytest.raises(EngineMissing, match=r"needs opensearch-py: run 'pip install arshif\[opensearch\]'"):
        open_searcher(archive)


def test_nobody_listening() -> None:
    pytest.importorskip("opensearchpy")
    hosts = tuple(f"http://127.0.0.1:{port}" for port in free_ports(2))
    with pytest.raises(ClusterUnavailable, match=f"at {hosts[0]}, {hosts[1]} is not available: no node accepts"):
        Client(ClusterSettings(hosts)).request("GET", "/")


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"ARSHIF_OPENSEARCH_USER": "me"}, "must be set together"),
        ({"ARSHIF_OPENSEARCH_PASSWORD": "secret"}, "must be set together"),
    ],
)
def test_half_of_the_credentials(environment: dict[str, str], told: str) -> None:
    pytest.importorskip("opensearchpy")
    with pytest.raises(ClusterRefused, match=told) as caught:
        Client(ClusterSettings(), environment)
    assert "secret" not in str(caught.value)


def test_a_file_of_certificates_that_is_not_there() -> None:
    pytest.importorskip("opensearchpy")
    with pytest.raises(ClusterRefused, match=r"no file of certificates at nowhere\.pem"):
        Client(ClusterSettings(ca_certs="nowhere.pem"), {})

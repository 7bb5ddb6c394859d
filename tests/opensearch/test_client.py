"""Errors of requests to a cluster; these tests need none."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corpus import Archive
from indexer import ClusterRefused, ClusterUnavailable, EngineMissing, open_searcher
from indexer.opensearch.client import Client
from indexer.opensearch.settings import ClusterSettings
from tests.conftest import on_cluster
from tests.opensearch.cluster import free_ports


def test_a_missing_library_is_reported_with_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    archive = on_cluster(Archive.create(tmp_path / "archive"), ["http://127.0.0.1:9"], "x")
    with pytest.raises(EngineMissing, match="needs the library opensearch-py"):
        open_searcher(archive)


def test_no_node_listens() -> None:
    pytest.importorskip("opensearchpy")
    hosts = tuple(f"http://127.0.0.1:{port}" for port in free_ports(2))
    with pytest.raises(ClusterUnavailable, match=f"at {hosts[0]}, {hosts[1]} is not available: no node accepts"):
        Client(ClusterSettings(hosts)).request("GET", "/")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ARSHIF_OPENSEARCH_USER": "me"}, "must be set together"),
        ({"ARSHIF_OPENSEARCH_PASSWORD": "secret"}, "must be set together"),
    ],
)
def test_incomplete_credentials(environment: dict[str, str], message: str) -> None:
    pytest.importorskip("opensearchpy")
    with pytest.raises(ClusterRefused, match=message) as caught:
        Client(ClusterSettings(), environment)
    assert "secret" not in str(caught.value)


def test_missing_certificate_file() -> None:
    pytest.importorskip("opensearchpy")
    with pytest.raises(ClusterRefused, match=r"no certificate file at nowhere\.pem"):
        Client(ClusterSettings(ca_certs="nowhere.pem"), {})


LOST = {
    "error": {"root_cause": [{"type": "node_disconnected_exception", "reason": "[node1] disconnected"}]},
    "status": 500,
}


@pytest.mark.slow
@pytest.mark.parametrize(("lost", "answered"), [(2, True), (9, False)])
def test_a_search_is_retried_while_a_node_is_being_lost(lost: int, answered: bool) -> None:
    """The server answers as OpenSearch does while it detects the loss of a node."""
    pytest.importorskip("opensearchpy")
    asked: list[str] = []

    class Node(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            status, value = (500, LOST) if len(asked) <= lost else (200, {"hits": {}})
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Node) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Client(ClusterSettings((f"http://127.0.0.1:{server.server_port}",))) as client:
            if answered:
                assert client.search("x", {}) == {"hits": {}}
            else:
                with pytest.raises(ClusterUnavailable, match="node_disconnected"):
                    client.search("x", {})
        server.shutdown()
    assert len(asked) == (lost + 1 if answered else 4)

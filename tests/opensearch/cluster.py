"""A real OpenSearch cluster of three nodes on loopback, each a separate process that can be killed and paused.

The first use fetches OpenSearch through this machine's Maven into a cache (`ARSHIF_TEST_CACHE`, by default
`~/.cache/arshif`); later ones start from there. `ClusterUnavailable` reports what is missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
VERSION = "2.19.1.0"
KNN = "org.opensearch.knn.plugin.KNNPlugin"
LEAST_JAVA = 17
START_SECONDS = 600  # a busy machine takes minutes, an idle one half a minute


class ClusterUnavailable(Exception):
    """No cluster can be started here; the message has the reason."""


class Cluster:
    """The nodes of one cluster; a context manager that kills them and removes their files."""

    def __init__(self, nodes: int = 3, *, heap: str = "340m", quick_start: bool = True, knn: bool = True) -> None:
        """With `knn` every node has the k-NN plugin."""
        self._jars, self._node = prepared()
        self._directory = Path(tempfile.mkdtemp(prefix="arshif-opensearch-", dir=_memory()))
        self._names = [f"node{number}" for number in range(nodes)]
        ports = free_ports(2 * nodes)
        self._http, self._transport = ports[:nodes], ports[nodes:]
        # The nodes spend most of a test run starting: the quick compiler is better.
        self._java = ["java", f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC", "-Xshare:auto"]
        self._java += ["-XX:TieredStopAtLevel=1"] if quick_start else []
        self._java += ["-Djava.awt.headless=true"]
        self._plugins = KNN if knn else ""
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Cluster:
        try:
            for number in range(len(self._names)):
                self._launch(number)
            self.wait("green")
            # Shards of a lost node are allocated again at once, not after a minute.
            settings = {"index.unassigned.node_left.delayed_timeout": "1s"}
            self._request(
                "PUT", "/_index_template/tests", {"index_patterns": ["*"], "template": {"settings": settings}}
            )
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def urls(self) -> list[str]:
        """The URLs of all nodes, including stopped ones."""
        return [f"http://127.0.0.1:{port}" for port in self._http]

    def kill(self, number: int) -> None:
        """Kills a node, as a power cut would."""
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def start(self, number: int) -> None:
        """Starts a killed node again, with its data."""
        self._launch(number)

    def follower(self) -> int:
        """A node that is not the cluster manager: if that one hangs, the others need a minute to elect another."""
        manager = self._request("GET", "/_cluster/state/cluster_manager_node")["cluster_manager_node"]
        names = {key: value["name"] for key, value in self._request("GET", "/_nodes/_all/_none")["nodes"].items()}
        return next(number for number in self._running if self._names[number] != names[manager])

    def pause(self, number: int) -> None:
        """Suspends a node; its connections stay open."""
        self._running[number].send_signal(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        """Resumes a suspended node."""
        self._running[number].send_signal(signal.SIGCONT)

    def wait(self, status: str = "green", *, nodes: int | None = None, seconds: float = START_SECONDS) -> None:
        """Waits until `nodes` nodes, or all, have joined and all shards have the status."""
        expected = len(self._running) if nodes is None else nodes
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for number, process in self._running.items():
                if process.poll() is not None:
                    raise ClusterUnavailable(f"a node of OpenSearch ended ({process.returncode}): {self._log(number)}")
            health = self._health(status, expected)
            if health.get("status") == status and health.get("number_of_nodes") == expected:
                return
            # After five failures on a node that was still closing the shard, OpenSearch does not retry by itself.
            self._request("POST", "/_cluster/reroute?retry_failed=true&metric=none")
            time.sleep(0.3)
        raise ClusterUnavailable(f"OpenSearch was not {status} after {seconds:.0f} seconds")

    def close(self) -> None:
        """Kills all nodes and removes their files."""
        for process in self._running.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
        for process in self._running.values():
            process.wait()
        self._running = {}
        shutil.rmtree(self._directory, ignore_errors=True)

    def _launch(self, number: int) -> None:
        home = self._directory / self._names[number]
        home.mkdir(exist_ok=True)
        addresses = ",".join(f"127.0.0.1:{port}" for port in self._transport)
        arguments = [home, self._names[number], self._http[number], self._transport[number]]
        arguments += [",".join(self._names), addresses, self._plugins]
        with (home / "output.log").open("ab") as log:
            self._running[number] = subprocess.Popen(
                [*self._java, "-cp", f"{self._node}{os.pathsep}{self._jars}/*", "TestNode"]
                + [str(argument) for argument in arguments],
                stdin=subprocess.PIPE,  # never written to: it is closed when the tests end, even if they are killed
                stdout=log,
                stderr=log,
                cwd=home,
            )

    def _health(self, status: str, nodes: int) -> dict[str, Any]:
        return self._request("GET", f"/_cluster/health?timeout=5s&wait_for_status={status}&wait_for_nodes={nodes}")

    def _request(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The answer of the first node that gives one; an empty one if none does."""
        for number in self._running:
            data = None if body is None else json.dumps(body).encode()
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(f"{self.urls[number]}{path}", data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=8) as answer:
                    return dict(json.load(answer))
            except (OSError, ValueError):
                continue
        return {}

    def _log(self, number: int) -> str:
        lines = (self._directory / self._names[number] / "output.log").read_text(errors="replace").splitlines()
        wrong = [
            line
            for line in lines
            if re.search(r"\[ERROR|OutOfMemory|fatal|Exception in thread|^Caused by|RunnerException", line)
        ]
        return " / ".join([*wrong[:5], *lines[-3:]])


def prepared() -> tuple[Path, Path]:
    """The directories of OpenSearch's jars and of the compiled `TestNode`; what is missing is fetched and compiled.

    Raises:
        ClusterUnavailable: Java, Maven or the artifact is missing.
    """
    for program in ("java", "javac"):
        if not shutil.which(program):
            raise ClusterUnavailable(f"{program} is not installed (Java {LEAST_JAVA} or newer)")
    place = Path(os.environ.get("ARSHIF_TEST_CACHE") or Path.home() / ".cache" / "arshif") / f"opensearch-{VERSION}"
    jars = place / "jars"
    complete = place / "complete with k-NN"
    if not complete.exists():
        if not shutil.which("mvn"):
            raise ClusterUnavailable("mvn (Maven) is not installed")
        place.mkdir(parents=True, exist_ok=True)
        copy = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        _succeed([*copy, f"-DoutputDirectory={jars}"], "Maven could not fetch OpenSearch")
        for plugin in jars.glob("*.zip"):
            with zipfile.ZipFile(plugin) as contents:
                contents.extractall(jars, [name for name in contents.namelist() if name.endswith(".jar")])
        complete.touch()
    source = HERE / "TestNode.java"
    node = place / f"node-{zlib.crc32(source.read_bytes()):08x}"
    if not (node / "TestNode.class").exists():
        compiler = ["javac", "--release", str(LEAST_JAVA), "-cp", f"{jars}/*", "-d", str(node), str(source)]
        _succeed(compiler, "the test node could not be compiled")
    return jars, node


def skip_without_plugin(urls: list[str]) -> None:
    """Skips a test that needs the k-NN plugin, if a cluster does not have it."""
    with urllib.request.urlopen(f"{urls[0]}/_cat/plugins", timeout=START_SECONDS) as answer:
        if b"knn" not in answer.read().lower():
            pytest.skip("the cluster has no k-NN plugin")


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _memory() -> str | None:
    """A directory in memory, if there is one: three nodes on one disk take minutes instead of seconds."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _succeed(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise ClusterUnavailable(f"{failure}: {lines[-1] if lines else 'no reason was given'}")

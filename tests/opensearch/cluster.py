"""A real OpenSearch cluster of three nodes on loopback, each a process of its own that can be killed and paused.

The first use fetches OpenSearch through this machine's Maven into a cache (`ARSHIF_TEST_CACHE`, by default
`~/.cache/arshif`); later ones start from there. `ClusterUnavailable` says what is missing where it cannot be had.
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
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VERSION = "2.19.1.0"
LEAST_JAVA = 17
START_SECONDS = 600  # a busy machine takes minutes, a free one half of one


class ClusterUnavailable(Exception):
    """No cluster can be started here, and why."""


class Cluster:
    """The nodes of one cluster; a context manager that ends them and removes what they kept."""

    def __init__(self, nodes: int = 3, *, heap: str = "340m", quick_start: bool = True) -> None:
        self._files = prepared()
        self._directory = Path(tempfile.mkdtemp(prefix="arshif-opensearch-", dir=_memory()))
        self._names = [f"node{number}" for number in range(nodes)]
        ports = free_ports(2 * nodes)
        self._http, self._transport = ports[:nodes], ports[nodes:]
        # The nodes are busy starting for most of a test run: the quick compiler is the better one.
        self._java = ["java", f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC", "-Xshare:auto"]
        self._java += ["-XX:TieredStopAtLevel=1"] if quick_start else []
        self._java += ["-Djava.awt.headless=true"]
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Cluster:
        try:
            for number in range(len(self._names)):
                self._launch(number)
            self.wait("green")
            # What a node that is gone held is made anew at once, not after a minute.
            made_anew = {"index.unassigned.node_left.delayed_timeout": "1s"}
            self._ask("PUT", "/_index_template/tests", {"index_patterns": ["*"], "template": {"settings": made_anew}})
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes, stopped ones too."""
        return [f"http://127.0.0.1:{port}" for port in self._http]

    def kill(self, number: int) -> None:
        """Ends a node as a power cut would."""
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def start(self, number: int) -> None:
        """Starts a node that was killed, with what it had kept."""
        self._launch(number)

    def follower(self) -> int:
        """A node that is not in charge: where that one hangs, the others need a minute to choose another."""
        in_charge = self._ask("GET", "/_cluster/state/cluster_manager_node")["cluster_manager_node"]
        names = {key: value["name"] for key, value in self._ask("GET", "/_nodes/_all/_none")["nodes"].items()}
        return next(number for number in self._running if self._names[number] != names[in_charge])

    def pause(self, number: int) -> None:
        """Stops a node from doing anything; its connections stay open."""
        self._running[number].send_signal(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        """Lets a paused node go on."""
        self._running[number].send_signal(signal.SIGCONT)

    def wait(self, status: str = "green", *, nodes: int | None = None, seconds: float = START_SECONDS) -> None:
        """Waits until so many nodes have joined and all shards are as the status says."""
        wanted = len(self._running) if nodes is None else nodes
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for number, process in self._running.items():
                if process.poll() is not None:
                    raise ClusterUnavailable(f"a node of OpenSearch ended ({process.returncode}): {self._log(number)}")
            health = self._health(status, wanted)
            if health.get("status") == status and health.get("number_of_nodes") == wanted:
                return
            # Where a shard could not be placed five times, on a node that was still busy closing it, nobody tries again.
            self._ask("POST", "/_cluster/reroute?retry_failed=true&metric=none")
            time.sleep(0.3)
        raise ClusterUnavailable(f"OpenSearch was not {status} after {seconds:.0f} seconds")

    def close(self) -> None:
        """Ends all nodes and removes their files."""
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
        arguments += [",".join(self._names), addresses]
        with (home / "output.log").open("ab") as log:
            self._running[number] = subprocess.Popen(
                [*self._java, "-cp", f"{self._files}{os.pathsep}{self._files / 'jars'}/*", "TestNode"]
                + [str(argument) for argument in arguments],
                stdin=subprocess.PIPE,  # never written to: it closes when the tests end, however they end
                stdout=log,
                stderr=log,
                cwd=home,
            )

    def _health(self, status: str, nodes: int) -> dict[str, Any]:
        return self._ask("GET", f"/_cluster/health?timeout=5s&wait_for_status={status}&wait_for_nodes={nodes}")

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The answer of the first node that gives one; nothing where none does."""
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


def prepared() -> Path:
    """The directory with OpenSearch's jars and the compiled `TestNode`, fetched and made when they are not there.

    Raises:
        ClusterUnavailable: Java, Maven or the artifact is missing.
    """
    for program in ("java", "javac"):
        if not shutil.which(program):
            raise ClusterUnavailable(f"{program} is not installed (Java {LEAST_JAVA} or newer)")
    place = Path(os.environ.get("ARSHIF_TEST_CACHE") or Path.home() / ".cache" / "arshif") / f"opensearch-{VERSION}"
    jars = place / "jars"
    if not (place / "complete").exists():
        if not shutil.which("mvn"):
            raise ClusterUnavailable("mvn (Maven) is not installed")
        place.mkdir(parents=True, exist_ok=True)
        copy = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        _succeed([*copy, f"-DoutputDirectory={jars}"], "Maven could not fetch OpenSearch")
        (place / "complete").touch()
    compiled, source = place / "TestNode.class", HERE / "TestNode.java"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        compiler = ["javac", "--release", str(LEAST_JAVA), "-cp", f"{jars}/*", "-d", str(place), str(source)]
        _succeed(compiler, "the test node could not be compiled")
    return place


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
    """A directory in memory, where there is one: three nodes that wait for one disk take minutes for seconds."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _succeed(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise ClusterUnavailable(f"{failure}: {lines[-1] if lines else 'no reason was given'}")

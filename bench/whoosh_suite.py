"""Runs Whoosh's own tests on both codecs: `python -m bench.whoosh_suite PATH-TO-WHOOSH-TESTS`.

The tests are in the folder `tests/` of Whoosh's source archives: `pip download --no-binary :all: --no-deps whoosh3`
(or `Whoosh==2.7.4`), then unpack, and pass the path of that folder; install the same version, and pytest. They run
three times, each in its own process and directory: on Whoosh's codec, on `ColumnarCodec(round_lengths=True)` as the
default, and on `ColumnarCodec()`. Tests that pass on Whoosh's codec but not on ours with rounded lengths are listed,
and make the exit code 1, except `OF_ITS_FILES`. Tests that fail with exact lengths only are listed too: they assert
that a length of 102 is read back as 106. Some tests fail on all codecs: they need files that are in Whoosh's repository
but not in its archives. `test_minimize_dfa` sometimes fails on all: it depends on the order of a set.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# These read the bytes of Whoosh's own postings file, so no other codec can pass them.
OF_ITS_FILES = {
    "test_codecs.py::test_corrupt_postings_block_raises_clear_error",
    "test_codecs.py::test_tiny_blocks_stored_uncompressed_round_trip",
}

# A module that every interpreter imports, so that processes which Whoosh starts use the codec too.
SITE = """
import os

if os.environ.get("CODEC"):
    import functools

    import whoosh.codec

    from indexer.codec import ColumnarCodec

    whoosh.codec.default_codec = functools.partial(ColumnarCodec, round_lengths=os.environ["CODEC"] == "rounded")
"""


def outcomes(tests: Path, title: str, codec: str) -> dict[str, str]:
    """Each test's outcome on a codec."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(SITE, encoding="utf-8")
        environment = os.environ | {"CODEC": codec, "PYTHONPATH": os.pathsep.join((folder, str(ROOT)))}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rA", "--tb=line"]
        command += ["--rootdir", str(tests), str(tests)]
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = ran.stdout.splitlines()
    print(f"{title:<26} {lines[-1] if lines else ran.stderr.strip()}")
    found = (re.match(r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S+)", line) for line in lines)
    return {match[2].rpartition("/")[2]: match[1] for match in found if match}


def main(tests: Path) -> int:
    stock = outcomes(tests, "Whoosh's codec", "")
    ours = outcomes(tests, "columnar, rounded lengths", "rounded")
    exact = outcomes(tests, "columnar, exact lengths", "exact")
    passed = {test for test, outcome in stock.items() if outcome == "PASSED"}
    worse = {test for test in passed if ours.get(test) != "PASSED"}
    inexact = {test for test in passed - worse if exact.get(test) != "PASSED"}
    for title, names in (
        ("read Whoosh's own files", worse & OF_ITS_FILES),
        ("pass on Whoosh's codec but not on this", worse - OF_ITS_FILES),
        ("assert that lengths are rounded", inexact),
    ):
        print(f"{len(names)} {title}", *sorted(names), sep="\n  ")
    return bool(worse - OF_ITS_FILES) or not passed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))

"""Runs Whoosh's own tests on both codecs: `python -m bench.whoosh_suite PATH-TO-WHOOSH-TESTS`.

The tests are in the folder `tests/` of Whoosh's source archives: `pip download --no-binary :all: --no-deps whoosh3`
(or `Whoosh==2.7.4`), then unpack, and give the path of that folder; install the same version. They run once on Whoosh's
codec and once with `ColumnarCodec` as the default, each in a process and directory of its own. What passes on Whoosh's
codec and not on ours is printed, and makes the exit code 1. Some tests fail on both: they look for files that are in
Whoosh's repository and not in its archives.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CONFTEST = """
import os
import whoosh.codec

if os.environ["CODEC"] == "columnar":
    from indexer.codec import ColumnarCodec

    whoosh.codec.default_codec = ColumnarCodec
"""


def outcomes(tests: Path, codec: str) -> dict[str, str]:
    """Each test's outcome on a codec."""
    environment = os.environ | {"CODEC": codec, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "default_codec_for_tests.py").write_text(CONFTEST, encoding="utf-8")
        environment["PYTHONPATH"] += os.pathsep + folder
        command = [sys.executable, "-m", "pytest", "-p", "default_codec_for_tests", "-p", "no:cacheprovider"]
        command += ["-q", "-rA", "--tb=line", "--rootdir", str(tests), str(tests)]
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = ran.stdout.splitlines()
    print(f"{codec:<10} {lines[-1] if lines else ran.stderr.strip()}")
    found = (re.match(r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S+)", line) for line in lines)
    return {match[2].rpartition("/")[2]: match[1] for match in found if match}


def main(tests: Path) -> int:
    stock, ours = outcomes(tests, "whoosh"), outcomes(tests, "columnar")
    worse = [test for test, outcome in stock.items() if outcome == "PASSED" and ours.get(test) != "PASSED"]
    better = [test for test, outcome in ours.items() if outcome == "PASSED" and stock.get(test) != "PASSED"]
    for title, names in (("pass on Whoosh's codec only", worse), ("pass on this codec only", better)):
        print(f"{len(names)} {title}", *(f"  {name}  {stock.get(name)} {ours.get(name)}" for name in names), sep="\n")
    return bool(worse) or not stock


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))

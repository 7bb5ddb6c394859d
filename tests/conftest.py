"""Fixtures that several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is busy with other things is no failure of what is tested.
settings.register_profile("arshif", deadline=None)
settings.load_profile("arshif")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of real news and retrieval sets, which is not part of the project: tests skip without it."""
    path = Path(os.environ.get("ARSHIF_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not path.is_dir():
        pytest.skip(f"real test data is not at {path} (set ARSHIF_TEST_DATA to where it is)")
    return path

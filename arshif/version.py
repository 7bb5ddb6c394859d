"""`__version__`: the version of the installed package."""

from __future__ import annotations

from typing import Final

from corpus import installed_version

__version__: Final = installed_version() or "0"

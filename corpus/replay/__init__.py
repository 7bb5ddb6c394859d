"""Replaying stored pages: a page as one document that loads nothing, with its own pictures, styles and fonts in it.

>>> from pathlib import Path
>>> from corpus import Archive
>>> from corpus.replay import replay
>>> with Archive.open(Path("archive")) as archive:
...     page = replay(archive, archive.revisions("u-32767a348d4c503f1b63")[-1])
...     page.pictures.shown, page.pictures.all
(3, 4)
"""

from corpus.replay.markup import Count, OutsideLink
from corpus.replay.replaying import Replayed, can_replay, replay
from corpus.replay.supply import OtherDay

__all__ = ["Count", "OtherDay", "OutsideLink", "Replayed", "can_replay", "replay"]

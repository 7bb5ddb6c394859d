"""Near-duplicates: the wire story that many papers printed becomes one group.

>>> from corpus import Archive, grouping
>>> with Archive.open(directory) as archive:
...     grouping.group_changes(archive)
GroupingSummary(articles=70, regrouped=7, seconds=0.08)

`corpus.groups` tells who is in a group, without loading what finds them.
"""

from corpus.near_duplicates.update import GROUPING_VERSION, GroupingSummary, group_changes

__all__ = ["GROUPING_VERSION", "GroupingSummary", "group_changes"]

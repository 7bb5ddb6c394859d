"""Near-duplicates: groups of the copies of one story, as a wire story that many papers print.

    >>> from corpus import Archive, near_duplicates
    >>> with Archive.open(directory) as archive:
    ...     near_duplicates.group_changes(archive)
    GroupingSummary(articles=70, regrouped=7, seconds=0.08)

`corpus.groups` returns the members of a group, without loading what finds them.
"""

from corpus.near_duplicates.update import GROUPING_VERSION, GroupingSummary, group_changes

__all__ = ["GROUPING_VERSION", "GroupingSummary", "group_changes"]

"""Exporting an archive to files for other programs, importing it, and comparing archives.

    >>> from corpus.exchange import export_archive, import_archive
    >>> export_archive(archive, Path("backup"), pages=True)
    >>> import_archive(other, Path("backup"))

The file format is documented in docs/export.md.
"""

from corpus.exchange.exporting import ExportSummary, export_archive, write_lines
from corpus.exchange.importing import ImportSummary, import_archive
from corpus.exchange.records import compare_archives

__all__ = [
    "ExportSummary",
    "ImportSummary",
    "compare_archives",
    "export_archive",
    "import_archive",
    "write_lines",
]

"""A small archive for the tests, and a way to search it."""

from __future__ import annotations

from datetime import datetime

from corpus import Archive, make_article
from indexer import ResultPage, SearchRequest, open_searcher, update_index

ARTICLES = [
    ("talks", "محادثات أستانة", "انطلقت المُفاوَضات في أستانة حول وقف إطلاق النار بين المجموعات المســـلحة والحكومة."
     "\nوقال لافروف إن دي ميستورا سيصل في 23 شباط/ فبراير 2017.", "2017-02-16", "النهضة", "سياسة", "سمير الخطيب"),
    ("budget", "الحكومة تقر الموازنة", "أقرت الحكومة الموازنة العامة. وأعلن الوزير أن الإنفاق سيزيد ١٬٢٥٠ مليونا."
     "\nولم تتطرق الحكومة إلى النار التي اندلعت.", "2018-01-05", "النهضة", "اقتصاد", "ليلى حداد"),
    ("match", "فوز اليابان على إيران", "فازت اليابان على إيران في مباراة أمس.", "2019-03-01", "الغد", "رياضة", ""),
    ("iran", "زلزال في إيران", "ضرب زلزال غرب إيران فجر اليوم.", "2017-11-13", "الغد", "محليات", ""),
    ("undated", "مقال بلا تاريخ", "نص قديم عن المكتبات والكتب لا يعرف أحد متى كتب.", "", "الغد", "ثقافة", ""),
]  # fmt: skip


def fill(archive: Archive) -> None:
    """Adds the articles."""
    for article_id, title, text, day, source, section, author in ARTICLES:
        archive.add(
            make_article(
                id=article_id,
                title=title,
                paragraphs=text.splitlines(),
                published=datetime.fromisoformat(day) if day else None,
                source=source,
                section=section,
                authors=[author],
            )
        )


class Search:
    """Searches an archive; returns the ids of the matches, best first."""

    def __init__(self, archive: Archive) -> None:
        update_index(archive)
        self.searcher = open_searcher(archive)

    def page(self, query: str, **request: object) -> ResultPage:
        return self.searcher.search(SearchRequest(query, **request))  # type: ignore[arg-type]

    def __call__(self, query: str, **request: object) -> list[str]:
        return [hit.id for hit in self.page(query, **request).hits if hit.matched]

    def nearest(self, query: str, **request: object) -> list[str]:
        """The ids of the hits that do not match."""
        return [hit.id for hit in self.page(query, **request).hits if not hit.matched]

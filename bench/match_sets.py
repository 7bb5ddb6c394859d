"""Match sets of queries that journalists type: their size at each width, and a sample of their articles to judge.

The queries have three words or more, on news topics of Saudi and Tunisian media from 2013 to 2017. A reader judges
whether each article of a sample is about the query; the judgements are in docs/relevance.md.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

from corpus import Archive
from indexer import Hit, MatchMode, SearchRequest, Sort, open_searcher

QUERIES: Final = (
    "رئيس الوزراء العراقي",
    "الاتفاق النووي الإيراني",
    "أسعار النفط العالمية",
    "تفجير مسجد قوات الطوارئ",
    "الانتخابات البلدية السعودية",
    "تنظيم داعش سوريا",
    "المقاومة الشعبية عدن",
    "قناة السويس الجديدة",
    "وزير الخارجية الجبير",
    "مكافحة الفساد تونس",
    "كأس أمم إفريقيا",
    "المنتخب التونسي لكرة القدم",
    "اغتيال محمد الزواري",
    "حوادث المرور السعودية",
    "هيئة السوق المالية",
    "رواتب موظفي الدولة",
    "الرئيس التركي أردوغان",
    "الملك سلمان بن عبدالعزيز",
    "وفاة الأمير سعود الفيصل",
    "المقاومة الشعبية تعز",
    "مهرجان سوق عكاظ",
    "قرض صندوق النقد الدولي",
    "الهجرة غير الشرعية أوروبا",
    "دوري عبداللطيف جميل",
    "الأمم المتحدة هدنة اليمن",
)

_PASSAGE: Final = 400


def run(directory: Path, sample: int, newest: bool, seed: int) -> None:
    """Prints a Markdown table of the match sets; with `sample`, so many articles of each."""
    with Archive.open(directory) as archive:
        searcher = open_searcher(archive)
        count = searcher.document_count()
        print(f"{count:,} articles.\n\n| query | all | share | most | any |\n|---|---|---|---|---|")
        for query in QUERIES:
            page = searcher.search(SearchRequest(query, page_size=1))
            if page.mode_counts is not None:
                numbers = (page.mode_counts.of(mode) for mode in MatchMode)
                every, most, some = numbers
                print(f"| {query} | {every:,} | {every / count:.1%} | {most:,} | {some:,} |")
        for query in QUERIES if sample else ():
            request = SearchRequest(query, sort=Sort.NEWEST if newest else Sort.RELEVANCE, group=False)
            hits = [hit for _, hit in searcher.scan(request).hits()]
            drawn = hits[:sample] if newest else random.Random(seed).sample(hits, min(sample, len(hits)))
            print(f"\n## {query}: {len(hits):,}")
            for hit in drawn:
                print(_line(hit))


def _line(hit: Hit) -> str:
    day = hit.published.date().isoformat() if hit.published else ""
    return f"- {hit.id} | {day} | {hit.title.text} | {hit.snippet.text[:_PASSAGE]}"

"""Ten years of invented news, for the screenshots: the seeds alone are too few for a timeline or a calendar.

Every town, paper and person is invented. They are drawn with a fixed seed, so that only a changed page changes a
picture.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

_FIRST: Final = datetime(2014, 1, 1, 6, tzinfo=timezone(timedelta(hours=3)))
_DAYS: Final = 3650
_PAPERS: Final = {
    "النهضة": 9,
    "المنارة": 7,
    "صدى المدينة": 5,
    "صوت الوادي": 4,
    "نبض الساحة": 3,
    "وكالة أنباء الساحل": 6,
}
_TOWNS: Final = (
    "سهلان",
    "رأس المرجان",
    "وادي الزعتر",
    "جبل الورد",
    "مرفأ النور",
    "عين الصفا",
    "تل الريحان",
    "قصر الياسمين",
)
_PEOPLE: Final = ("سليم الحداد", "ريم الزيتوني", "ناصر البحري", "هدى القاسمي", "كمال الورداني", "ليلى المنصوري")
_OFFICES: Final = (
    "رئيس البلدية",
    "وزير المياه",
    "وزير النقل",
    "المتحدث باسم الحكومة",
    "رئيس اتحاد المزارعين",
    "مدير المرفأ",
)
# Section; headline; sentences. Years in which a subject is in the news more than otherwise.
_SUBJECTS: Final = (
    ("سياسة", "جولة جديدة من المفاوضات حول مياه {town}", "مفاوضات المياه", (2016, 2017, 2018)),
    ("سياسة", "انتخابات بلدية {town}: إقبال فاق التوقعات", "الانتخابات البلدية", (2015, 2019)),
    ("سياسة", "{office} يعلن هدنة بين الأطراف في {town}", "اتفاق الهدنة", (2017,)),
    ("محليات", "هزة أرضية خفيفة تضرب {town}", "الزلزال", (2016, 2023)),
    ("محليات", "سيول تقطع الطريق إلى {town}", "السيول", (2018, 2020)),
    ("محليات", "حريق في سوق {town} القديم والسيطرة عليه بعد ساعات", "الحريق", (2015, 2021)),
    ("اقتصاد", "ارتفاع أسعار القمح في أسواق {town}", "أسعار القمح", (2021, 2022)),
    ("اقتصاد", "اتفاق لتوسيع مرفأ {town} قبل نهاية العام", "توسيع المرفأ", (2019, 2020)),
    ("رياضة", "فريق {town} يتأهل إلى نهائي الكأس", "مباراة الكأس", (2014, 2018, 2022)),
    ("ثقافة", "معرض الكتاب في {town} يستقبل زواره", "معرض الكتاب", ()),
    ("علوم", "علماء يرصدون طيورا نادرة قرب {town}", "هجرة الطيور", ()),
)
_SENTENCES: Final = (
    "قال {office} إن ملف {matter} في {town} سيكون موضع متابعة في الأيام المقبلة.",
    "وجاء في تصريح صحفي باسم {person} أن الأهالي في {town} ينتظرون قرارات واضحة بشأن {matter}.",
    "وذكرت مصادر محلية أن الاجتماع الذي عُقد أمس في {town} تناول {matter} بالتفصيل.",
    "وكان ملف {matter} قد شغل سكان {town} طوال الأسابيع الماضية.",
    "ودعا بيان وقّعه {office} إلى التهدئة، مؤكدا أن الحل ممكن إذا توفرت الإرادة.",
    "ومن المنتظر أن يصدر بيان مشترك مساء اليوم عن المجتمعين في {town}.",
)


def articles(number: int = 9000) -> Iterator[str]:
    """Articles as lines of JSON, some of them printed by several papers within hours."""
    drawn = random.Random(1931)
    names, weights = list(_PAPERS), list(_PAPERS.values())
    for story in range(number):
        day = int(_DAYS * drawn.random() ** 0.8)  # more papers, and longer ones, in later years
        moment = _FIRST + timedelta(days=day, minutes=drawn.randrange(15 * 60))
        subjects = [subject for subject in _SUBJECTS for _ in range(6 if moment.year in subject[3] else 1)]
        section, headline, matter, _ = drawn.choice(subjects)
        town, person = drawn.choice(_TOWNS), drawn.choice(_PEOPLE)
        words = {"town": town, "person": person, "office": drawn.choice(_OFFICES), "matter": matter}
        text = [sentence.format(**words) for sentence in drawn.sample(_SENTENCES, drawn.randint(3, 6))]
        printed = [drawn.choices(names, weights)[0]]
        if drawn.random() < 0.08:
            printed = drawn.sample(names, drawn.randint(2, 5))
        for copy, paper in enumerate(printed):
            at = moment + timedelta(minutes=copy * drawn.randint(20, 240))
            yield json.dumps(
                {
                    "id": f"invented-{story}-{copy}",
                    "title": headline.format(**words),
                    "text": "\n".join(text),
                    "date": at.isoformat(),
                    "source": paper,
                    "section": section,
                    "author": person if drawn.random() < 0.2 else None,
                    "url": f"https://news-{names.index(paper)}.example/{at:%Y/%m/%d}/{story}",
                },
                ensure_ascii=False,
            )

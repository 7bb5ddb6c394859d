"""Words for relative days, parts of years, seasons, decades and ranges, and patterns made of them.

All are folded (`corpus.dates.calendars.fold_date_text`). Patterns are strings, which `re` compiles when a date is first
read: few searches read one.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from corpus.dates.calendars import fold_date_text as fold


class Unit(Enum):
    """The unit of a period."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"
    OTHER = "other"


def folded(*lines: str) -> tuple[str, ...]:
    """The names in these lines, folded."""
    return tuple(fold(word) for line in lines for word in line.split(", "))


def any_of(*lines: str) -> str:
    """A regular expression for these names, folded."""
    return "(?:" + "|".join(sorted(map(re.escape, folded(*lines)), key=len, reverse=True)) + ")"


# Numbers

_ONES: Final = folded("الأول, الثاني, الثالث, الرابع, الخامس, السادس, السابع, الثامن, التاسع, العاشر")
_ORDINALS: Final = (
    {name: number for number, name in enumerate(_ONES, 1)}
    | {fold("الأولى"): 1, fold("الحادي عشر"): 11}
    | {f"{name} {fold('عشر')}": number + 10 for number, name in enumerate(_ONES[:9], 1) if number > 1}
    | {fold(name): number for name, number in (("العشرون", 20), ("العشرين", 20), ("الثلاثون", 30), ("الثلاثين", 30))}
    | {
        f"{name} {fold('و' + tens)}": number + value
        for tens, value in (("العشرين", 20), ("العشرون", 20), ("الثلاثين", 30), ("الثلاثون", 30))
        for number, name in enumerate((fold("الحادي"), *_ONES[1:9]), 1)
    }
    | {f"{name}{fold('ة')}": number for number, name in enumerate(_ONES, 1) if number > 1}
)
_ENGLISH_ONES: Final = folded("first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth")
_ENGLISH_ORDINALS: Final = (
    {name: number for number, name in enumerate(_ENGLISH_ONES, 1)}
    | {
        name: number
        for number, name in enumerate(
            folded(
                "eleventh, twelfth, thirteenth, fourteenth, fifteenth, sixteenth, seventeenth, eighteenth, nineteenth"
            ),
            11,
        )
    }
    | {"twentieth": 20, "thirtieth": 30}
    | {
        f"{tens}{mark}{name}": value + number
        for tens, value in (("twenty", 20), ("thirty", 30))
        for mark in "- "
        for number, name in enumerate(_ENGLISH_ONES[:9], 1)
    }
)
ALL_ORDINALS: Final = _ORDINALS | _ENGLISH_ORDINALS
_ORDINAL: Final = "(?:" + "|".join(sorted(ALL_ORDINALS, key=len, reverse=True)) + ")"

CARDINALS = {
    fold(name): number
    for number, names in enumerate(
        (
            "واحد, واحدة, one, a, an",
            "اثنين, اثنان, اثنتين, two",
            "ثلاث, ثلاثة, three",
            "أربع, أربعة, four",
            "خمس, خمسة, five",
            "ست, ستة, six",
            "سبع, سبعة, seven",
            "ثماني, ثمان, ثمانية, eight",
            "تسع, تسعة, nine",
            "عشر, عشرة, ten",
            "أحد عشر, إحدى عشرة, eleven",
            "اثني عشر, اثنا عشر, اثنتي عشرة, twelve",
        ),
        1,
    )
    for name in names.split(", ")
} | {
    fold(name): number for name, number in (("عشرين", 20), ("عشرون", 20), ("ثلاثين", 30), ("ثلاثون", 30), ("مائة", 100))
}
CARDINALS |= {
    f"{name} {fold(ten)}": number + 10
    for name, number in CARDINALS.items()
    for ten in ("عشر", "عشرة")
    if 3 <= number <= 9 and not name.isascii()
}
_NUMBER: Final = r"(?:\d{1,3}|" + "|".join(sorted(CARDINALS, key=len, reverse=True)) + ")"

# Units, with the count that a word means by itself; 0 if it needs a number.
UNITS: Final = {
    fold(name): (unit, count)
    for unit, names in (
        (Unit.HOUR, ("ساعة, hour", "ساعتين, ساعتان", "ساعات, hours")),
        (Unit.DAY, ("يوم, يوما, day", "يومين, يومان", "أيام, days")),
        (Unit.WEEK, ("أسبوع, أسبوعا, week", "أسبوعين, أسبوعان", "أسابيع, weeks")),
        (Unit.MONTH, ("شهر, شهرا, month", "شهرين, شهران", "أشهر, شهور, months")),
        (Unit.YEAR, ("سنة, عام, عاما, year", "سنتين, سنتان, عامين, عامان", "سنوات, سنين, أعوام, years")),
        (Unit.DECADE, ("عقد, عقدا, decade", "عقدين, عقدان", "عقود, decades")),
    )
    for count, line in zip((1, 2, 0), names, strict=True)
    for name in line.split(", ")
}
_UNIT: Final = "(?:" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")"
_ARTICLE: Final = fold("ال")
DURATION: Final = (
    rf"(?:{_ARTICLE})?(?P<n>{_NUMBER}) ?(?:{_ARTICLE})?(?P<unit>{_UNIT})"
    rf"|(?:{_ARTICLE})?(?P<unit2>{_UNIT}) (?:{_ARTICLE})?(?P<n2>{_NUMBER})|(?:{_ARTICLE})?(?P<alone>{_UNIT})"
)

# Relative words

LAST: Final = any_of(
    "الماضي, الماضية, الفائت, الفائتة, المنصرم, المنصرمة, السابق, السابقة, المنقضي, المنقضية, السالف, السالفة",
    "اللي فات, اللي فاتت, الفارط, الفارطة, ماضي, ماضية",
)
BEFORE_LAST: Final = rf"(?:{fold('ما')} )?{fold('قبل')} {LAST}"
THIS: Final = any_of("الحالي, الحالية, الجاري, الجارية, الراهن, الراهنة")
_RECENT: Final = rf"(?:{LAST}|{any_of('الماضيين, الماضيان, الأخير, الأخيرة, الأخيرين, الفائتين, المنصرمين, السابقين')})"
SINGULAR: Final = {
    fold(name): unit
    for unit, names in (
        (Unit.DAY, "اليوم, day"),
        (Unit.WEEK, "الأسبوع, week"),
        (Unit.MONTH, "الشهر, month"),
        (Unit.QUARTER, "الربع, quarter"),
        (Unit.YEAR, "السنة, العام, year"),
        (Unit.DECADE, "العقد, decade"),
        (Unit.CENTURY, "القرن, century"),
    )
    for name in names.split(", ")
}
NAMED_UNIT: Final = "(?:" + "|".join(sorted(SINGULAR, key=len, reverse=True)) + ")"
_DEMONSTRATIVE: Final = rf"(?:{any_of('هذا, هذه, هاي, هذي')} ?|{fold('ه')}(?={_ARTICLE}))"
_HIJRI: Final = any_of("الهجري, الهجرية")
RELATIVE: Final = (
    rf"(?P<this>{_DEMONSTRATIVE})?(?P<unit>{NAMED_UNIT})(?P<hijri> {_HIJRI})?"
    rf"(?: (?:(?P<before_last>{BEFORE_LAST})|(?P<last>{LAST})|(?P<current>{THIS})))?(?: {_HIJRI})?"
    rf"|(?:the )?(?P<english>last|previous|this|current) (?P<english_unit>{NAMED_UNIT})"
)
NAMED_DAYS: Final = {
    fold(name): offset
    for offset, names in (
        (0, "اليوم, هذا اليوم, يومنا هذا, النهارده, النهاردة, الآن, today, now, aujourd'hui, aujourd’hui"),
        (-1, "أمس, الأمس, البارحة, يوم أمس, إمبارح, مبارح, ليلة أمس, yesterday, hier"),
        (
            -2,
            "أول أمس, أمس الأول, أول الأمس, أول البارحة, البارحة الأولى, قبل أمس, أول إمبارح, أول مبارح,"
            " the day before yesterday, day before yesterday, avant-hier",
        ),
    )
    for name in names.split(", ")
}
WEEKDAYS: Final = {
    fold(name): day
    for day, names in enumerate(
        (
            "الاثنين, الإثنين, monday, mon",
            "الثلاثاء, الثلثاء, tuesday, tue",
            "الأربعاء, wednesday, wed",
            "الخميس, thursday, thu",
            "الجمعة, friday, fri",
            "السبت, saturday, sat",
            "الأحد, sunday, sun",
        )
    )
    for name in names.split(", ")
}
_WEEKDAY: Final = "(?:" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + ")"
_DAY: Final = any_of("يوم, نهار, ليلة")
WEEKDAY_ALONE: Final = (
    rf"(?:{_DAY} )?(?P<day>{_WEEKDAY})(?: (?P<last>{LAST}))?"
    rf"|(?P<english>last) (?P<english_day>{_WEEKDAY})"
)
WEEKDAY_BEFORE: Final = rf"(?:{_DAY} )?{_WEEKDAY} ?,? (?=.*\d)|{fold('يوم')} (?=\d|{_ORDINAL})"
WEEK_BEGINS: Final = 5  # Saturday, as Monday is 0

# Parts, seasons, decades, centuries

_OF: Final = rf",? (?:{any_of('من, في, of, in')} )?"
YEAR_WORDS: Final = any_of("عام, العام, سنة, السنة, لعام, لسنة, of, من عام, من سنة, من العام, من السنة, من, the year")
SEASONS: Final = {
    fold(name): month
    for month, names in (
        (3, "ربيع, الربيع, spring, printemps"),
        (6, "صيف, الصيف, summer, ete"),
        (9, "خريف, الخريف, autumn, fall, automne"),
        (12, "شتاء, الشتاء, winter, hiver"),
    )
    for name in names.split(", ")
}
SEASON: Final = (
    rf"(?P<season>{'|'.join(sorted(SEASONS, key=len, reverse=True))}) (?:{YEAR_WORDS} )?"
    rf"(?P<year>\d{{4}})(?: ?[-/] ?(?P<next>\d{{2}}|\d{{4}}))?"
    rf"(?: ?{any_of('م, ميلادي, ميلادية')})?"
)
SEASON_RELATIVE: Final = (
    rf"(?:(?P<this>{_DEMONSTRATIVE}|this )|(?P<english>last ))?(?P<season>{'|'.join(SEASONS)})"
    rf"(?: (?:(?P<last>{LAST})|{THIS}))?"
)
FRACTIONS: Final = {
    fold(name): parts
    for parts, names in (
        (2, "النصف, السداسي, half"),
        (3, "الثلث, third"),
        (4, "الربع, الثلاثي, quarter"),
        (0, "الأسبوع, week"),
    )
    for name in names.split(", ")
}
_FRACTION: Final = "(?:" + "|".join(FRACTIONS) + ")"
_LAST_PART: Final = any_of("الأخير, الأخيرة, last")
PART: Final = (
    rf"(?P<fraction>{_FRACTION}) (?P<ordinal>{_ORDINAL}|{_LAST_PART}|[1-4])(?: {fold('والأخير')})?{_OF}(?P<whole>.+)"
    rf"|(?:the )?(?P<ordinal2>{_ORDINAL}|last) (?P<fraction2>half|third|quarter|week)(?: of)?(?: the)? (?P<whole2>.+)"
    r"|(?P<letter>[qh]) ?(?P<number>[1-4])[ /-]?(?:of )?(?P<whole3>\d{4})"
    r"|(?P<whole4>\d{4})[ /-]?(?P<letter4>[qh]) ?(?P<number4>[1-4])"
    rf"|(?P<whole5>\d{{4}}) (?P<fraction5>{_FRACTION}) (?P<ordinal5>{_ORDINAL}|{_LAST_PART})"
)
TEN_DAYS: Final = (
    rf"{fold('العشر')} (?:(?P<first>{any_of('الأوائل, الأول, الأولى')})|(?P<middle>{any_of('الأواسط, الوسطى')})"
    rf"|{any_of('الأواخر, الأخيرة')})(?: {fold('من')})? (?P<whole>.+)"
)
EDGE_DAY: Final = (
    rf"(?:{any_of('أول, the first, first')}|(?P<last>{any_of('آخر, the last, last')})) {any_of('يوم, أيام, day')}"
    rf"(?: {any_of('من, في, of')})? (?P<whole>.+)"
)
DECADES: Final = {
    fold(name): tens
    for tens, names in (
        (20, "عشرين, twent"),
        (30, "ثلاثين, thirt"),
        (40, "أربعين, fort"),
        (50, "خمسين, fift"),
        (60, "ستين, sixt"),
        (70, "سبعين, sevent"),
        (80, "ثمانين, eight"),
        (90, "تسعين, ninet"),
    )
    for name in names.split(", ")
}
DECADE: Final = (
    rf"(?:{any_of('عقد, سنوات, أعوام, حقبة, فترة, سنين')} )?(?:"
    rf"(?:{_ARTICLE})?(?P<word>{'|'.join(DECADES)})(?:{any_of('ات, يات, ييات')}|ies)(?: {any_of('الميلادية')})?"
    rf"|(?:the )?(?P<english>{'|'.join(DECADES)})ies|(?:the )?(?P<century>1[6-9]|20)?'?(?P<tens>\d0)'?s)"
    rf"(?:(?: {fold('من')})? (?P<of>{fold('القرن')} .+))?"
)
CENTURY: Final = (
    rf"{fold('القرن')} (?:{fold('الـ')} ?)?(?P<number>{_ORDINAL}|\d{{1,2}})(?: {any_of('الميلادي, م')})?"
    r"|(?:the )?(?P<english>\d{1,2}(?:st|nd|rd|th)|[a-z]+(?:[- ][a-z]+)?) century"
)
VAGUE: Final = (
    "(?:"
    + "|".join(
        (
            any_of("أوائل, مطلع, بداية, بدايات, مستهل, منتصف, أواسط, وسط, أواخر, نهاية, نهايات, آخر, أول, ختام, غضون"),
            any_of("حوالي, نحو, قرابة, زهاء, تقريبا"),
            "(?:the )?(?:beginning|start|middle|end)(?: of)?(?: the)?",
            "early|mid|late|around|about|circa|c\\.",
        )
    )
    + ") ?-? ?(?P<whole>.+)"
)
DURING: Final = any_of("خلال, في, أثناء, طوال, طيلة, during, in, the, en, on") + " (?P<whole>.+)"

# Spellings that are normalized first

NUMBERED_MONTH: Final = rf"(?<!\w)({any_of('كانون, تشرين, ربيع, جمادى, جماد')}) ?(1|2|i{{1,2}})(?![\w/.-])"
SHORT_MONTH: Final = r"(?<!\w)([تك]) ?([12])(?![\w/.-])"
# As printed, between the day and the year: 5 كانون 2 2017, 5/ت1/2016, 5 ج1 1438.
SHORT_MONTHS: Final = {
    fold("ت"): fold("تشرين"),
    fold("ك"): fold("كانون"),
    fold("ج"): fold("جمادى"),
    fold("ر"): fold("ربيع"),
}
PRINTED_NUMBERED_MONTH: Final = (
    rf"(?<![^\W\d_])({any_of('كانون, تشرين, ربيع, جمادى, جماد')}|(?<=[\d /.,-])[تكجر]) ?([12]|i{{1,2}})(?![\w:])"
    r"(?=\W{1,4}\d{4}(?!\d)| ?[/(-] ?[^\W\d])"
)
LEBANESE: Final = {fold("ت"): fold("تشرين"), fold("ك"): fold("كانون")}
NUMBER_OF_MONTH: Final = (
    rf"(?:(?P<day>\d{{1,2}}) )?(?:{any_of('شهر, month')}) (?P<month>\d{{1,2}}|{_ORDINAL}|{_NUMBER})"
    rf"(?:[ /-]| {YEAR_WORDS} )(?P<year>\d{{4}})"
)
ORDINAL_DAY: Final = rf"(?:the )?(?P<ordinal>{_ORDINAL}|{fold('أول')}|1er)(?: (?:{fold('من')}|of))?(?= )"
TWO_DIGITS: Final = r"(\d{1,2})([-/.])(\d{1,2})\2'?(\d\d)"
SEPARATED: Final = r"(?<=\d)([-/.]) (?=\d)|(?<=\d) ([/.])(?=\d)"
CONJUNCTION: Final = rf" {fold('و')} ?(?=\S)| and "
BETWEEN: Final = rf"(?:{fold('ما')} )?(?:{fold('بين')}|between|{fold('فيما بين')}) (.+)"
DUAL: Final = rf"(?<!\w){any_of('عامي, سنتي, شهري, يومي')} "  # بين عامي 2014 و2016
FROM: Final = rf"(?:{fold('من')}|{fold('من يوم')}|from|du) (.+)"
UP_TO: Final = rf" (?:{any_of('إلى, حتى, لغاية, إلى غاية, وحتى, إلى يوم, لحد')}|to|until|till|through|au) "
DOTS: Final = r" ?(?:\.{2,}|…) ?"
SINCE: Final = rf"(?:{any_of('منذ, من, ابتداء من, اعتبارا من, بدءا من, بعد')}|since|after|from|starting) (.+)"
UNTIL: Final = rf"(?:{any_of('حتى, لغاية, إلى غاية, إلى, قبل')}|until|till|before|up to|to) (.+)"
_AGO: Final = any_of("ago, مضت, مضى")
COUNTED: Final = (
    rf"(?:(?P<since>{any_of('منذ, من')}|since) |(?P<before>{fold('قبل')}) )?(?P<duration>.+?)(?P<ago> {_AGO})?"
)
ROLLING: Final = (
    rf"(?:{any_of('خلال, في')} )?"
    rf"(?:(?:{fold('آخر')}|(?:the )?(?:last|past)) (?P<duration>.+)|(?P<duration2>.+) {_RECENT})"
    rf"|{any_of('خلال, في غضون')} (?P<duration3>.+)"
)
OF_RELATIVE: Final = rf"(?: {fold('من')})? ({_DEMONSTRATIVE}?{NAMED_UNIT}(?: (?:{BEFORE_LAST}|{LAST}|{THIS}))?)$"
ALSO: Final = rf" (?:{any_of('الموافق, الموافق لـ, موافق, المصادف, الموافق ل')}) "
INTERVAL: Final = r"(\d{4}-\d\d(?:-\d\d)?)/(\d{4}-\d\d(?:-\d\d)?)"
YEARS: Final = r"(\d{4}) ?/ ?(\d{4})"
WHOLE_YEAR: Final = rf"(?:{YEAR_WORDS} )?\d{{4}}\D{{0,12}}"
LAST_YEAR: Final = r"(\d{4})(\D{0,9})$"
MAX_SPLITS: Final = 8

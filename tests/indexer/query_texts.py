"""Random queries: mixes of everything that means something in a query, and of what is pasted by accident."""

from __future__ import annotations

from hypothesis import strategies as st

from indexer.query.names import FIELDS, OPERATORS

MARKS = [
    *"\"«»“”„‹›'‘’‚()|-−–:~*؟?=\\+#@/&،؛.…_!",
    "\u200f",
    "\u202e",
    "\u2068",
    "\u0640",
    "\u064e",
    "\u0301",
    "\ud83d",
    "\x00",
    "🔥",
    "\n",
]
WORDS = ["وقف", "النار", "أُسْتانة", "في", "إلى", "ab", "Évian", "2017", "٢٣", "1,250", "x1", "م", "2017م", "ﻻ", "²", "ß"]
DATES = [
    "2017-02",
    "2017-02-16",
    "16/2/2017",
    "شباط",
    "كانون الثاني",
    "2018",
    "1438",
    "هـ",
    "م",
    "2014-2016",
    "2017..",
    "..",
    "2018..2017",
]
PIECES = [
    "~5",
    "5~",
    "~٢",
    "كلمة~",
    "مفاو*",
    "م؟اوض",
    '"وقف النار"',
    "«a b»",
    "http://a.b/c:d?e=f*",
    "a@b.c",
    "10:30",
    "(a b)",
    "-x-y",
]
NAMES = [name + ":" for names in FIELDS.values() for name in names] + ["والعنوان:", "لون:"]
SPELLED = [name for names in OPERATORS.values() for name in names]

_PIECE = st.sampled_from(MARKS) | st.sampled_from(WORDS + DATES + PIECES) | st.sampled_from(NAMES + SPELLED)

QUERY_TEXTS = (
    st.lists(_PIECE, max_size=40).map(" ".join)
    | st.lists(_PIECE, max_size=40).map("".join)
    | st.lists(_PIECE | st.just(" "), max_size=60).map("".join)
    | st.text(max_size=60)
)

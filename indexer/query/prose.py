"""Text or operator query: whether the marks in what was typed are punctuation or operators.

Some operators are certain, as texts have none: a date field with its date, OR in capitals, `~`. Others are rare in
texts: a field with its value, `*`, `=`, `+`; a long post may have one by chance. The rest are doubtful, since headlines
have them too: quotation marks, brackets, a minus, أو. They are operators only if the query has few *signs* of a
sentence: its punctuation, an interrogative, verbs, stop words and endings, length.

Verbs are listed in the third person, as headlines have them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, takewhile
from typing import Final

from indexer.analysis import analyze_word, fold, stop_words
from indexer.query.dates import MAX_DATE_TOKENS, is_date
from indexer.query.lexer import PAIR_OF_DASHES, Bound, QueryToken, field_named, operator_named
from indexer.query.words import split_words

MAX_KEYWORDS: Final = 5
"""Content words; a query of more is prose. Up to as many, ranking it as keywords costs hardly anything
(docs/relevance.md)."""

SHORT_TEXT: Final = 6
"""Words of a short text, which is never a post, and which an exclusion may end."""

_MAX_SIGNS: Final = 1  # of a sentence, in an operator query with doubtful operators alone
_ALTERNATION: Final = 2  # further signs allowed where brackets hold alternatives
_PROSE: Final = 3  # signs that make a few words prose
_PUNCTUATED: Final = 2  # signs of a final mark after quotations
_CLAUSE: Final = 4  # words that are prose if one is a verb
_LENGTHS: Final = (4, 6, 8, 12)  # words; each length exceeded is a sign
_QUOTING: Final = 5  # words outside phrases; more are a sign
_NAMING: Final = 2  # likewise if each phrase is one word
_POST: Final = 12  # words; a longer text with hashtags or links is a post
_MAX_DATE_FIELDS: Final = 8  # whose values are parsed as dates

_FINAL: Final = "!?.…"
_ENDS: Final = _FINAL + " \n\t\"'»”)"
_INNER: Final = re.compile(
    r"""[!?]\s|\.{2,}|[…;؛—―]|\s:|\w["»”)]\s?:|(?<![\d.])\.\s+\w|\s[-–−ـ]+\s|\s/|\w/\s|\s[+*=]+\s|^[-–−•*]+\s"""
)
_COLON: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]+):(?:\s|$)")
_LABELLED: Final = re.compile(r"(?:عاجل|خاص|حصري|شاهد|متابعة|بالفيديو|بالصور)\s*[|/]")
_COMMA: Final = re.compile(r"[،,](?!\d)")
_GLUED: Final = re.compile(r"ـ\s+[\"“«(]")  # لـ «النهضة»
_SCORE: Final = re.compile(
    r"""(?<![+\-−–:])[("«“]\s*\d{1,3}\s*(?:[-–−/]\s*\d+\s*)?[)"»”]|\([!?.\s]+\)|\b\d+\s?[-–−]\s?\d+\b(?!\s?[-–−])"""
)
_POSTED: Final = re.compile(r"\n\s*\S|(?<!\w)[#@]\s?[^\W\d]|[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_ATTACHED: Final = re.compile(r"(?:[وف]?(?:بال|لل|كال)|وال).{3}")
_POSSESSIVE: Final = re.compile(r".{4,}(?:ها|هم)")
_MARKED: Final = re.compile(r"^=+[^\W\d_]|[^\W\d_]\*+[^\W\d_]|^[^*].*[^\W_]\*+[?.،]?$")

_COUNT: Final = re.compile(r"\d{1,3}|\d{5,}|\d+[.,]\d+")  # a number other than a year
_TANWIN: Final = "\u064b"
_TIMES: Final = frozenset(
    map(fold, ("اليوم", "غدا", "أمس", "المقبل", "المقبلة", "القادم", "القادمة", "الجاري", "الحالي", "الآن", "قريبا"))
)  # relative to the day of publication

_INTERROGATIVES: Final = frozenset(
    fold(word)
    for word in (
        *("هل", "ماذا", "لماذا", "متى", "أين", "كيف", "كم", "ما", "أي", "أية", "أيهما", "ماهو", "ماهي", "ماهى", "لمن"),
        *("بماذا", "بم", "ممن", "مما", "عم", "عماذا", "أليس", "ألم", "فيم", "وهل", "وماذا", "علام", "إلام"),
        *("who", "what", "when", "where", "why", "how", "which", "whose"),
        *("qui", "quand", "comment", "pourquoi", "combien", "quel", "quelle", "quels", "quelles"),
    )
)
_WHO: Final = fold("من")  # also a preposition: an interrogative only before one of these
_AFTER_WHO: Final = frozenset(map(fold, ("هو", "هي", "هم", "الذي", "التي", "الذين", "كان", "كانت", "قال", "صاحب")))

# Verbs without their ي or ت, folded.
_OF_EITHER_GENDER: Final = """
    علن طلق دعو بدء عايد كشف غلق دين قيم ستقبل نظم قدم ءكد نفي طالب شارك فتح وضح حقق حذر هنء نهي دعم حتفل نفذ
    قتل صدر سجل ستعد دخل حطم عيد رفض هدد عود منع طرح رفع دشن جذب سيطر ستضيف واجه رتفع تراجع عطل ضبط سعي حمل
    وافق عرض نشر قرر ستنكر بحث عتزم حتضن ثير كرم عزز عتمد ختتم ناقش مدد عتقل ستءنف تقدم تهم ستهدف دفع وزع هبط
    نقل سلم حصل حتفي تجاوز نقذ منح غادر حدد حيل تجه طلب شهد عمل ضرب ستدعي نتظر قطع ستعيد خسر حرر توقع تسبب ءجل
    ودع رصد حصد جري تسلم تحول قتحم طيح رسم قترب فوز ستخدم زيد حبط تصدر وصي فقد عالج خدم جتاح نتهي عقد خطط خرج
    حتاج تيح توقف تعرض نوي نضم لقي قصف فتتح عبر ستقطب ساعد درس تطلع نطلق نجح لغي لاحق فرض غرم صيب رحب خفض هاجم
    قود ضيف شكل سمح زور جدد بعد عاني شعل حيي تفوق تعهد تابع نتقد عيش عتذر صبح سحب ستعرض ربط خطف تواصل نهزم ندد
    نخفض ظهر طرد رسل ختار حظر تصدي تدخل نسحب ناشد مثل كثف عين عرب شيد سقط حاول نال قلص قضي قترح قاضي غيب صنع
    شتري رعي داهم تحدي تحدث ءمن ءدي ءثر نافس قبض قاطع فشل طارد شمل حظي صرف رخص بارك تنازل جهز تناول صادر حتجز
    شدد عدم شرع بلغ ضم وعد ءيد شير زف خوض حذف لزم جبر ستنفر ستغل قر خصص ستكمل تاهل تصدر ستلم كرس نصح غرد ستحوذ رد هدم
"""
# Verbs whose form with ت is also a noun, or is rare.
_MASCULINE: Final = """
    واصل وجه لتقي كسب تفقد تلقي طلع توج وقع مكن عزي حسم طمءن جتمع تعاقد تعادل ستانف تبني ستهل خضع شكر حضر وقف
    باشر امر ضرم هزم عترف عتدي سفر ستقيل ريد واسي روي ختبر نجو كلف قوم صادق خلف حافظ ودي كمل ستبعد فجر طير صعد
    حدث تعافي تراس كسر غير سدد دير حجز جمع نتقل فكر فاوض حرز ثمن تغير بقي كفي عيق عتبر صرع شرف دمر تغلب هدف
    نعش نتحر مضي لتحق عاود ضيء ضاعف دهس حتج علق عرقل عدل صطدم سبب ساند زال درب دافع خترع جتاز تبرع تاهب هدي
    نمو لعب كافء قول قبل فاجء ستغني ستعين حول حمي حتفظ توعد تطلب تخلي تخطي نتصر ملك لمح فتقد غرق عوض سير سرق
    ستحق خترق حارب ثبت توصل تمسك ترشح تالق مول كتشف كافح عكس عطي شكو ستطيع روج رتدي ختطف حرم جعل ترقب تحقق بيع
    ورط واكب نذر نتهك نتج قلب قفز فيد فضل غزو شكك شجع شتكي ستنجد ستمر سبق زداد خالف حرق تفاعل تعامل تحرك بتلع
    ءسس نعي نظر نشط نتزع نافي مهد مارس لتقط كتفي فصل غازل عارض صدق ركز رحل خيم حكم حاكم تكفل تعلق تعرف بهر بشر
    وفر وسع نتعش نتخب موت كذب كتمل قلق فكك فعل فحص طال صطاد شترط ستهلك ستفز ستثمر زيل رجح رتبط ذهب حشد حتوي
    حترم حاصر توع تمكن تعلم تربص تخلص تحمل تحفظ تجنب تجاهل بعث برر شتبه تدرب بتعد ستبدل ستقر ستجيب سافر ترك
    لاقي نتشل كتسح عتزل فسخ نبغي جوز صعب شجب عتقد رءس راس قلد طعن ظفر فلت بطل تجول تخلف قرا رزق هيم حرج ربك فسد نطح
"""
# Names and nouns that look like verbs.
_NO_VERBS: Final = """
    يحيي يزيد يعرب تدخل تعرض توقف تسلم توقع تقدم تحول تنقل توجه تحدث تحمل تطلع تسبب تمدد تشكل تصدر تعين
    يمنيون يابانيون
"""

_AFTER_TEH: Final = frozenset(_OF_EITHER_GENDER.split())
_AFTER_YEH: Final = _AFTER_TEH | frozenset(_MASCULINE.split())
_NOT_VERBS: Final = frozenset(_NO_VERBS.split())
_NEGATIONS: Final = frozenset(("ليس", "ليست", "وليس", "ليسوا"))
_SHORTEST_PLURAL: Final = 6


@dataclass(frozen=True, slots=True)
class QueryKind:
    """Whether a query is text rather than operators, and if it is, whether it is prose rather than keywords."""

    is_text: bool
    is_prose: bool


def classify_query(text: str, tokens: Sequence[QueryToken], today: date) -> QueryKind:
    """Classify a query, given clean (`indexer.query.lexer.clean_query`) and as its tokens.

    Signs of a sentence are counted: one alone decides nothing, a few do. Relative dates are resolved against `today`.
    """
    text = text.strip()
    spoken = [word for token in tokens if token.kind in ("run", "field") for word in split_words(token.text)]
    words = list(map(fold, spoken))
    phrases = [token.text for token in tokens if token.kind == "phrase"]
    quoted = sum(len(split_words(phrase)) for phrase in phrases)
    if all(token.kind == "phrase" for token in tokens):  # the content of quotation marks is no sign
        marks = _PUNCTUATED * (text[-1:] in _FINAL)
    else:
        marks = _punctuation(text, len(words))
    marks += 2 * (any(token.glued for token in tokens) or bool(_GLUED.search(text)))
    signs = marks + _wording(words) + any(_TANWIN in word for word in spoken)
    if phrases:
        signs += _quotation(phrases, words)
    posted = bool(_POSTED.search(text)) or (len(words) > 1 and any(token.kind == "url" for token in tokens))
    if posted:
        signs += _PROSE if len(words) + quoted > SHORT_TEXT else 1
    is_post = posted and len(words) + quoted > SHORT_TEXT
    is_prose = is_post or _is_sentence([*spoken, *(word for phrase in phrases for word in split_words(phrase))])
    is_long_post = posted and len(words) + quoted > _POST
    return QueryKind(_is_text(tokens, signs, len(words), today, is_post=is_long_post), is_prose)


def content_words(words: Sequence[str]) -> int:
    """The number of content words: all but stop words."""
    return sum(analyze_word(word).stem is not None for word in words)


def is_verb(form: str) -> bool:
    """Whether a folded word is a listed verb, or looks like the plural of one."""
    if form in _NEGATIONS:
        return True
    if form[:1] not in ("ي", "ت") or form in _NOT_VERBS:
        return False
    if form[0] == "ت":
        return form[1:] in _AFTER_TEH
    return form[1:] in _AFTER_YEH or (form.endswith(("ون", "ان")) and len(form) >= _SHORTEST_PLURAL)


def _is_sentence(words: Sequence[str]) -> bool:
    """Whether words are a sentence, regardless of punctuation, so that a query is ranked alike with and without it."""
    folded = list(map(fold, words))
    if len(words) > 1 and _wording(folded) + any(_TANWIN in word for word in words) >= _PROSE:
        return True
    return len(words) >= _CLAUSE and any(map(is_verb, folded))


def _is_text(tokens: Sequence[QueryToken], signs: int, words: int, today: date, *, is_post: bool) -> bool:
    if _is_enclosed(tokens) or _has_certain_operator(tokens, today):
        return False
    if _rare_operators(tokens) > is_post:
        return False
    signs += sum(words > length for length in _LENGTHS) + _is_inner_minus(tokens)
    allowed = _MAX_SIGNS + _ALTERNATION * _has_alternation(tokens)
    return signs > allowed + (_ends_with_exclusion(tokens) and words <= SHORT_TEXT)


# Operators


def _has_certain_operator(tokens: Sequence[QueryToken], today: date) -> bool:
    """Whether the tokens have an operator that texts never have."""
    # A single | in a headline separates it from a label or the name of the site.
    if sum(token.kind == "either" and token.text[0] == "|" for token in tokens) > 1:
        return True
    for token in tokens:
        if token.distance is not None or (token.kind in ("either", "not", "and") and token.text.isupper()):
            return True
    fields = (place for place, token in enumerate(tokens[:-1]) if token.kind == "field")
    return any(_is_dated(tokens, place, today) for place in islice(fields, _MAX_DATE_FIELDS))


def _is_dated(tokens: Sequence[QueryToken], place: int, today: date) -> bool:
    if not isinstance(field_named(tokens[place].text), Bound):
        return False
    value = tokens[place + 1]
    if value.kind == "phrase":
        return is_date([value.text], today)
    values = tokens[place + 1 : place + 1 + MAX_DATE_TOKENS]
    return value.kind == "run" and is_date([token.text for token in takewhile(_is_run, values)], today)


def _is_run(token: QueryToken) -> bool:
    return token.kind == "run"


def _rare_operators(tokens: Sequence[QueryToken]) -> int:
    """The number of operators that are rare in texts."""
    count = 0
    starred = False  # *bold* text begins and ends with a star
    for token in tokens:
        if token.kind == "plus" or token.text == "&&":
            count += 1
        elif token.kind == "field":
            count += not isinstance(field_named(token.text), Bound | None)
        elif token.kind == "run":
            if token.text.startswith("*") and not token.text.endswith("*"):
                starred = True
            elif starred and token.text.rstrip("!.،؛").endswith("*"):
                starred = False
            else:
                count += bool(_MARKED.search(token.text))
    return count


def _is_enclosed(tokens: Sequence[QueryToken]) -> bool:
    """Whether one pair of brackets encloses the whole query, whose marks are operators then."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth <= 0:
            return place > 0 and depth == 0 and place == len(tokens) - 1
    return False


def _has_alternation(tokens: Sequence[QueryToken]) -> bool:
    depth = 0
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.kind == "either" and depth > 0:
            return True
    return False


def _ends_with_exclusion(tokens: Sequence[QueryToken]) -> bool:
    """Whether the last token is an excluded word or phrase."""
    return len(tokens) > 1 and tokens[-2].kind == "minus" and tokens[-1].kind in ("run", "phrase")


def _is_inner_minus(tokens: Sequence[QueryToken]) -> bool:
    """Whether words follow an excluded word."""
    kinds = [token.kind for token in tokens]
    following = zip(kinds, kinds[1:], kinds[2:], strict=False)
    return any(kind == "minus" and word == "run" and more in ("run", "phrase") for kind, word, more in following)


# Signs of a sentence


def _punctuation(text: str, words: int) -> int:
    """The signs in the punctuation of a text."""
    end = text[len(text.rstrip(_ENDS)) :]
    signs = 3 if "?" in end else 2 if "!" in end or "…" in end or ".." in end else 1 if "." in end else 0
    inner = sum(1 for _ in islice(_INNER.finditer(text), 2))
    inner += any(field_named(label) is None or words > _LENGTHS[0] for label in _COLON.findall(text))
    inner += bool(PAIR_OF_DASHES.search(text)) + bool(_LABELLED.match(text))
    signs += min(inner + 1, 3) if inner else 0
    return signs + bool(_COMMA.search(text)) + 2 * bool(_SCORE.search(text))


def _wording(words: Sequence[str]) -> int:
    """The signs in the folded words of a text, without quoted ones."""
    # In French and English the names of things have stop words too: le ministre de l'intérieur.
    signs = min(_PROSE, sum(word in stop_words() and not (word.isascii() or operator_named(word)) for word in words))
    signs += 3 * _asks(words)
    signs += 2 * any(map(is_verb, words))
    signs += any(map(_ATTACHED.match, words)) + any(map(_POSSESSIVE.fullmatch, words))
    return signs + (not _TIMES.isdisjoint(words))


def _quotation(phrases: Sequence[str], words: Sequence[str]) -> int:
    """The signs in the phrases, and in how many words are beside them."""
    names = all(len(split_words(phrase)) == 1 for phrase in phrases)
    # A space at one end means that quotation marks were paired wrongly.
    signs = 2 * any(phrase[:1].isspace() != phrase[-1:].isspace() for phrase in phrases)
    signs += any(map(_COUNT.fullmatch, words))
    return signs + (len(words) > _QUOTING) + (names and len(words) > _NAMING)


def _asks(words: Sequence[str]) -> bool:
    if len(words) < 2:
        return False
    return words[0] in _INTERROGATIVES or (words[0] == _WHO and words[1] in _AFTER_WHO)

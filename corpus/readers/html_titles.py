"""The headline of a page: kept whole, as it is printed, without the site's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_BREAK: Final = r"(?:\s+[|\-–—»«·•]\s+|\s*\|\s*|\s*::\s*)"
_SITE_BREAK: Final = re.compile(_BREAK)
_BREAK_AT_START: Final = re.compile(_BREAK)
_BREAK_AT_END: Final = re.compile(_BREAK + r"\Z")
_PAPER: Final = re.compile(r"(?:جريدة|نشرة|صحيفة|مجلة|وكالة|قناة|شبكة|بوابة|موقع|إذاعة|اذاعة|راديو|تلفزيون)\s+(?=\w)")
_MAX_SITE: Final = 40
_HEADING: Final = "the heading <h1>"
_WORD: Final = re.compile(r"\w+")
_ALIKE: Final = 0.7  # share of words from which a heading is another wording of a declared title
_UNLIKE: Final = 0.2  # share of words below which it is another story's
_FEW_WORDS: Final = 4
# Each Arabic consonant as Latin letters print it; long vowels are not compared, nor is the article.
_LATIN: Final = str.maketrans(
    dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "bttjhKddrzsXsdtzGfkklmnh", strict=True)) | dict.fromkeys("اأإآويىئؤءعةـ", "")
)
_PAIRS: Final = (("sh", "X"), ("ch", "X"), ("kh", "K"), ("gh", "G"), ("th", "t"), ("dh", "d"), ("q", "k"))


@dataclass(frozen=True, slots=True)
class Title:
    """A headline, the feature that it was taken from, and the site's name if only `<title>` contains it."""

    text: str | None
    origin: str | None
    site: str | None = None


def find_title(declared: list[tuple[str, str]], headings: tuple[str, ...], whole: str, names: SiteNames) -> Title:
    """The headline of a page.

    `declared` are the titles of its metadata, the best first, each with where it is found; `headings` are the texts of
    its `<h1>`, `whole` is its `<title>`. Of two wordings, the printed one is taken if the other has most of its words.
    """
    part, site = names.cut(whole)
    # The first heading is often the site's name: the heading that <title> repeats is the article's.
    repeated = max((text for text in headings if text in whole), key=len, default=None)
    if repeated and len(repeated) * 2 < len(part):  # a label: «بالفيديو»
        repeated = None
    known = declared[0][0] if declared else repeated
    if headings and not repeated and _is_only_a_site(part, names):
        part = ""
    if not site and known and whole.startswith(known):
        site = _named_as_paper(whole.removeprefix(known))
    for text, origin in declared:
        title, _ = names.cut(text)
        if repeated and not _alike(title, repeated):
            continue  # of another story, or of the section
        printed = _printed(title, headings)
        return Title(printed or title, _HEADING if printed and printed != title else origin, site)
    heading = repeated or (headings[0] if headings and not part else None)
    if heading:
        return Title(heading, _HEADING, site)
    return Title(part or None, "<title>" if part else None, site)


def _is_only_a_site(title: str, names: SiteNames) -> bool:
    """Whether a page's `<title>` has the site's name and no headline."""
    return names.is_site(title) or (len(title) <= _MAX_SITE and _PAPER.match(title) is not None)


def _alike(title: str, heading: str) -> bool:
    """Whether a title has a fair share of a heading's words, or either has too few to tell."""
    words, printed = set(_WORD.findall(title.casefold())), set(_WORD.findall(heading.casefold()))
    fewest = min(len(words), len(printed))
    return fewest < _FEW_WORDS or len(words & printed) >= _UNLIKE * fewest


def _printed(title: str, headings: tuple[str, ...]) -> str | None:
    """The heading that prints a declared title: the title less a section's or a site's name, or its other wording."""
    words = set(_WORD.findall(title))
    for heading in headings:
        if heading == title:
            return heading
        if title.startswith(heading) and _BREAK_AT_START.match(title.removeprefix(heading)):
            return heading if len(heading) * 2 > len(title) else None
        if title.endswith(heading) and _BREAK_AT_END.search(title.removesuffix(heading)):
            return heading if len(heading) * 2 > len(title) else None
        printed = set(_WORD.findall(heading))
        alike = len(words & printed) > _ALIKE * len(words | printed)
        if alike and len(printed) > _FEW_WORDS and not heading.endswith(("...", "…")):
            return heading
    return None


@dataclass(frozen=True, slots=True)
class SiteNames:
    """The names by which a site is known: as declared by the page, in the settings, and by its host.

    Only these are cut off a title: «عاجل |» or a minister's name before a dash is part of the headline.
    """

    declared: tuple[str, ...]
    host: str

    def cut(self, title: str) -> tuple[str, str | None]:
        """A title without the site's name at either end, and that name."""
        title = title.strip()
        for name in self.declared:
            for rest, at_end in ((title.removesuffix(name), True), (title.removeprefix(name), False)):
                edge = _BREAK_AT_END.search(rest) if at_end else _BREAK_AT_START.match(rest)
                if rest != title and edge and (kept := rest[: edge.start()] if at_end else rest[edge.end() :]):
                    return kept.strip(), name
        breaks = list(_SITE_BREAK.finditer(title))
        if not breaks:
            return title, None
        for end, kept in (
            (title[breaks[-1].end() :], title[: breaks[-1].start()]),
            (title[: breaks[0].start()], title[breaks[0].end() :]),
        ):
            if kept.strip() and self._is_name(end):
                return kept.strip(), end.strip()
        return title, None

    def is_site(self, text: str) -> bool:
        """Whether a text is a name of the site, or the beginning of one."""
        bare = _bare(text)
        return self._is_name(text) or (bool(bare) and any(_bare(name).startswith(bare) for name in self.declared))

    def _is_name(self, text: str) -> bool:
        bare = _bare(text)
        if not bare:
            return False
        if any(bare == _bare(name) for name in self.declared):
            return True
        labels = self.host.split(".")
        # "paper.example" and "Paper", or النهر and "annahar.example": its consonants.
        whole = "".join(labels)
        names = {whole, *labels[:-1], *re.split("[.-]", ".".join(labels[:-1]))} - {"", "www", "com", "net", "org", "co"}
        skeleton = _consonants(text)
        return bare in names or (len(skeleton) > 2 and skeleton in {_consonants(name) for name in names})


def _bare(text: str) -> str:
    """The letters and digits of a site's name, without «جريدة» before it."""
    return "".join(filter(str.isalnum, _PAPER.sub("", text.strip(), count=1))).casefold()


def _consonants(name: str) -> str:
    """The consonants of a name in Arabic or Latin letters, without articles, by which both are compared."""
    words = []
    for word in re.split(r"[\s-]+", _PAPER.sub("", name.strip(), count=1).casefold()):
        latin = word.removeprefix("ال").translate(_LATIN)
        if word.isascii():
            for pair, letter in _PAIRS:
                latin = latin.replace(pair, letter)
            latin = re.sub("^[ae]l(?=[^aeiou])", "", latin) if len(latin) > 4 else latin
        words.append(re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouwy]|\W", "", latin)))
    return "".join(words)


def _named_as_paper(rest: str) -> str | None:
    """The site's name after the headline in `<title>`, if it says what it is: جريدة, وكالة, قناة."""
    edge = _BREAK_AT_START.match(rest)
    name = rest[edge.end() :].strip() if edge else ""
    return name if len(name) <= _MAX_SITE and not _SITE_BREAK.search(name) and _PAPER.match(name) else None

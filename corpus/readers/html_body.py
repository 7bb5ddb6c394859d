"""The body of a page: which element is the article, and its paragraphs.

It is the element marked as the article's body, or the one with the most text outside links: each paragraph counts for
its parent, and half for its grandparent, as in Arc90's Readability (2009). Boilerplate (menus, other headlines, share
buttons, comments, captions, footers) is removed first, by element, class name and label. An element that holds most of
the page's text is not removed because of a word in a longer class name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

from corpus.dates.parsing import FoundDate, find_date, parse_date
from corpus.errors import NotADate
from corpus.readers.html_metadata import Metadata, is_author
from corpus.readers.html_names import (
    described,
    is_named_body,
    is_named_boilerplate,
    is_named_lead,
    is_named_part,
    is_outside_the_story,
    may_hold_article,
    names_of,
)
from corpus.readers.html_scripts import data_scripts, text_in_scripts
from corpus.readers.html_tree import parse_html
from corpus.readers.html_updates import is_of_update, without_update

_NOT_TEXT: Final = (
    "script", "style", "noscript", "template", "title", "iframe", "object", "svg", "canvas", "button", "select",
    "input", "textarea", "nav", "footer", "aside", "menu", "dialog", "figcaption", "marquee", "amp-sidebar",
    "amp-ad", "amp-embed", "amp-social-share",
)  # fmt: skip
_BLOCK: Final = frozenset({
    "address", "amp-carousel", "amp-img", "article", "aside", "blockquote", "body", "br", "center", "dd", "details",
    "div", "dl", "dt", "fieldset", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li",
    "main", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_INLINE: Final = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "em", "i", "mark", "q", "small", "span", "strong", "u"}
)
_OTHER_STORIES: Final = re.compile(
    r"^\W*(?:(?:[إأا]قر[أا]|شاهد|طالع|تابع)\w* (?:[أا]يض\w*|كذلك|المزيد)"
    r"|(?:مواضيع|موضوعات|[أا]خبار|مقالات|قصص|تقارير) (?:ذات صل[ةه]|متعلق[ةه]|مشابه[ةه])|(?:قد|ربما) (?:يعجبك|يهمك)"
    r"|read (?:also|more)\b|related\b)",
    re.I,
)
_NEIGHBOUR: Final = (
    r"(?:(?:ال(?:خبر|مقال[ةه]?|موضوع|تدوين[ةه]|مشارك[ةه])|خبر|مقال) )?(?:ال)?(?:سابق|تالي|لاحق)[ةه]?"
    r"|(?:previous|next)(?: (?:post|article|story))?"
)
_MAY_BE_UNCLOSED: Final = frozenset({"nav", "footer", "aside", "menu"})
# The label of a neighbour, alone or with its title after a colon or an arrow.
_NEIGHBOUR_LINE: Final = re.compile(rf"^\W*(?:{_NEIGHBOUR})\s*(?:$|[:：»«›‹←→|]|[-–]\s|\W+$)", re.I)
# A line that is only a label: a box that begins with it, and has a link, is of other stories.
_BOX_LABEL: Final = re.compile(
    rf"^\W*(?:{_NEIGHBOUR}|(?:[إأا]قر[أا]|شاهد|طالع|تابع)\w* (?:[أا]يض\w*|كذلك|المزيد)"
    r"|(?:[أا]خبار |مواضيع |موضوعات |مقالات )?(?:ذات صل[ةه]|متعلق[ةه]|مشابه[ةه])"
    r"|(?:قد|ربما) (?:يعجبك|يهمك)(?: [أا]يض\w*)?|read also|related(?: \w+)?)\W*$",
    re.I,
)
_BOILERPLATE_LINE: Final = re.compile(
    r"^\W*(?:للاشتراك|اشترك|تابعونا|تابعنا|شارك|جميع الحقوق|حقوق النشر|(?:نسخ[ةه] ل)?لطباع|[أا]رسل [إا]لى صديق"
    r"|عدد القراءات|التعليقات|الكلمات (?:الدلالي[ةه]|المفتاحي[ةه])|وسوم"
    r"|all rights reserved|copyright|©|share this|tags\b)",
    re.I,
)
# What sites print between an article and its comments, at any length.
_DISCLAIMER: Final = re.compile(
    r"مراجع[ةه] التعليقات قبل نشرها"
    r"|لا تعبر (?:بالضرور[ةه] )?عن (?:ر[أا]ي|وجه[ةه] نظر) (?:ال)?(?:موقع|صحيف[ةه]|جريد[ةه]|شبك[ةه]|وكال[ةه])"
)
_LETTER: Final = re.compile(r"[^\W_]")
_MAIL: Final = re.compile(r"[\w.+-]@[\w-]+\.\w")
_CRUMBS: Final = re.compile(r"\s*[»›>]\s*")
_TRAIL: Final = re.compile(r"breadcrumb", re.I)
_HOME: Final = re.compile(r"^(?:الصفح[ةه] )?(?:ال)?رئيسي[ةه]$|^home$", re.I)
# «كتب» and «إعداد» begin sentences too, and only with a mark after them are they labels.
_LABELLED_NAME: Final = re.compile(
    r"^\W*(?:بقلم(?:\s*[:：/|–—ـ-]\s*|\s+)|(?:كتبت?|كتبها|[إا]عداد)\s*[:：/|–—ـ-]\s*)"
    r"(?P<name>[^\W\d_](?:[^\W\d_]|[\u064b-\u0652ـ.'’ ]|(?<=\S)-(?=\S))*(?<!\.))\s*:?$"
)
_HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
_POSTS: Final = ("article", "div", "li", "section")  # elements that may be a post of a live blog
_BYLINES: Final = 2  # lines at the start of a text among which its byline may be
_MAX_NAME: Final = 5  # words
_ENDS: Final = (".", "؟", "!", "…", "»", '"', "”")
_REAL_PARAGRAPH: Final = 40  # characters; shorter blocks do not count for where the article is
_MAX_LABEL: Final = 120  # characters of a dateline, a breadcrumb line, a line of boilerplate
_NEAR: Final = 4  # levels of nesting in which class names are considered
_DEEP: Final = 40  # levels of nesting in which an element's content counts
_MAX_SECTION: Final = 25
_MAX_DATELINE: Final = 12  # words with letters
_MAX_UNCLOSED: Final = 20
_MAX_LISTED: Final = 6  # words of a date in a list
_MOST: Final = 0.5  # share of the page's text from which an element is taken to hold the article
_NEARLY_ALL: Final = 0.9
_LARGEST_BOX: Final = 0.34
_PART: Final = 0.1  # share from which an element beside a sidebar is a part of the article
_DECLARED: Final = 0.6  # share of the length of the text in a page's data that its elements must have to be taken
_SHORT: Final = 400  # characters of a text that may be the beginning of one that a script draws
_MARKUP: Final = re.compile(r"<(?:p|br|div|h[1-6]|ul|ol|li|span|a|b|strong|em|i)\b[^>]*>", re.I)
_ABOVE: Final = 2  # texts above the heading among which a date may be the article's
_FEW: Final = 10  # inline elements of a line, and cells of a row, that are looked at
_TIME_ZONES: Final = timedelta(days=1)  # by which the day that a page prints may differ from that of its capture
_HEAD: Final = re.compile(r"^(?:site-?|page-?)?(?:header|top|masthead)$", re.I)
_LINKS: Final = 0.5  # share of characters inside links from which a block is a menu, not a paragraph


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs, and the date, section and author printed above them, for pages without metadata."""

    paragraphs: tuple[str, ...]
    published: FoundDate | None = None
    section: str | None = None
    origin: str | None = None
    """Where the paragraphs were found, in words."""
    only_updated: bool = False
    """Whether `published` is the date of an update, as no other is printed."""
    author: str | None = None


@dataclass(slots=True, eq=False)
class Block:
    """A run of text between block elements, the element that contains it, and its number of characters in links."""

    text: str
    linked: int
    parent: Tag

    @property
    def is_text(self) -> bool:
        """Whether most of it is outside links."""
        return self.linked < _LINKS * len(self.text)


def find_body(soup: BeautifulSoup, metadata: Metadata, *, not_after: datetime | None = None) -> Body:
    """Find the body of a page's article; boilerplate is removed from the tree. It was published by `not_after`."""
    labels = [block for block in text_blocks(soup) if len(block.text) <= _MAX_LABEL]
    trail = _listed_crumbs(soup)
    scripts = data_scripts(soup)
    _remove_boilerplate(soup)
    blocks = list(text_blocks(soup))
    container = _container(soup, blocks)
    if container and metadata.is_live_blog:
        container = _around_posts(container)
    within = {id(tag) for tag in (container, *container.find_all(True))} if container else set()
    inside = [block for block in blocks if id(block.parent) in within]
    kept = _paragraphs(inside, metadata)
    if not kept and container and _is_marked(container):
        # A poem, a list of results: every line is short, and the page marks them as the article.
        kept = [block for block in inside if _is_printed_text(block) and block.text != metadata.title]
    above = blocks[: blocks.index(kept[0])] if kept else blocks
    if kept and (lead := _lead(above, kept, container, metadata)):
        kept.insert(0, lead)
    paragraphs = tuple(block.text for block in kept)
    origin = _described_container(container) if container and kept else None
    declared = tuple(line for text in metadata.article_body for line in _paragraphs_of_text(text))
    if sum(map(len, paragraphs)) < _DECLARED * sum(map(len, declared)):
        paragraphs, origin = declared, metadata.origins.body
    published, only_updated = _printed_date(above, metadata, not_after)
    if sum(map(len, paragraphs)) < _SHORT and (found := text_in_scripts(scripts, metadata.page)):
        drawn = _paragraphs_of_text(found.text)
        if sum(map(len, paragraphs)) < _DECLARED * sum(map(len, drawn)):
            paragraphs, origin = drawn, found.origin
            if found.date and (beside := _found_date(found.date, not_after)):
                published, only_updated = beside, False
    author = _printed_author(above, kept, metadata)
    return Body(paragraphs, published, _crumb(labels, trail, metadata), origin, only_updated, author)


def _paragraphs_of_text(text: str) -> tuple[str, ...]:
    """The paragraphs of a text in a page's data: its lines, or those of its HTML."""
    if _MARKUP.search(text):
        return tuple(block.text for block in text_blocks(parse_html(text)))
    return tuple(filter(None, map(str.strip, text.splitlines())))


def _described_container(container: Tag) -> str:
    element = f"the element {described(container)}"
    if container.get("itemprop") == "articleBody" or container.name == "article":
        return element
    if is_named_body(container):
        return f"{element}, marked as the body by its name"
    return f"{element}, which has the most text outside links"


def _remove_boilerplate(soup: BeautifulSoup) -> None:
    # In broken markup an unclosed <aside> or <nav> is around the rest of the page.
    around_story: list[Tag] = []
    for tag in soup.find_all(_NOT_TEXT):
        unclosed = tag.name in _MAY_BE_UNCLOSED and len(around_story) < _MAX_UNCLOSED
        if unclosed and tag.find(("h1", "article", "main")):
            around_story.append(tag)
        else:
            tag.decompose()
    shares = _shares(soup)
    for tag in around_story:
        if shares.get(id(tag), 0) < _MOST and not tag.decomposed:
            tag.decompose()
    # Class names such as "has-sidebar" occur on the article's own container, and a form can be around the whole page.
    holders = {id(holder) for tag in _protected_elements(soup, shares) for holder in (tag, *tag.parents)}
    for box in _boxes_of_other_stories(soup, holders, shares):
        box.decompose()
    stack: list[Tag] = [soup]
    while stack:
        for tag in [child for child in stack.pop().contents if isinstance(child, Tag)]:
            kept = id(tag) in holders or tag.name in ("html", "body")
            if not kept and _is_boilerplate_element(tag, shares.get(id(tag), 0)):
                tag.decompose()
            else:
                stack.append(tag)


def _shares(soup: BeautifulSoup) -> dict[int, float]:
    """The share of the page's paragraphs that each element contains."""
    sizes: dict[int, int] = {}
    total = 0
    for block in text_blocks(soup):
        if len(block.text) >= _REAL_PARAGRAPH and _is_printed_text(block):
            total += len(block.text)
            for tag in (block.parent, *islice(block.parent.parents, _DEEP)):
                sizes[id(tag)] = sizes.get(id(tag), 0) + len(block.text)
    return {key: size / total for key, size in sizes.items()}


def _is_boilerplate_element(tag: Tag, share: float) -> bool:
    hidden = tag.has_attr("hidden") or "display:none" in str(tag.get("style", "")).replace(" ", "").lower()
    if hidden or tag.name == "form":
        return True
    if tag.name == "figure":
        return share < _MOST and tag.find(("img", "picture", "video", "amp-img")) is not None
    if tag.name in _INLINE and _is_in_a_sentence(tag):
        return False
    holds_article = share >= _MOST and may_hold_article(tag, nearly_all=share >= _NEARLY_ALL)
    return is_named_boilerplate(tag) and not holds_article


def _is_in_a_sentence(tag: Tag) -> bool:
    """Whether words of a paragraph are directly before or after an inline element, such as a linked keyword."""
    return any(
        isinstance(beside, NavigableString) and not isinstance(beside, PreformattedString) and _LETTER.search(beside)
        for beside in (tag.previous_sibling, tag.next_sibling)
    )


def _boxes_of_other_stories(soup: BeautifulSoup, holders: set[int], shares: dict[int, float]) -> list[Tag]:
    """The elements that begin with a label such as «اقرأ أيضا» or «التالي» and contain a link."""
    boxes: dict[int, Tag] = {}
    before: Block | None = None
    for block in text_blocks(soup):
        if len(block.text) < _MAX_LABEL and _BOX_LABEL.match(block.text):
            box: Tag | None = None
            for tag in (block.parent, *islice(block.parent.parents, _NEAR)):
                starts_before = before is not None and tag in (before.parent, *islice(before.parent.parents, _DEEP))
                large = shares.get(id(tag), 0) > _LARGEST_BOX
                if id(tag) in holders or tag.name in ("html", "body") or large or starts_before:
                    break
                box = tag
            if box is not None and box.find("a", href=True):
                boxes[id(box)] = box
        before = block
    return list(boxes.values())


def _protected_elements(soup: BeautifulSoup, shares: dict[int, float]) -> Iterator[Tag]:
    """Elements that are never inside boilerplate: the first heading, the marked body and its parts, the element with
    the longest text.
    """
    for found in (soup.find("h1"), soup.find(itemprop="articleBody"), soup.find("main")):
        if isinstance(found, Tag):
            yield found
    # The body may be divided among the rows of a grid with sidebars, each named after them.
    yield from (tag for tag in soup.find_all(is_named_part) if shares.get(id(tag), 0) >= _PART)
    lengths = (
        (sum(len(text) for text in tag.find_all(string=True, recursive=False)), tag) for tag in _long_texts(soup)
    )
    longest = max(lengths, key=lambda pair: pair[0], default=None)
    if longest:
        yield longest[1]


def _long_texts(soup: BeautifulSoup) -> Iterator[Tag]:
    """The elements with text of their own that are not boilerplate by class name."""
    for tag in soup.find_all(("p", "div", "td", "font", "span", "section", "article")):
        if not any(is_named_boilerplate(holder) for holder in (tag, *islice(tag.parents, _NEAR))):
            yield tag


def text_blocks(top: Tag) -> Iterator[Block]:
    """The blocks below an element, in order; iterative, since pages may be nested at any depth."""
    text: list[str] = []
    linked = 0
    blank = True
    parent = top
    links = 0
    stack: list[tuple[PageElement, bool]] = [(top, False)]
    while stack:
        node, leaving = stack.pop()
        if isinstance(node, NavigableString):
            if isinstance(node, PreformattedString) or (node.parent and node.parent.name in _NOT_TEXT):
                continue  # a comment, a doctype, a script
            if blank:
                parent = node.parent or top
            blank = blank and not node.strip()
            text.append(str(node))
            linked += len(str(node).strip()) if links else 0
        elif isinstance(node, Tag):
            if node.name in _BLOCK and text:
                if joined := " ".join("".join(text).split()):
                    yield Block(joined, linked, _holder(parent))
                text, linked, blank = [], 0, True
            if node.name == "a":
                links += -1 if leaving else 1
            if not leaving:
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.contents))
    if joined := " ".join("".join(text).split()):
        yield Block(joined, linked, _holder(parent))


def _holder(tag: Tag) -> Tag:
    """The element that a run of text belongs to: not the <b> or <a> around its first word."""
    for _ in range(_DEEP):  # each step searches the whole subtree: thousands of nested <b> would be a trap
        if tag.name not in _INLINE or not tag.parent or tag.find(("br", "p", "div")):
            break
        tag = tag.parent
    return tag


def _container(soup: BeautifulSoup, blocks: list[Block]) -> Tag | None:
    """The element that contains the article's text."""
    votes: dict[int, float] = {}
    inside: dict[int, float] = {}
    tags: dict[int, Tag] = {}
    for block in blocks:
        weight = len(block.text) - 2 * block.linked
        for tag in (block.parent, *islice(block.parent.parents, _DEEP)):
            inside[id(tag)] = inside.get(id(tag), 0) + weight
            tags[id(tag)] = tag
        if len(block.text) >= _REAL_PARAGRAPH and block.is_text:
            of_lines = block.parent.name in ("p", "li", "blockquote", "h2", "h3")
            holder = block.parent.parent if of_lines else block.parent
            for tag_or_none, share in ((holder, 1.0), (holder.parent if holder else None, 0.5)):
                if tag_or_none is not None:
                    votes[id(tag_or_none)] = votes.get(id(tag_or_none), 0) + share * weight
    best = tags[max(votes, key=lambda key: votes[key])] if votes else None
    marked = list(soup.find_all(itemprop="articleBody"))
    marked = marked or [tag for tag in soup.find_all(True) if tag.name != "body" and is_named_body(tag)]
    marked = marked or list(soup.find_all("article"))
    if not marked:
        return best
    chosen = max(marked, key=lambda tag: inside.get(id(tag), 0))
    if _is_divided(marked, chosen, inside):
        return chosen.parent
    if best is None or best is chosen or chosen in best.parents:
        return chosen
    # A marked element (a teaser, a player, each part of a story) is not used if another element has twice its text.
    return best if votes[id(best)] > 2 * inside.get(id(chosen), 0) else chosen


def _is_divided(marked: list[Tag], chosen: Tag, inside: dict[int, float]) -> bool:
    """Whether the body is divided among several marked siblings."""
    beside = [tag for tag in marked if tag.parent is chosen.parent and tag.get("class") == chosen.get("class")]
    return chosen.name != "article" and sum(inside.get(id(tag), 0) >= _REAL_PARAGRAPH for tag in beside) > 1


def _around_posts(container: Tag) -> Tag:
    """The element around the posts of a live blog, if `container` is one of them or inside one."""
    kinds = [kind for tag in container.contents if isinstance(tag, Tag) and (kind := _kind_of_post(tag))]
    if len(set(kinds)) < len(kinds):
        return container
    for post in (container, *islice(container.parents, _NEAR)):
        if post.name in ("body", "html") or post.parent is None:
            break
        kind = _kind_of_post(post)
        beside = (*post.find_next_siblings(post.name), *post.find_previous_siblings(post.name))
        if kind and any(_kind_of_post(tag) == kind for tag in beside):
            return post.parent
    return container


def _kind_of_post(tag: Tag) -> tuple[str, ...] | None:
    """What the posts of a live blog have in common: element and classes; None if an element can be no post."""
    if tag.name not in _POSTS or len(tag.get_text()) < _REAL_PARAGRAPH:
        return None
    classes = tuple(tag.get("class") or ())
    return (tag.name, *classes) if classes or tag.find(("time", *_HEADINGS)) else None


def _paragraphs(blocks: list[Block], metadata: Metadata) -> list[Block]:
    """The blocks of the container that are paragraphs of the article."""
    title = " ".join((metadata.title or "").split())
    kept: list[Block] = []
    for block in blocks:
        text = block.text
        if not _is_printed_text(block):
            continue
        short = len(text) < _REAL_PARAGRAPH and not text.endswith(_ENDS)
        if metadata.is_live_blog and text != title:
            if block.parent.name == "time" or (short and _date_of(text) is not None):
                continue  # the time of a post
            short = short and block.parent.name not in _HEADINGS
        if not kept and (text == title or short or _is_dateline(text, metadata)):
            continue
        kept.append(block)
    # A heading is followed by text; a short last line that ends no sentence is boilerplate.
    while len(kept) > 1 and len(kept[-1].text) < _REAL_PARAGRAPH and not kept[-1].text.endswith(_ENDS):
        kept.pop()
    return kept


def _lead(above: list[Block], kept: list[Block], container: Tag | None, metadata: Metadata) -> Block | None:
    """The lead between the heading and the element of the body, if it is named as such and not repeated below."""
    for number, block in reversed(list(enumerate(above))):
        if block.parent.name == "h1" or block.text == metadata.title:
            return None
        named = any(is_named_lead(tag) for tag in (block.parent, *islice(block.parent.parents, 2)))
        if not named or len(block.text) < _REAL_PARAGRAPH or not _is_printed_text(block):
            continue
        beside = container is not None and any(tag in container.parents for tag in islice(block.parent.parents, _NEAR))
        headed = any(other.parent.name == "h1" or other.text == metadata.title for other in above[:number])
        start = block.text.rstrip(".… ")
        if beside and headed and not any(start in other.text for other in kept):
            return block
    return None


def _is_printed_text(block: Block) -> bool:
    return block.is_text and bool(_LETTER.search(block.text)) and not _is_boilerplate_line(block.text)


def _is_marked(tag: Tag) -> bool:
    return tag.get("itemprop") == "articleBody" or is_named_body(tag)


def _is_boilerplate_line(text: str) -> bool:
    if _DISCLAIMER.search(text):
        return True
    if len(text) >= _MAX_LABEL:
        return False
    if _OTHER_STORIES.match(text) or _NEIGHBOUR_LINE.match(text) or _MAIL.search(text):
        return True
    return bool(_BOILERPLATE_LINE.match(text)) and not text.endswith((".", "؟", "!"))


def _is_dateline(text: str, metadata: Metadata) -> bool:
    """Whether a line above the article has only the place, the date and the author."""
    words = sum(bool(_LETTER.search(word)) and not word[0].isdigit() for word in text.split())
    if len(text) >= _MAX_LABEL or text.endswith(_ENDS) or words > _MAX_DATELINE:
        return False
    return _date_of(text) is not None or any(author in text for author in metadata.authors)


def _date_of(text: str) -> datetime | None:
    try:
        return parse_date(text)
    except NotADate:
        return None


def _printed_author(above: list[Block], kept: list[Block], metadata: Metadata) -> str | None:
    """The name in a line such as «بقلم: …» that is the first or second below the heading or at the start of the text.

    Only lines with a label are read: a name without one may be that of a place or an agency.
    """
    heads = [place for place, block in enumerate(above) if block.parent.name == "h1" or block.text == metadata.title]
    opening = above[heads[-1] + 1 :] if heads else []
    for block in (*opening[:_BYLINES], *opening[-_BYLINES:], *kept[:_BYLINES]):
        found = _LABELLED_NAME.match(block.text)
        if found is None or is_outside_the_story(block.parent, None):
            continue
        name = found["name"].strip()
        if len(name.split()) <= _MAX_NAME and is_author(name) and name != metadata.source:
            return name
    return None


def _printed_date(above: list[Block], metadata: Metadata, not_after: datetime | None) -> tuple[FoundDate | None, bool]:
    """The date printed closest above the text, but not far above the heading, where sites print today's.

    With it, whether it is the date of an update, which is taken only if there is no other.
    """
    further = len(above)
    updated: FoundDate | None = None
    for block in reversed(above):
        if block.parent.name == "h1" or block.text == metadata.title:
            further = min(further, _ABOVE)
        elif further == 0:
            break
        elif further <= _ABOVE:
            further -= 1
        if len(block.text) >= _MAX_LABEL:
            continue
        found = _found_date(without_update(block.text), not_after)
        other = _found_date(block.text, not_after) if not found and is_of_update(block.text) else None
        above_heading = further < len(above)
        if not (found or other) or _is_beside_the_story(block, metadata, above_heading=above_heading):
            continue
        # The day of the capture at the very top of a page is today's, printed on all pages of the site.
        is_today = found and not_after and abs(found.moment.date() - not_after.date()) <= _TIME_ZONES
        if found and not (is_today and above_heading and block is above[0]):
            return found, False
        updated = updated or other
    return updated, updated is not None


def _found_date(text: str, not_after: datetime | None) -> FoundDate | None:
    try:
        return find_date(text, not_after=not_after)
    except NotADate:
        return None


def _is_beside_the_story(block: Block, metadata: Metadata, *, above_heading: bool) -> bool:
    """Whether a line with a date is of another story in a list above the heading, or of the head of the site."""
    title = " ".join((metadata.title or "").split())
    around = {holder.name: holder for holder in (block.parent, *islice(block.parent.parents, _DEEP))}
    if above_heading and "li" in around and len(block.text.split()) > _MAX_LISTED:
        return True
    heads = [holder for holder in around.values() if holder.name == "header"]
    heads += [holder for holder in (block.parent, *islice(block.parent.parents, _NEAR)) if _is_named_head(holder)]
    in_story = not around.keys().isdisjoint(("article", "main"))
    if any(not head.find("h1") and not (title and title in _clean(head)) for head in heads) and not in_story:
        return True
    if above_heading and _is_in_menu(block.parent):
        return True
    inline = (tag for tag in block.parent.find_all(_INLINE, limit=_FEW) if any(map(str.isdigit, tag.get_text())))
    return any(is_outside_the_story(tag, block.parent) for tag in inline) or is_outside_the_story(block.parent, None)


def _is_named_head(tag: Tag) -> bool:
    return tag.name not in ("body", "html") and any(map(_HEAD.match, names_of(tag).split()))


def _clean(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _is_in_menu(tag: Tag) -> bool:
    """Whether another cell of an element's row, or item of its list, is the link to the site's front page."""
    row = tag.parent if tag.name in ("td", "th", "li") else None
    cells = row.find_all(("td", "th", "li"), limit=_FEW) if row is not None else ()
    return any(_HOME.match(_clean(cell)) for cell in cells)


def _crumb(labels: list[Block], listed: list[str], metadata: Metadata) -> str | None:
    """The section, from a list of breadcrumbs or a line such as «الرئيسية » سياسة» with at most four parts."""
    for crumbs in (listed, *map(_crumbs, labels)):
        inner = [crumb for crumb in crumbs if crumb not in (metadata.title, metadata.source) and not _HOME.match(crumb)]
        if len(inner) in (1, 2) and len(inner[-1]) < _MAX_SECTION:
            return inner[-1]
    return None


def _listed_crumbs(soup: BeautifulSoup) -> list[str]:
    """The items of a list that is named as breadcrumbs."""
    trail = soup.find(class_=_TRAIL) or soup.find(id=_TRAIL)
    if not isinstance(trail, Tag):
        return []
    return [text for item in trail.find_all("li") if (text := " ".join(item.get_text().split()).strip("»›>/ "))]


def _crumbs(block: Block) -> list[str]:
    crumbs = [crumb.strip() for crumb in _CRUMBS.split(block.text) if crumb.strip()]
    return crumbs if 2 <= len(crumbs) <= 4 and block.linked else []

"""What the class names, id and role of an element say about it: another story, a tool, the article's body, a lead."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from bs4 import Tag

# Class names of other stories and readers' texts, and those of tools around the article: whole words of a name.
_OTHER_TEXTS: Final = (
    r"nav(?:bar|igation)?|menus?|breadcrumbs?|footer|side-?bar|comments?|disqus|respond|related|recommend(?:ed|ations)?"
    r"|read-?(?:also|more|next)|also-?read|see-?also|more-?(?:news|stories|posts)|most-?(?:read|viewed)|popular|trending"
    r"|latest|newsletter|prev(?:ious)?|next|prev-?next|(?:prev(?:ious)?|next)-?(?:post|article|story)"
)
_TOOLS: Final = (
    r"share|sharing|social|addthis|subscribe|subscription|ads?|advert(?:s|isement|ising)?|banner|sponsor(?:ed)?|promo"
    r"|widget|tags?|tag-?(?:list|cloud)|keywords|toolbar|tools|print|pagination|pager|cookies?|popup|modal|copyright"
    r"|caption|(?:image|img|photo|pic(?:ture)?)-?(?:caption|desc(?:ription)?|credits?|source|info)|credits?"
    r"|author-?(?:box|bio)|skip-?link|ticker"
)
_OTHER_TEXTS_NAME: Final = re.compile(rf"(?:^|[\s_-])(?:{_OTHER_TEXTS})(?:$|[\s_-])", re.I)
_BOILERPLATE_NAME: Final = re.compile(rf"(?:^|[\s_-])(?:{_OTHER_TEXTS}|{_TOOLS})(?:$|[\s_-])", re.I)
_WHOLE_NAME: Final = re.compile(rf"(?:{_OTHER_TEXTS}|{_TOOLS})", re.I)
# `no-share`, `has-sidebar`, `comments-closed`: what an element lacks or has, not what it is.
_STATE: Final = re.compile(
    r"(?:^|[_-])(?:no|non|not|without|has|have|with|hide|disabled?)[_-](?!print)|[_-](?:none|off|closed|disabled)$",
    re.I,
)
# WordPress names a post's element by its categories and tags.
_POST: Final = frozenset({"hentry", "type-post", "status-publish"})
_BODY: Final = re.compile(
    r"(?:^|[\s_-])(?:article[-_]*(?:body|content|text)|story-?(?:body|content|text)|entry-?content"
    r"|post-?(?:content|body|text)|news-?(?:body|content|text|details)|field-name-body|body-?text|content-?body"
    r"|main-?text|article)(?:$|[\s_-])",
    re.I,
)
_GRID: Final = re.compile(r"sidebar[\w-]*[-_](?:content|main|body)", re.I)
_LEAD: Final = re.compile(
    r"(?:^|[\s_-])(?:leads?|lede|intro(?:duction)?|standfirst|summary|excerpt|sub-?(?:title|head(?:ing|line)?)|deck|dek"
    r"|abstract|chapo|sapo)(?:$|[\s_-])",
    re.I,
)
# Boxes with today's date, the weather and the like, and lists of other stories in which dates and names are printed.
_NOT_OF_THE_STORY: Final = re.compile(
    rf"(?:^|[\s_-])(?:{_OTHER_TEXTS}|widget|ticker|today|to-?day|current|now|clock|weather|calendar|prayers?|hijri"
    r"|top-?bar|site-?(?:head|header|nav|top|date)|header-?(?:top|date)|top-?(?:header|date)|date-?widget|breaking"
    r"|developed|developer|powered|designed|created-?by|copyright|credits?|cards?|teasers?|more)(?:$|[\s_-])",
    re.I,
)
_ASIDE: Final = frozenset({"aside", "nav", "footer", "amp-sidebar", "marquee", "form"})
_FOOTER: Final = re.compile(
    r"(?:^|[\s_-])(?:site-?)?(?:footer|copyrights?|credits?|developed|developer|powered|designed)(?:$|[\s_-])", re.I
)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NEAR: Final = 8  # levels of nesting in which an element outside the story is looked for


def names_of(tag: Tag) -> str:
    """The class names, id and role of an element, words separated: `storyBody` as `story-Body`."""
    return _HUMP.sub("-", " ".join(value for name in ("class", "id", "role") for value in _values(tag, name)))


def is_named_body(tag: Tag) -> bool:
    """Whether the names of an element mark the body of an article."""
    return bool(_BODY.search(names_of(tag)))


def is_named_part(tag: Tag) -> bool:
    """Whether one class marks an element as the body and another as the middle of a grid: `sidebar-grid__content`."""
    names = [name for name in names_of(tag).split() if name != "article"]
    return any(map(_BODY.search, names)) and any(map(_GRID.search, names))


def is_named_lead(tag: Tag) -> bool:
    """Whether the names of an element mark the lead of an article."""
    return bool(_LEAD.search(names_of(tag)))


def is_named_boilerplate(tag: Tag) -> bool:
    """Whether a name of an element is that of other stories or tools."""
    return any(map(_BOILERPLATE_NAME.search, _name_list(tag)))


def may_hold_article(tag: Tag, *, nearly_all: bool) -> bool:
    """Whether an element named as boilerplate may hold the article, if it has most of the page's text.

    Either one of its other names marks the body (`article-body print`) or all that the names have of boilerplate is
    part of a longer one (`post-widget-text`); for a name of other stories, only if it has `nearly_all` of the text.
    """
    names = _name_list(tag)
    if any(_BODY.search(name) and not _BOILERPLATE_NAME.search(name) for name in names):
        return True
    if any(map(_WHOLE_NAME.fullmatch, names)):
        return False
    return nearly_all or not any(map(_OTHER_TEXTS_NAME.search, names))


def is_outside_the_story(tag: Tag, story: Tag | None) -> bool:
    """Whether an element below `story` is in a sidebar, a list of other stories or the head of the site."""
    for holder in (tag, *islice(tag.parents, _NEAR)):
        if holder is story or holder.name in ("body", "html"):
            return False
        if holder.name == "footer" and holder.parent and holder.parent.name == "article":
            continue  # Drupal prints the date of an article in its <footer>
        if holder.name in _ASIDE or any(map(_NOT_OF_THE_STORY.search, _name_list(holder))):
            return True
    return False


def is_in_footer(tag: Tag) -> bool:
    """Whether an element is in the footer of the site, by element or name."""
    for holder in (tag, *islice(tag.parents, _NEAR)):
        if holder.name == "footer":
            return holder.parent is None or holder.parent.name != "article"
        if holder.name in ("body", "html", "article"):
            return False
        if any(map(_FOOTER.search, _name_list(holder))):
            return True
    return False


def described(tag: Tag) -> str:
    """An element as a reader of the page's source finds it, with one name of it: `<div class=entry-content>`.

    That is its microdata property, the name that marks it as a body, or the first class or id.
    """
    found = [(name, value) for name in ("itemprop", "class", "id") for value in _values(tag, name)]
    telling = [(name, value) for name, value in found if name == "itemprop" or _BODY.search(_HUMP.sub("-", value))]
    for name, value in telling or found:
        return f"<{tag.name} {name}={value}>"
    return f"<{tag.name}>"


def _name_list(tag: Tag) -> list[str]:
    """The names of an element one by one, without those of a state such as `no-share`."""
    names = [name for name in names_of(tag).split() if _BODY.search(name) or not _STATE.search(name)]
    if not _POST.isdisjoint(names):
        return [name for name in names if not name.startswith(("category-", "tag-"))]
    return names


def _values(tag: Tag, name: str) -> list[str]:
    value = tag.get(name)
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)

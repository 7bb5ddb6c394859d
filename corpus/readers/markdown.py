r"""Markdown with front matter, as static sites (Hugo, Jekyll) and note programs (Obsidian) keep their articles.

Front matter is YAML between lines `---`, or TOML between lines `+++`:

    title                                  otherwise a heading of the first level at the beginning
    date, published, pubDate               otherwise the day in a file name of Jekyll: `2019-02-27-name.md`
    author, authors                        names, or objects with a name
    section, category, categories          the first; tags are not sections
    canonical_url, url, link, source       the address, if it is absolute; a `source` that is none is the source
    source, publication, publisher, site   the source
    draft, published: false                counted, not read

YAML is read as strings only, so that dates are parsed as those of pages are. The Markdown is converted to HTML by
markdown-it-py and to paragraphs as HTML is. Shortcodes, template tags and links of Obsidian are not part of Markdown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode
from corpus.readers.html_body import text_blocks
from corpus.readers.html_tree import parse_html, too_many_tags
from corpus.readers.record import FieldReader, Ignored, Item, Place, Reading

MARKDOWN_NAMES: Final = frozenset({".md", ".markdown", ".mdown", ".mkd"})

_MEDIA_TYPE: Final = "text/markdown"
_MAX_BYTES: Final = 256 * 1024  # 20,000 words; markdown-it-py reads 50 to 1,000 KB per second
_MAX_COUNT: Final = 20_000  # lines, and brackets, for which the time is quadratic
_MAX_FRONT_MATTER: Final = 64 * 1024
_FRONT_MATTER: Final = re.compile(r"\s*(---|\+\+\+)[ \t]*\r?\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
_FIELDS: Final = {
    "id": ("id", "uid", "guid"),
    "title": ("title",),
    "date": ("date", "published", "pubdate", "publishdate"),
    "author": ("author", "authors"),
    "section": ("section", "category", "categories"),
    "url": ("canonical_url", "canonicalurl", "url", "link", "source"),
    "source": ("source", "publication", "publisher", "site"),
}
_DATED_NAME: Final = re.compile(r"(?:^|[/\\])(\d{4}-\d{2}-\d{2})-[^/\\]+$")
# About a repository or a section of a site: not articles.
_NO_ARTICLE: Final = re.compile(
    r"(?:^|[/\\])(?:readme|license|changelog|contributing|code_of_conduct|security|_index)(?:\.\w+)?\.(?:md|markdown)$",
    re.I,
)
_SHORTCODE: Final = re.compile(r"\{\{[<%][^{}]{0,2000}[>%]\}\}|\{%[^{}]{0,2000}%\}|\{:[^{}\n]{0,300}\}")
_WIKI_LINK: Final = re.compile(r"(!?)\[\[([^\[\]|\n]{1,300})(?:\|([^\[\]\n]{1,300}))?\]\]")
_CALLOUT: Final = re.compile(r"^(\s*>\s*)\[!\w{1,30}\][+-]?[ \t]*", re.M)
_COMMENT: Final = re.compile(r"%%[^%]{0,10000}%%")
_FOOTNOTE: Final = re.compile(r"\[\^[^\]\s]{1,40}\]:?")
_FALSE: Final = frozenset({"false", "no", "0"})
_TRUE: Final = frozenset({"true", "yes", "1"})


def read_markdown(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read a Markdown file.

    Raises:
        UnreadableInput: it is not text, its front matter is invalid, or it has no text.
    """
    if _NO_ARTICLE.search(place.file):
        yield Ignored(place.file.replace("\\", "/").rpartition("/")[2].lower())
        return
    if len(data) > _MAX_BYTES:
        raise UnreadableInput(place.label, f"larger than {_MAX_BYTES // 1024} KB, the limit for Markdown")
    try:
        text = decode(data)
    except ValueError as error:
        raise UnreadableInput(place.label, str(error)) from error
    front: Mapping[str, Any] = {}
    if begins := _FRONT_MATTER.match(text):
        front = _front_matter(begins[2], begins[1], place.label)
        text = text[begins.end() :]
    if str(front.get("draft", "")).lower() in _TRUE or str(front.get("published", "")).lower() in _FALSE:
        yield Ignored("draft")
        return
    heading, paragraphs = _paragraphs(text, place.label)
    if not paragraphs:
        raise UnreadableInput(place.label, "it contains no text")
    fields = FieldReader.of(place, reading)
    values = _fields(front, fields.names, place.file)
    if heading and heading != values.setdefault("title", heading):
        paragraphs.insert(0, heading)
    record = replace(fields, names={}).record({**values, "text": paragraphs}, place)
    yield replace(record, page=data, media_type=_MEDIA_TYPE)


def _front_matter(text: str, mark: str, label: str) -> dict[str, Any]:
    if len(text) > _MAX_FRONT_MATTER:
        raise UnreadableInput(label, f"its front matter is larger than {_MAX_FRONT_MATTER // 1024} KB")
    try:
        found = tomllib.loads(text.replace("\r\n", "\n")) if mark == "+++" else _yaml(text)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        raise UnreadableInput(
            label, f"its front matter is not valid {'TOML' if mark == '+++' else 'YAML'}: {reason}"
        ) from error
    # A text between two rules (`---`) is no front matter, but a part of the article.
    return found if isinstance(found, dict) else {}


def _yaml(text: str) -> Any:
    import yaml  # takes 20 ms

    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # strings, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"{problem} in line {mark.line + 2}" if mark else problem) from error


def _fields(front: Mapping[str, Any], names: Mapping[str, str], file: str) -> dict[str, Any]:
    """The fields of the front matter, as in JSON Lines; `names` are the user's for ours."""
    known = {str(name).lower(): value for name, value in front.items()}

    def texts(field: str) -> list[str]:
        given = names.get(field, "").lower()
        return list(_texts(known, *([given] if given else []), *_FIELDS[field]))

    dated = _DATED_NAME.search(file)
    found: dict[str, Any] = {
        "id": next(iter(texts("id")), None),
        "title": next(iter(texts("title")), None),
        "date": next(iter(texts("date")), dated[1] if dated else None),
        "author": [_without_links(name) for name in texts("author")],
        "section": next(iter(texts("section")), None),
        "url": next(filter(_is_address, texts("url")), None),
        "source": next((one for one in texts("source") if not _is_address(one)), None),
    }
    return {field: value for field, value in found.items() if value}


def _texts(known: Mapping[str, Any], *names: str) -> Iterator[str]:
    """The texts of fields: of a list its texts, of an object its name."""
    for name in names:
        value = known.get(name)
        for one in value if isinstance(value, list) else [value]:
            text = one.get("name") if isinstance(one, dict) else one
            if text is not None and not isinstance(text, (dict, list)) and (line := " ".join(str(text).split())):
                yield line


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _paragraphs(text: str, label: str) -> tuple[str, list[str]]:
    """The heading of the first level that a text begins with, if any, and its paragraphs."""
    from markdown_it import MarkdownIt  # takes 30 ms

    if max(text.count("["), text.count("\n")) > _MAX_COUNT:
        raise UnreadableInput(label, f"it has more than {_MAX_COUNT:,} lines or brackets, the limit for Markdown")
    text = _SHORTCODE.sub("", _COMMENT.sub("", text))
    text = _FOOTNOTE.sub("", _CALLOUT.sub(r"\1", _without_links(text)))
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    if reason := too_many_tags(page):
        raise UnreadableInput(label, reason)
    soup = parse_html(page)
    blocks = list(text_blocks(soup))
    heading = blocks.pop(0).text if blocks and blocks[0].parent.name == "h1" else ""
    return heading, [block.text for block in blocks]


def _without_links(text: str) -> str:
    """A text without the marks of Obsidian's links; what `![[…]]` embeds is another file."""
    return _WIKI_LINK.sub(lambda link: "" if link[1] else link[3] or link[2].partition("#")[0] or link[2], text)

"""Downloads of accounts: Telegram's chats, Facebook and Instagram, X (Twitter).

Such a download also has much that was never published; it is counted, and not kept.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corpus.readers.export_shapes import (
    NotAnArticle,
    Post,
    Shape,
    Value,
    at,
    id_at,
    list_at,
    local_time,
    plain_lines,
    text_at,
)

_PRIVATE_CHATS: Final = frozenset({"personal_chat", "bot_chat", "saved_messages"})
_CHATS: Final = _PRIVATE_CHATS | {
    *("public_channel", "private_channel", "public_supergroup", "private_supergroup", "private_group"),
}
_GROUPS: Final = frozenset({"public_supergroup", "private_supergroup", "private_group"})
_MESSAGES: Final = frozenset({"message", "service"})
_FACEBOOK_NAMES: Final = frozenset({"timestamp", "title", "data", "attachments", "tags"})
_RETWEET: Final = re.compile(r"RT @\w+: ")
_STATUS: Final = re.compile(r"https?://(?:www\.)?(?:twitter|x)\.com/(\w{1,30})/status/(\d+)")
# The link to itself at the end of a long post, which is cut off.
_OWN_STATUS: Final = re.compile(r"https?://(?:twitter|x)\.com/i/web/status/\d+")
_DEPTH: Final = 20  # of the objects in a post of Facebook


def is_private_chat(value: Value) -> bool:
    """Whether an object is a chat of Telegram with one person: in the export of an account, it is not news."""
    return text_at(value, "type") in _PRIVATE_CHATS


def _is_message(value: Value, around: Value) -> bool:
    return text_at(around, "type") in _CHATS and text_at(value, "type") in _MESSAGES and "id" in value


def _message(value: Value, around: Value) -> Post:
    """A message of Telegram: its id is a number within its chat, its text may be a list of runs.

    What is forwarded has the name of the first sender as its author.
    """
    if value["type"] == "service":
        raise NotAnArticle("service message")
    given = value.get("text") or value.get("text_entities")
    runs = given if isinstance(given, list) else [given]
    texts = (run.get("text") if isinstance(run, Mapping) else run for run in runs)
    text = "".join(text for text in texts if isinstance(text, str))
    if not text.strip():
        raise NotAnArticle("message without text")
    number, user = value["id"], text_at(around, "username")
    sender = text_at(value, "from") if around["type"] in _GROUPS | _PRIVATE_CHATS else None
    author = text_at(value, "forwarded_from", "author") or sender
    return Post(
        id=f"telegram-{around.get('id')}-{number}",
        url=f"https://t.me/{user.lstrip('@')}/{number}" if user else None,
        text=plain_lines(text),
        date=local_time(value.get("date"), value.get("date_unixtime")),
        source=text_at(around, "name"),
        authors=(author,) if author else (),
    )


def _is_facebook(value: Value, around: Value) -> bool:
    if not isinstance(value.get("timestamp"), int):
        return False
    has_parts = any(isinstance(value.get(name), list) for name in ("data", "attachments"))
    return has_parts or ("title" in value and value.keys() <= _FACEBOOK_NAMES)


def _facebook_post(value: Value, around: Value) -> Post:
    """A post of Facebook; its title tells what the account did, and is no headline."""
    if isinstance(at(value, "data.0.comment"), Mapping):
        raise NotAnArticle("comment")
    texts = [text for one in list_at(value, "data") if (text := text_at(one, "post"))]
    for one in _objects(value.get("attachments"), _DEPTH):
        texts += [text for name in ("text", "description") if (text := text_at(one, name))]
    return _of_meta(value["timestamp"], texts, "facebook")


def _is_instagram(value: Value, around: Value) -> bool:
    return isinstance(at(value, "media.0.creation_timestamp"), int)


def _instagram_post(value: Value, around: Value) -> Post:
    texts = [text for one in (value, *list_at(value, "media")) if (text := text_at(one, "title"))]
    taken = value.get("creation_timestamp")
    return _of_meta(taken if isinstance(taken, int) else at(value, "media.0.creation_timestamp"), texts, "instagram")


def _of_meta(timestamp: int, texts: list[str], site: str) -> Post:
    parts = dict.fromkeys(map(_without_mojibake, texts))
    kept = [part for part in parts if not any(part != other and part in other for other in parts)]
    if not (lines := plain_lines("\n".join(kept))):
        raise NotAnArticle("post without text")
    digest = hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:8]
    return Post(id=f"{site}-{timestamp}-{digest}", text=lines, date=timestamp)  # posts have no id


def _without_mojibake(text: str) -> str:
    r"""A text of Meta's files: each byte of its UTF-8 is written as a character (`\u00d8\u00a3` is أ)."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text  # repaired by another program


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """The objects in a value, at all levels."""
    if isinstance(value, Mapping):
        yield value
    if isinstance(value, (Mapping, list)) and depth:
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _objects(inner, depth - 1)


def _private_message(value: Value, around: Value) -> Post:
    raise NotAnArticle("private message")


def _is_private_message(value: Value, around: Value) -> bool:
    return isinstance(value.get("sender_name"), str) and isinstance(value.get("timestamp_ms"), int)


def _tweet_of(value: Value) -> Value:
    tweet = value.get("tweet")
    return tweet if isinstance(tweet, Mapping) else value


def _is_tweet(value: Value, around: Value) -> bool:
    tweet = _tweet_of(value)
    return all(isinstance(tweet.get(name), str) for name in ("full_text", "id_str", "created_at"))


def _tweet(value: Value, around: Value) -> Post:
    """A post of X. Repeated posts are cut off, and another account's; they are counted."""
    tweet = _tweet_of(value)
    text = tweet["full_text"]
    if _RETWEET.match(text) or isinstance(tweet.get("retweeted_status"), Mapping):
        raise NotAnArticle("retweet")
    for link in list_at(tweet, "entities.urls"):
        short, expanded = text_at(link, "url"), text_at(link, "expanded_url")
        if short and expanded:
            text = text.replace(short, expanded)
    media = [*list_at(tweet, "entities.media"), *list_at(tweet, "extended_entities.media")]
    for one in media:
        text = text.replace(text_at(one, "url") or "\0", "")
    if not (lines := plain_lines(html.unescape(text))):
        raise NotAnArticle("post without text")
    number = tweet["id_str"]
    cut_off = any(_OWN_STATUS.fullmatch(text_at(one, "expanded_url") or "") for one in list_at(tweet, "entities.urls"))
    pictures = (_STATUS.match(text_at(one, "expanded_url") or "") for one in media)
    named = next((found[1] for found in pictures if found and found[2] == number), text_at(tweet, "user.screen_name"))
    name = text_at(tweet, "user.name")
    return Post(
        id=f"twitter-{id_at(tweet, 'id_str')}",
        url=f"https://twitter.com/{named}/status/{number}" if named else None,
        text=lines,
        date=tweet["created_at"],
        authors=(name,) if name else (),
        warning=f"post {number} may be cut off: note-tweet.js has the whole text of long posts" if cut_off else None,
    )


def _is_note(value: Value, around: Value) -> bool:
    return isinstance(at(value, "noteTweet.core.text"), str)


def _note(value: Value, around: Value) -> Post:
    """A long post of X, whose beginning is also among the posts."""
    text = at(value, "noteTweet.core.text")
    for link in list_at(value, "noteTweet.core.urls"):
        short, expanded = text_at(link, "shortUrl"), text_at(link, "expandedUrl")
        text = text.replace(short, expanded) if short and expanded else text
    number = id_at(value, "noteTweet.noteTweetId")
    return Post(
        id=f"twitter-note-{number}" if number else None,
        text=plain_lines(text),
        date=text_at(value, "noteTweet.createdAt"),
    )


SHAPES: Final = (
    Shape("Telegram", _is_message, _message, uses_text=True),
    Shape("Facebook", _is_facebook, _facebook_post),
    Shape("Instagram", _is_instagram, _instagram_post),
    Shape("messages of Facebook or Instagram", _is_private_message, _private_message),
    Shape("X (Twitter)", _is_tweet, _tweet),
    Shape("long posts of X", _is_note, _note),
)
"""The shapes of this module."""

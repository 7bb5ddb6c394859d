"""Read pages with trafilatura, newspaper4k and readability-lxml; `bench.pages` runs this by an interpreter with them.

Each line of the input is a JSON list of a page's path, URL and language, if known; each line of the output has what
every reader found.
"""

from __future__ import annotations

import gzip
import json
import logging
import sys
from pathlib import Path

import lxml.html
import newspaper
import readability
import trafilatura


def trafilatura_found(text: str, url: str | None, language: str | None) -> tuple[str | None, str | None, str]:
    """Title, date and body by trafilatura, without its comments."""
    found = trafilatura.bare_extraction(text, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return None, None, ""
    return found.title, found.date, found.text or ""


def newspaper_found(text: str, url: str | None, language: str | None) -> tuple[str | None, str | None, str]:
    """Title, date and body by newspaper4k."""
    known = {"language": language} if language else {}
    article = newspaper.Article(url or "https://news.example/story", fetch_images=False, **known)
    article.download(input_html=text)
    article.parse()
    published = article.publish_date
    return article.title, published.date().isoformat() if hasattr(published, "date") else None, article.text


def readability_found(text: str, url: str | None, language: str | None) -> tuple[str | None, str | None, str]:
    """Title and body by readability-lxml, which reads no dates."""
    document = readability.Document(text, url=url)
    body = lxml.html.fromstring(document.summary())
    return document.short_title(), None, "\n".join(part for part in body.itertext() if part.strip())


READERS = {"trafilatura": trafilatura_found, "newspaper4k": newspaper_found, "readability-lxml": readability_found}


def main() -> None:
    """Read what is listed on the standard input."""
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        path, url, language = json.loads(line)
        data = Path(path).read_bytes()
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        text = trafilatura.utils.decode_file(data)
        found = {}
        for name, read in READERS.items():
            try:
                title, date, body = read(text, url, language)
            except Exception as error:  # of the other reader: the next one is run
                print(f"{name}: {path}: {error!r}", file=sys.stderr)
                title, date, body = None, None, ""
            found[name] = {"title": title, "date": date, "text": body}
        print(json.dumps(found))


if __name__ == "__main__":
    main()

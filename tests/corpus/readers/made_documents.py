"""Small documents of each form, written here as their programs write them."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any

from tests.corpus.readers.made_files import PAGE, SENTENCE, URL, zipped

TEXT = [SENTENCE, f"وأضاف: {SENTENCE}"]

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_OOXML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DC = "http://purl.org/dc/elements/1.1/"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_ODT = "application/vnd.oasis.opendocument.text"


def word(text: str, style: str = "") -> str:
    """A paragraph of a DOCX file."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(
    body: str, *, title: str = "", creator: str = "", main: str = f"{_OOXML}.document.main+xml", **parts: str
) -> bytes:
    """A DOCX file; `parts` are further files in its folder."""
    members = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Override PartName="/word/document.xml" ContentType="{main}"/>'
        "</Types>",
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{_WORD}"><w:style w:styleId="a3"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>',
        "docProps/core.xml": f'<p xmlns:dc="{_DC}"><dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator></p>',
        **{f"word/{name}.xml": f'<w:notes xmlns:w="{_WORD}">{part}</w:notes>' for name, part in parts.items()},
    }
    return zipped({name: text.encode() for name, text in members.items()})


def odt(body: str, *, kind: str = _ODT, meta: str = "", manifest: str = "") -> bytes:
    """An ODT file."""
    names = " ".join(
        f'xmlns:{name}="{_OASIS}:{name}:1.0"'
        for name in ("office", "text", "table", "style", "meta", "manifest", "draw")
    )
    members = {
        "mimetype": kind,
        "META-INF/manifest.xml": f'<manifest:manifest {names}><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/>{manifest}</manifest:manifest>',
        "content.xml": f'<office:document-content {names}><office:automatic-styles><style:style style:name="P1" '
        'style:parent-style-name="Title"/></office:automatic-styles><office:body><office:text>'
        f"{body}</office:text></office:body></office:document-content>",
        "meta.xml": f'<office:document-meta {names} xmlns:dc="{_DC}">{meta}</office:document-meta>',
    }
    return zipped({name: text.encode() for name, text in members.items()})


def chapter(title: str, *paragraphs: str) -> str:
    """A chapter of an EPUB file."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    heading = f"<h1>{title}</h1>" if title else ""
    return f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{heading}{body}</body></html>'


def epub(chapters: dict[str, str], *, contents: dict[str, str] | None = None, metadata: str = "", **more: str) -> bytes:
    """An EPUB file; `contents` are the names of chapters in its table of contents."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    points = "".join(
        f"<navPoint><navLabel><text>{text}</text></navLabel><content src='{name}#top'/></navPoint>"
        for name, text in (contents or {}).items()
    )
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": f'<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf" '
        f'xmlns:dc="{_DC}"><metadata><dc:title>مجلة الوادي</dc:title><dc:creator>هيئة التحرير</dc:creator>{metadata}'
        '</metadata><manifest><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        f'<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>',
        "OPS/nav.xhtml": chapter("الفهرس", *TEXT),
        "OPS/toc.ncx": f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>',
        **{f"OPS/{name}": text for name, text in chapters.items()},
        **{name.replace("__", "/") + ".xml": text for name, text in more.items()},
    }
    return zipped({name: text.encode() for name, text in members.items()})


def mail(
    html: str = "",
    plain: str = "",
    *,
    headers: dict[str, str] | None = None,
    attached: Sequence[tuple[str, str, bytes]] = (),
    policy: EmailPolicy[Any] = SMTP,
) -> bytes:
    """An e-mail message, as Python writes it; `attached` are files: media type, name, content."""
    message = EmailMessage(policy=policy)
    given = {
        "From": "نشرة الوادي <news@wadi.example>",
        "Subject": "نشرة الصباح",
        "Date": "Wed, 27 Feb 2019 08:00:00 +0300",
        "Message-ID": "<1@wadi.example>",
    } | (headers or {})
    for name, value in given.items():
        if value:
            message[name] = value
    message.set_content(plain or "اقرأ النشرة في المتصفح")
    if html:
        message.add_alternative(html, subtype="html")
    for kind, name, data in attached:
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def mhtml(
    page: bytes = PAGE, *, top: str = f"Snapshot-Content-Location: {URL}\n", encoding: str = "8bit", more: bytes = b""
) -> bytes:
    """A page saved as Chrome does it."""
    head = (
        f"From: <Saved by Blink>\n{top}Date: Wed, 27 Feb 2019 08:00:00 -0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related;\n\ttype="text/html";\n\tboundary="--B--"\n\n\n'
    )
    part = f"----B--\nContent-Type: text/html\nContent-Transfer-Encoding: {encoding}\nContent-Location: {URL}\n\n"
    return head.encode() + part.encode() + page + b"\n" + more + b"----B----\n"


def webarchive(page: bytes = PAGE, *, form: Any = plistlib.FMT_BINARY, **more: Any) -> bytes:
    """A page saved by Safari."""
    resource = {
        "WebResourceData": page,
        "WebResourceMIMEType": "text/html",
        "WebResourceTextEncodingName": "UTF-8",
        "WebResourceURL": URL,
    }
    return plistlib.dumps({"WebMainResource": resource, **more}, fmt=form)

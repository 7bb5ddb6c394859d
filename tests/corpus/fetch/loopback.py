"""A local web site with scripted responses, and builders of feeds, sitemaps and pages."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "قال الوزير إن المفاوضات ستستأنف غدا في العاصمة بعد انقطاع دام أشهرا، وإن الوفود وصلت جميعها."


@dataclass(frozen=True)
class Answer:
    """The response of a URL."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Route = Answer | Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """The routes of a running server, and the requests that it received, with their headers."""

    port: int
    scheme: str = "http"
    routes: dict[str, Route] = field(default_factory=dict)
    requests: list[tuple[str, Message]] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def paths(self) -> list[str]:
        """The requested paths, without robots.txt."""
        return [path for path, _ in self.requests if path != "/robots.txt"]

    def answer(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Scripts the response of a path; returns its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.routes[path] = Answer(body, status, named)
        return self.url(path)


@contextmanager
def running_site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site without pages; everything that is not scripted is 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, self.headers))
            route = site.routes.get(self.path, Answer("nothing here", 404))
            if not isinstance(route, Answer):
                route(self)
                return
            asked = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
            same = (route.headers.get("ETag"), route.headers.get("Last-Modified"))
            not_modified = any(one and one == other for one, other in zip(asked, same, strict=True))
            body = route.body.encode() if isinstance(route.body, str) else route.body
            self.send_response(304 if not_modified else route.status)
            for name, value in route.headers.items():
                self.send_header(name, value)
            if not_modified:
                self.end_headers()
                return
            if "Content-Length" not in route.headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # some tests close the connection early

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = Site(server.server_address[1], "https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def page(title: str = "عنوان الخبر", head: str = "", text: str = TEXT) -> str:
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><article><h1>{title}</h1>" + f"<p>{text}</p>" * 3 + "</article></body></html>"
    )


def item(link: str | None, title: str = "خبر", inner: str = "") -> str:
    return f"<item><title>{title}</title>" + (f"<link>{link}</link>" if link else "") + f"{inner}</item>"


def rss(*items: str, title: str = "صحيفة النهضة") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>{title}</title>{''.join(items)}</channel></rss>"
    )


def sitemap(*urls: str, kind: str = "urlset") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{"".join(urls)}</{kind}>'
    )

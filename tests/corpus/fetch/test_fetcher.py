from __future__ import annotations

import gzip
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from corpus import Archive, FetchFailed
from corpus.fetch import Fetcher, Limits, allow_any, client
from corpus.fetch.fetcher import request_url, user_agent
from tests.corpus.fetch.conftest import Clock, Fetch
from tests.corpus.fetch.loopback import Site, page

QUICK = Limits(connect=2, silence=0.4, total=0.8, size=100_000)


@pytest.fixture
def fetcher(clock: Clock) -> Fetcher:
    return Fetcher(allowed=allow_any, pauses=clock.pauses(), limits=QUICK)


def failure(fetcher: Fetcher, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetcher.get(url)
    assert str(caught.value).startswith(url) or "robots.txt" in str(caught.value)
    return caught.value


# robots.txt


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", True),
        ("User-agent: *\nDisallow: /news", False),
        ("User-agent: *\nDisallow: /\nAllow: /news", True),
        ("User-agent: *\nDisallow: /*?print=", False),
        ("User-agent: *\nDisallow: /*.php$", True),
        ("User-agent: Arshif\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: Googlebot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /%D8%A3/x\nDisallow: /news/أ", False),
        ("this is no robots.txt", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
    ],
    ids=["elsewhere", "prefix", "longest wins", "wildcard", "end", "by name", "others", "Arabic", "nonsense", "mark"],
)
def test_robots_txt_is_obeyed(fetcher: Fetcher, site: Site, robots: str, allowed: bool) -> None:
    site.answer("/robots.txt", robots)
    url = site.answer("/news/%D8%A3.php?print=1", page())
    if allowed:
        assert fetcher.get(url).status == 200
    else:
        assert "robots.txt" in failure(fetcher, url).reason
        assert site.paths() == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_nothing_is_fetched_while_robots_txt_is_unavailable(fetcher: Fetcher, site: Site, status: int) -> None:
    site.answer("/robots.txt", status=status)
    failed = failure(fetcher, site.answer("/a", page()))
    assert not failed.permanent
    assert site.paths() == []


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_site_without_robots_txt_allows_everything(fetcher: Fetcher, site: Site, status: int) -> None:
    site.answer("/robots.txt", status=status)
    assert fetcher.get(site.answer("/a", page())).status == 200


def test_robots_txt_is_requested_once_and_its_redirects_are_followed(fetcher: Fetcher, site: Site) -> None:
    site.answer("/robots.txt", status=301, Location="/real")
    site.answer("/real", "User-agent: *\nDisallow: /a")
    assert "robots.txt" in failure(fetcher, site.answer("/a", page())).reason
    assert fetcher.get(site.answer("/b", page())).status == 200
    assert [path for path, _ in site.requests] == ["/robots.txt", "/real", "/b"]


# Pauses


def test_requests_to_one_host_are_delayed(fetch: Fetch, site: Site, clock: Clock) -> None:
    fetch(site.answer("/a", page("أ")), site.answer("/b", page("ب")), delay=1.5)
    assert clock.slept == [1.5, 1.5]


def test_the_longer_of_both_delays_applies(fetch: Fetch, site: Site, clock: Clock) -> None:
    site.answer("/robots.txt", "User-agent: *\nCrawl-delay: 7")
    fetch(site.answer("/a", page("أ")), site.answer("/b", page("ب")), delay=1)
    assert clock.slept == [1, 7]
    site.answer("/robots.txt", "User-agent: *\nCrawl-delay: 100000")
    assert "100,000 seconds between" in fetch(site.url("/a")).refusals[0].reason


def test_the_host_that_is_ready_first_is_requested_first(fetch: Fetch, site: Site, clock: Clock) -> None:
    slow = [site.answer(path, page(path)) for path in ("/a", "/b")]
    site.answer("/robots.txt", "User-agent: *\nCrawl-delay: 5")
    fetch(*slow, site.answer("/c", page("c")).replace("127.0.0.1", "localhost"), delay=5)
    assert site.paths() == ["/a", "/c", "/b"]
    assert sum(clock.slept) == 10


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(fetcher: Fetcher, site: Site, clock: Clock, status: int) -> None:
    url = site.url("/a")

    def busy(handler: BaseHTTPRequestHandler) -> None:
        site.answer("/a", page())
        handler.send_response(status)
        handler.send_header("Retry-After", "42")
        handler.end_headers()

    site.routes["/a"] = busy
    assert fetcher.get(url).status == 200
    assert clock.slept == [42]


def test_a_busy_host_without_retry_after_is_tried_three_times(fetcher: Fetcher, site: Site, clock: Clock) -> None:
    failed = failure(fetcher, site.answer("/a", status=503))
    assert (failed.reason, failed.permanent) == ("the site is too busy (503)", False)
    assert clock.slept == [10, 30]


def test_a_long_retry_after_is_obeyed_by_later_runs(fetch: Fetch, site: Site) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    urls = [site.answer("/a", status=429, Retry_After=until), site.answer("/b", page())]
    summary = fetch(*urls)
    assert summary.refused == 2
    assert "asks for no requests until" in summary.refusals[1].reason
    del site.requests[:]
    assert fetch(*urls).refused == 2
    assert site.requests == []


# Redirects and addresses


def test_redirects_are_followed_and_the_article_has_the_last_url(fetch: Fetch, site: Site, archive: Archive) -> None:
    site.answer("/b", status=302, Location="/c?x=1#y")
    site.answer("/c?x=1", page())
    fetch(site.answer("/a", status=301, Location=site.url("/b")))
    assert [article.url for article in archive.articles()] == [site.url("/c?x=1")]


def test_an_arabic_url_in_a_redirect_is_followed(fetcher: Fetcher, site: Site) -> None:
    site.answer("/%D8%AE%D8%A8%D8%B1", page())
    # A header is sent as Latin-1: these are the bytes of UTF-8.
    url = site.answer("/a", status=301, Location="/خبر".encode().decode("latin-1"))
    assert fetcher.get(url).url == site.url("/%D8%AE%D8%A8%D8%B1")


def test_redirect_loops_end(fetcher: Fetcher, site: Site) -> None:
    site.answer("/a", status=302, Location="/b")
    site.answer("/b", status=302, Location="/a")
    assert failure(fetcher, site.url("/a")).reason == "it redirects in a loop"
    for n in range(20):
        site.answer(f"/{n}", status=302, Location=f"/{n + 1}")
    assert failure(fetcher, site.url("/0")).reason == "it redirects more than 8 times"


def test_robots_txt_of_the_target_of_a_redirect_is_obeyed(fetcher: Fetcher, site: Site) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /secret")
    site.answer("/secret", page())
    assert "robots.txt" in failure(fetcher, site.answer("/a", status=302, Location="/secret")).reason


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "http://", "http://[", "//user:pw@127.0.0.1/"]
)
def test_redirects_to_other_schemes_are_refused(fetcher: Fetcher, site: Site, target: str) -> None:
    assert failure_of_redirect(fetcher, site, target).permanent


def failure_of_redirect(fetcher: Fetcher, site: Site, target: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetcher.get(site.answer("/a", status=302, Location=target))
    return caught.value


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_private_hosts_are_never_contacted(clock: Clock, site: Site, host: str) -> None:
    with pytest.raises(FetchFailed, match=r"private address|was not found"):
        Fetcher(pauses=clock.pauses()).get(f"http://{host}:{site.port}/")
    assert site.requests == []


def test_a_redirect_to_a_private_host_is_refused(clock: Clock, site: Site) -> None:
    site.answer("/secret", page())
    fetcher = Fetcher(allowed=lambda number: number == "127.0.0.1", pauses=clock.pauses(), limits=QUICK)
    for other in ("127.0.0.2", "[::1]", "[::ffff:127.0.0.2]"):
        url = site.answer("/a", status=302, Location=f"http://{other}:{site.port}/secret")
        with pytest.raises(FetchFailed, match="a private address"):
            fetcher.get(url)
    assert "/secret" not in site.paths()


def test_dns_rebinding_does_not_reach_private_hosts(clock: Clock, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first lookup passes the guard, later ones resolve to a private address."""
    real = socket.getaddrinfo
    answers = iter(["127.0.0.1", *["127.0.0.2"] * 9])

    def rebinding(host: Any, *arguments: Any, **named: Any) -> Any:
        return real(next(answers) if host == "rebind.example" else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    site.answer("/a", page())
    fetcher = Fetcher(allowed=lambda number: number == "127.0.0.1", pauses=clock.pauses(), limits=QUICK)
    with pytest.raises(FetchFailed, match=r"rebind\.example is 127\.0\.0\.2, a private address"):
        fetcher.get(f"http://rebind.example:{site.port}/a")
    assert [path for path, _ in site.requests] == ["/robots.txt"]


# Bounds and damage


def test_an_oversized_body_is_abandoned(fetcher: Fetcher, site: Site) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 10_000)

    site.routes["/a"] = endless
    assert "larger than" in failure(fetcher, site.url("/a")).reason


def test_compressed_bodies_are_decompressed_up_to_a_limit(fetcher: Fetcher, site: Site) -> None:
    packed = gzip.compress(b"a" * 1000)
    assert fetcher.get(site.answer("/a", packed + packed, Content_Encoding="gzip")).body == b"a" * 2000
    bomb = site.answer("/b", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    assert failure(fetcher, bomb).reason.endswith("when unpacked")
    damaged = site.answer("/c", packed[:-5] + b"?????", Content_Encoding="gzip")
    assert failure(fetcher, damaged).reason == "its gzip data is damaged"
    cut = site.answer("/d", packed[:-9], Content_Encoding="gzip")
    assert failure(fetcher, cut).reason == "its gzip data is cut short"
    pieces = site.answer("/e", gzip.compress(b"") * 500, Content_Encoding="gzip")
    assert failure(fetcher, pieces).reason == "its gzip data is in too many pieces"


def test_a_content_encoding_that_was_not_requested_is_reported(fetcher: Fetcher, site: Site) -> None:
    url = site.answer("/a", b"\x1b\x00", Content_Encoding="br")
    assert failure(fetcher, url).reason == "it was compressed with br, which was not requested"


def drip(handler: BaseHTTPRequestHandler, every: float, head: bool) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"" if head else b"\r\n"))
    while True:
        handler.wfile.write(b"X: y\r\n" if head else b"x")
        handler.wfile.flush()
        time.sleep(every)


@pytest.mark.slow
@pytest.mark.parametrize("head", [True, False], ids=["head", "body"])
def test_a_response_that_trickles_times_out(fetcher: Fetcher, site: Site, head: bool) -> None:
    site.routes["/a"] = lambda handler: drip(handler, 0.05, head)
    assert failure(fetcher, site.url("/a")).reason == "it took longer than 0.8 seconds"


def test_a_silent_connection_times_out(fetcher: Fetcher, site: Site) -> None:
    site.routes["/a"] = lambda handler: time.sleep(3)
    failed = failure(fetcher, site.url("/a"))
    assert (failed.reason, failed.permanent) == ("no data was received for 0.4 seconds", False)


def test_a_truncated_response_is_reported(fetcher: Fetcher, site: Site) -> None:
    url = site.answer("/a", page(), Content_Length="100000")
    assert "cut off" in failure(fetcher, url).reason


def test_a_response_that_is_not_http_is_reported(fetcher: Fetcher, site: Site) -> None:
    site.routes["/a"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n") and None
    assert "is not HTTP" in failure(fetcher, site.url("/a")).reason


def test_refused_connections_and_unknown_hosts_are_reported(fetcher: Fetcher) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchFailed, match="no connection: connection refused"):
        fetcher.get(f"http://127.0.0.1:{port}/")
    with pytest.raises(FetchFailed, match=r"nowhere\.invalid was not found"):
        fetcher.get("http://nowhere.invalid/")


@pytest.mark.parametrize(
    ("status", "said", "permanent"),
    [(404, "no such page (404)", True), (403, "denies access (403)", True), (502, "internal error", False)],
)
def test_statuses_are_described(fetcher: Fetcher, site: Site, status: int, said: str, permanent: bool) -> None:
    failed = failure(fetcher, site.answer("/a", page(), status=status))
    assert said in failed.reason
    assert failed.permanent is permanent


def test_certificates_are_verified(
    fetcher: Fetcher, tls_site: tuple[Site, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, certificate = tls_site
    with pytest.raises(FetchFailed, match=r"no secure connection: its certificate is not valid: self.signed"):
        fetcher.get(site.answer("/a", page()))
    assert site.requests == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client.verified_tls.cache_clear()
    try:
        fetcher = Fetcher(allowed=allow_any, pauses=Clock().pauses(), limits=QUICK)
        assert fetcher.get(site.url("/a")).status == 200
        with pytest.raises(FetchFailed, match="no secure connection: its certificate is not valid: Hostname mismatch"):
            fetcher.get(site.url("/a").replace("127.0.0.1", "localhost"))
    finally:
        client.verified_tls.cache_clear()


def test_a_plain_text_response_to_tls_is_reported(fetcher: Fetcher, site: Site) -> None:
    with pytest.raises(FetchFailed, match="no secure connection"):
        fetcher.get(f"https://127.0.0.1:{site.port}/")


# Requests


def test_the_user_agent_names_the_program(fetch: Fetch, site: Site) -> None:
    fetch(site.answer("/a", page()))
    for _, headers in site.requests:
        assert headers["User-Agent"].startswith("Arshif/")
        assert headers["User-Agent"].endswith(" (+https://archive.example/about)")
        assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert " " not in user_agent(None)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://a.example", "http://a.example/"),
        ("HTTP://A.example:80/x#y", "http://a.example/x"),
        (
            "https://موقع.example/خبر?س=ج&utm_source=x",
            "https://xn--4gbrim.example/%D8%AE%D8%A8%D8%B1?%D8%B3=%D8%AC&utm_source=x",
        ),
        ("http://a.example/%D8%AE?a=b%20c;d", "http://a.example/%D8%AE?a=b%20c;d"),
        ("http://a.example/a b", "http://a.example/a%20b"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
    ],
)
def test_urls_are_sent_in_ascii(url: str, sent: str) -> None:
    assert request_url(url) == sent


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rss.xml",
        "ftp://a.example/",
        "http://",
        "http://[x/",
        "http://a.example:99999/",
        "http://u:p@a.example/",
        "http://" + "a" * 70 + ".example/",
    ],
)
def test_invalid_urls_are_reported(fetch: Fetch, url: str) -> None:
    (refusal,) = fetch(url).refusals
    assert "address" in refusal.reason or "host" in refusal.reason

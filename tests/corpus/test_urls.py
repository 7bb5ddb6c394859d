from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.urls import canonical_url, display_url, readable_address

SAME = [
    (
        "raw and encoded Arabic",
        "https://a.example/خبر/عاجل",
        "https://a.example/%D8%AE%D8%A8%D8%B1/%d8%b9%D8%A7%D8%AC%D9%84",
    ),
    ("case of scheme and host", "HTTPS://A.Example/x", "https://a.example/x"),
    ("default port", "https://a.example:443/x", "https://a.example/x"),
    ("fragment", "https://a.example/x#comments", "https://a.example/x"),
    ("tracking parameters", "https://a.example/x?id=1&utm_source=t&fbclid=z", "https://a.example/x?id=1"),
    ("empty path", "https://a.example", "https://a.example/"),
    ("dots", "https://a.example/a/./b/../c", "https://a.example/a/c"),
    ("Arabic host", "https://موقع.example/x", "https://xn--4gbrim.example/x"),
    ("an Arabic host in ASCII", "https://XN--4GBRIM.example/x", "https://موقع.example/x"),
    ("an escape that need not be", "https://a.example/%61/%2D", "https://a.example/a/-"),
    ("Arabic parameters", "https://a.example/?q=%D8%AE%D8%A8%D8%B1+1", "https://a.example/?q=خبر%201"),
    ("parameters of a campaign and nothing else", "https://a.example/x?utm_source=a&gclid=1", "https://a.example/x"),
    ("dots at the end", "https://a.example/a/b/..", "https://a.example/a/"),
    ("dots above the top", "https://a.example/../a", "https://a.example/a"),
    ("outer space", "  https://a.example/x\n", "https://a.example/x"),
]
DIFFERENT = [
    ("order and value of parameters", "https://a.example/?id=1", "https://a.example/?id=2"),
    ("path", "https://a.example/x", "https://a.example/y"),
    ("host", "https://a.example/x", "https://b.example/x"),
    ("an encoded slash", "https://a.example/a%2Fb", "https://a.example/a/b"),
    ("www", "https://www.a.example/x", "https://a.example/x"),
    ("a slash at the end", "https://a.example/x/", "https://a.example/x"),
    ("two slashes", "https://a.example//x", "https://a.example/x"),
    ("the index of a directory", "https://a.example/x/index.html", "https://a.example/x/"),
    ("http and https", "http://a.example/x", "https://a.example/x"),
    ("order of parameters", "https://a.example/?a=1&b=2", "https://a.example/?b=2&a=1"),
    ("an encoded question mark", "https://a.example/x%3Fa=1", "https://a.example/x?a=1"),
    ("another port", "https://a.example:8443/x", "https://a.example/x"),
    ("case of the path", "https://a.example/X", "https://a.example/x"),
]


@pytest.mark.parametrize(("_", "one", "other"), SAME, ids=[row[0] for row in SAME])
def test_equivalent_urls_have_one_canonical_form(_: str, one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(("_", "one", "other"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_different_urls_have_different_canonical_forms(_: str, one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "text", ["", "not a url", "mailto:a@b.example", "http://[broken", "http://a:port/", "javascript:alert(1)"]
)
def test_other_text_is_not_changed(text: str) -> None:
    assert canonical_url(text) == text


@given(st.text(max_size=200) | st.text(max_size=100).map("https://a.example/".__add__))
def test_canonicalization_is_idempotent(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once


def test_display_shows_readable_arabic() -> None:
    assert display_url(canonical_url("https://a.example/خبر")) == "https://a.example/خبر"
    assert display_url("https://a.example/%ff%fe") == "https://a.example/%ff%fe"


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        ("https://a.example/%D8%AE%D8%A8%D8%B1", "https://a.example/خبر"),
        ("https://a.example/a?q=%D8%AE+%D8%A8#%D9%A1", "https://a.example/a?q=خ+ب#١"),
        ("https://xn--mgbc0a9azcg.example/", "https://المغرب.example/"),
        ("https://xn--pple-43d.example/", "https://xn--pple-43d.example/"),  # аpple with a Cyrillic letter
        ("https://xn--.example/x", "https://xn--.example/x"),
        ("https://a.example/%20%2F%25%3C%00", "https://a.example/%20%2F%25%3C%00"),
        ("https://a.example/%E2%80%AE%D8%AE", "https://a.example/%E2%80%AEخ"),  # a direction override
        ("https://a.example/%C7%E1", "https://a.example/%C7%E1"),  # Windows-1256, not UTF-8
        ("https://a.example/%D8%AE%D8", "https://a.example/%D8%AE%D8"),
        ("https://a.example/%D8%A7%D9%93", "https://a.example/%D8%A7%D9%93"),  # would be composed on the way
        ("javascript:alert('%D8%AE')", "javascript:alert('%D8%AE')"),
        ("https://[x", "https://[x"),
    ],
)
def test_an_address_is_readable_and_still_a_link(url: str, readable: str) -> None:
    assert readable_address(url) == readable


@given(st.text(max_size=30))
def test_a_readable_address_means_the_same(text: str) -> None:
    url = canonical_url(f"https://a.example/{text}")
    assert canonical_url(readable_address(url)) == url

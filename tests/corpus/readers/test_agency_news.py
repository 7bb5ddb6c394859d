"""News of agencies: NITF, NewsML-G2 and NewsML 1; what was withdrawn, pictures and packages are counted."""

from __future__ import annotations

import pytest

from corpus.readers.agency_news import AGENCY_ROOTS
from tests.corpus.readers.made_files import Read, read

TEXT = "افتتحت البلدية اليوم الميناء الجديد بعد عامين من العمل."
SECOND = "وحضر الحفل كثيرون."
XHTML = (
    '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
    f"<body><h1>الميناء يفتح</h1><p>{TEXT}</p><figure><figcaption>صورة</figcaption></figure><p>{SECOND}</p></body></html></inlineXML>"
)


def news_item(guid: str, status: str = "stat:usable", kind: str = "ninat:text", content: str = XHTML) -> str:
    return (
        f'<newsItem guid="{guid}" version="3"><itemMeta><itemClass qcode="{kind}"/>'
        '<provider qcode="nprov:MRF"><name>وكالة الميناء</name></provider>'
        f'<versionCreated>2019-02-28T09:00:00+03:00</versionCreated><pubStatus qcode="{status}"/></itemMeta>'
        "<contentMeta><contentCreated>2019-02-27T08:00:00+03:00</contentCreated><by>بقلم سامي الحداد</by>"
        '<headline role="hltype:sub">فرعي</headline><headline>الميناء يفتح</headline></contentMeta>'
        f"<contentSet>{content}</contentSet></newsItem>"
    )


def message(*items: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/">'
        f"<header/><itemSet>{''.join(items)}</itemSet></newsMessage>"
    ).encode()


def test_an_item_of_newsml_g2() -> None:
    for data in (message(news_item("urn:1")), news_item("urn:1").encode()):
        (article,) = read(data, "news.xml").articles
        assert (article.id, article.title, article.source) == ("urn:1", "الميناء يفتح", "وكالة الميناء")
        assert article.paragraphs == (TEXT, SECOND)
        assert article.authors == ("سامي الحداد",)
        assert str(article.published) == "2019-02-27 08:00:00+03:00"


def test_items_that_are_no_articles_are_counted() -> None:
    found = read(
        message(
            news_item("urn:1"),
            news_item("urn:2", "stat:canceled"),
            news_item("urn:3", "http://cv.iptc.org/newscodes/pubstatusg2/withheld".replace("http://", "stat:")),
            news_item("urn:4", kind="ninat:picture"),
            "<packageItem guid='urn:5'/>",
            "<conceptItem guid='urn:6'/>",
            "<knowledgeItem guid='urn:7'/>",
            news_item("urn:8", content='<remoteContent href="8.xml"/>'),
            news_item("urn:9", content="<inlineXML><sports-content><p>3-1</p></sports-content></inlineXML>"),
        ),
        "news.xml",
    )
    assert found.ids == ["urn:1"]
    assert found.ignored == [
        *("canceled item", "withheld item", "picture"),
        *("package of items", "concept item", "knowledge item"),
    ]
    assert [reason.partition(", ")[2] for reason in found.reasons] == [
        "item 8: its text is not in this file",
        "item 9: it contains no text",
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"<inlineData contenttype='text/plain'>{TEXT}\n\n  {SECOND}</inlineData>",
        f"<inlineData contenttype='text/plain'><![CDATA[<p>{TEXT}</p><p>{SECOND}</p>]]></inlineData>",
        f"<inlineXML><nitf><body><body.content><p>{TEXT}</p><p>{SECOND}</p></body.content></body></nitf></inlineXML>",
        f"<inlineXML contenttype='application/nitf+xml'><n:nitf xmlns:n='x'><n:body><n:body.content><n:p>{TEXT}</n:p>"
        f"<n:p>{SECOND}</n:p></n:body.content></n:body></n:nitf></inlineXML>",
    ],
)
def test_the_forms_of_a_text(content: str) -> None:
    assert read(message(news_item("urn:1", content=content)), "a.xml").articles[0].paragraphs == (TEXT, SECOND)


def nitf(docdata: str = "", head: str = "", content: str = f"<p>{TEXT}</p><p>{SECOND}</p>") -> bytes:
    return (
        '<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-3.dtd"><nitf><head><title>عنوان الصفحة</title>'
        f'<docdata{docdata}</docdata><pubdata name="جريدة الميناء" position.section="محليات"/></head>'
        f"<body><body.head><hedline><hl1>الميناء يفتح</hl1></hedline>{head}</body.head>"
        f"<body.content>{content}</body.content><body.end><tagline>x</tagline></body.end></body></nitf>"
    ).encode()


def test_nitf() -> None:
    docdata = (
        '><doc-id id-string="n-1"/><date.release norm="20190228T000000Z"/><date.issue norm="20190227T080000+0300"/>'
    )
    head = (
        "<byline>بقلم <person>سامي الحداد</person><byttl>مراسل</byttl></byline>"
        "<dateline><location>المدينة</location></dateline><abstract><p>ملخص</p></abstract>"
    )
    content = (
        f'<media><media-caption>صورة</media-caption></media><p lede="true">{TEXT}&nbsp;</p><hl2>فرعي</hl2>'
        f"<p>وحضر <em>الحفل</em> كثيرون.</p><ul><li>أول</li><li>ثان</li></ul><table><tr><td>1</td><td>2</td></tr></table>"
    )
    (article,) = read(nitf(docdata, head, content), "a.nitf").articles
    assert (article.id, article.title, article.source) == ("n-1", "الميناء يفتح", "جريدة الميناء")
    assert (article.section, article.authors) == ("محليات", ("سامي الحداد",))
    assert str(article.published) == "2019-02-27 08:00:00+03:00"
    assert article.paragraphs == ("ملخص", TEXT, "فرعي", SECOND, "أول", "ثان", "1 2")


def test_second_headlines_and_abstracts_that_the_text_repeats_are_not_added() -> None:
    head = f"<hedline><hl2>عنوان ثان</hl2></hedline><abstract>{TEXT}</abstract>"
    assert read(nitf(">", head), "a.xml").articles[0].paragraphs == ("عنوان ثان", TEXT, SECOND)


def test_withheld_nitf_is_counted() -> None:
    for status in ("withheld", "embargoed", "canceled"):
        assert read(nitf(f' management-status="{status}">'), "a.xml").ignored == [f"{status} item"]


def test_a_date_that_cannot_be_read_is_reported() -> None:
    found = read(nitf('><date.issue norm="tomorrow"/>'), "a.xml")
    assert found.records[0].warning == "a.xml: kept without a date: 'tomorrow' is not a date"


def newsml(status: str = "Usable", media: str = "Text", data: str = f"<p>{TEXT}</p><p>{SECOND}</p>") -> str:
    return (
        "<NewsItem><Identification><NewsIdentifier><ProviderId>marfaa.example</ProviderId>"
        "<PublicIdentifier>urn:newsml:marfaa.example:1</PublicIdentifier></NewsIdentifier></Identification>"
        "<NewsManagement><FirstCreated>20190227T080000Z</FirstCreated><ThisRevisionCreated>20190228T080000Z"
        f'</ThisRevisionCreated><Status FormalName="{status}"/></NewsManagement><NewsComponent><NewsLines>'
        "<HeadLine>الميناء يفتح</HeadLine><ByLine>سامي الحداد</ByLine></NewsLines><AdministrativeMetadata><Provider>"
        '<Party FormalName="وكالة الميناء"/></Provider></AdministrativeMetadata><NewsComponent><ContentItem>'
        f'<MediaType FormalName="{media}"/><DataContent>{data}</DataContent></ContentItem></NewsComponent>'
        "</NewsComponent></NewsItem>"
    )


def test_newsml_1() -> None:
    found = read(
        f"<NewsML><NewsEnvelope/>{newsml()}{newsml('Canceled')}{newsml(media='Photo')}</NewsML>".encode(), "a.xml"
    )
    (article,) = found.articles
    assert (article.id, article.title) == ("urn:newsml:marfaa.example:1", "الميناء يفتح")
    assert (article.source, article.authors) == ("وكالة الميناء", ("سامي الحداد",))
    assert article.paragraphs == (TEXT, SECOND)
    assert str(article.published) == "2019-02-27 08:00:00+00:00"
    assert found.ignored == ["canceled item", "photo"]


def bad(data: bytes) -> Read:
    found = read(data, "a.xml")
    assert not found.articles
    return found


def test_damage_is_one_refusal() -> None:
    assert "not well-formed XML" in bad(b"<nitf><body><p>x</nitf>").reasons[0]
    assert "no news items" in bad(b"<NewsML><NewsEnvelope/></NewsML>").reasons[0]
    assert "contains no text" in bad(b"<nitf/>").reasons[0]
    for root in AGENCY_ROOTS:
        bad(f"<{root}/>".encode())


def test_entities_and_depth_cost_nothing() -> None:
    bomb = b'<!DOCTYPE nitf [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    found = read(bomb + f"<nitf><body><body.content><p>{TEXT}</p></body.content></body></nitf>".encode(), "a.xml")
    assert found.articles[0].text == TEXT
    assert (
        "not well-formed"
        in bad(bomb + b"<nitf><body><body.content><p>&b;&f;</p></body.content></body></nitf>").reasons[0]
    )
    assert bad(b"<nitf>" + b"<p>" * 100_000).reasons

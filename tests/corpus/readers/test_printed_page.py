"""Scanned pages: the text of ALTO, PAGE and hOCR, and the boxes of their words."""

from __future__ import annotations

import warnings

import pytest

from corpus.readers.printed_page import Word, printed_words
from tests.corpus.readers.made_files import PAGE, SENTENCE, read

ALTO = """<?xml version="1.0" encoding="UTF-8"?><alto {namespace}><Description><MeasurementUnit>mm10</MeasurementUnit>
</Description><Styles><TextStyle ID="big" FONTSIZE="30"/><TextStyle ID="small" FONTSIZE="10"/></Styles>
<Layout><Page ID="P1" WIDTH="2000" HEIGHT="3000"><PrintSpace>
<TextBlock ID="b0" STYLEREFS="{title}"><TextLine><String CONTENT="الميناء" HPOS="900" VPOS="20" WIDTH="90" HEIGHT="40" WC="0.9"/>
<SP/><String CONTENT="يفتح" HPOS="800" VPOS="20" WIDTH="80.5" HEIGHT="40"/></TextLine></TextBlock>
<ComposedBlock><TextBlock ID="b1" STYLEREFS="small"><TextLine><String CONTENT="افتتحت"/><SP/>
<String CONTENT="البلد" SUBS_TYPE="HypPart1" SUBS_CONTENT="البلدية"/><HYP CONTENT="-"/></TextLine>
<TextLine><String CONTENT="ية" SUBS_TYPE="HypPart2" SUBS_CONTENT="البلدية"/><String CONTENT="الميناء"/>
<String CONTENT="الجديد."/></TextLine></TextBlock></ComposedBlock>
<TextBlock ID="b2"><TextLine><String CONTENT="وحضر"/><String CONTENT="كثيرون."/></TextLine></TextBlock>
</PrintSpace></Page></Layout></alto>"""
NAMESPACES = [
    'xmlns="http://www.loc.gov/standards/alto/ns-v2#"',
    'xmlns="http://www.loc.gov/standards/alto/ns-v3#"',
    'xmlns="http://www.loc.gov/standards/alto/ns-v4#"',
    "",
]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_page_in_alto(namespace: str) -> None:
    data = ALTO.format(namespace=namespace, title="big").encode()
    (record,) = read(data, "page.xml").records
    assert record.article.title == "الميناء يفتح"
    assert record.article.paragraphs == ("افتتحت البلدية الميناء الجديد.", "وحضر كثيرون.")
    assert (record.page, record.media_type) == (data, "application/alto+xml")
    (page,) = printed_words(data)
    assert (page.width, page.height, page.unit) == (2000, 3000, "mm10")
    assert page.words[0] == Word("الميناء", 900, 20, 90, 40, 0.9)
    assert page.words[1] == Word("يفتح", 800, 20, 80.5, 40, None)
    assert [word.text for word in page.words][3:5] == ["البلد", "ية"]  # as printed, each with its own box


def test_type_of_one_size_is_no_headline() -> None:
    long = "<TextBlock><TextLine><String CONTENT='" + SENTENCE * 3 + "'/></TextLine></TextBlock>"
    data = ALTO.format(namespace="", title="small").replace('<TextBlock ID="b0"', long + '<TextBlock ID="b0"')
    article = read(data.encode(), "page.xml").articles[0]
    assert article.title == ""
    assert article.paragraphs[1] == "الميناء يفتح"


def test_a_block_that_alto_marks_as_a_headline() -> None:
    tags = '<Tags><LayoutTag ID="t1" LABEL="Headline"/></Tags><Layout>'
    data = ALTO.format(namespace="", title="small").replace("<Layout>", tags).replace('ID="b0"', 'ID="b0" TAGREFS="t1"')
    assert read(data.encode(), "page.xml").articles[0].title == "الميناء يفتح"


def test_a_page_number_is_no_title() -> None:
    data = ALTO.format(namespace="", title="big").replace("الميناء", "7", 1).replace("يفتح", "-", 1)
    assert read(data.encode(), "page.xml").articles[0].title == ""


HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title></title><meta name='ocr-system' content='tesseract 5.3'/></head><body>
<div class='ocr_page' id='page_1' title='image "a;b.png"; bbox 0 0 2480 3508; ppageno 0'><div class='ocr_carea'>
<p class='ocr_par' dir='rtl'><span class='ocr_line' title="bbox 700 10 980 60; x_size 60">
<span class='ocrx_word' title='bbox 900 20 990 60; x_wconf 96'>الميناء</span>
<span class='ocrx_word' title='bbox 700 20 780 60; x_wconf 91'><strong>يفتح</strong></span></span></p>
<p class='ocr_par' dir='rtl'><span class='ocr_line' title='bbox 1 1 2 2; x_size 20'><span class='ocrx_word'>افتتحت</span>
<span class='ocrx_word'>البلد&shy;</span></span> <span class='ocr_line' title='x_size 20'><span class='ocrx_word'>ية</span>
<span class='ocrx_word'>الميناء.</span></span></p></div></div>
<div class='ocr_page' id='page_2'><span class='ocr_line'>وحضر كثيرون.</span></div></body></html>"""


@pytest.mark.parametrize("name", ["page.hocr", "page.html", "page.xml", "page"])
def test_pages_in_hocr(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (record,) = read(HOCR.encode(), name).records
    assert record.article.title == "الميناء يفتح"
    assert record.article.paragraphs == ("افتتحت البلدية الميناء.", "وحضر كثيرون.")
    assert record.media_type == "text/vnd.hocr+html"
    first, second = printed_words(HOCR.encode())
    assert (first.width, first.height, first.unit) == (2480, 3508, "pixel")
    assert first.words[0] == Word("الميناء", 900, 20, 90, 40, 0.96)
    assert (second.width, second.words) == (None, ())


def test_hocr_without_lines_is_read_by_paragraph() -> None:
    words = "".join(
        f'<span class="ocrx_word" title="bbox {at} 0 9 9">{word}</span> ' for at, word in enumerate(["افتتح", "البلد"])
    )
    data = f'<div class="ocr_page"><p class="ocr_par">{words}</p><p class="ocr_par">{words}</p></div>'.encode()
    (record,) = read(data, "page.hocr").records
    assert record.article.paragraphs == ("افتتح البلد", "افتتح البلد")
    assert [word.text for word in printed_words(data)[0].words] == ["افتتح", "البلد"] * 2


def test_a_page_about_hocr_is_a_page() -> None:
    example = b'<pre><div class="ocr_page"><span class="ocr_line">word</span></div></pre>'
    found = read(PAGE.replace(b"</article>", example + b"</article>"), "page.html")
    assert found.records[0].media_type == "text/html"
    assert found.articles[0].title == "عنوان الخبر"
    assert printed_words(PAGE) == ()


PAGE_XML = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
<Page imageWidth="100" imageHeight="200"><ReadingOrder><OrderedGroup><RegionRefIndexed index="0" regionRef="r2"/>
<RegionRefIndexed index="1" regionRef="r1"/></OrderedGroup></ReadingOrder>
<TextRegion id="r1" type="paragraph"><TextLine><Word><Coords points="10,2 15,2 15,9 10,9"/><TextEquiv conf="0.8">
<Unicode>وحضر</Unicode></TextEquiv></Word><Word><TextEquiv><Unicode>كثيرون.</Unicode></TextEquiv></Word></TextLine></TextRegion>
<TextRegion id="r2" type="heading"><TextLine><TextEquiv index="1"><Unicode>خطأ</Unicode></TextEquiv><TextEquiv index="0">
<Unicode>الميناء يفتح</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"""


def test_page_xml_in_its_reading_order() -> None:
    (article,) = read(PAGE_XML.encode(), "page.xml").articles
    assert (article.title, article.paragraphs) == ("الميناء يفتح", ("وحضر كثيرون.",))
    (page,) = printed_words(PAGE_XML.encode())
    assert page.words == (Word("وحضر", 10, 2, 5, 7, 0.8), Word("كثيرون.", None, None, None, None, None))


@pytest.mark.parametrize("data", [b"", b"<alto", b"<rss/>", b"%PDF-1.4", b"\x00\x01", PAGE])
def test_other_bytes_have_no_boxes(data: bytes) -> None:
    assert printed_words(data) == ()


def test_a_page_without_text_is_refused_and_a_mets_file_is_counted() -> None:
    assert "no recognized text" in read(b"<alto><Layout><Page/></Layout></alto>", "page.xml").reasons[0]
    assert read(b"<mets:mets xmlns:mets='x'/>", "mets.xml").ignored == ["METS file"]

"""The terms of texts: whole names and terms, no halves of them."""

from __future__ import annotations

from indexer.words.terms import terms_of


def printed(texts: list[str]) -> tuple[list[str], list[str]]:
    single, several = terms_of(texts)
    return [term.printed for term in single], [term.printed for term in several]


def test_a_name_with_its_title_is_whole() -> None:
    texts = [f"افتتح رئيس البلدية سالم الدرعاوي في اليوم {number}." for number in range(4)]
    single, several = printed(texts)
    assert several == ["رئيس البلدية سالم الدرعاوي"]
    assert "سالم" not in single
    assert "البلدية" not in single


def test_texts_are_counted_not_occurrences() -> None:
    texts = ["الميناء القديم. الميناء القديم. الميناء القديم.", "الميناء القديم.", "الميناء القديم."]
    (term,) = terms_of(texts)[1]
    assert (term.printed, term.texts, term.words) == ("الميناء القديم", 3, ("الميناء", "القديم"))


def test_what_two_texts_have_is_no_term() -> None:
    assert printed(["الميناء القديم.", "الميناء القديم."]) == ([], [])


def test_clitics_before_a_term_do_not_count() -> None:
    texts = ["زار الميناء القديم.", "عاد من هناك وبالميناء القديم بدأ.", "وصل للميناء القديم.", "والميناء القديم هنا."]
    assert printed(texts)[1] == ["الميناء القديم"]


def test_terms_do_not_cross_conjunctions_punctuation_verbs_and_stop_words() -> None:
    texts = ["السفينة والقارب، العاصفة. المطر أعلن الربان في الميناء"] * 3
    assert printed(texts)[1] == []


def test_a_compound_name_is_never_cut() -> None:
    texts = [f"قال عبد الله الدرعاوي في اليوم {number}." for number in range(4)]
    single, several = printed(texts)
    assert several == ["عبد الله الدرعاوي"]
    assert "الله" not in single
    texts = [f"حضر سالم بن راشد في اليوم {number}." for number in range(4)]
    assert printed(texts)[1] == ["سالم بن راشد"]


def test_two_words_and_one_word_are_one_name() -> None:
    texts = ["حضر عبد الله الدرعاوي.", "حضر عبدالله الدرعاوي.", "حضر عبد الله الدرعاوي."]
    assert printed(texts)[1] == ["عبد الله الدرعاوي"]


def test_a_fragment_of_several_terms_is_left_out() -> None:
    texts = [f"{head} الملاحي البحري في اليوم." for head in ("الاتفاق", "البرنامج", "المشروع") for _ in range(3)]
    assert printed(texts)[1] == ["الاتفاق الملاحي البحري", "البرنامج الملاحي البحري", "المشروع الملاحي البحري"]


def test_forms_of_a_word_are_one_word() -> None:
    single, _ = terms_of(["هذا ميناء.", "في الموانئ.", "هذه الموانئ."])
    assert [(term.printed, term.texts) for term in single] == [("الموانئ", 3)]


def test_nothing_is_found_in_nothing() -> None:
    assert terms_of([]) == ([], [])
    assert terms_of(["", "؟!", "123 456", "في من إلى"] * 3) == ([], [])


def test_a_name_of_one_word_or_two_may_be_inside_a_term() -> None:
    """Its neighbours differ from text to text: rare pairs of words end no such term."""
    texts = ["حضر السفير عبد الله الدرعاوي.", "حضر السفير عبدالله الدرعاوي.", "حضر السفير عبد الله الدرعاوي."]
    assert printed(texts)[1] == ["السفير عبد الله الدرعاوي"]

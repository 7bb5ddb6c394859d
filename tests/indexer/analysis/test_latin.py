"""French and English words: which are forms of one word, which are not, and which are stop words."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import (
    analyze,
    analyze_word,
    analyze_words,
    fold,
    letters_of_lemma,
    letters_of_root,
    letters_of_stem,
    stop_words,
)
from indexer.analysis.multiword import is_abbreviation

FRENCH_FORMS = """
élection élections | loi lois | élu élus | pays pays | gouvernement gouvernements | journal journaux | journal journal
national nationale | nationale nationaux | nationales nationaux | régional régionales | social sociaux | eau eaux
enjeu enjeux | lieu lieux | niveau niveaux | nouveau nouveaux | nouveau nouvelle | nouvelles nouveaux
public publique | publics publiques | actuel actuelle | officiel officielles | algérien algérienne
tunisiens tunisiennes | marocain marocaines | européen européenne | français française | libanais libanaises
chinois chinoise | actif active | législatif législatives | nombreux nombreuse | religieux religieuses
premier première | financier financières | policier policière | étranger étrangère | grand grande | mort morte
électeur électrice | directeurs directrices | annonce annoncé | annoncé annoncées | condamné condamnée
arrêté arrêtés | organise organisées | réuni réunie | participait participe | annoncera annonce
manifestant manifestants | président présidente | travail travaux | armée armées | partie parties | parti partis
Élection ÉLECTIONS | élection elections | œuvre œuvres | Évian evian
"""

FRENCH_APART = """
Algérie Alger | Algérie algérien | Tunis Tunisie | tunisien Tunisie | Maroc marocain | France franc | Paris pari
gouvernement gouverneur | gouvernement gouverner | ministre ministère | maire mairie | président présidence
journal journaliste | parlement parler | économie économique | élection électeur | élection élire | nation national
université universel | université univers | relation relatif | traité traitement | arme armée | commune communiste
port portail | finance financement | administration administrer | représentant représente | syndicat syndical
Hamas Hama | Marie mari | cour cours | course cours | courses cours | fond fonds | foi fois | temps tempe | militaire militant | libération liberté
pétrole pétrolier | constitution constituer | organe organisation | droit droite gauche | sécurité secours
victime victoire | grève grave | presse pression | député dépit | Mali malien | Libye libyen | Oran orange
attaque attache | justice justesse | ville village | santé sainte | route routier | loyer loyal | camp campagne
banque banquier | étude étudiant | école écolier | marche marché noir | culture cultiver | mer maire
"""

ENGLISH_FORMS = """
minister ministers | country countries | party parties | city cities | ally allies
policy policies | election elections | attack attacks | attacked attacks | attacking attack
announce announced | announcing announces | vote votes | voted voting | plan planned | planning plans
make making | bomb bombing | bombed bombs | carry carried | try tried | deny denies
church churches | process processes | class classes | woman women | child children
decide decided | deciding decides | arrive arrived | receive received | serve serving | change changed
leader leaders | protester protesters | American Americans | Houthi Houthis | state states | war wars
store storing | close closing | place placed | drive driving | run running | stop stopped | admit admitted
issue issued | argue argued | include including | increase increased | refugee refugees | employee employees
official officials | talk talks | strike strikes | army armies
border borders | talked talks | negotiate negotiating | released releases
"""

ENGLISH_APART = """
minister ministry | minister minster | nation national | nation nationality | national nationalist | press pressure
international internal | university universe | organ organization | general generation | political politician
import important | export exporter | office officer | work worker | news new | United units | united unity
status statue | Hamas Hama | president presidency | govern government | govern governor | secure security
elect election | protest protester | terror terrorist | arm army | author authority | active activity | police policy
success successor | product production | commune communist | person personal | region regional | power powerful
develop development | direct director | secret secretary | market mark | econom economy | state statement
lead leader | manage manager | bank banker | fight fighter | support supporter | migrate migration | Iraq Iraqi
Syria Syrian | Turkey Turkish | sing single | corner corn | number numb | master mast | paper pap | matter mat
water watt | border board | desert dessert | loose lose | quite quiet | later latter | spring sprint | king kin
"""


def pairs(table: str) -> list[tuple[str, str]]:
    return [(words[0], words[-1]) for row in table.strip().replace("\n", "|").split("|") if (words := row.split())]


def joined(one: str, other: str) -> bool:
    return not set(analyze_word(one).lemmas).isdisjoint(analyze_word(other).lemmas)


@pytest.mark.parametrize(("one", "other"), pairs(FRENCH_FORMS) + pairs(ENGLISH_FORMS))
def test_forms_of_one_word_share_a_lemma(one: str, other: str) -> None:
    assert joined(one, other)


@pytest.mark.parametrize(("one", "other"), pairs(FRENCH_APART) + pairs(ENGLISH_APART))
def test_different_words_share_no_lemma(one: str, other: str) -> None:
    assert not joined(one, other)


LIMITS = [
    ("a French infinitive, because of the English officer", "annoncer", "annonce", False),
    ("irregular verbs", "prendre", "pris", False),
    ("irregular verbs", "take", "took", False),
    ("a French verb in the present plural", "doit", "doivent", False),
    ("short adjectives", "bon", "bonne", False),
    ("short words in xes", "box", "boxes", False),
    ("verbs in ee", "agree", "agreed", False),
    ("a noun that looks like a feminine", "port", "porte", True),
    ("a noun that looks like an English participle", "camp", "camping", True),
]


@pytest.mark.parametrize(("one", "other", "shared"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_limits(one: str, other: str, shared: bool) -> None:
    assert joined(one, other) is shared


STOP_WORDS = [
    ("French", "le", True),
    ("an accent", "à", True),
    ("without its accent", "meme", True),
    ("in capitals", "LES", True),
    ("a decomposed accent", "a\u0300", True),
    ("English", "The", True),
    ("tea is none", "thé", False),
    ("sure is none", "sûr", False),
    ("a summer", "été", False),
    ("the football cup", "CAN", False),
    ("the health organization", "WHO", False),
    ("gold", "or", False),
    ("a negation", "pas", False),
    ("a name", "Saïd", False),
]


@pytest.mark.parametrize(("printed", "is_stop"), [row[1:] for row in STOP_WORDS], ids=[row[0] for row in STOP_WORDS])
def test_stop_words_have_their_form_only(printed: str, is_stop: bool) -> None:
    terms = analyze_word(printed)
    assert terms.form == fold(printed)
    assert ((terms.stem, terms.root, terms.lemmas) == (None, None, ())) is is_stop
    assert not is_stop or terms.form in stop_words()


@pytest.mark.parametrize("apostrophe", ["'", "\u2019"])
@pytest.mark.parametrize(
    ("before", "word"),
    [("l", "Algérie"), ("d", "Alger"), ("qu", "il"), ("jusqu", "ici"), ("L", "État"), ("n", "est"), ("s", "élève")],
)
def test_an_elision_is_a_stop_word_of_its_own(before: str, word: str, apostrophe: str) -> None:
    first, second = analyze(f"{before}{apostrophe}{word}")
    assert first.terms.stem is None
    assert second.terms == analyze_word(word)
    assert (second.start, second.end) == (len(before) + 1, len(before) + 1 + len(word))


def test_both_parts_of_today_are_words() -> None:
    assert [terms.form for terms in analyze_words("aujourd\u2019hui")] == ["aujourd", "hui"]


ABBREVIATIONS = [
    ("letters", "U N", True),
    ("letters in capitals that elisions have too", "S A", True),
    ("a letter and a number", "F 16", True),
    ("a letter of elisions, and a number", "t 72", True),
    ("French there is", "y a", False),
    ("a stop word and a year", "de 2017", False),
    ("a stop word and a year", "in 2017", False),
]


@pytest.mark.parametrize(
    ("words", "expected"), [row[1:] for row in ABBREVIATIONS], ids=[row[1] for row in ABBREVIATIONS]
)
def test_stop_words_are_no_abbreviations(words: str, expected: bool) -> None:
    assert is_abbreviation(words.split()) is expected


ENDINGS = [
    "s",
    "x",
    "e",
    "es",
    "aux",
    "eaux",
    "eux",
    "ies",
    "ed",
    "ied",
    "ing",
    "ings",
    "ee",
    "ees",
    "trice",
    "trices",
    "euse",
    "ive",
    "ives",
    "elle",
    "enne",
    "aise",
    "oises",
    "blique",
    "ait",
    "aient",
    "era",
    "eront",
    "erent",
    "y",
]
LATIN = st.builds(
    lambda beginning, ending: beginning + ending,
    st.text("abcdeéèêiïlmnnoœprstuuvxyz", max_size=8),
    st.sampled_from(["", *ENDINGS]),
)


@given(LATIN)
@example("nationaux")
@example("children")
@example("electrices")
def test_a_form_has_the_letters_of_its_terms_and_terms_that_depend_on_it_alone(printed: str) -> None:
    for word in analyze_words(printed):
        form, stem, root, lemmas = word
        assert all(lemmas)
        assert all(letters_of_lemma(lemma) <= set(form) for lemma in lemmas)
        if stem is not None and root is not None:
            assert letters_of_stem(stem) <= set(form)
            assert any(letters <= set(form) for letters in letters_of_root(root))
            assert analyze_word(form).lemmas in (lemmas, ())  # without its accent it may be a stop word

"""The compiler: from a query tree to a `CompiledQuery`, which search, highlighting and did-you-mean use.

The *match set* is what the query means: each part, that is each word, phrase or bracketed group, with a word matched
by the forms that the request names. The minimum match (`indexer.query.minimum_match`) makes the set narrower or wider.
The *ranking* uses all levels of analysis, and only orders. Operators, fields of names, dates and filters are
conditions: they apply in every match mode, and to the nearest articles too.

| node | the match set | the ranking adds |
|---|---|---|
| a word | its form, its forms with clitics, its lemmas or its root | stem, form, title, root, similar stems |
| a stop word | nothing beside other parts; alone, its form | |
| an abbreviation, letters and a number, a name in two words | these forms side by side | the same |
| a word with spelling variants | the word or a variant, with or without clitics | each level, variants merged |
| words alone | | the words side by side in the title |
| a phrase, words near each other | these forms in these positions | the phrase; for the nearest articles its words |
| a wildcard, a fuzzy word, an exact form, a root | any of its terms, as one term | the same |
| `+`, `AND` | as its operand, in every match mode | the same |
| exclusions, dates, source, author, section | conditions | nothing |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from indexer.analysis import Terms, analyze_words, fold, is_known, may_be_name, word_forms
from indexer.analysis.multiword import is_abbreviation
from indexer.highlight.matchers import (
    HighlightTerm,
    PhraseMatcher,
    WordMatcher,
    forms_of,
    highlight_exact,
    highlight_fuzzy,
    highlight_near,
    highlight_pattern,
    highlight_phrase,
    highlight_root,
)
from indexer.query.ast import (
    And,
    DateRange,
    Everything,
    Exact,
    FieldName,
    Fuzzy,
    InField,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Required,
    Root,
    SpellingVariants,
    Wildcard,
    Word,
)
from indexer.query.parser import ParsedQuery
from indexer.query.plan import (
    FORM_WEIGHT,
    ROOT_WEIGHT,
    STEM_WEIGHT,
    TITLE_WEIGHT,
    AnyName,
    AnyTerm,
    CompiledQuery,
    Conjunction,
    Disjunction,
    FuzzyPlan,
    Part,
    PhrasePlan,
    Plan,
    WeightedTerm,
    WildcardPlan,
    WordPlan,
    day_range_plan,
)
from indexer.query.printer import print_query
from indexer.query.rewrite import join_abbreviations, variants_in, without_variants, word_runs
from indexer.query.variant_plans import merged_levels, phrases_as_typed, variant_items, variant_plans
from indexer.results import MatchLevel, MatchMode, Reading, SearchRequest, WordForms

T = TypeVar("T")

_NAMED_FIELDS: Final = {FieldName.SOURCE: "source", FieldName.AUTHOR: "author", FieldName.SECTION: "section"}


def compile_query(parsed: ParsedQuery, request: SearchRequest, *, as_text: bool = False) -> CompiledQuery:
    """Compile a parsed query for a request; with `as_text` all of it is read as words."""
    node = join_abbreviations(parsed.as_text if as_text else parsed.node)
    prose = parsed.prose
    compiler = _Compiler(request.forms, loose=prose or request.match is not MatchMode.ALL)
    children = node.children if isinstance(node, And) else (node,)
    excluded = [compiler.compile(child.child).plan for child in children if isinstance(child, Not)]
    conditions: list[Plan] = []
    required: list[Plan] = []
    parts: list[tuple[Node, _Compiled]] = []
    for child in children:
        if isinstance(child, (Not, Everything)):
            continue
        if is_condition(child):
            conditions.append(compiler.compile(child).plan)
        elif isinstance(child, Required):
            compiled = replace(compiler.compile(child), stop_word=False)
            required.append(compiled.plan)
            parts.append((child.child, compiled))
        else:
            parts.append((child, compiler.compile(child)))
    if conditions or not all(compiled.stop_word for _, compiled in parts):
        names = not any(_is_ordinary(child) for child, compiled in parts if not compiled.stop_word)
        parts = [
            (child, compiled) for child, compiled in parts if not compiled.stop_word or (names and _may_be_name(child))
        ]
    compiled_parts = [compiled for _, compiled in parts]
    headline = _headline(children)
    # Parts are weighed by lemma; by default they are compiled so already.
    by_lemma = None if request.forms is WordForms.LEMMA else _Compiler(WordForms.LEMMA, loose=False)
    by_plan = {
        compiled.plan: Part(
            print_query(child), compiled.plan, by_lemma.compile(child).plan if by_lemma else compiled.plan
        )
        for child, compiled in reversed(parts)
    }
    return CompiledQuery(
        node,
        Reading.TEXT if as_text else parsed.reading,
        prose,
        request.match,
        parts=tuple(reversed(by_plan.values())),
        required=tuple(required),
        conditions=(*conditions, *_filters(request)),
        excluded=tuple(excluded),
        scored=_distinct([*(plan for compiled in compiled_parts for plan in compiled.scored), *headline]),
        near=_distinct([*(plan for compiled in compiled_parts for plan in compiled.near), *headline]),
        highlight_terms=_distinct(item for compiled in compiled_parts for item in compiled.items),
        loose_highlight_terms=_distinct(item for compiled in compiled_parts for item in compiled.loose_items),
        patterns=tuple(compiler.patterns),
        correctable=_distinct(word_runs(without_variants(node))),
        spelling_variants=_distinct(variants_in(node)),
        warnings=() if as_text else parsed.warnings,
    )


def title_plan(word: str) -> Plan:
    """The plan of a word in titles, by its lemmas, scored; matches nothing for a word without letters."""
    compiled = _Compiler(WordForms.LEMMA, loose=False).compile(InField(FieldName.TITLE, Word(word)))
    return Disjunction(compiled.scored)


def is_condition(node: Node) -> bool:
    """Whether a node is a condition rather than a part: dates and fields of names."""
    match node:
        case DateRange() | Nothing():
            return True
        case InField():
            return node.field is not FieldName.TITLE
        case Or() | And():
            return all(map(is_condition, node.children))
        case Not() | Required():
            return is_condition(node.child)
    return False


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A compiled node: what matches it, what adds to scores, what is near it, and what is highlighted.

    `items` are highlighted in matches, `loose_items` in the nearest articles.
    """

    plan: Plan
    scored: tuple[Plan, ...] = ()
    near: tuple[Plan, ...] = ()
    items: tuple[HighlightTerm, ...] = ()
    loose_items: tuple[HighlightTerm, ...] = ()
    stop_word: bool = False


_NO_ARTICLE: Final = _Compiled(Disjunction(()))


class _Compiler:
    """Compiles the nodes of one query. With `loose` words add to scores at every level at which they match."""

    def __init__(self, forms: WordForms, *, loose: bool) -> None:
        self.patterns: list[WildcardPlan] = []
        self._forms = forms
        self._loose = loose or forms is WordForms.ROOT

    def compile(self, node: Node) -> _Compiled:
        """Compile a node."""
        match node:
            case Word():
                return self._word(node.text)
            case SpellingVariants():
                return self._variants(node)
            case Phrase():
                return self._sequence(
                    _phrase("text_form", node), node.words, highlight_phrase(node.words, node.variants)
                )
            case Near():
                plan = PhrasePlan("text_form", forms_of(node.words), node.distance)
                return self._sequence(plan, node.words, highlight_near(node.words, node.distance))
            case Exact():
                return _same(AnyTerm("text_form", forms_of((node.text,))), highlight_exact(node.text))
            case Root():
                roots = tuple(terms.root or terms.form for terms in analyze_words(node.text))
                return _same(AnyTerm("text_root", roots[:1]), highlight_root(node.text))
            case Wildcard():
                return _same(self._pattern("text_form", node.pattern), highlight_pattern(node.pattern))
            case Fuzzy():
                form = "".join(forms_of((node.text,))[:1])
                return _same(FuzzyPlan("text_form", form, node.distance), highlight_fuzzy(node.text, node.distance))
            case InField():
                return self._in_field(node)
            case DateRange():
                return _Compiled(day_range_plan(node.first, node.last))
            case Required():
                return self.compile(node.child)
            case Not():
                return _Compiled(Conjunction((), (self.compile(node.child).plan,)))
            case Or():
                return self._either(node)
            case And():
                return self._both(node)
            case Everything():
                return _Compiled(Conjunction(()))
            case Nothing():
                return _NO_ARTICLE

    def _word(self, text: str) -> _Compiled:
        terms = next(iter(analyze_words(text)), None)
        if terms is None or not terms.form:
            return _NO_ARTICLE
        if terms.stem is None or terms.root is None:  # a stop word has nothing but its form
            plan = AnyTerm("text_form", (terms.form,))
            items = (HighlightTerm(text, WordMatcher(terms.form), MatchLevel.FORM),)
            return _Compiled(plan, (plan,), (plan,), items, items, stop_word=True)
        word = WordPlan(
            AnyTerm("text_lemma", terms.lemmas),
            WeightedTerm("text_stem", terms.stem, STEM_WEIGHT),
            (WeightedTerm("text_form", terms.form, FORM_WEIGHT), WeightedTerm("title_stem", terms.stem, TITLE_WEIGHT)),
            WeightedTerm("text_root", terms.root, ROOT_WEIGHT),
            terms.stem,
        )
        loose = word._replace(loose=True)
        loose_matcher = WordMatcher(
            terms.form, lemmas=frozenset(terms.lemmas), stem=terms.stem, root=terms.root, similar=terms.stem
        )
        return _Compiled(
            self._of_forms(terms),
            (loose if self._loose else word,),
            (loose,),
            (HighlightTerm(text, self._matcher(terms), MatchLevel.FORM),),
            (HighlightTerm(text, loose_matcher, MatchLevel.FORM),),
        )

    def _variants(self, node: SpellingVariants) -> _Compiled:
        """Words, or one of their spelling variants. Variants are names: they have clitics and no other forms."""
        typed = self._typed(node.typed)
        if self._forms is WordForms.PRINTED:
            return typed
        other = variant_plans("text_form", node.variants)
        items = variant_items(node)
        terms = next(iter(analyze_words(node.typed[0])))
        scored = (*typed.scored, *other)
        if len(node.typed) == 1 and terms.stem is not None and not self._loose:
            several = (plan for plan in other if isinstance(plan, PhrasePlan))
            scored = (*merged_levels(terms, node.variants), *several)
        return _Compiled(
            Disjunction((typed.plan, *other)),
            scored,
            (*typed.near, *other),
            (*typed.items, *items),
            (*typed.loose_items, *items),
        )

    def _typed(self, words: tuple[str, ...]) -> _Compiled:
        """Words typed as one unit: side by side if they are a name or an abbreviation, otherwise all of them."""
        whole = " ".join(words)
        each = [self._word(text) for text in words]
        phrases = phrases_as_typed(words, clitics=self._forms is not WordForms.PRINTED)
        if not phrases:
            return _all_as(whole, each)
        plans = tuple(PhrasePlan("text_form", forms) for forms in phrases)
        items = tuple(HighlightTerm(whole, PhraseMatcher(forms), MatchLevel.PHRASE) for forms in phrases)
        near: tuple[Plan, ...] = plans
        loose_items = items
        if not is_abbreviation(words):  # the letters of one mean nothing alone
            apart = _all_as(whole, each)
            near, loose_items = (*plans, *apart.near), (*items, *apart.loose_items)
        return _Compiled(Disjunction(plans), plans, near, items, loose_items)

    def _of_forms(self, terms: Terms) -> Plan:
        """What matches a word, by the forms that count as it; each wider choice includes the narrower ones."""
        lemma = AnyTerm("text_lemma", terms.lemmas)
        match self._forms:
            case WordForms.PRINTED:  # the lemma too, since two words may have one form: علي and على
                return Conjunction((AnyTerm("text_form", (terms.form,)), lemma))
            case WordForms.WORD:
                return Conjunction((AnyTerm("text_form", word_forms(terms.form)), lemma))
            case WordForms.LEMMA:
                return lemma
            case WordForms.ROOT:  # a broken plural may have letters that yield another root
                return Disjunction((lemma, AnyTerm("text_root", (terms.root or terms.form,))))

    def _matcher(self, terms: Terms) -> WordMatcher:
        match self._forms:
            case WordForms.PRINTED:
                return WordMatcher(terms.form, own=frozenset(terms.lemmas))
            case WordForms.WORD:
                return WordMatcher(terms.form, frozenset(word_forms(terms.form)), own=frozenset(terms.lemmas))
            case WordForms.LEMMA:
                return WordMatcher(terms.form, lemmas=frozenset(terms.lemmas))
            case WordForms.ROOT:
                return WordMatcher(terms.form, lemmas=frozenset(terms.lemmas), root=terms.root)

    def _sequence(self, plan: Plan, words: tuple[str, ...], items: tuple[HighlightTerm, ...]) -> _Compiled:
        each = [self._word(word) for word in words]
        spoken = [compiled for compiled in each if not compiled.stop_word]
        return _Compiled(
            plan,
            (plan,),
            (plan, *(near for compiled in spoken for near in compiled.near)),
            items,
            (*items, *(item for compiled in spoken for item in compiled.loose_items)),
        )

    def _pattern(self, field_name: str, pattern: str) -> WildcardPlan:
        plan = WildcardPlan(field_name, fold(pattern))
        self.patterns.append(plan)
        return plan

    def _in_field(self, node: InField) -> _Compiled:
        child = node.child
        in_title = node.field is FieldName.TITLE
        field_name = "title_form" if in_title else _NAMED_FIELDS[node.field]
        match child:
            case Word() if in_title:
                return self._title_word(child.text)
            case SpellingVariants():
                typed = self._title_word(child.typed[0])
                if self._forms is WordForms.PRINTED:
                    return typed
                other = variant_plans(field_name, child.variants)
                scored, items = (*typed.scored, *other), (*typed.items, *variant_items(child))
                return _Compiled(Disjunction((typed.plan, *other)), scored, scored, items, items)
            case Word() | Exact():
                return _same(
                    AnyTerm(field_name, forms_of((child.text,))), highlight_exact(child.text) if in_title else ()
                )
            case Wildcard():
                return _same(
                    self._pattern(field_name, child.pattern), highlight_pattern(child.pattern) if in_title else ()
                )
            case Fuzzy():
                plan = FuzzyPlan(field_name, "".join(forms_of((child.text,))[:1]), child.distance)
                return _same(plan, highlight_fuzzy(child.text, child.distance) if in_title else ())
            case Near():
                near = PhrasePlan(field_name, forms_of(child.words), child.distance)
                return _same(near, highlight_near(child.words, child.distance) if in_title else ())
            case Phrase():
                items = highlight_phrase(child.words, child.variants) if in_title else ()
                return _same(_phrase(field_name, child), items)

    def _title_word(self, text: str) -> _Compiled:
        terms = next(iter(analyze_words(text)))
        items = (HighlightTerm(text, self._matcher(terms) if terms.stem else WordMatcher(terms.form), MatchLevel.FORM),)
        if terms.stem is None:
            return _same(AnyTerm("title_form", (terms.form,)), items)
        lemma = AnyTerm("title_lemma", terms.lemmas)  # for a root too: there is no field of the roots of titles
        if self._forms in (WordForms.PRINTED, WordForms.WORD):
            forms = AnyTerm("title_form", (terms.form,) if self._forms is WordForms.PRINTED else word_forms(terms.form))
            return _Compiled(Conjunction((forms, lemma)), (forms,), (forms,), items, items)
        stem, form = (
            WeightedTerm("title_stem", terms.stem, STEM_WEIGHT),
            WeightedTerm("title_form", terms.form, FORM_WEIGHT),
        )
        scored = (WordPlan(lemma, stem, (form,)),)
        return _Compiled(lemma, scored, scored, items, items)

    def _either(self, node: Or) -> _Compiled:
        choices = [self.compile(child) for child in node.children]
        plan = Disjunction(tuple(choice.plan for choice in choices))
        scored = Disjunction(tuple(one for choice in choices for one in choice.scored))
        return _Compiled(plan, (scored,), *_near_and_items(choices))

    def _both(self, node: And) -> _Compiled:
        """A bracketed group: all of it, in every match mode."""
        children = [self.compile(child) for child in node.children if not isinstance(child, (Not, Everything))]
        if not all(compiled.stop_word for compiled in children):
            children = [compiled for compiled in children if not compiled.stop_word]
        excluded = [self.compile(child.child).plan for child in node.children if isinstance(child, Not)]
        plan = Conjunction(tuple(compiled.plan for compiled in children), tuple(excluded))
        return _Compiled(
            plan, tuple(one for compiled in children for one in compiled.scored), *_near_and_items(children)
        )


def _phrase(field_name: str, node: Phrase) -> Plan:
    """What matches a phrase in a field, in any of its variants."""
    plans = tuple(PhrasePlan(field_name, forms_of(words)) for words in (node.words, *node.variants))
    return plans[0] if len(plans) == 1 else Disjunction(plans)


def _headline(children: Sequence[Node]) -> tuple[Plan, ...]:
    """The plan that adds to the score of a title with the words of the query side by side, as typed."""
    typed: list[str] = []
    for child in children:
        if isinstance(child, Word):
            typed.append(child.text)
        elif isinstance(child, SpellingVariants):
            typed += child.typed
        else:
            return ()
    forms = forms_of(tuple(typed))
    return (PhrasePlan("title_form", forms),) if len(forms) > 1 else ()


def _all_as(typed: str, words: Sequence[_Compiled]) -> _Compiled:
    """All of some words that were typed as one unit, highlighted as that unit."""
    if len(words) == 1:
        return words[0]
    spoken = [word for word in words if not word.stop_word] or list(words)
    return _Compiled(
        Conjunction(tuple(word.plan for word in spoken)),
        tuple(plan for word in spoken for plan in word.scored),
        tuple(plan for word in spoken for plan in word.near),
        tuple(replace(item, typed=typed) for word in words for item in word.items),
        tuple(replace(item, typed=typed) for word in words for item in word.loose_items),
    )


def _same(plan: Plan, items: tuple[HighlightTerm, ...]) -> _Compiled:
    """A node whose matches, scores and nearest articles have the same plan."""
    return _Compiled(plan, (plan,), (plan,), items, items)


def _near_and_items(
    compiled: Sequence[_Compiled],
) -> tuple[tuple[Plan, ...], tuple[HighlightTerm, ...], tuple[HighlightTerm, ...]]:
    """What is near to any of some nodes, and what is highlighted of them in matches and in the nearest."""
    return (
        tuple(plan for one in compiled for plan in one.near),
        tuple(item for one in compiled for item in one.items),
        tuple(item for one in compiled for item in one.loose_items),
    )


def _is_ordinary(node: Node) -> bool:
    """Whether a node is not a name."""
    return not isinstance(node, Word) or is_known(node.text)


def _may_be_name(node: Node) -> bool:
    """Whether a stop word may be a misspelled name: على in محمد على."""
    return isinstance(node, Word) and may_be_name(fold(node.text), unlike=node.text)


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _filters(request: SearchRequest) -> tuple[Plan, ...]:
    """The filters of a request, as conditions."""
    named = (
        ("source_name", request.sources),
        ("section_name", request.sections),
        ("author_name", request.authors),
    )
    found: list[Plan] = [AnyName(field_name, names) for field_name, names in named if names]
    if request.after or request.before:
        found.append(day_range_plan(request.after, request.before))
    return tuple(found)

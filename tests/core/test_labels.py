import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import Matcher, matches, parse_matchers
from core.patterns import compile_pattern

LABELS = {"severity": "critical", "model": "fraud-scorer", "region": "eu"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', True),
        ("severity=critical", True),
        ('severity!="critical"', False),
        ('{severity="critical", model=~"fraud-.*"}', True),
        ('model=~"fraud"', False),  # a pattern matches the whole value
        ('model!~"fraud"', True),
        ('team=""', True),  # absent counts as empty
        ('team!=""', False),
        ('team=~".*"', True),
        ('region=~"eu|us"\nseverity=critical', True),
        ("", True),
    ],
)
def test_matching(text, expected):
    assert matches(parse_matchers(text), LABELS) is expected


def test_matchers_from_a_list_and_from_text_are_the_same():
    given_list = [{"name": "model", "op": "=~", "value": "fraud-.*"}, {"name": "region", "value": "eu"}]

    assert parse_matchers(given_list) == parse_matchers('model=~"fraud-.*",region=eu')
    assert parse_matchers([]) == ()


def test_quotes_and_line_breaks_survive_a_round_trip():
    matcher = Matcher('odd "name"', "=", 'a "b"\\\nc')

    assert parse_matchers(str(matcher)) == (matcher,)


@given(st.text(min_size=1, max_size=50).filter(str.strip), st.sampled_from(["=", "!="]), st.text(max_size=50))
def test_every_matcher_reads_back_what_it_writes(name, op, value):
    matcher = Matcher(name, op, value)

    assert parse_matchers(str(matcher)) == (matcher,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("severity", 'Expected name="value" at “severity”.'),
        ('a="1" b="2"', 'Expected a comma at “b="2"”.'),
        ('{a="1"', "There is a { or } without the other."),
        ('a=~"("', "The pattern for a can't be used: There is a ( without its )."),
        ([{"name": "a"}], 'Each matcher has "name", "op" and "value".'),
        ([{"name": "a", "op": "==", "value": "1"}], "The operator of a is one of = != =~ !~, not '=='."),
        ([{"name": "a", "op": "=", "value": 1}], "The name, op and value of a matcher are text."),
        ([{"name": " ", "op": "=", "value": "1"}], "A matcher needs a label name of 1 to 200 characters."),
        ([["a"]], 'Each matcher has "name", "op" and "value".'),
        ("\n".join(f"a{n}=1" for n in range(31)), "There are 31 matchers; 30 is the most."),
    ],
)
def test_wrong_matchers_say_what_is_wrong(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_matchers(wrong)


@pytest.mark.parametrize(
    "pattern",
    [
        "abc", "a.c", "a*", "a+b?", "(ab)*c", "a|bc|", "(?:a|b)+", "[a-c]+", "[^a]b", r"[\d_-]+", r"\w+\.\w+",
        r"\D\S\W",
        "a{2}", "a{2,}", "a{1,3}b", "(a|b{2})*", r"\[x\]", "[]a]", "x{y", "^abc$", r"a\$", "(a*)*b",
        "((a|b)(c|d)){1,2}",
    ],
)  # fmt: skip
@given(text=st.text(alphabet="abcdx{y[]$_-.\n 1", max_size=8))
def test_patterns_agree_with_python(pattern, text):
    assert compile_pattern(pattern).fullmatch(text) == bool(re.fullmatch(pattern, text, re.DOTALL | re.ASCII))


def test_patterns_may_ignore_case():
    assert compile_pattern("(?i)fraud-[a-c]").fullmatch("FRAUD-B")
    assert not compile_pattern("fraud-[a-c]").fullmatch("FRAUD-B")


@pytest.mark.parametrize("pattern", ["(a|aa)*b", "(a*)*b", ".*.*.*.*.*.*.*b", "(.|a){1,30}c"])
def test_no_pattern_can_be_made_slow(pattern):
    # A backtracking engine would not come back from these within the life of the universe.
    assert not compile_pattern(pattern).fullmatch("a" * 2_000)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"(a)\1", r"\1 is not known; \d \w \s and their capitals are."),
        ("(?=a)", "Only (?: ) groups and a leading (?i) are known; look-around is not."),
        ("a**", "Two repetitions follow each other, such as a*+; put one of them in ( )."),
        ("*a", "There is nothing before * to repeat."),
        ("a)", "There is a ) without its (."),
        ("[a", "The pattern ends where ] should stand."),
        ("[z-a]", "The range z-a runs backwards."),
        ("a^b", "^ and $ are not needed: a pattern always matches the whole value."),
        ("a{5,2}", "A repetition counts from low to high, at most 100."),
        ("((a{100}){100})", "The pattern is too large; use fewer or smaller repetitions such as {2,5}."),
        ("a\\", "The pattern ends where the escaped character should stand."),
        ("x" * 201, "A pattern has at most 200 characters; this one has 201."),
    ],
)
def test_wrong_patterns_say_what_is_wrong(pattern, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        compile_pattern(pattern)


@given(st.text(alphabet=r"ab()[]{}*+?|\^$.-,019dwi:", max_size=30))
def test_any_pattern_compiles_or_is_refused(pattern):
    try:
        compiled = compile_pattern(pattern)
    except ValueError:
        return
    compiled.fullmatch("ab01")

"""In 2017 "gay" and "lesbian" were banned. This must not come back, by any term of the lexicon."""

from __future__ import annotations

import random

import pytest

from perisai.errors import LexiconError
from perisai.vocabulary import QueryDecision, TermClass, Vocabulary
from perisai.vocabulary.judging import shipped
from tests.vocabulary import sets

IDENTITY = (
    "gay", "lesbian", "lesbi", "lgbt", "lgbtq", "waria", "banci", "transgender", "transpuan",
    "transpria", "trans", "queer", "biseksual", "bisexual", "homoseksual", "homosexual",
    "heteroseksual", "aseksual", "asexual", "panseksual", "pansexual", "interseks", "intersex",
    "nonbinary", "non biner", "drag queen", "femboy", "tomboy", "pride flag", "gay pride",
    "same sex marriage", "orientasi seksual", "sexual orientation", "gender identity",
    "calalai", "calabai", "bissu",
)  # fmt: skip
"""Words that belong to people. Each must be in the lexicon, and in this class."""

HELP = (
    "kanker payudara", "breast cancer", "pendidikan seks", "sex education", "kekerasan seksual",
    "sexual abuse", "pemerkosaan", "rape", "pelecehan seksual", "sexual harassment", "bunuh diri",
    "suicide", "self harm", "depresi", "kehamilan", "pregnancy", "aborsi", "abortion", "hiv",
    "aids", "menstruasi", "menstruation", "haid", "pubertas", "puberty",
    "kesehatan reproduksi", "sunat",
    "menyusui", "breastfeeding", "kdrt", "domestic violence", "child abuse", "kontrasepsi",
    "kecanduan pornografi", "porn addiction", "bullying", "perdagangan orang",
)  # fmt: skip


def writings(vocabulary, kind):
    return [
        text
        for term in vocabulary.terms
        if term.kind is kind
        for text in (term.text, *term.spellings)
    ]


@pytest.mark.parametrize("word", IDENTITY)
def test_a_protected_word_has_the_class_identity(vocabulary, word):
    assert word in writings(vocabulary, TermClass.IDENTITY)


@pytest.mark.parametrize("word", HELP)
def test_a_word_of_health_or_help_has_the_class_help(vocabulary, word):
    assert word in writings(vocabulary, TermClass.HELP)


def test_every_identity_word_alone_is_allowed(vocabulary):
    for word in (*IDENTITY, *writings(vocabulary, TermClass.IDENTITY)):
        assert vocabulary.judge(word).decision is QueryDecision.ALLOW, word


def test_every_help_word_alone_brings_a_card_and_no_block(vocabulary):
    for word in (*HELP, *writings(vocabulary, TermClass.HELP)):
        judged = vocabulary.judge(word)
        assert judged.decision is QueryDecision.HELP, word
        assert judged.cards, word


def test_identity_words_change_nothing_about_an_innocent_search(vocabulary):
    """Beside any innocent word, before it and behind it: not even a filter is added."""
    dice = random.Random(2017)
    queries = sets.innocent()
    for word in writings(vocabulary, TermClass.IDENTITY):
        for query in dice.sample(queries, 120):
            alone = vocabulary.judge(query)
            for text in (f"{word} {query}", f"{query} {word}"):
                judged = vocabulary.judge(text)
                assert judged.decision is not QueryDecision.BLOCK, text
                assert judged.weight <= alone.weight, text


def test_two_identity_words_together(vocabulary):
    for one in IDENTITY:
        for other in IDENTITY:
            assert vocabulary.judge(f"{one} {other}").decision is QueryDecision.ALLOW


def test_help_words_beside_innocent_ones_do_not_block(vocabulary):
    dice = random.Random(129)
    queries = sets.ordinary()
    for word in writings(vocabulary, TermClass.HELP):
        for query in dice.sample(queries, 15):
            judged = vocabulary.judge(f"{word} {query}")
            assert judged.decision is not QueryDecision.BLOCK, (word, query)


def test_identity_does_not_excuse_what_stands_beside_it(vocabulary):
    for text in ("gay porn", "bokep lesbi", "lesbian sex", "gayporn", "waria bugil"):
        judged = vocabulary.judge(text)
        assert judged.decision is QueryDecision.BLOCK
        weighty = [match.term.kind for match in judged.terms if match.weight]
        assert set(weighty) == {TermClass.EXPLICIT}


GROUP = """\
language = "en"

[[group]]
class = "{kind}"
weight = {weight}
owner = "school"
reason = "because"
review = 2027-01-01
terms = ["{term}"]
"""


@pytest.mark.parametrize(
    ("kind", "weight", "term", "says"),
    [
        ("explicit", 1.0, "gay", "stands in"),
        ("explicit", 1.0, "gay kiss", "contains the identity word 'gay'"),
        ("ambiguous", 0.4, "hot lesbian", "contains the identity word 'lesbian'"),
        ("identity", 0.5, "demigirl", "must be 0"),
        ("help", 0.5, "am i ill", "must be 0"),
    ],
)
def test_no_file_can_make_an_identity_word_count(tmp_path, kind, weight, term, says):
    file = tmp_path / "school.toml"
    file.write_text(GROUP.format(kind=kind, weight=weight, term=term))
    with pytest.raises(LexiconError, match=says) as told:
        Vocabulary.load([file])
    assert str(told.value).startswith(f"{file}:")


def test_the_lexicon_that_ships_is_the_one_that_is_tested(vocabulary):
    names = sorted(file.name for file in shipped())
    assert names == ["emoji.toml", "en.toml", "id.toml", "jv.toml", "su.toml"]
    assert {term.language for term in vocabulary.terms} == {"emoji", "en", "id", "jv", "su"}

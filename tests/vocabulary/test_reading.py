"""A mistake in a lexicon file stops the program, with file, line and key."""

from __future__ import annotations

import pytest

from perisai.errors import LexiconError
from perisai.vocabulary.reading import TermClass, plain_words, read_lexicon

WHOLE = """\
language = "id"
glue = ["baru"]

[[group]]
class = "explicit"
weight = 0.9
owner = "school"
reason = "said in our yard"
review = 2027-01-01
terms = [
    "kodok ungu",
    { text = "Bébék  HIJAU", spellings = ["bbk"], allow = ["bebek hijau lucu"], joined = false },
]
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "school.toml"


def test_a_whole_file(file):
    file.write_text(WHOLE)
    lexicon = read_lexicon([file])
    frog, duck = lexicon.terms
    assert lexicon.glue == {"baru"}
    assert (frog.text, frog.kind, frog.weight) == ("kodok ungu", TermClass.EXPLICIT, 0.9)
    assert (frog.owner, frog.reason, str(frog.review)) == (
        "school",
        "said in our yard",
        "2027-01-01",
    )
    assert frog.joined
    assert (duck.text, duck.spellings, duck.allow) == (
        "bebek hijau",
        ("bbk",),
        ("bebek hijau lucu",),
    )
    assert not duck.joined


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('reason = "said in our yard"\n', "", 4, "group[1].reason: is missing; add it"),
        ('owner = "school"\n', "", 4, "group[1].owner: is missing; add it"),
        ("review = 2027-01-01\n", "", 4, "group[1].review: is missing; add it"),
        ("review = 2027-01-01", 'review = "soon"', 9, "group[1].review:"),
        ('class = "explicit"', 'class = "rude"', 5, "group[1].class: is 'rude'; must be one of"),
        ("weight = 0.9", "weight = 0.5", 6, "group[1].weight: must be from 0.8 to 1.0"),
        ("weight = 0.9", "weight = 2.0", 6, "group[1].weight: is 2.0; must be at most 1"),
        ("weight = 0.9", "weight = 0.9\nwait = 1", 7, "is not a known key; did you mean 'weight'?"),
        ("joined =", "joint =", 12, "terms[2].joint: is not a known key; did you mean 'joined'?"),
        ('"bbk"', '"kodok ungu"', 12, "'kodok ungu' stands in"),
        ('"kodok ungu"', '"!!!"', 11, "'!!!' holds no letter"),
        ('"kodok ungu"', '""', 11, "must not be empty"),
        ('"kodok ungu"', "7", 11, "must be a table"),
        ('["bebek hijau lucu"]', '["..."]', 12, "allow: '...' holds no letter"),
        ('class = "explicit"\nweight = 0.9', 'class = "help"\nweight = 0', 4, "needs a card"),
        ("weight = 0.9", 'weight = 0.9\ncard = "poster"', 7, "group[1].card: must be one of body"),
        ('language = "id"', "", 1, "language: is missing; add it"),
        ("terms = [", "terms = [ [", 0, "is not valid TOML"),
    ],
)
def test_mistakes(file, old, new, line, says):
    assert old in WHOLE
    file.write_text(WHOLE.replace(old, new, 1))
    with pytest.raises(LexiconError) as told:
        read_lexicon([file])
    text = str(told.value)
    assert says in text
    assert text.startswith(f"{file}:{line}:" if line else f"{file}:")
    assert told.value.code == "bad_lexicon"


def test_a_term_of_another_file(file, tmp_path):
    file.write_text(WHOLE)
    other = tmp_path / "other.toml"
    other.write_text(WHOLE.replace('"bbk"', '"bbq"').replace('"Bébék  HIJAU"', '"x y"'))
    with pytest.raises(LexiconError, match=r"other\.toml:11: .* stands in .*school\.toml:11"):
        read_lexicon([file, other])


def test_no_file(tmp_path):
    with pytest.raises(LexiconError, match=r"none\.toml: cannot be read"):
        read_lexicon([tmp_path / "none.toml"])


def test_not_utf8(file):
    file.write_bytes(b'language = "\xff"')
    with pytest.raises(LexiconError, match="is not UTF-8"):
        read_lexicon([file])


def test_how_terms_are_compared():
    assert plain_words("Nip-Slip!") == "nip slip"
    assert plain_words("🍆💦") == "🍆 💦"
    assert plain_words("what's") == "whats"

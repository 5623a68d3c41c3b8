from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.desk.summons.letters import plain

ANYTHING = st.text(st.characters())  # lone surrogates among it


@given(ANYTHING)
def test_a_paragraph_is_seen_as_it_is(text):
    made = plain.paragraph(text)
    assert plain.paragraph(made) == made
    assert not {unicodedata.category(c) for c in made if c != "\n"} & {"Cc", "Cf", "Cs", "Co"}
    assert "\ufffe" not in made
    assert "\n" not in plain.line(text)
    assert all(plain.lines(text))
    made.encode()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u202eb\u200bc\u00ad\x00\ud800\ue000\uffff", "abc"),
        ("  a \t b  ", "a b"),
        ("e\u0301", "é"),
        ("#read $x$ *b* <l> @r \\ `r`", "#read $x$ *b* <l> @r \\ `r`"),
    ],
)
def test_paragraphs(text, made):
    assert plain.paragraph(text) == made


def test_evidence_shows_what_cannot_be_seen():
    assert plain.quoted("por\u200bno \u202e\n x \ue000") == "por[U+200B]no [U+202E] x [U+E000]"
    assert plain.quoted("a" * 300) == "a" * 200 + "…"


@pytest.mark.parametrize(
    "link",
    [
        "https://media.tenor.com/x.gif", "HTTP://a", "data:image/gif;base64,R0lGOD", "www.a.id/x",
        "media.tenor.com/abc/x", "a.b:8080/c", "10.0.0.1/x", "10.0.0.1:80", "lucu.gif",
        "javascript://x", "ftp://a/b", "http:\\\\a.b", "kucing.WEBP",
    ],
)  # fmt: skip
def test_no_link_comes_through(link):
    assert plain.without_links(f"dari {link} tadi", "[-]") == "dari [-] tadi"


@pytest.mark.parametrize("text", ["GIF search: x", "tenor.com", "3.5 detik", "dan/atau", "a: b"])
def test_words_are_no_links(text):
    assert plain.without_links(text, "[-]") == text

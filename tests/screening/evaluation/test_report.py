from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from perisai.screening.evaluation.intervals import share
from perisai.screening.evaluation.report import share_text, threshold, to_html, to_json
from perisai.screening.evaluation.wording import WORDS, percent
from perisai.terms import Label
from tests.screening.evaluation import made

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
FILES = [
    *made.many(),
    made.sample(0.3, Label.SUGGESTIVE),
    made.sample(0.0, Label.EXPLICIT, name="explicit/<script>alert(1)</script>.gif"),
    made.sample(0.0, name="harmless/broken.gif", media="unknown", error="Ends & is <cut> off."),
]


class Page(HTMLParser):
    """Collects tags, ids and addresses, and complains about tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids[value or ""] += 1
            if name in ("src", "href", "xlink:href", "data", "srcset", "action"):
                self.addresses.append(value or "")
            assert not name.startswith("on")
        if tag not in ("meta", "br", "link", "input", "hr", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_page_needs_nothing_and_shows_no_picture(language: str) -> None:
    text = to_html(made.evaluation(FILES), source="material", made=MADE, language=language)
    page = Page(text)
    assert page.open == []
    assert page.tags["svg"] == 4
    assert not {"img", "image", "script", "video", "canvas", "iframe", "link"} & set(page.tags)
    assert all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text
    assert max(page.ids.values(), default=1) == 1
    for word in ("title", "by_threshold", "verdicts", "mistakes", "how_intervals"):
        assert WORDS[word].into(language) in text
    assert f'<html lang="{language}">' in text


def test_what_comes_from_outside_is_only_text() -> None:
    text = to_html(made.evaluation(FILES), source="<b>x</b>", made=MADE)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.gif" in text
    assert "Ends &amp; is &lt;cut&gt; off." in text
    assert "<b>x</b>" not in text


def test_every_number_of_files_makes_a_page() -> None:
    harmful, harmless = made.sample(0.4, Label.EXPLICIT), made.sample(0.4)
    drawn = made.sample(0.4, Label.DRAWN_EXPLICIT)
    broken = made.sample(0.4, name="x", error="gone")
    for files in ([harmful], [harmless], [harmful, harmless], [drawn], [broken]):
        found = made.evaluation(files)
        Page(to_html(found, source="m", made=MADE))
        json.dumps(to_json(found), allow_nan=False)


def test_the_json_says_what_was_counted() -> None:
    found = made.evaluation(FILES, want=0.9)
    data = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert data["files"] == {"explicit": 41, "suggestive": 1, "harmless": 120}
    assert data["unscreenable"] == 1
    assert data["not_measured"] == ["suggestive"]
    (curve,) = data["curves"]
    assert (curve["model"], curve["label"]) == ("opennsfw", "explicit")
    assert curve["auc"] == found.measured[0].curve.auc
    assert curve["advice"]["threshold"] == found.measured[0].advice.threshold
    assert curve["advice"]["files_needed"] == 36
    recalls = [point["recall"] for point in curve["points"]]
    assert recalls == sorted(recalls)
    assert recalls[-1] == 1.0
    assert set(data["age_bands"]) == {"3-5", "6-9", "10-12", "13-15", "16-17", "adult"}
    assert sum(data["age_bands"]["3-5"]["harmless"].values()) == 121
    assert data["missed"][0] == "explicit/<script>alert(1)</script>.gif"


def test_a_threshold_is_never_rounded_up() -> None:
    assert threshold(0.12349) == "0.1234"
    assert threshold(None) == "–"  # noqa: RUF001 - the dash of the page


def test_shares_in_both_languages() -> None:
    assert share_text(share(198, 200), "en") == "99.0% (96.4% to 99.88%; 198 of 200)"
    assert share_text(share(198, 200), "id") == "99,0% (96,4% sampai 99,88%; 198 dari 200)"
    assert share_text(share(0, 0), "en") == "–"  # noqa: RUF001 - the dash of the page
    assert (percent(0.5), percent(0), percent(1)) == ("50.0%", "0.0%", "100.0%")

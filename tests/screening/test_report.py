"""The HTML report: whole without server, script or network, and silent where it must be."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from time import perf_counter

import numpy as np
import pytest

from perisai.policy import Policy
from perisai.screening.report import write_report
from perisai.screening.report.page import render
from perisai.screening.report.timeline import MOST_TICKS, WIDTH, Timeline
from perisai.screening.report.words import words
from perisai.screening.result import Coverage, LookedAt, MediaFacts
from perisai.terms import AgeBand, Decision, Finding, Label, Source
from tests.screening.test_result import result

POLICY = Policy.load("id")
EVIL = "<script>alert(1)</script>\" onload=x '&\u202egnp.gif"
VOID = {"meta", "link", "img", "input", "br", "hr"}


def page(results, band=AgeBand.AGE_3_5, lang="en"):
    return render(results, band=band, policy=POLICY, lang=lang)


class Checked(HTMLParser):
    """Collects elements, and fails on tags that are not closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"{tag} says something twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]


def finding(frame=3, label=Label.EXPLICIT, source=Source.MODEL, score=0.9, **more):
    by = {"by": "tiny", "detail": EVIL} | more
    return Finding(source, label, score, frame, frame * 80, **by)


def held(findings=(), **fields):
    """A file that is withheld, with evidence of every kind unless ``findings`` are given."""
    looked = tuple(LookedAt(n, n * 80, 0.9 if n == 3 else 0.05) for n in range(6))
    stills = {n: np.full((96, 96), 100 + n, np.uint8) for n in range(6)}
    usual = [finding(), finding(4, Label.LISTED, Source.HASH, 1.0, by="known")]
    whole = Finding(Source.HASH, Label.LISTED, 1.0, by="known", detail="the file's sha256")
    facts = {"path": f"folder/{EVIL}", "looked_at": looked, "stills": stills}
    media = MediaFacts("gif", 10, 20, 6, 480, (EVIL,), truncated=True)
    return result(findings or [*usual, whole], **facts | {"media": media} | fields)


def sealed():
    """As the screener makes it, but with details that somebody forgot to take out."""
    findings = [Finding(Source.HASH, Label.ABUSE, 1.0, 5, 400, "secret-list", "2 bits apart")]
    stills = {5: np.zeros((96, 96), np.uint8)}
    return result(findings, path="sealed.gif", stills=stills, looked_at=(LookedAt(5, 400, 0.9),))


@pytest.mark.parametrize("lang", ["en", "id"])
def test_the_page_is_sound_and_needs_nothing_from_elsewhere(lang):
    from perisai.errors import BrokenMedia

    broken = result(error=BrokenMedia(EVIL), media=None, coverage=Coverage(), path="b.gif")
    text = page([held(), sealed(), broken, result()], lang=lang)
    checked = Checked(text)
    names = {tag for tag, _ in checked.elements}
    assert not names & {"script", "iframe", "object", "embed", "link", "form", "base"}
    for _, attributes in checked.elements:
        assert not {name for name in attributes if name.startswith("on")}
        assert not {"href", "action", "data", "srcset", "poster"} & set(attributes)
        assert attributes.get("src", "data:image/jpeg;base64,").startswith("data:image/jpeg;")
    assert not re.search(r"""https?:|["'(=]//|url\(|@import""", text)
    policy = next(m["content"] for m in checked.all("meta") if "http-equiv" in m)
    assert "default-src 'none'" in policy
    assert checked.all("html") == [{"lang": lang}]


def test_hostile_names_stay_text():
    checked = Checked(page([held()]))
    assert "<script>alert(1)</script>" in checked.text
    assert "\u202e" not in page([held(path=EVIL)]).partition("<small>")[0]
    assert "\ufffdgnp.gif" in checked.text  # what turns the writing round is taken out


def test_broken_text_in_names_can_be_written(tmp_path):
    odd = held(path="folder/\udcff\udcfe\x1b[31m.gif")
    write_report([odd], tmp_path / "r.html", band=AgeBand.AGE_3_5, policy=POLICY)
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "\\xff\\xfe" in text
    assert "\x1b" not in text
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_stills_are_blurred_pictures_that_are_shown_one_by_one():
    checked = Checked(page([held()]))
    pictures = checked.all("img")
    assert len(pictures) == 2  # of the frames with a finding: 3 and 4
    assert len(checked.all("input")) == 2
    assert "blur(12px)" in page([held()])
    assert "checked" not in checked.all("input")[0]


def test_without_stills_there_is_no_picture():
    assert Checked(page([held(stills={})])).all("img") == []
    assert "data:image" not in page([held(stills={})])


def test_abuse_shows_neither_picture_nor_place_nor_list():
    text = page([sealed()])
    checked = Checked(text)
    assert checked.all("img") == checked.all("rect") == []
    for detail in ("secret-list", "2 bits", "0.40", "tiny", "0.90"):
        assert detail not in text
    assert "Do not save, copy or forward it" in checked.text
    assert POLICY.referral.into("id")[:30] in Checked(page([sealed()], lang="id")).text
    for band in AgeBand:
        assert f"{words('en')['block']} · 1" in Checked(page([sealed()], band=band)).text


def test_the_worst_comes_first_and_what_is_allowed_is_folded():
    checked = Checked(page([result(path="fine.gif"), held(path="bad.gif")]))
    assert checked.text.index("bad.gif") < checked.text.index("fine.gif")
    groups = [a for a in checked.all("details") if "group" in a.get("class", "")]
    assert [("open" in group, group["class"]) for group in groups] == [
        (True, "group block"), (False, "group allow"),
    ]  # fmt: skip


def test_findings_are_listed_strongest_first_and_not_without_end():
    many = held(findings=tuple(finding(n, score=n / 100) for n in range(40)))
    checked = Checked(page([many]))
    assert "+ 28 more findings" in checked.text
    frames = [a for a in checked.all("td") if a.get("data-name") == "frame"]
    assert len(frames) == 12


def test_what_no_model_knows_is_said():
    text = Checked(page([result()])).text
    assert "Not covered" in text
    for label in ("drawn_explicit", "nudity", "suggestive"):
        assert label in text


def test_no_file_at_all_is_a_page_too():
    for lang in ("en", "id"):
        assert words(lang)["empty"] in Checked(page([], lang=lang)).text


def test_both_languages_have_words_for_everything():
    english, indonesian = words("en"), words("id")
    assert set(english) == set(indonesian)
    assert all(english.values())
    assert all(indonesian.values())
    for name in [*Decision, *Label, *Source]:
        assert name in english


def test_a_thousand_files_take_seconds():
    results = [held(path=f"folder/{n}.gif") if n % 3 else result(path=f"{n}") for n in range(1000)]
    begin = perf_counter()
    text = page(results)
    assert perf_counter() - begin < 5
    assert "1000 files" in text


# ---- the timeline


def test_marks_stand_at_their_time_and_are_as_high_as_their_score():
    line = Timeline(held())
    assert line.seconds == 0.48
    kinds = {mark.x: mark.kind for mark in line.marks}
    assert kinds == {0: "clean", 166.7: "clean", 333.3: "clean", 500: "model", 666.7: "match",
                     833.3: "clean"}  # fmt: skip
    heights = {mark.kind: mark.height for mark in line.marks}
    assert heights["match"] > heights["model"] > heights["clean"] > 0


def test_a_long_clip_keeps_the_strongest_of_neighbours():
    looked = tuple(LookedAt(n, n * 10, 0.99 if n == 3217 else 0.01) for n in range(5000))
    media = MediaFacts("gif", 10, 10, 5000, 50_000)
    line = Timeline(result([finding(3217)], looked_at=looked, media=media))
    assert len(line.marks) <= MOST_TICKS + 1
    assert [mark.kind for mark in line.marks].count("model") == 1
    assert all(0 <= mark.x <= WIDTH for mark in line.marks)


def test_a_match_between_looks_has_a_mark_of_its_own():
    match = finding(2, Label.LISTED, Source.HASH, 1.0)
    line = Timeline(result([match], looked_at=(LookedAt(0, 0, 0.0),)))
    assert [mark.kind for mark in line.marks] == ["clean", "match"]

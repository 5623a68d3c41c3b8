"""Shadow mode: answers that withhold nothing, counts, and the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from perisai.gateway.uploads.shadow import LONGEST_CLIENT, counted, report
from perisai.gateway.uploads.shadow_page import WORDS, share, to_html
from perisai.storage.checks import checked
from perisai.storage.ports import Counted
from perisai.terms import AgeBand
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import api_key, open_house
from tests.screening.evaluation.test_report import Page

TRIAL = "trial-key"
DAY = date(2026, 11, 23)


def test_nothing_is_withheld_and_everything_is_said(run, folder, local) -> None:
    async def body() -> None:
        keys = (api_key("trial", shadow=True), api_key("app"))
        async with open_house(folder, local, *keys) as house:
            bad = (await house.send(marked(1), TRIAL, headers={"Idempotency-Key": "a"})).json()
            assert (bad["allowed"], bad["verdict"], bad["shadow"]) == (True, "allow", True)
            would = bad["would_be"]
            assert (would["allowed"], would["verdict"]) == (False, "withhold")
            assert would["rule"] == "looks-explicit"
            assert would["findings"]
            assert not {"verdicts", "reasons", "findings", "scores"} & set(bad)
            plain = (await house.send(marked(1), "app-key")).json()
            assert set(plain) - {"screened_before"} <= set(bad) | set(would)
            assert plain["shadow"] is False
            good = (await house.send(clean(1), TRIAL)).json()
            assert (good["allowed"], good["would_be"]["allowed"]) == (True, True)
            broken = (await house.send(b"<svg/>", TRIAL)).json()
            assert (broken["allowed"], broken["would_be"]["verdict"]) == (True, "unscreenable")
            assert broken["would_be"]["error"]["code"] == "unknown_media"
            again = (await house.send(marked(1), TRIAL, headers={"Idempotency-Key": "a"})).json()
            assert (again["id"], again["allowed"]) == (bad["id"], True)
            asked = (await house.ask(bad["id"], TRIAL)).json()
            assert asked["would_be"]["verdict"] == "withhold"

            assert sum(each["n"] for each in await house.counts()) == 4
            found = report(await house.store.counts("uploads", date(2020, 1, 1)))
            assert (found.judged, found.withheld) == (3, 2)
            assert found.clients == {"trial"}
            assert found.by_rule["looks-explicit"] == Counter(withhold=1)
            assert found.by_band == {"6-9": Counter(withhold=1, allow=1, unscreenable=1)}
            assert found.by_type["gif"] == Counter(withhold=1, allow=1)

    run(body())


def test_after_the_trial_an_upload_of_that_time_counts_as_it_was_judged(run, folder, local) -> None:
    async def body() -> None:
        key = api_key("trial", shadow=True)
        async with open_house(folder, local, key) as house:
            headers = {"Idempotency-Key": "a"}
            bad = (await house.send(marked(1), TRIAL, headers=headers)).json()
            assert bad["allowed"]
            await house.store.revoke_key("trial", datetime.now(UTC))
            digest = api_key("live").digest
            await house.store.add_key(replace(key, digest=digest, shadow=False))
            await house.clients.refresh()
            again = (await house.send(marked(1), "live-key", headers=headers)).json()
            assert (again["id"], again["allowed"]) == (bad["id"], False)
            assert (await house.ask(bad["id"], "live-key")).json()["allowed"] is False

    run(body())


def numbers() -> list[Counted]:
    """What was counted on two days, of two trials and a key that withholds."""

    def some(client: str, decision: str, rule: str, n: int, day: int, *, shadow: bool = True):
        band = AgeBand.AGE_6_9 if day == 23 else AgeBand.ADULT
        labels = counted(client, decision, rule, shadow=shadow, band=band, kind="gif")
        return Counted(date(2026, 11, day), "uploads", labels, n)

    return [
        some("one", "allow", "nothing-found", 90, 23),
        some("one", "withhold", "looks-explicit", 10, 23),
        some("two", "block", "abuse", 1, 24),
        some("two", "unscreened", "lost", 2, 24),
        some("two", "allow", "nothing-found", 1, 24),
        some("app", "withhold", "looks-explicit", 500, 24, shadow=False),
    ]


def test_the_report_adds_up() -> None:
    found = report(numbers())
    assert (found.judged, found.withheld, found.total["unscreened"]) == (102, 11, 2)
    assert found.clients == {"one", "two"}
    assert list(found.by_band) == ["6-9", "adult"]
    assert share(found.total) == "10.8%"
    assert share(found.total, "id") == "10,8%"
    told = found.to_json()
    assert told["would_be_withheld"] == 11
    assert told["by_day"] == {
        "2026-11-23": {"allow": 90, "withhold": 10},
        "2026-11-24": {"allow": 1, "block": 1, "unscreened": 2},
    }
    one = report(numbers(), "one")
    assert (one.judged, one.withheld) == (100, 10)
    assert report(numbers(), "app").judged == 0
    assert share(report([]).total) == "–"  # noqa: RUF001


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_page_needs_nothing_from_elsewhere(language) -> None:
    text = to_html(report(numbers()), since=DAY, made=datetime.now(UTC), language=language)
    page = Page(text)
    assert page.tags["svg"] == 1
    assert page.tags["script"] == page.tags["img"] == page.tags["link"] == 0
    assert not page.open
    assert page.tags["table"] == 4
    assert WORDS["title"].into(language) in text
    assert f"102 {WORDS['judged'].into(language)}; 11 (" in text
    assert '<td class="n">90</td>' in text
    assert f"<dt>{WORDS['clients'].into(language)}</dt><dd>one, two</dd>" in text
    assert "built-in" not in text
    assert "2026-11-24" in text
    empty = to_html(report([]), since=DAY, made=datetime.now(UTC), language=language)
    assert WORDS["none"].into(language) in empty
    assert Page(empty).tags["svg"] == 0


def test_a_name_of_any_length_can_be_counted() -> None:
    labels = counted("ñ" * 500, "withhold", "looks-explicit", shadow=True, band=AgeBand.ADULT)
    assert checked(Counted(DAY, "uploads", labels, 1))
    assert report([Counted(DAY, "uploads", labels, 1)], "ñ" * 500).judged == 1
    assert len(labels["client"]) == LONGEST_CLIENT

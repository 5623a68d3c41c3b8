"""What every store must do: the one in memory and the one in a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from perisai.errors import PerisaiError, StorageError
from perisai.storage.memory import MemoryStore
from perisai.storage.records import Approval, Delivery, Linked, Made
from perisai.terms import AgeBand
from tests.common.databases import KINDS
from tests.storage.facts import (
    ENTRY,
    KEY,
    NOW,
    OPINION,
    OUTCOME,
    REPORT,
    SCREENED,
    UPLOAD,
    A,
    B,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perisai.storage.ports import Store


@pytest.fixture(params=["memory", *KINDS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        made: Store = MemoryStore()
    elif request.param == "sqlite":
        made = opened(tmp_path, f"sqlite:///{tmp_path}/facts.sqlite3")
    else:
        made = opened(tmp_path, request.getfixturevalue("postgresql"))
    yield made
    made.close()


def test_what_was_found_is_kept_by_bytes_and_basis(store: Store) -> None:
    broken = replace(SCREENED, sha256=B, error=("broken_media", "Bad."), findings=())
    store.keep([SCREENED, broken])
    assert store.screened([A, B, "c" * 64], "basis") == {A: SCREENED, B: broken}
    assert store.screened([A], "another") == {}
    assert store.unscreened([A, B, "c" * 64], "basis") == {"c" * 64}
    assert store.unscreened([A], "another") == {A}
    again = replace(SCREENED, findings=())
    store.keep([again])
    assert store.screened([A], "basis") == {A: again}
    assert store.generation() == 0


def test_many_are_asked_for_at_once(store: Store) -> None:
    shas = [f"{n:064x}" for n in range(1200)]
    store.keep([replace(SCREENED, sha256=sha) for sha in shas])
    assert len(store.screened(shas, "basis")) == 1200


def test_peoples_words_raise_the_generation(store: Store) -> None:
    one, two = OPINION, replace(OPINION, score=0.0)
    first, second = store.add_opinion(one), store.add_opinion(two)
    assert first < second == store.generation()
    assert store.opinions([A, B]) == {A: (one, two)}
    bands = frozenset({AgeBand.AGE_3_5, AgeBand.ADULT})
    approval = Approval("catalogue", "item", "1", bands, A, "siti", "", NOW)
    assert store.approve(approval) > second
    withdrawn = replace(approval, bands=frozenset())
    store.approve(withdrawn)
    assert store.approvals("catalogue", ["1", "2"]) == {("item", "1"): withdrawn}
    assert store.approvals("other", ["1"]) == {}
    assert list(store.all_approvals()) == [approval, withdrawn]


def test_links_say_what_was_given_last(store: Store) -> None:
    old = Linked("up", "1", "gif-tiny", A, NOW)
    new = replace(old, sha256=B)
    store.link([old, replace(old, rendition="mp4-tiny"), new])
    assert store.links("up", ["1", "9"]) == {
        "1": {"gif-tiny": new, "mp4-tiny": replace(old, rendition="mp4-tiny")}
    }
    assert {link.rendition for link in store.holders(A)} == {"gif-tiny", "mp4-tiny"}


def test_keys_begin_and_end(store: Store) -> None:
    store.add_key(KEY)
    with pytest.raises(StorageError):
        store.add_key(replace(KEY, digest="e" * 64))
    before = store.generation()
    store.revoke_key("app", NOW)
    assert store.generation() > before
    assert store.keys() == (replace(KEY, revoked=NOW),)
    with pytest.raises(StorageError):
        store.revoke_key("app", NOW)
    with pytest.raises(StorageError):
        store.add_key(KEY)  # the same key again
    store.add_key(replace(KEY, digest="e" * 64))
    assert len(store.keys()) == 2


def test_reports_and_counts(store: Store) -> None:
    assert [store.add_report(REPORT) for _ in range(2)] == [1, 2]
    assert store.reports(1) == ((2, REPORT),)
    day = date(2026, 11, 23)
    store.count(day, "pages", {"decision": "allow"}, 2)
    store.count(day, "pages", {"decision": "allow"}, 3)
    assert [each.n for each in store.counts("pages", day)] == [5]
    assert store.counts("pages", date(2026, 11, 24)) == ()


def test_an_upload_is_kept_once_under_its_idempotency_key(store: Store) -> None:
    assert store.add_upload(UPLOAD) == UPLOAD
    assert store.add_upload(replace(UPLOAD, number="u2", sha256=B)) == UPLOAD
    other = replace(UPLOAD, client="other", number="u3", sha256="")
    assert store.add_upload(other) == other
    for number in ("u4", "u5"):  # without a key each is one of its own
        loose = replace(UPLOAD, idempotency="", number=number)
        assert store.add_upload(loose) == loose
    assert store.upload("app", "u1") == UPLOAD
    assert store.upload("other", "u1") is None
    assert store.upload("app", "u2") is None
    with pytest.raises(StorageError):
        store.add_upload(replace(UPLOAD, idempotency="fresh"))  # a number that is taken


def test_what_became_of_uploads(store: Store) -> None:
    later = NOW + timedelta(minutes=5)
    store.add_upload(UPLOAD)
    store.add_upload(replace(UPLOAD, number="u2", idempotency="", at=later))
    assert [each.number for each in store.open_uploads(NOW)] == ["u1", "u2"]
    assert [each.number for each in store.open_uploads(later)] == ["u2"]
    assert [each.number for each in store.open_uploads(NOW, 1)] == ["u1"]
    assert store.outcome("u1") is None
    lost = replace(OUTCOME, event="e0", sha256="", basis="", decision="unscreened", rule="lost")
    store.add_outcome(lost)
    assert store.outcome("u1") == lost
    store.add_outcome(OUTCOME)
    assert store.outcome("u1") == OUTCOME
    assert [each.number for each in store.open_uploads(NOW)] == ["u2"]
    with pytest.raises(StorageError):
        store.add_outcome(OUTCOME)


def test_a_webhook_is_told_until_it_acknowledges(store: Store) -> None:
    store.add_upload(UPLOAD)
    store.add_outcome(OUTCOME)
    store.add_outcome(replace(OUTCOME, event="e2", notify=False))
    store.add_outcome(replace(OUTCOME, event="e3"))
    store.add_outcome(replace(OUTCOME, event="e4", number="unknown"))
    told = [(upload.number, outcome.event) for upload, outcome in store.untold(NOW)]
    assert told == [("u1", "e1"), ("u1", "e3")]
    assert store.untold(NOW + timedelta(seconds=1)) == ()
    store.add_delivery(Delivery("e1", "acknowledged", NOW))
    store.add_delivery(Delivery("e1", "given-up", NOW))  # the first end stays
    assert [outcome.event for _, outcome in store.untold(NOW)] == ["e3"]


def test_old_uploads_are_forgotten_with_all_that_became_of_them(store: Store) -> None:
    later = NOW + timedelta(days=1)
    store.add_upload(UPLOAD)
    store.add_upload(replace(UPLOAD, number="u2", idempotency="", at=later))
    store.add_outcome(OUTCOME)
    store.add_outcome(replace(OUTCOME, event="e2", number="u2", at=later))
    store.add_delivery(Delivery("e1", "acknowledged", NOW))
    assert store.forget_uploads(later) == 1
    assert (store.upload("app", "u1"), store.outcome("u1")) == (None, None)
    assert store.outcome("u2") is not None
    assert store.add_upload(UPLOAD) == UPLOAD  # its idempotency key is free again
    assert store.forget_uploads(NOW) == 0


def test_the_catalogue_is_followed(store: Store) -> None:
    other = replace(ENTRY, id="2", collection="")
    store.add_entries([ENTRY, other])
    renamed = replace(ENTRY, title="Anjing")
    store.add_entries([renamed])
    assert store.entries() == (renamed, other)
    assert store.entries("1") == (other,)
    assert store.remove_entries(["1", "9"], NOW) == 1
    assert store.entries() == (other,)
    assert store.entry(["1"])["1"].removed
    changes = store.entry_changes()
    assert [(entry.id, entry.removed) for _, entry in changes] == [
        ("1", False),
        ("2", False),
        ("1", False),
        ("1", True),
    ]
    assert store.entry_changes(changes[-2][0]) == changes[-1:]


def test_one_that_fails_undoes_only_itself(store: Store) -> None:
    def fails() -> None:
        store.add_opinion(OPINION)
        store.add_report(REPORT)
        store.revoke_key("nobody", NOW)

    done = store.together([lambda: store.keep([SCREENED]), fails, lambda: store.add_key(KEY)])
    assert [type(error) for _, error in done] == [type(None), StorageError, type(None)]
    assert A in store.screened([A], "basis")
    assert store.keys() == (KEY,)
    assert (store.opinions([A]), store.reports(), store.generation()) == ({}, (), 1)
    assert store.add_report(REPORT) == 1  # who follows reports finds no gap


def test_what_cannot_be_kept_is_refused(store: Store) -> None:
    with pytest.raises(PerisaiError):
        store.keep([replace(SCREENED, sha256="nothing")])
    store.close()
    with pytest.raises(StorageError):
        store.generation()


def test_names_that_cannot_be_kept_are_not_found_either(store: Store) -> None:
    store.keep([SCREENED])
    names = ["1", "nul\0", "half \ud800", "long" * 200, "'; DROP TABLE storage_linked; --"]
    assert store.links("up", names) == {}
    assert store.approvals("up", names) == {}
    assert store.entry(names) == {}
    assert store.opinions(names) == {}
    assert store.remove_entries(names, NOW) == 0
    assert store.screened([*names, A], "basis") == {A: SCREENED}
    for name in names:
        assert store.holders(name) == ()
        assert store.counts(name, NOW.date()) == ()
        with pytest.raises(StorageError, match="no key"):
            store.revoke_key(name, NOW)


def test_what_is_kept_comes_back_to_the_last_bit(store: Store) -> None:
    odd = "\u202e\U0001f600 \\u0000 é\r\n\t\x01" + "\U0001f9ff" * 480
    link = Linked("up", odd, "gif-tiny", A, NOW.replace(microsecond=999_999))
    store.link([link])
    assert store.links("up", [odd]) == {odd: {"gif-tiny": link}}
    finding = replace(SCREENED.findings[0], score=0.1 + 0.2, detail=odd)
    screened = replace(SCREENED, findings=(finding,), size=2**63 - 1)
    store.keep([screened])
    assert store.screened([A], "basis") == {A: screened}
    store.count(NOW.date(), "pages", {"by": odd[:40] * 10}, 1)
    assert store.counts("pages", NOW.date())[0].labels == {"by": odd[:40] * 10}


def test_what_was_made_is_found_by_what_it_was_made_of_and_its_siblings(store: Store) -> None:
    one, two = Made(A, "c" * 64, NOW), Made(B, "c" * 64, NOW)
    other = Made("e" * 64, "f" * 64, NOW)
    store.add_made([one, two, other])
    store.add_made([replace(one, at=datetime(2027, 1, 1, tzinfo=UTC))])
    for asked in (A, B, "c" * 64):
        assert set(store.kin([asked])) == {one, two}
    assert store.kin(["f" * 64, "d" * 64]) == (other,)
    assert store.kin([]) == ()
    assert store.generation() == 0
    with pytest.raises(StorageError):
        store.add_made([Made(A, "", NOW)])


def test_the_catalogue_is_paged_through(store: Store) -> None:
    ids = [f"{n:03}" for n in range(30)]
    store.add_entries([replace(ENTRY, id=key) for key in ids])
    store.add_entries([replace(ENTRY, id=key, title="new") for key in ids[::2]])
    store.remove_entries(ids[::3], NOW)
    pages, after = [], ""
    while page := store.entries(after, 7):
        pages.extend(page)
        after = page[-1].id
    assert [each.id for each in pages] == [key for key in ids if int(key) % 3]
    assert {each.title for each in pages if int(each.id) % 2 == 0} == {"new"}

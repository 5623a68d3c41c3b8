"""The desk as a whole: reads facts, asks the domain, writes what comes of it, all or nothing."""

from __future__ import annotations

import functools
import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q

from perisai.desk import projections
from perisai.desk.actors import HOUSE, PUBLIC
from perisai.desk.cases import domain as case_domain
from perisai.desk.cases import state as case_state
from perisai.desk.cases.models import CaseRow, ClockRow, DoorRow
from perisai.desk.clocks import domain as clock_domain
from perisai.desk.complaints import domain as complaint_domain
from perisai.desk.complaints import state as complaint_state
from perisai.desk.complaints import telling
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.events import Event
from perisai.desk.following import follow
from perisai.desk.rebuilding import rebuild
from perisai.desk.triage import locks
from perisai.desk.withholding.sealing import is_sealed
from perisai.errors import NotYet, Outdated
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from django.db.transaction import Atomic

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.people import People
    from perisai.storage.facts.records import Fact
    from perisai.storage.objects import ObjectStore


TRIES = 20
"""Draws of a receipt. With a fifth of all locators taken, all of them miss once in 10^14 times."""


def key_of(once: str) -> str:
    """The number of the complaint that this very form becomes: the same each time."""
    return f"a-{hashlib.sha256(once.encode()).hexdigest()[:16]}"


class House:
    """Everything that is done at the desk goes through here. Times come from ``clock``."""

    def __init__(
        self, log: FactLog, people: People, clock: Callable[[], datetime], alias: str = "default"
    ) -> None:
        self.log = log
        self.people = people
        self.clock = clock
        self._alias = alias
        self.second_share = 0.0
        """The share of decisions on claims that go to a second reviewer."""
        self.previews: ObjectStore | None = None
        """Where previews of samples lie; without it none are kept."""

    @property
    def alias(self) -> str:
        """Django's name of the database."""
        return self._alias

    def together(self) -> Atomic:
        """What is written within is written together, or not at all."""
        return transaction.atomic(using=self._alias)

    def at(self, clock: Callable[[], datetime]) -> House:
        """The same house with another clock, for telling what was."""
        return House(self.log, self.people, clock, self._alias)

    # ---- cases

    def open_case(
        self,
        actor: Actor,
        *,
        title: str,
        platform: str,
        words: Sequence[str],
        promised: datetime,
        complaint: str | None = None,
        split_from: str = "",
    ) -> Case:
        """Open a case; its number is of the year, as in ``K-2026-0001``.

        With ``complaint``, the case begins with that one; neither is written without the other.
        """
        now = self.clock()
        facts = case_domain.open_case(
            actor,
            now,
            title=title,
            platform=platform,
            words=words,
            promised=promised,
            split_from=split_from,
        )
        with transaction.atomic(using=self._alias):
            self.log.hold()
            year = f"K-{now.year}-"
            taken = CaseRow.objects.using(self._alias).filter(id__startswith=year).count()
            case = self.write_case(case_state.Case(f"{year}{taken + 1:04}"), facts, actor)
            return self.join(case.id, complaint, actor) if complaint else case

    def case(self, key: str) -> Case:
        """The case with this number. Raises NotYet if there is none."""
        return self.history(key)[0]

    def history(self, key: str) -> tuple[Case, tuple[Fact, ...]]:
        """The case with this number and all its facts. Raises NotYet if there is none."""
        facts = self.log.stream(f"case:{key}")
        found = case_state.fold(key, facts)
        if found.opened is None:
            raise NotYet(f"There is no case {key}.")
        return found, facts

    def change_case(
        self,
        key: str,
        actor: Actor,
        decide: Callable[[Case], list[NewFact]],
        *,
        seen: int | None = None,
    ) -> Case:
        """Let the domain decide on a case as it stands, and write what comes of it.

        ``seen`` is the position that the actor has looked at; Outdated is raised if there is more.
        """
        with transaction.atomic(using=self._alias):
            self.log.hold()
            case = self.case(key)
            new = decide(case)
            if seen is not None and case.position != seen:
                raise Outdated("Somebody else has changed this meanwhile; look again first.")
            return self.write_case(case, new, actor)

    def join(self, key: str, complaint: str, actor: Actor) -> Case:
        """Put a complaint into a case; both know of it, or neither."""
        with transaction.atomic(using=self._alias):
            self.log.hold()
            known = self.complaint(complaint)
            locks.require_free(self, known, actor)
            new = complaint_domain.into_case(known, actor, key)
            case = self.change_case(key, actor, lambda c: case_domain.join(c, actor, complaint))
            self.write_complaint(known, new, actor)
            return self.case(case.id) if known.looked else case

    def write_case(self, case: Case, new: list[NewFact], actor: Actor) -> Case:
        """Write facts on a case that was read in this transaction, and its rows."""
        written = self.log.append(
            f"case:{case.id}", new, by=actor.by, at=self.clock(), after=case.position
        )
        for fact in written:
            case = case_state.after(case, fact)
            projections.put(projections.of_fact(fact), self._alias)
        if any(fact.kind == Event.SEAL_LIFTED for fact in written):
            case = self.case(case.id)  # what a seal has hidden is back
        if written:
            projections.put_case(case, self._alias)
            follow(self, written)
        return case

    # ---- complaints

    def receive(
        self,
        told: Mapping[str, str],
        *,
        source: str = "public",
        reporter: str = "",
        receipt: Receipt | None = None,
        child: bool = False,
        once: str = "",
        more: Mapping[str, Any] | None = None,
        actor: Actor = PUBLIC,
    ) -> Complaint:
        """Take a complaint in; what says who complained is sealed before it is written.

        ``child``: see :func:`perisai.desk.complaints.domain.receive`. ``once`` names the very form
        that was sent: when it comes a second time, Outdated is raised and nothing is written.
        ``more`` is kept beside what was told, in clear.
        """
        key = key_of(once) if once else f"a-{secrets.token_hex(8)}"
        kept = (
            receipt.kept(self._blind) if receipt else None
        )  # slow: nobody else's writing waits for it
        with transaction.atomic(using=self._alias):
            person = self.people.new(self.clock())
            sealed = self.people.seal(person, reporter) if reporter.strip() else None
            seal = functools.partial(self.people.seal, person)
            if actor.role is None:
                facts = complaint_domain.receive(
                    told,
                    source=source,
                    person=person,
                    seal=seal,
                    link=telling.digest(told, self.people),
                    reporter=sealed,
                    receipt=kept,
                    child=child,
                    more=more,
                )
            else:
                facts = complaint_domain.enter(
                    actor,
                    told,
                    source=source,
                    person=person,
                    seal=seal,
                    link=telling.digest(told, self.people),
                    reporter=sealed,
                    receipt=kept,
                )
            return self.write_complaint(complaint_state.Complaint(key), facts, actor)

    def draw_receipt(self) -> Receipt:
        """Draw a receipt whose first digits are nobody else's, as long as there are such."""
        for _ in range(TRIES):
            receipt = Receipt.new()
            rows = ComplaintRow.objects.using(self._alias).filter(locator=receipt.locator)
            if not rows.exists():
                break
        return receipt

    def complaint(self, key: str) -> Complaint:
        """The complaint with this number. Raises NotYet if there is none."""
        found = complaint_state.fold(key, self.log.stream(f"complaint:{key}"))
        if found.received is None:
            raise NotYet("There is no such complaint.")
        return telling.opened(found, self.people)

    def find(self, receipt: Receipt) -> Complaint | None:
        """The complaint behind a receipt; as slow when there is none."""
        rows = ComplaintRow.objects.using(self._alias).filter(locator=receipt.locator)
        found = [row.id for row in rows if receipt.proves(row.proof, self._blind)]
        if not rows:
            receipt.proves(None, self._blind)
        return self.complaint(found[0]) if found else None

    def _blind(self, digits: str) -> str:
        """Of the digits of a receipt: nobody who has the database alone can try them."""
        return self.people.blind("receipt", digits)

    def change_complaint(
        self, key: str, actor: Actor, decide: Callable[[Complaint], list[NewFact]]
    ) -> Complaint:
        """Let the domain decide on a complaint as it stands, and write what comes of it."""
        with transaction.atomic(using=self._alias):
            self.log.hold()
            known = self.complaint(key)
            locks.require_free(self, known, actor)
            return self.write_complaint(known, decide(known), actor)

    def seal(self, key: str, actor: Actor) -> Complaint:
        """Close a complaint to everyone, and every sample that came with it."""
        with transaction.atomic(using=self._alias):
            self.log.hold()  # no sample comes along meanwhile that would stay open
            known = self.complaint(key)
            new = complaint_domain.seal(known, actor)
            self.seal_samples_of(key, actor)
            return self.write_complaint(known, new, actor)

    def cases_of(self, complaint: str) -> list[str]:
        """The numbers of all cases that a complaint was ever in."""
        facts = self.log.stream(f"complaint:{complaint}")
        return sorted({f.data["case"] for f in facts if f.kind == Event.CASE_JOINED})

    def seal_samples_of(self, complaint: str, actor: Actor) -> None:
        """Close every sample that came with a complaint which is sealed now."""
        for key in self.cases_of(complaint):
            case = self.case(key)
            self.write_case(case, case_domain.seal_samples_of(case, complaint), actor)

    def seal_sample(self, key: str, sha256: str, actor: Actor) -> Case:
        """Close a sample to everyone, and the complaint that it came with, whole."""
        with transaction.atomic(using=self._alias):
            self.log.hold()
            case = self.case(key)
            new = case_domain.seal_sample(case, actor, sha256)
            came_with = {each.complaint for each in case.samples if each.sha256 == sha256}
            self.write_case(case, new, actor)
            self._seal_with(came_with, actor)
            return self.case(key)

    def screened(self, key: str, actor: Actor, sample: Mapping[str, Any]) -> Case:
        """Write down what was found in a file; a match with a list of child abuse seals it.

        So is it sealed if it is in another case, or comes with a complaint that is.
        """
        came_with = str(sample.get("complaint", ""))
        with transaction.atomic(using=self._alias):
            self.log.hold()
            case = self.case(key)
            new = case_domain.screened(case, actor, sample)
            sealed = any(each.kind == Event.SAMPLE_SEALED for each in new)
            if not sealed and self._is_sealed(str(sample["sha256"]), came_with):
                new.append(NewFact(Event.SAMPLE_SEALED, {"sha256": sample["sha256"]}))
                sealed = True
            self.write_case(case, new, actor)
            if sealed:
                self._seal_with({came_with}, actor)
            return self.case(key)

    def _is_sealed(self, sha256: str, complaint: str) -> bool:
        """Whether a file is sealed anywhere, or a complaint is that it comes with."""
        came_closed = bool(complaint) and self.complaint(complaint).sealed is not None
        return came_closed or is_sealed(sha256, self._alias)

    def _seal_with(self, complaints: set[str], actor: Actor) -> None:
        for key in filter(None, complaints):
            self.seal(key, actor)

    def identity(self, key: str, actor: Actor, reason: str) -> str | None:
        """Who complained, or None if they were erased: each look is written down first."""
        known = self.change_complaint(
            key, actor, lambda c: complaint_domain.look_at_identity(c, actor, reason)
        )
        return self.people.open(known.reporter) if known.reporter else None

    def answer(self, key: str, actor: Actor, text: str, seen: int | None = None) -> Complaint:
        """Write to who complained; the text is sealed under their key before it is written.

        ``seen`` is how many messages the actor has read; Outdated is raised if there are more.
        """

        def decide(known: Complaint) -> list[NewFact]:
            sealed = self.people.seal(known.person, text)
            return complaint_domain.answer(known, actor, sealed, seen=seen)

        return self.change_complaint(key, actor, decide)

    def write_complaint(self, known: Complaint, new: list[NewFact], actor: Actor) -> Complaint:
        """Write facts on a complaint that was read in this transaction, and its row."""
        written = self.log.append(
            f"complaint:{known.id}", new, by=actor.by, at=self.clock(), after=known.position
        )
        for fact in written:
            known = complaint_state.after(known, fact)
            projections.put(projections.of_report(fact), self._alias)
        if any(fact.kind == Event.SEAL_LIFTED for fact in written):
            known = self.complaint(known.id)  # what the seal has hidden is back
        if written:
            known = telling.opened(known, self.people)
            projections.put_complaint(known, self.people, self._alias)
            follow(self, written)
        return known

    # ---- doors: how a platform or an agency answers without an account

    def door(self, token: str) -> tuple[Case, str] | None:
        """The case and letter, or request, that a one-time link leads to; None if nowhere.

        That of a request which was sent anew leads nowhere any more.
        """
        digest = hashlib.sha256(token.encode()).hexdigest()
        row = DoorRow.objects.using(self._alias).filter(door=digest).first()
        case = self.case(row.case) if row else None
        if row is None or case is None:
            return None
        asked = case.improvements.get(row.item)
        return None if asked and asked.door != digest else (case, row.item)

    # ---- what goes on by itself

    def tick(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Write down every clock that ran out or is about to; return how many ran out.

        ``go_on`` is asked before each case; what is left when it says no is left for the next tick.
        """
        now = self.clock()
        table = ClockRow.objects.using(self._alias)
        # What was met or paused after it was due ran out, too, before a tick could say so.
        over = Q(paused__gt=F("due")) | Q(paused=None) & (Q(met=None) | Q(met__gt=F("due")))
        soon = Q(warn__lte=now, warned=None, paused=None, met=None)
        due = table.filter(Q(due__lt=now) & over | soon, late=None)
        late = 0
        for key in sorted(set(due.values_list("case", flat=True))):
            if not go_on():
                break
            before = self.case(key)
            self.change_case(key, HOUSE, lambda c: clock_domain.noticed(c.clocks, now))
            late += len(clock_domain.lateness(before.clocks, now))
        return late

    def rebuild(self, *, write: bool) -> list[str]:
        """Compute every row from the facts; return what differed from what was written."""
        return rebuild(self, write=write)

"""Undoes seals, and opens what was closed along with what is opened.

Until then nothing of what is sealed is looked at here but numbers, hashes and the keyed digest of a
link. Each function is for a complaint or, with ``sha256``, for a sample of the case ``key`` that
came without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from perisai.desk.actors import HOUSE
from perisai.desk.cases.models import ConflictRow
from perisai.desk.events import Event
from perisai.desk.referrals import services as referrals
from perisai.desk.referrals.models import ReferralRow
from perisai.desk.seals import domain
from perisai.desk.seals.state import Seal
from perisai.desk.triage import domain as triage
from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.state import SEALED
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House


def question(house: House, actor: Actor, key: str, reason: str, sha256: str = "") -> None:
    """Ask for a seal to be undone. Raises NotAllowed or NotYet."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        if sha256:
            case, seal = _sample(house, key, sha256)
            matched = matches_list(house, {sha256})
            new = domain.question(seal, actor, case.conflicted, reason, matched=matched)
            house.write_case(case, _about(new, sha256), actor)
            return
        known = house.complaint(key)
        matched, parties = is_matched(house, known), _parties(house, [known])
        new = domain.question(known.seal, actor, parties, reason, matched=matched)
        house.write_complaint(known, new, actor)


def keep(house: House, actor: Actor, key: str, reason: str, sha256: str = "") -> None:
    """Refuse, as the second person. Raises NotAllowed or NotYet."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        if sha256:
            case, seal = _sample(house, key, sha256)
            new = domain.keep(seal, actor, case.conflicted, reason)
            house.write_case(case, _about(new, sha256), actor)
            return
        known = house.complaint(key)
        new = domain.keep(known.seal, actor, _parties(house, [known]), reason)
        house.write_complaint(known, new, actor)


def lift(house: House, actor: Actor, key: str, sha256: str = "") -> None:
    """Agree, as the second person. What was closed for being about the same link opens with it.

    Whoever had its referral is told so.

    Raises NotAllowed or NotYet: also if one of these is barred from being opened.
    """
    with transaction.atomic(using=house.alias):
        house.log.hold()
        if sha256:
            case, seal = _sample(house, key, sha256)
            matched = matches_list(house, {sha256})
            new = domain.lift(seal, actor, case.conflicted, matched=matched)
            house.write_case(case, _about(new, sha256), actor)
            referrals.withdraw(house, actor, key, sha256)
            return
        known = house.complaint(key)
        others = _same_link(house, known)
        all_ = [known, *others]
        matched = any(is_matched(house, each) for each in all_)
        parties = _parties(house, all_)
        new = domain.lift(known.seal, actor, parties, matched=matched)
        _open(house, known, new, actor)
        entry = known.triage.entry or key
        for each in others:
            if each.seal.by == HOUSE.by:
                told = [NewFact(Event.SEAL_LIFTED, {"with": key})]
                _open(house, each, [*told, *_joined(each, entry)], HOUSE)
            else:
                new = domain.lift(each.seal, actor, parties, matched=matched)
                _open(house, each, [*new, *_joined(each, entry)], actor)
        for each in all_:
            referrals.withdraw(house, actor, each.id)


def is_matched(house: House, known: Complaint) -> bool:
    """Whether a file that a complaint came with, or names, matches a list of child abuse."""
    return known.matched or matches_list(house, hashes_of(house, known))


def hashes_of(house: House, known: Complaint) -> set[str]:
    """The SHA-256 of every file that came with a complaint, or that it names."""
    files = {
        each.sha256
        for key in house.cases_of(known.id)
        for each in house.case(key).samples
        if each.complaint == known.id
    }
    return files | set(known.withholdings)


def matches_list(house: House, files: Iterable[str]) -> bool:
    """Whether one of these files was sealed anywhere for matching a list of child abuse."""
    rows = WithholdingRow.objects.using(house.alias).filter(sha256__in=files, what=SEALED)
    for row in rows:
        if row.complaint and house.complaint(row.complaint).matched:
            return True
        samples = house.case(row.case).samples if row.case else ()
        if any(each.matched for each in samples if each.sha256 == row.sha256):
            return True
    return False


def _same_link(house: House, known: Complaint) -> list[Complaint]:
    """Those that are sealed for the same link and open with it.

    What whoever reports has said of a child is not undone with another one. Raises NotYet if
    somebody of the house has sealed another one and nobody has asked for that to be undone.
    """
    rows = ReferralRow.objects.using(house.alias).filter(lifted=None)
    if rows.filter(sealed_by="").exists():
        # Rows from before an update: which link was sealed by whom cannot be said yet.
        raise NotYet("What was sealed before an update is not listed yet; run `perisai rebuild`.")
    exact = rows.filter(id=known.id).values_list("exact", flat=True).first()
    if not exact:
        return []
    others = []
    for row in rows.filter(exact=exact).exclude(id=known.id).order_by("drafted", "id"):
        by_house = row.sealed_by == HOUSE.by
        if not by_house and row.sealed_by.startswith("public:"):
            continue
        if not by_house and row.asked is None:
            raise NotYet(
                f"{row.id} is about the same link and was sealed by a person; ask for that seal "
                "to be undone first."
            )
        others.append(house.complaint(row.id))
    return others


def _open(house: House, known: Complaint, new: list[NewFact], actor: Actor) -> None:
    """Write that a complaint is open again, and the samples that came with it."""
    for key in house.cases_of(known.id):
        case = house.case(key)
        lifted = [
            NewFact(Event.SEAL_LIFTED, {"sha256": each.sha256, "complaint": known.id})
            for each in case.samples
            if each.sealed and each.complaint == known.id
        ]
        house.write_case(case, lifted, actor)
    house.write_complaint(known, new, actor)


def _joined(known: Complaint, entry: str) -> list[NewFact]:
    """It was closed as it came in, before it could be joined with what is about the same link."""
    apart = known.triage.entry or known.id == entry or entry in known.triage.apart
    return [] if apart else [triage.grouped(entry, triage.LINK)]


def _parties(house: House, complaints: Iterable[Complaint]) -> frozenset[str]:
    cases = [key for each in complaints for key in house.cases_of(each.id)]
    rows = ConflictRow.objects.using(house.alias).filter(case__in=cases)
    return frozenset(rows.values_list("name", flat=True))


def _sample(house: House, key: str, sha256: str) -> tuple[Case, Seal]:
    case = house.case(key)
    found = next((each for each in case.samples if each.sha256 == sha256), None)
    if found is None:
        raise NotYet("There is no such sample in this case.")
    if found.document:
        raise NotYet("This document was destroyed when it was sealed; nothing is left to open.")
    if found.complaint:
        raise NotYet(
            f"This sample came with {found.complaint}; ask for the seal of that complaint to be "
            "undone."
        )
    return case, case.seals.get(sha256, Seal())


def _about(new: list[NewFact], sha256: str) -> list[NewFact]:
    return [NewFact(each.kind, {**each.data, "sha256": sha256}) for each in new]

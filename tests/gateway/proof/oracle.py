"""What may leave, read from the store by another way than the gateway's: plain SQL, and the policy.

The gateway promises that a decision counts within five seconds. So what left between two moments
must be allowed by what was decided up to some moment between them and five seconds before.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from dataclasses import dataclass, field
from hashlib import sha256 as sha256_of
from typing import TYPE_CHECKING, Any

from perisai.policy import Policy
from perisai.screening.judging import judge
from perisai.screening.service.port import finding_from_json
from perisai.terms import AgeBand, Decision, Finding, Label, Source
from tests.gateway.proof.liar import EXPLICIT, LEAK
from tests.gateway.proof.pictures import sees_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

GRACE = 5.0
"""Seconds after which a decision counts everywhere."""
UNDER_13 = (AgeBand.AGE_3_5, AgeBand.AGE_6_9, AgeBand.AGE_10_12)
OWN = "perisai"
"""The gateway's own upstream: help cards, which need no approval."""
MEDIA = re.compile(r"/media/[0-9a-f]+/[A-Za-z0-9_-]+/([0-9a-f]{64})\.[a-z0-9]+(?:\?v=[\w-]+)?")
_ADDRESS = re.compile(r"[a-z]+://[^\s\"\\]+")
_BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""One transparent pixel, the gateway's own, for a group that has no picture."""
_FOREIGN = (LEAK, "1eaf0000", "blur_preview", "avatar", "analytics", "embed", "www.", "pingback")
_MARKUP = re.compile(r"<\s*[a-zA-Z/!?]")


class Violation(AssertionError):  # noqa: N818 - named for what happened
    """Something left that must not."""


@dataclass
class Facts:
    """The rows that a verdict rests on, as they stand in the file."""

    screened: dict[tuple[str, str], Any] = field(default_factory=dict)
    opinions: list[tuple[int, str, str, float]] = field(default_factory=list)
    approvals: list[tuple[int, str, str, str, str, str]] = field(default_factory=list)
    links: set[tuple[str, str, str]] = field(default_factory=set)
    collections: dict[str, str] = field(default_factory=dict)
    made: dict[str, set[str]] = field(default_factory=dict)
    """Bytes → themselves and what they were made from here: what is said of that holds for them."""

    def kin(self, name: str) -> set[str]:
        return {name, *self.made.get(name, ())}


@dataclass
class Evidence:
    """A row of what was found, as :func:`judge` reads it."""

    findings: tuple[Finding, ...]
    covered: frozenset[Label]
    error: tuple[str, str] | None


class Oracle:
    """Judges what left. Raises :class:`Violation`."""

    def __init__(
        self, database: Path, base: str, port: int, bands: Mapping[str, Collection[AgeBand]]
    ) -> None:
        """``base`` is the gateway's address, ``port`` the liar's; ``bands`` of each upstream."""
        self._db = sqlite3.connect(database)
        self._base = base
        self._port = port
        self._bands = bands
        self._policy = Policy.load("id")
        self.written: dict[tuple[str, int], float] = {}
        """(table, number) → when the write of a decision had returned."""
        self.bases: list[tuple[float, str]] = []
        """Since when screening rests on what."""
        self.bodies: dict[str, bytes] = {}
        self.marked: dict[str, bool] = {}
        self.checked = 0
        self._version, self._read = -1, Facts()

    # ---- what left

    def media(
        self, name: str, status: int, body: bytes, bands: Iterable[AgeBand], since: float
    ) -> None:
        """One answer to GET for the whole file."""
        if status not in (200, 304):
            if body:
                raise Violation(f"a refusal ({status}) has a body")
            return
        self.may(name, bands, since)
        if status == 304:
            return
        if sha256_of(body).hexdigest() != name:
            raise Violation(f"other bytes than {name} were served under its name")
        self.bodies[name] = body
        self.checked += 1

    def part(
        self, name: str, start: int, body: bytes, bands: Iterable[AgeBand], since: float
    ) -> None:
        """One answer of a part of a file whose whole is known."""
        self.may(name, bands, since)
        whole = self.bodies.get(name)
        if whole is not None and whole[start : start + len(body)] != body:
            raise Violation(f"a part of {name} is none of its bytes")
        self.checked += 1

    def page(self, text: str, bands: Iterable[AgeBand], since: float) -> set[str]:
        """A JSON answer; returns the files that it names."""
        bands = list(bands)
        low = text.lower()
        for word in (*EXPLICIT, *_FOREIGN, f":{self._port}"):
            if word in low:
                place = low.index(word)
                raise Violation(f"{word!r} left in: …{text[max(0, place - 80) : place + 80]}…")
        if "data:" in low.replace(_BLANK.lower(), "") or _MARKUP.search(text):
            raise Violation(f"inline data or markup left in {text[:300]}")
        for address in _ADDRESS.findall(text):
            if not address.startswith(f"{self._base}/"):
                raise Violation(f"the address {address} of somebody else left")
        names = set(MEDIA.findall(text))
        for name in names:
            self.may(name, bands, since)
        self.checked += 1
        return names

    # ---- what may leave

    def may(self, name: str, bands: Iterable[AgeBand], since: float) -> None:
        """See that these bytes may be shown to one of ``bands``, by what held since ``since``.

        Several bands are those that an asker had in the last seconds.
        """
        facts = self._facts()
        end = time.time()
        reasons = [self._refusal(facts, name, band, since - GRACE, end) for band in set(bands)]
        if all(reasons):
            raise Violation(f"{name} left for {set(bands)}: {reasons}")

    def _refusal(self, facts: Facts, name: str, band: AgeBand, begin: float, end: float) -> str:
        cuts = [begin, *(at for at in self.written.values() if begin < at <= end)]
        bases = self._bases(begin, end)
        if not any(self._allows(facts, name, band, cut, basis) for cut in cuts for basis in bases):
            return "no verdict allows it"
        if not any(self._approved(facts, name, band, cut) for cut in cuts):
            return "no item that this age may see holds it"
        if self._mark(name) and not any(self._cleared(facts, name, cut) for cut in cuts):
            return "the mark is in it and nobody has cleared it"
        return ""

    def _bases(self, begin: float, end: float) -> set[str]:
        before = [basis for at, basis in self.bases if at <= begin][-1:]
        return {*before, *(basis for at, basis in self.bases if begin < at <= end)}

    def _allows(self, facts: Facts, name: str, band: AgeBand, cut: float, basis: str) -> bool:
        row = facts.screened.get((name, basis))
        if row is None:
            return False
        human = [
            Finding(Source.HUMAN, Label(label), score)
            for number, sha, label, score in facts.opinions
            if sha in facts.kin(name) and self._before("opinion", number, cut)
        ]
        verdict = judge(row, human, self._policy, reviewers=False)
        return verdict.bands[band].decision is Decision.ALLOW

    def _approved(self, facts: Facts, name: str, band: AgeBand, cut: float) -> bool:
        for upstream, item, sha in facts.links:
            if sha != name:
                continue
            if upstream == OWN:
                return True
            if band not in self._bands[upstream]:
                continue
            if band not in UNDER_13 or self._chosen(facts, upstream, item, name, band, cut):
                return True
        return False

    def _chosen(
        self, facts: Facts, upstream: str, item: str, name: str, band: AgeBand, cut: float
    ) -> bool:
        last: dict[str, tuple[str, str]] = {}
        collection = facts.collections.get(item, "") if upstream == "catalogue" else ""
        for number, of, kind, key, bands, sha in facts.approvals:
            mine = key == (item if kind == "item" else collection or None)
            if of == upstream and mine and self._before("approval", number, cut):
                last[kind] = (bands, sha)
        bands, sha = last.get("item") or last.get("collection") or ("", "")
        whole = "item" not in last
        return band.value in bands.split() and (sha in facts.kin(name) or whole)

    def _cleared(self, facts: Facts, name: str, cut: float) -> bool:
        said = [
            score
            for number, sha, label, score in facts.opinions
            if sha in facts.kin(name)
            and label == Label.EXPLICIT
            and self._before("opinion", number, cut)
        ]
        return bool(said) and said[-1] == 0.0

    def _before(self, table: str, number: int, cut: float) -> bool:
        # What the test has not noted yet is being written by the test itself, so just now.
        return self.written.get((table, number), float("inf")) <= cut

    def _mark(self, name: str) -> bool:
        if name not in self.marked and name in self.bodies:
            self.marked[name] = sees_mark(self.bodies[name])
        return self.marked.get(name, False)

    def _facts(self) -> Facts:
        """Everything, read again when anybody has written since."""
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version, self._read = version, self._read_facts()
        return self._read

    def _read_facts(self) -> Facts:
        found = Facts()
        for sha, basis, findings, covered, code, message in self._db.execute(
            "SELECT sha256, basis, findings, covered, error_code, error_message "
            "FROM storage_screened ORDER BY number"
        ):
            found.screened[sha, basis] = Evidence(
                tuple(finding_from_json(each) for each in json.loads(findings)),
                frozenset(Label(each) for each in covered.split()),
                None if code is None else (code, message),
            )
        found.opinions = self._db.execute(
            "SELECT number, sha256, label, score FROM storage_opinion ORDER BY number"
        ).fetchall()
        found.approvals = self._db.execute(
            "SELECT number, upstream, kind, key, bands, sha256 FROM storage_approval "
            "ORDER BY number"
        ).fetchall()
        found.links = set(self._db.execute("SELECT upstream, item, sha256 FROM storage_linked"))
        found.collections = dict(
            self._db.execute(
                "SELECT entry, CASE removed WHEN 0 THEN collection ELSE '' END "
                "FROM storage_catalogueentry ORDER BY number"
            )
        )
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'storage_made'").fetchone():
            for sha, source in self._db.execute("SELECT sha256, source FROM storage_made"):
                found.made.setdefault(sha, set()).add(source)
        return found

    def shas(self) -> list[str]:
        """Everything that was ever screened, whatever became of it."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT sha256 FROM storage_screened")]

    def items(self) -> list[tuple[str, str, str]]:
        """Upstream, item and bytes of everything that was ever linked."""
        return self._db.execute(
            "SELECT DISTINCT upstream, item, sha256 FROM storage_linked WHERE upstream <> ?", (OWN,)
        ).fetchall()

    def last(self, table: str) -> int:
        """The number of the newest row of a table of decisions."""
        query = f"SELECT max(number) FROM storage_{table}"  # one of two names of the test's own
        return int(self._db.execute(query).fetchone()[0])

    def before_the_walk(self) -> None:
        """What was decided until now has counted for long."""
        for table in ("opinion", "approval"):
            for (number,) in self._db.execute(f"SELECT number FROM storage_{table}"):
                self.written[table, number] = 0.0

    def decided_before(self) -> None:
        """Start anew: what was decided until now has counted for long, on the basis of now."""
        self.before_the_walk()
        newest = "SELECT basis FROM storage_screened ORDER BY number DESC LIMIT 1"
        self.bases = [(0.0, row[0]) for row in self._db.execute(newest)]

    def wanted(self, name: str) -> bool:
        """Whether these bytes may lie on the disk: somebody may see them, or nobody has looked."""
        facts, now = self._facts(), time.time()
        basis = self.bases[-1][1]
        return (name, basis) not in facts.screened or any(
            self._allows(facts, name, band, now, basis) for band in AgeBand
        )

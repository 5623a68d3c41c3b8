"""A walk: people search, look, share, decide and switch while upstreams lie; all of it by lot.

The same seed takes the same steps, though not at the same moments: workers and upstreams are real.
Every answer is shown to the oracle.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256 as sha256_of
from typing import TYPE_CHECKING, Any

import httpx2

from perisai.gateway.clients import age_secret, sign_age
from perisai.gateway.links import Links
from perisai.gateway.search.background import sweep
from perisai.gateway.secrets import signing_secret
from perisai.matching.lists import Entry, Kind, ListStore
from perisai.storage.records import ApiKey, Approval, Opinion
from perisai.terms import YOUNGEST, AgeBand, Label
from tests.gateway.proof.oracle import GRACE, MEDIA, UNDER_13, Oracle, Violation

if TYPE_CHECKING:
    from tests.gateway.proof.liar import World
    from tests.gateway.proof.running import Running

WORDS = ("cat", "a cat", "kucing", "fun", "seksama", "bokep", "pendidikan seks", "cat dance", "")
STEPS = {
    "search": 26, "browse": 8, "look": 20, "tamper": 8, "any_link": 10, "posts": 5, "share": 4,
    "world": 14, "decide": 4, "approve": 8, "switch": 2, "list": 0.4, "sweep": 1, "mend": 6,
}  # fmt: skip
"""What happens, and how often."""
KEEP = ("older", "platform")
"""Who stays as old as they are: else a walk might be one of children alone, who see little."""
START = (("child", "6-9"), ("preteen", "10-12"), ("teen", "13-15"), ("older", "16-17"))


@dataclass
class Person:
    """Somebody with a key, or nobody: ``bands`` is since when they are served as for which band."""

    name: str
    key: str = ""
    bands: list[tuple[float, AgeBand]] = field(default_factory=list)
    revoked: float = 0.0
    signs: bool = False

    def ages(self, since: float) -> set[AgeBand]:
        """For which bands they may have been served after ``since``."""
        begin = since - GRACE
        before = [band for at, band in self.bands if at <= begin][-1:]
        return {*before, *(band for at, band in self.bands if at > begin)}


@dataclass
class Link:
    """A media link as it stood in an answer, and to whom it was given as which band."""

    url: str
    name: str
    owner: Person
    band: AgeBand | None


class Walk:
    """See the module. ``run`` raises Violation with the last steps."""

    def __init__(self, running: Running, world: World, seed: object) -> None:
        self.running = running
        self.world = world
        self.dice = random.Random(f"walk {seed}")
        home = running.settings.home
        bands = {n: s.bands for n, s in running.settings.gateway.upstreams.items()}
        self.oracle = Oracle(home / "gateway.sqlite3", running.base, world.port, bands)
        self.secret = signing_secret(running.settings)
        self.http = httpx2.Client(timeout=20)
        self.lists = ListStore(home)
        self.nobody = Person("", bands=[(0.0, YOUNGEST)])
        self.people = [self._join(name, AgeBand(band)) for name, band in START]
        self.people += [self._join("adult", AgeBand.ADULT), self._join("platform", AgeBand.ADULT)]
        self.people[-1].signs = True
        self.gone: list[Person] = []
        self.links: list[Link] = []
        self.numbers: list[str] = []
        self.cursors: list[str] = []
        self.record: list[str] = []
        self.slowest = 0.0
        """Longest time that a decision took to count, of those that were waited for."""
        self._listed = 0.0
        self._basis()
        self.oracle.before_the_walk()

    def run(self, steps: int, *only: str) -> None:
        """Take so many steps, of these kinds alone if any are named."""
        names = list(only or STEPS)
        weights = [STEPS[name] for name in names]
        for _ in range(steps):
            step = self.dice.choices(names, weights)[0]
            try:
                getattr(self, f"_{step}")()
            except Violation as error:
                told = "\n".join(self.record[-12:])
                raise Violation(f"{error}\n--- the last steps:\n{told}") from error

    def close(self) -> None:
        self.http.close()

    # ---- asking

    def _get(
        self, url: str, person: Person, band: AgeBand | None = None, **headers: str
    ) -> tuple[httpx2.Response, float]:
        """Ask as this person; ``band`` is signed. Gives the answer and the moment before."""
        sent = dict(headers)
        if person.key:
            sent["X-Perisai-Key"] = person.key
        if band is not None:
            secret = age_secret(self.secret, sha256_of(person.key.encode()).hexdigest())
            sent["X-Perisai-Age"] = sign_age(secret, band, int(time.time()) + 600)
        since = time.time()
        got = self.http.get(url if "://" in url else self.running.base + url, headers=sent)
        self._basis()
        return got, since

    def _someone(self) -> tuple[Person, AgeBand | None]:
        person = self.dice.choice([*self.people, self.nobody, *self.gone[-1:]])
        return person, self.dice.choice(list(AgeBand)) if person.signs else None

    def _ages(self, person: Person, band: AgeBand | None, since: float) -> set[AgeBand]:
        if band is None:
            return person.ages(since)
        # A key that was revoked signs nothing any more.
        return {band} | ({YOUNGEST} if person.revoked else set())

    def _search(self) -> None:
        person, band = self._someone()
        text = self.dice.choice(WORDS)
        number = self.dice.choice(self.numbers) if self.numbers else "none"
        place, asked = self.dice.choice(
            (
                ("/v2/search", {"q": text}),
                ("/v2/search", {"q": text, "random": "true"}),
                ("/v2/search", {"q": text, "pos": self._cursor()}),
                ("/v2/featured", {"pos": self._cursor()}),
                ("/v2/featured", {}),
                ("/v2/categories", {}),
                ("/v2/autocomplete", {"q": "c"}),
                ("/v2/search_suggestions", {"q": text}),
                ("/v2/trending_terms", {}),
                ("/v1/gifs/search", {"q": text, "offset": self.dice.choice((0, 5, 25))}),
                ("/v1/gifs/trending", {}),
                ("/v1/gifs/random", {"tag": text} if text else {}),
                ("/v1/gifs/translate", {"s": text, "weirdness": 5}),
                ("/v1/gifs/related", {"gif_id": number}),
                ("/v1/gifs/categories", {}),
                ("/v1/gifs/categories/x/cat", {}),
                ("/v1/gifs/search/tags", {"q": "c"}),
                ("/v1/trending/searches", {}),
                ("/v1/stickers/search", {"q": text}),
            )
        )
        asked |= self.dice.choice(({}, {"limit": 5}, {"limit": 50}, {"contentfilter": "high"}))
        self._page(f"{place}?{httpx2.QueryParams(asked)}", person, band)

    def _posts(self) -> None:
        person, band = self._someone()
        some = self.dice.sample(self.numbers, min(len(self.numbers), 8))
        if some:
            base = self.dice.choice(("/v2/posts?ids=", "/v1/gifs?ids=", "/v1/gifs/"))
            self._page(base + (some[0] if base.endswith("/") else ",".join(some)), person, band)

    def _page(self, url: str, person: Person, band: AgeBand | None) -> list[Link]:
        self.record.append(f"{person.name or 'nobody'} ({band or ''}) asks {url}")
        got, since = self._get(url, person, band)
        if got.status_code >= 500 and got.status_code != 503:
            raise Violation(f"status {got.status_code} for {url}: {got.text[:300]}")
        self.oracle.page(got.text, self._ages(person, band, since), since)
        if got.status_code != 200:
            return []
        links = [
            Link(self.running.base + match[0], match[1], person, band)
            for match in MEDIA.finditer(got.text)
        ]
        self.links = [*self.links, *links][-400:]
        found = got.json()
        items = found.get("results") or found.get("data") or ()
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, dict) and item.get("id"):
                self.numbers.append(item["id"])
        del self.numbers[:-200]
        if found.get("next"):
            self.cursors.append(found["next"])
        return links

    def _cursor(self) -> str:
        """A cursor of this walk's, whoever got it for whatever, or one made up."""
        forged = ("1.giphy.MA", "0.openverse.MXgyMA", "5.catalogue.MA", "7", "x.y.z", "0.perisai.")
        return self.dice.choice([*self.cursors[-5:], *forged])

    # ---- looking

    def _browse(self) -> None:
        """Do what a picker does: search, and show what was found."""
        person = self.dice.choice([each for each in self.people if not each.signs])
        if self.dice.random() < 0.5:
            person = next(each for each in self.people if each.name == "older")
        found = self._page("/v2/featured?limit=50", person, None)
        for link in self.dice.sample(found, min(4, len(found))):
            got, since = self._get(link.url, person)
            self.oracle.media(link.name, got.status_code, got.content, person.ages(since), since)

    def _look(self) -> None:
        """Fetch a file as its link says: by whoever got it, or by somebody it was sent to."""
        if not self.links:
            return
        link = self.dice.choice(self.links)
        person, band = (link.owner, link.band) if self.dice.random() < 0.6 else self._someone()
        url = link.url
        if self.dice.random() < 0.5:
            url = url.partition("?")[0]
        self._fetch(url, link.name, person, band, link)

    def _fetch(
        self, url: str, name: str, person: Person, band: AgeBand | None, link: Link | None = None
    ) -> None:
        how = self.dice.choice(("whole", "whole", "whole", "head", "part", "known"))
        self.record.append(f"{person.name or 'nobody'} ({band or ''}) fetches {how} {url}")
        headers = {}
        start = self.dice.choice((0, 1, 100))
        if how == "part":
            headers = {"Range": f"bytes={start}-{start + 500}"}
        elif how == "known":
            headers = {"If-None-Match": self.dice.choice((f'"{name}"', "*", f'W/"{name}", "x"'))}
        if how == "head":
            since = time.time()
            sent = {"X-Perisai-Key": person.key} if person.key else {}
            got, band = self.http.head(url, headers=sent), None
            self._basis()
        else:
            got, since = self._get(url, person, band, **headers)
        ages = self._ages(person, band, since)
        if link is not None and "?v=" in url and not person.key:
            # A ticket shows its client's previews to whoever holds the link, for minutes.
            # It names the client, whatever their key is by now.
            ages.add(YOUNGEST)
            for each in (link.owner, *self.people):
                if each.name == link.owner.name:
                    ages |= self._ages(each, link.band, since)
        if person.revoked:
            ages.add(YOUNGEST)
        if got.status_code == 206:
            self.oracle.part(name, start, got.content, ages, since)
        elif how == "head" and got.status_code == 200:
            self.oracle.may(name, ages, since)
        else:
            self.oracle.media(name, got.status_code, got.content, ages, since)

    def _tamper(self) -> None:
        """Ask with links that were never given out; none may open anything."""
        if len(self.links) < 2:
            return
        one, two = self.dice.sample(self.links, 2)
        path, _, ticket = one.url.partition("?")
        before, _, last = path.rpartition("/")
        other = two.url.partition("?")[0].rpartition("/")[2]
        if other == last:
            return
        person = self.dice.choice(self.people)
        stale = Links(self.secret, seconds=3600, clock=lambda: time.time() - 3 * 3600)
        bad = self.dice.choice(
            (
                f"{before}/{other}",
                path.replace("/media/", "/media/f"),
                f"{before[:-1]}{'A' if before[-1] != 'A' else 'B'}/{last}",
                f"{before}/{last.partition('.')[0]}.mp4",
                self.running.base + stale._path(one.name, "gif"),
                self.running.base + Links(b"x" * 32, seconds=3600)._path(one.name, "gif"),
            )
        )
        self.record.append(f"{person.name} tampers {bad}")
        got, _ = self._get(bad, person)
        if got.status_code not in (404, 410) or got.content:
            raise Violation(f"a link never given out is answered with {got.status_code}: {bad}")
        if ticket:  # somebody's ticket on another file is worth nothing
            self._fetch(f"{two.url.partition('?')[0]}?{ticket}", two.name, self.nobody, None)

    def _any_link(self) -> None:
        """Ask for anything ever screened by a link rightly signed, as one given out before was."""
        shas = self.oracle.shas()
        if shas:
            name = self.dice.choice(shas)
            links = Links(self.secret, seconds=3600)
            kind = self.dice.choice(("gif", "gif", "webp"))
            person, band = self._someone()
            self._fetch(self.running.base + links._path(name, kind), name, person, band)

    def _share(self) -> None:
        if self.numbers:
            number = self.dice.choice(self.numbers)
            self._page(f"/v2/registershare?id={number}", self.dice.choice(self.people), None)

    # ---- deciding

    def _decide(self) -> None:
        served = sorted(self.oracle.bodies)
        shas = self.oracle.shas()
        if not shas:
            return
        name = self.dice.choice(served if served and self.dice.random() < 0.7 else shas)
        score = self.dice.choice((1.0, 1.0, 0.0))
        label = self.dice.choice((Label.EXPLICIT, Label.EXPLICIT, Label.SUGGESTIVE))
        self.record.append(f"{label} {score} is said of {name}")
        row = Opinion(name, label, score, "siti", "", _now())
        before = len(self.running.store.opinions([name]).get(name, ()))
        self.running.store.add_opinion(row)
        self._noted("opinion")
        assert len(self.running.store.opinions([name])[name]) == before + 1
        if score and label is Label.EXPLICIT and self.dice.random() < 0.4:
            self._until_gone(name, list(AgeBand))

    def _approve(self) -> None:
        items = self.oracle.items()
        if not items:
            return
        upstream, item, sha = self.dice.choice(items)
        fit = self.dice.random() < 0.75
        bands = self.dice.choice((UNDER_13, UNDER_13[1:], UNDER_13[2:])) if fit else ()
        sha = sha if fit else ""
        self.record.append(f"{upstream} {item} is approved for {bands} with {sha[:8]}")
        self.running.store.approve(
            Approval(upstream, "item", item, frozenset(bands), sha, "siti", "", _now())
        )
        self._noted("approval")

    def _until_gone(self, name: str, bands: list[AgeBand]) -> None:
        """Wait until the decision counts; raises Violation if that takes too long."""
        platform = next(person for person in self.people if person.signs)
        path = Links(self.secret, seconds=3600)._path(name, "gif")
        begun = time.time()
        while True:
            asked = time.time() - begun
            if all(self._get(path, platform, b)[0].status_code != 200 for b in bands):
                self.slowest = max(self.slowest, asked)
                return
            if asked > GRACE:
                raise Violation(f"{name} is still served {asked:.1f} seconds after the decision")
            time.sleep(0.1)

    def _switch(self) -> None:
        """Revoke somebody's key, and give them another, of another band maybe."""
        person = self.dice.choice([each for each in self.people if each.name not in KEEP])
        self.running.store.revoke_key(person.name, _now())
        person.revoked = time.time()
        person.bands.append((person.revoked, YOUNGEST))
        self.gone.append(person)
        band = self.dice.choice(list(AgeBand))
        self.people[self.people.index(person)] = self._join(person.name, band)
        self.record.append(f"{person.name} is now {band}")

    def _join(self, name: str, band: AgeBand) -> Person:
        key = f"{name}-{self.dice.getrandbits(64):x}"
        known = self.running.store.keys()
        if any(each.name == name and not each.revoked for each in known):
            self.running.store.revoke_key(name, _now())  # of another walk, here before
        both = frozenset({"tenor", "giphy"})
        digest = sha256_of(key.encode()).hexdigest()
        self.running.store.add_key(
            ApiKey(name, digest, band, both, 10**6, shadow=False, webhook="", created=_now())
        )
        return Person(name, key, [(0.0, band)])

    def _list(self) -> None:
        """Put a file that is served on a hash list: it must go, whatever the model says."""
        served = sorted(self.oracle.bodies)
        if not served:
            return
        name = self.dice.choice(served)
        if not self.lists.all():
            self.lists.create("known", source="the walk", label=Label.LISTED)
        self.record.append(f"{name} is listed")
        self.lists.add("known", [Entry(Kind.SHA256, bytes.fromhex(name))])
        self._listed = time.time()
        self._until_gone(name, list(AgeBand))

    # ---- around it

    def _world(self) -> None:
        self.record.append(self.world.change())

    def _sweep(self) -> None:
        bench = self.running.gateway.bench
        deleted = self.running.call(sweep(bench.objects, bench.verdicts))
        self.record.append(f"swept {deleted}")

    def _mend(self) -> None:
        """As if the pauses had passed that upstreams are left alone for after failures."""
        self.record.append("the upstreams are tried again")
        for upstream in self.running.gateway.bench.upstreams.values():
            way: Any = getattr(upstream, "_http", None)
            for breaker in (way._lists_breaker, way._files_breaker) if way else ():
                breaker._failed, breaker._until = 0, None

    def _basis(self) -> None:
        basis = self.running.call(self.running.local.basis())
        bases = self.oracle.bases
        if not bases or bases[-1][1] != basis:
            bases.append((self._listed or 0.0, basis))

    def _noted(self, table: str) -> None:
        number = self.oracle.last(table)
        self.oracle.written[table, number] = time.time()


def _now() -> datetime:
    return datetime.now(UTC)

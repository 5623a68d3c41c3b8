"""Runs the suite against the real Screener, and judges each clip with both detectors."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perisai.matching.lists import ListStore, entries_of
from perisai.screening import Screener, ScreenResult
from perisai.screening.fingerprint import fingerprint_file
from perisai.settings import Settings
from perisai.settings.model import ScreeningSection
from perisai.terms import Label, Source
from tests.attacks import material
from tests.attacks.suite import Attack, Clip, make, make_clean
from tests.common import tinymodel, writers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL import Image

LIST = "stand-ins"
DETECTORS = ("hash list", "model")
MODEL_FINDS = 0.5


@dataclass
class Count:
    """How one detector did on one attack."""

    clips: int = 0
    found: int = 0
    beyond: list[str] = field(default_factory=list)
    """Not found, and the picture alone is not recognised either."""
    missed: list[str] = field(default_factory=list)
    """Not found, although the picture alone is recognised: a fault of the pipeline."""

    @property
    def share(self) -> float:
        """Found, of all clips."""
        return self.found / self.clips if self.clips else 1.0


@dataclass
class Outcome:
    """One attack's counts by detector, and the files that could not be screened."""

    attack: str
    counts: dict[str, Count] = field(default_factory=lambda: {name: Count() for name in DETECTORS})
    unscreenable: list[str] = field(default_factory=list)


@contextmanager
def screener(folder: Path) -> Iterator[Screener]:
    """Make the list of stand-ins and the tiny model in ``folder``, and open a Screener on them."""
    originals = folder / "originals"
    originals.mkdir(parents=True)
    files = []
    for number in range(material.STAND_INS):
        files.append(originals / f"stand-in-{number}.png")
        files[-1].write_bytes(writers.still(material.original(number), "PNG"))
    for number in range(material.MOVING):
        files.append(originals / f"moving-{number}.png")
        files[-1].write_bytes(writers.apng(list(material.moving(number))))
    settings = Settings(
        home=folder / "home",
        screening=ScreeningSection(models=(tinymodel.NAME,), lists=(LIST,)),
        models={tinymodel.NAME: tinymodel.table(tinymodel.write(folder))},
    )
    _list(settings, files)
    with Screener(settings) as ready:
        yield ready


def _list(settings: Settings, files: Sequence[Path]) -> None:
    """Put every distinct frame of the files on the list, as ``perisai lists add`` does."""
    store = ListStore(settings.home)
    store.create(LIST, source="attack suite", label=Label.LISTED)
    for file in files:
        store.add(LIST, entries_of(fingerprint_file(file, settings)))


def recognised(result: ScreenResult) -> dict[str, bool]:
    """Tell which detectors found the stand-in."""
    score = result.scores.get(tinymodel.NAME, {}).get(Label.EXPLICIT, 0.0)
    listed = any(f.source is Source.HASH and f.label is Label.LISTED for f in result.findings)
    return dict(zip(DETECTORS, (listed, score >= MODEL_FINDS), strict=True))


def try_attack(screen: Screener, attack: Attack) -> Outcome:
    """Make all clips of an attack, screen them, and look into each that was not found."""
    outcome = Outcome(attack.name)
    clips = [make(attack, number) for number in range(attack.clips)]
    for clip, result in _screened(screen, clips):
        name = f"{clip.number}: {clip.about}"
        if result.error is not None:
            outcome.unscreenable.append(f"{name} ({result.error.code})")
        found = recognised(result)
        alone = found if all(found.values()) else _alone(screen, clip)
        for detector, count in outcome.counts.items():
            count.clips += 1
            if found[detector]:
                count.found += 1
            else:
                (count.missed if alone[detector] else count.beyond).append(name)
    return outcome


def false_alarms(screen: Screener, clips: int) -> list[str]:
    """Screen clips with nothing in them and name those in which something was found."""
    made = [make_clean(number) for number in range(clips)]
    return [
        f"{clip.number}: {clip.about}, by {detector}"
        for clip, result in _screened(screen, made)
        for detector, found in recognised(result).items()
        if found or result.error is not None
    ]


def _alone(screen: Screener, clip: Clip) -> dict[str, bool]:
    """Tell which detectors recognise the changed stand-in when it is all that they are shown.

    First as it was before it was encoded; then as it comes out of the file, each frame by itself
    and decoded without Perisai, since small palettes and strong compression change it further.
    """
    assert clip.still is not None
    before = _recognised_still(screen, clip.still)
    if not any(before.values()):
        return before
    after = [_recognised_still(screen, frame) for frame in material.decode(clip.data)]
    return {name: before[name] and any(one[name] for one in after) for name in DETECTORS}


def _recognised_still(screen: Screener, still: Image.Image) -> dict[str, bool]:
    return recognised(screen.screen(writers.still(still, "PNG"), name="alone.png"))


def _screened(screen: Screener, clips: Sequence[Clip]) -> Iterator[tuple[Clip, ScreenResult]]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda clip: screen.screen(clip.data, name=str(clip.number)), clips)
        yield from zip(clips, results, strict=True)

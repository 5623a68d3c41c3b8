"""``perisai doctor``: what this machine can do, and what is missing."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from perisai.matching.lists import Matcher
    from perisai.models.registry import Model
    from perisai.settings import Settings


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: all right or not, and what was seen or what to do."""

    name: str
    good: bool
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> int:
    """Check the settings, workers, engine, models and lists, and measure this machine.

    Exit status 0 if everything is in order, 1 if something is missing.
    """
    from perisai import settings
    from perisai.errors import PerisaiError

    checks: list[Check] = [_machine()]
    speed: dict[str, float] = {}
    try:
        chosen = settings.load()
        checks.append(Check("settings", good=True, detail=_settings_text(chosen)))
        checks.append(_store(chosen))
        more, speed = _pipeline(chosen)
        checks += more
    except PerisaiError as error:
        if str(error) not in {check.detail for check in checks}:
            checks.append(Check(error.code, good=False, detail=str(error)))
    good = all(check.good for check in checks)
    if as_json:
        found: dict[str, Any] = {"good": good, "speed": speed}
        found["checks"] = [vars(check) for check in checks]
        click.echo(json.dumps(found))
    else:
        for check in checks:
            mark = click.style("✓", fg="green") if check.good else click.style("✗", fg="red")
            click.echo(f"{mark} {check.name:<10} {check.detail}")
        if speed:
            click.echo(
                f"  speed      {speed['frames_per_second']:.0f} distinct frames a second "
                f"({speed['decode_ms']:.1f} ms decoding and {speed['model_ms']:.1f} ms model each)"
            )
    return 0 if good else 1


def _machine() -> Check:
    import os

    import psutil

    memory = psutil.virtual_memory()
    text = (
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {memory.available / 2**30:.1f} GiB of memory free"
    )
    return Check("machine", good=memory.available > 2**30, detail=text)


def _settings_text(chosen: Settings) -> str:
    file = chosen.file or "no file (defaults and environment)"
    return f"{file}; state in {chosen.home}"


def _store(chosen: Settings) -> Check:
    """Look for damage where lists are kept, before a look-up mends what it can."""
    from perisai.errors import ListError
    from perisai.matching.lists import ListStore

    store = ListStore(chosen.home)
    if not store.path.exists():
        return Check("store", good=True, detail="no lists are kept yet")
    try:
        faults = store.faults()
        if faults:
            detail = (
                f"{store.path}: {'; '.join(faults)}; restore it from a backup, and find out what "
                "else writes to it"
            )
            return Check("store", good=False, detail=detail)
        faults = store.index_faults()
    except ListError as error:
        return Check("store", good=False, detail=str(error))
    if faults:
        told = "; ".join(fault.rstrip(".") for fault in faults)
        mend = "`perisai lists rebuild-index` makes it anew."
        return Check("store", good=False, detail=f"{told}. {mend}")
    whole = f"{store.path}, its log of changes and its index are whole"
    return Check("store", good=True, detail=whole)


def _pipeline(chosen: Settings) -> tuple[list[Check], dict[str, float]]:
    from perisai.screening import Screener

    with Screener(chosen) as screener:
        checks = [Check("model", good=True, detail=_model_text(model)) for model in screener.models]
        limits = screener.options.limits
        checks.append(
            Check(
                "limits",
                good=True,
                detail=f"{limits.max_bytes >> 20} MiB, {limits.max_pixels:,} pixels and "
                f"{limits.max_frames:,} frames a file; worker {chosen.worker.memory_mb} MiB, "
                f"{chosen.worker.cpu_seconds} s",
            )
        )
        checks.append(_lists(screener.matcher))
        checks.append(Check("policy", good=True, detail=f"{screener.policy.name}, for {_bands()}"))
        made = _moving_gif()
        result = [screener.screen(made) for _ in range(3)][-1]
        failed = result.error
        checks.append(
            Check("screening", failed is None, failed.message if failed else "a made GIF: screened")
        )
        looked = max(result.coverage.classified, 1)
        model_ms = result.stages_ms["model"]
        decode_ms = sum(result.stages_ms.values()) - model_ms
        return checks, {
            "frames_per_second": round(1e3 * looked / result.elapsed_ms, 1),
            "decode_ms": round(decode_ms / looked, 2),
            "model_ms": round(model_ms / looked, 2),
        }


def _model_text(model: Model) -> str:
    labels = ", ".join(sorted(model.labels))
    return f"{model.name} ({model.spec.licence}) says {labels}; runs on {model.engine.name}"


def _lists(matcher: Matcher) -> Check:
    names = ", ".join(f"{found.name} ({found.count:,})" for found in matcher.lists)
    late = f"; expired: {', '.join(matcher.expired)}" if matcher.expired else ""
    return Check("lists", good=not matcher.expired, detail=(names or "none yet") + late)


def _bands() -> str:
    from perisai.terms import AgeBand

    return ", ".join(AgeBand)


def _moving_gif() -> bytes:
    """Make a GIF of 32 different frames of moving noise: the worst case for decoding."""
    from io import BytesIO

    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(1).integers(0, 256, (16, 24, 3), np.uint8)
    # A fixed palette: finding the best one for noise would take seconds.
    frames = [
        Image.fromarray(np.roll(noise, step, axis=(0, 1))).resize((360, 240)).convert("P")
        for step in range(32)
    ]
    with BytesIO() as file:
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
        return file.getvalue()

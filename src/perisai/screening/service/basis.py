"""What evidence rests on, in 64 hexadecimal digits: the same digits, the same answer."""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

from perisai import __version__
from perisai.errors import ModelChanged
from perisai.models import files
from perisai.models.registry import model_specs
from perisai.policy import Policy

if TYPE_CHECKING:
    from perisai.screening.screener import Screener
    from perisai.settings import Settings

FORMAT = 1
"""Grows when the pipeline finds other things than before in the same bytes."""

PACKAGES = ("av", "openvino", "onnxruntime", "pillow")
"""Those whose versions may change what is seen in a file."""

_NOT_IN_RESULTS = frozenset({"inputs", "hashes", "variants", "stills", "named"})


def choices(settings: Settings) -> str:
    """Everything an operator chose that changes results, lists apart.

    Needs neither the models nor the engine: two processes with the same choices see the same.
    Raises PolicyError or SettingsError.
    """
    chosen = settings.screening
    policy = Policy.load(chosen.policy).generation
    specs = model_specs({name: settings.models.get(name, {}) for name in chosen.models})
    return _digest(
        {
            "format": FORMAT,
            "perisai": __version__,
            "home": str(settings.home.absolute()),
            "policy": policy,
            "models": [spec.generation for spec in specs],
            "screening": chosen.model_dump(mode="json", exclude={"policy", "age_band", "jobs"}),
            "media": settings.media.model_dump(),
            "worker": settings.worker.model_dump(exclude={"jobs_per_worker"}),
        }
    )


def model_files(settings: Settings) -> dict[str, str]:
    """SHA-256 of each chosen model's file, by name: the pinned one, or that of what is there now.

    Raises SettingsError, ModelMissing or ModelChanged.
    """
    names = settings.screening.models
    specs = model_specs({name: settings.models.get(name, {}) for name in names})
    return {
        spec.name: spec.sha256 or hashlib.sha256(files.read(spec)).hexdigest() for spec in specs
    }


def open_screener(settings: Settings, jobs: int) -> tuple[Screener, str]:
    """Make a screener, and the fixed part of the basis of what it finds.

    Raises what :class:`Screener` raises, and ModelChanged if a file changed under our hands.
    """
    from perisai.screening.screener import Screener  # noqa: PLC0415 - a client never needs it

    before = model_files(settings)
    screener = Screener(settings, jobs=jobs)
    try:
        if model_files(settings) != before:
            raise ModelChanged("a model's file changed while it was loaded; start again")
        return screener, _fixed(screener, before)
    except BaseException:
        screener.close()
        raise


def with_lists(fixed: str, mark: str) -> str:
    """Return the basis: the fixed part and the mark of the hash lists (``Matcher.mark``)."""
    return _digest([fixed, mark])


def _fixed(screener: Screener, hashes: dict[str, str]) -> str:
    options = screener.options.to_json()
    return _digest(
        {
            "format": FORMAT,
            "perisai": __version__,
            "packages": {name: _version(name) for name in PACKAGES},
            "models": [
                [model.generation, hashes[model.name], model.engine.name]
                for model in screener.models
            ],
            "policy": screener.policy.generation,
            "options": {name: options[name] for name in options if name not in _NOT_IN_RESULTS},
            "worker": screener.settings.worker.model_dump(exclude={"jobs_per_worker"}),
        }
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _digest(values: Any) -> str:  # noqa: ANN401 - anything that JSON can say
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

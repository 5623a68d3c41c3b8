"""Finds a model's file and makes sure that it is the pinned one. Never downloads anything."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import ModelChanged, ModelMissing
from perisai.models.builtin import EXTRAS

if TYPE_CHECKING:
    from perisai.models.spec import ModelSpec


def locate(spec: ModelSpec) -> Path:
    """Return the path of the model's file.

    A package is only looked up, not imported: importing the packages that carry the models would
    load their own inference engine and, with NudeNet, OpenCV. Raises ModelMissing.
    """
    if spec.file is not None:
        path = Path(spec.file).expanduser()
        if not path.is_file():
            raise ModelMissing(
                f"model {spec.name}: there is no file {path}; correct models.{spec.name}.file"
            )
        return path
    package, filename = spec.package or "", spec.filename or ""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        found = None
    for folder in (found.submodule_search_locations if found else None) or ():
        path = Path(folder, filename)
        if path.is_file():
            return path
    extra = EXTRAS.get(spec.name)
    how = f"pip install 'perisai[{extra}]'" if extra else f"pip install {package.replace('_', '-')}"
    raise ModelMissing(
        f"model {spec.name}: the package {package} with {filename} is not installed; run {how}"
    )


def read(spec: ModelSpec) -> bytes:
    """Return the verified bytes of the model's file; raises ModelMissing or ModelChanged.

    The bytes that were hashed are the bytes that the engine gets, so nobody can exchange the file
    in between.
    """
    path = locate(spec)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"model {spec.name}: {path} cannot be read ({error.strerror})"
        ) from error
    if spec.sha256 is not None:
        actual = hashlib.sha256(data).hexdigest()
        if actual != spec.sha256:
            raise ModelChanged(
                f"model {spec.name}: {path} has SHA-256 {actual}, pinned is {spec.sha256}; install "
                "the version of the package that this Perisai names, or pin the new file yourself"
            )
    return data

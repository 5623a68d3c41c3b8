"""Opens the inference engine for a model: OpenVINO where it can be imported, else onnxruntime.

Which one is faster was measured, not guessed: ``docs/decisions/0006-inference-engine.md``.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from perisai.errors import ModelError, ModelMissing
from perisai.models import files

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.models.spec import ModelSpec

EngineChoice = Literal["auto", "openvino", "onnxruntime"]
PrecisionChoice = Literal["auto", "mixed", "bf16", "f32"]


class Engine(Protocol):
    """A model ready to run."""

    name: str
    """The engine and the precision it computes in, such as ``openvino f32``."""

    approximate: bool
    """Whether ``exact=True`` makes a difference."""

    def run(self, batch: NDArray[np.uint8], *, exact: bool = False) -> NDArray[np.float32]:
        """Return the output tensor for (n, height, width, 3) uint8 RGB views; first axis is n.

        ``exact`` asks for f32 of an engine that usually computes in bf16.
        Several threads may call this at once. Raises ModelError.
        """


def open_engine(
    spec: ModelSpec,
    *,
    engine: EngineChoice = "auto",
    precision: PrecisionChoice = "auto",
    threads: int | None = None,
    cache_dir: Path | None = None,
) -> Engine:
    """Verify the model's file and open it.

    ``threads`` is the number of processor cores to use (None: all that this process may use).
    ``cache_dir`` keeps what OpenVINO compiled, for a faster start the next time. ``precision``
    "auto" is "mixed" on processors with instructions for bf16 and f32 elsewhere; "mixed" computes
    in bf16 and again in f32 what came out doubtful (see ``registry``), "bf16" leaves that away.
    Raises ModelMissing, ModelChanged, or ModelError where file and spec do not fit together.
    """
    data = files.read(spec)
    cores = threads or usable_cores()
    chosen = engine if engine != "auto" else best_engine()
    if chosen == "openvino":
        if not _importable("openvino"):
            raise ModelMissing("engine openvino is not installed; pip install openvino")
        from perisai.models.engine_openvino import OpenVinoEngine  # noqa: PLC0415 (heavy)

        wanted = precision if precision != "auto" else best_precision()
        return OpenVinoEngine(spec, data, precision=wanted, threads=cores, cache_dir=cache_dir)
    if precision in ("mixed", "bf16"):
        raise ModelError("engine onnxruntime computes in f32 only; set precision to f32 or auto")
    if not _importable("onnxruntime"):
        raise ModelMissing("engine onnxruntime is not installed; pip install onnxruntime")
    from perisai.models.engine_onnxruntime import OnnxRuntimeEngine  # noqa: PLC0415 (heavy)

    return OnnxRuntimeEngine(spec, data, threads=cores)


def best_engine() -> Literal["openvino", "onnxruntime"]:
    """Name the engine that "auto" takes."""
    return "openvino" if _importable("openvino") else "onnxruntime"


def best_precision() -> Literal["mixed", "f32"]:
    """Name the precision that "auto" takes: bf16 helps only where the processor computes in it.

    OpenVINO also offers bf16 on AVX-512 processors that merely emulate it, slower than f32. So the
    processor's own flags decide, which Linux alone gives away; elsewhere it is f32.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return "f32"
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "f32"
    line = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return "mixed" if {"avx512_bf16", "amx_bf16"} & set(line.split()) else "f32"


def usable_cores() -> int:
    """Count the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pictures_per_second(engine: Engine, spec: ModelSpec, seconds: float = 0.5) -> float:
    """Measure an engine for about ``seconds`` on noise, in batches of 32 (for doctor and bench)."""
    shape = (32, spec.input.height, spec.input.width, 3)
    batch = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    engine.run(batch)
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        engine.run(batch)
        done += len(batch)
    return done / (time.perf_counter() - began)


def _importable(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False

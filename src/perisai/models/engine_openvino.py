"""Runs a model with OpenVINO on the processor."""

from __future__ import annotations

import queue
import sys
import threading
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from perisai.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from perisai.models.spec import ModelSpec

BATCH = 8
"""Pictures in one inference: measured best from 4 to 8, larger only costs memory."""

_Running = tuple[Any, "NDArray[np.uint8]"]
_IMPORT_LOCK = threading.Lock()
_CONVERTER = "openvino.tools.ovc"


def import_openvino() -> Any:  # noqa: ANN401 (an untyped package)
    """Import OpenVINO without its model converter, which reports every import to its maker.

    ``import openvino`` loads the converter as a convenience, and loading it sends a usage event
    over the network and writes a client number into the home directory. Perisai screens material
    that nobody else may learn about, so the converter stays out; OpenVINO itself passes over its
    absence.
    """
    with _IMPORT_LOCK:
        if "openvino" not in sys.modules and _CONVERTER not in sys.modules:
            # None makes the import system raise ImportError for this name.
            sys.modules[_CONVERTER] = None  # type: ignore[assignment]
            try:
                import openvino  # noqa: PLC0415 (heavy)
                import openvino.preprocess  # noqa: PLC0415
            finally:
                del sys.modules[_CONVERTER]
        import openvino  # noqa: PLC0415

        return openvino


class OpenVinoEngine:
    """A compiled network for batches of eight, and one for single pictures, made when first needed.

    Fixed sizes run about 6 % faster than a network of any size, and a tail of single pictures costs
    less than a padded batch. With precision ``mixed`` there are the same two in f32, for what the
    caller wants to know exactly. All threads that call :meth:`run` share the infer requests.
    """

    def __init__(
        self,
        spec: ModelSpec,
        data: bytes,
        *,
        precision: Literal["mixed", "bf16", "f32"],
        threads: int,
        cache_dir: Path | None,
    ) -> None:
        self.name = f"openvino {'bf16 and f32' if precision == 'mixed' else precision}"
        self.approximate = precision == "mixed"
        self._usual = "f32" if precision == "f32" else "bf16"
        self._spec = spec
        self._ov = import_openvino()
        self._core = self._ov.Core()
        self._cache_dir = cache_dir
        self._streams = min(threads, 4)
        self._config: dict[str, Any] = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": self._streams,
            # The decoding workers need the same cores: let the system place the threads.
            "ENABLE_CPU_PINNING": False,
        }
        self._lock = threading.Lock()
        self._pools: dict[tuple[int, str], queue.LifoQueue[Any]] = {}
        self._fixed = self._open(data)

    def run(self, batch: NDArray[np.uint8], *, exact: bool = False) -> NDArray[np.float32]:
        """Return the output tensor for (n, height, width, 3) uint8 RGB views; see Engine."""
        spec = self._spec.input
        if batch.dtype != np.uint8 or batch.shape[1:] != (spec.height, spec.width, 3):
            raise ModelError(
                f"model {self._spec.name}: views of {batch.shape} do not fit its input"
            )
        batch = np.ascontiguousarray(batch)
        precision = "f32" if exact else self._usual
        parts = [
            part
            for start, stop in self._cuts(len(batch))
            for part in self._run_sized(batch[start:stop], self._size(stop - start), precision)
        ]
        if not parts:
            return np.empty((0, len(self._spec.output.classes)), np.float32)
        return np.concatenate(parts)[: len(batch)]

    def _size(self, count: int) -> int:
        """How many pictures go into one inference for a stretch of ``count``."""
        return self._fixed or (BATCH if count >= BATCH else 1)

    def _cuts(self, count: int) -> list[tuple[int, int]]:
        """Cut n pictures into a stretch of whole batches and a tail."""
        whole = 0 if self._fixed else count - count % BATCH
        return [(a, b) for a, b in ((0, whole), (whole, count)) if a < b]

    def _run_sized(
        self, batch: NDArray[np.uint8], size: int, precision: str
    ) -> list[NDArray[np.float32]]:
        """Run batches of ``size`` side by side on the free requests of the pool."""
        pool = self._pool(size, precision)
        results: list[NDArray[np.float32]] = []
        # Each request with its pixels: it reads them where they lie, so they must stay alive.
        running: list[_Running] = []
        try:
            for start in range(0, len(batch), size):
                request = self._request(pool, running, results)
                chunk = batch[start : start + size]
                if len(chunk) < size:  # only where the network's own batch size is fixed
                    chunk = np.concatenate([chunk, np.repeat(chunk[-1:], size - len(chunk), 0)])
                running.append((request, chunk))
                request.set_input_tensor(self._ov.Tensor(chunk, shared_memory=True))
                request.start_async()
            while running:
                results.append(self._collect(running[0]))
                pool.put(running.pop(0)[0])
        except RuntimeError as error:
            raise ModelError(f"model {self._spec.name}: inference failed: {error}") from error
        finally:
            for request, _ in running:
                request.wait()
                pool.put(request)
        return results

    def _request(
        self,
        pool: queue.LifoQueue[Any],
        running: list[_Running],
        results: list[NDArray[np.float32]],
    ) -> Any:  # noqa: ANN401 (an untyped package)
        """Take a free request, or else finish our oldest one.

        Waiting for somebody else's request while holding some of our own could block for ever.
        """
        try:
            return pool.get(block=not running)
        except queue.Empty:
            results.append(self._collect(running[0]))
            return running.pop(0)[0]

    def _collect(self, running: _Running) -> NDArray[np.float32]:
        request = running[0]
        request.wait()
        tensor = request.get_output_tensor(self._output).data
        return np.array(tensor, np.float32)

    def _open(self, data: bytes) -> int:
        """Read the network and fold the preparation of the pixels into it; return a fixed batch."""
        ov, spec = self._ov, self._spec.input
        try:
            network = self._core.read_model(model=data)
            if len(network.inputs) != 1:
                raise ModelError(f"model {self._spec.name}: it must have exactly one input")
            sides = network.input(0).get_partial_shape()
            steps = ov.preprocess.PrePostProcessor(network)
            source = steps.input(0)
            source.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
            source.tensor().set_color_format(ov.preprocess.ColorFormat.RGB)
            prepare = source.preprocess()
            if spec.channels == "BGR":
                prepare.convert_color(ov.preprocess.ColorFormat.BGR)
            if any(spec.mean) or spec.std != (1.0, 1.0, 1.0):
                prepare.convert_element_type(ov.Type.f32)
                prepare.mean(list(spec.mean)).scale(list(spec.std))
            source.model().set_layout(ov.Layout(spec.layout))
            self._network = steps.build()
            self._output = self._output_index()
        except RuntimeError as error:
            raise ModelError(f"model {self._spec.name}: its file does not fit: {error}") from error
        first = sides[0] if sides.rank.is_static else None
        return int(first.get_length()) if first is not None and first.is_static else 0

    def _output_index(self) -> int:
        name = self._spec.output.name
        if name is None:
            return 0
        for index, output in enumerate(self._network.outputs):
            if name in output.get_names():
                return index
        known = ", ".join(sorted(each for out in self._network.outputs for each in out.get_names()))
        raise ModelError(f"model {self._spec.name}: no output is called {name}; known: {known}")

    def _pool(self, size: int, precision: str) -> queue.LifoQueue[Any]:
        key = (size, precision)
        with self._lock:
            if key not in self._pools:
                compiled = self._compile(size, precision)
                pool: queue.LifoQueue[Any] = queue.LifoQueue()
                for _ in range(self._streams):
                    pool.put(compiled.create_infer_request())
                self._pools[key] = pool
            return self._pools[key]

    def _compile(self, size: int, precision: str) -> Any:  # noqa: ANN401 (an untyped package)
        spec = self._spec.input
        config = {**self._config, "INFERENCE_PRECISION_HINT": precision}
        if self._cache_dir is not None:
            self._cache_dir.mkdir(parents=True, exist_ok=True)
            config["CACHE_DIR"] = str(self._cache_dir)
        try:
            if not self._fixed:
                self._network.reshape([size, spec.height, spec.width, 3])
            return self._core.compile_model(self._network, "CPU", config)
        except RuntimeError as error:
            raise ModelError(f"model {self._spec.name}: cannot be compiled: {error}") from error

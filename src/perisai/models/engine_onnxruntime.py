"""Runs a model with onnxruntime on the processor, in f32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perisai.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.models.spec import ModelSpec

_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}
BATCH = 8


class OnnxRuntimeEngine:
    """One session; onnxruntime itself allows several threads to run it at once."""

    def __init__(self, spec: ModelSpec, data: bytes, *, threads: int) -> None:
        import onnxruntime  # noqa: PLC0415 (heavy)

        self.name = "onnxruntime f32"
        self.approximate = False
        self._spec = spec
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(f"model {spec.name}: its file does not fit: {error}") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise ModelError(f"model {spec.name}: it must have exactly one input")
        if inputs[0].type not in _TYPES:
            raise ModelError(f"model {spec.name}: an input of {inputs[0].type} cannot be filled")
        self._input = inputs[0].name
        self._type = _TYPES[inputs[0].type]
        first = inputs[0].shape[0]
        self._fixed = first if isinstance(first, int) else 0
        self._output = self._output_name()

    def run(
        self,
        batch: NDArray[np.uint8],
        *,
        exact: bool = False,  # noqa: ARG002 (it always is)
    ) -> NDArray[np.float32]:
        """Return the output tensor for (n, height, width, 3) uint8 RGB views; see Engine."""
        spec = self._spec.input
        if batch.dtype != np.uint8 or batch.shape[1:] != (spec.height, spec.width, 3):
            raise ModelError(
                f"model {self._spec.name}: views of {batch.shape} do not fit its input"
            )
        if not len(batch):
            return np.empty((0, len(self._spec.output.classes)), np.float32)
        size = self._fixed or BATCH
        parts = [self._run_one(batch[at : at + size]) for at in range(0, len(batch), size)]
        return np.concatenate(parts)[: len(batch)]

    def _run_one(self, chunk: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._fixed and len(chunk) < self._fixed:
            chunk = np.concatenate([chunk, np.repeat(chunk[-1:], self._fixed - len(chunk), 0)])
        try:
            (result,) = self._session.run([self._output], {self._input: self._prepare(chunk)})
        except Exception as error:
            raise ModelError(f"model {self._spec.name}: inference failed: {error}") from error
        return np.asarray(result, np.float32)

    def _prepare(self, chunk: NDArray[np.uint8]) -> NDArray[Any]:
        """Do in NumPy what the OpenVINO engine folds into the network."""
        spec = self._spec.input
        pixels: NDArray[Any] = chunk[..., ::-1] if spec.channels == "BGR" else chunk
        if any(spec.mean) or spec.std != (1.0, 1.0, 1.0):
            pixels = pixels - np.array(spec.mean, np.float32)
            pixels /= np.array(spec.std, np.float32)
        if spec.layout == "NCHW":
            pixels = pixels.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(pixels, self._type)

    def _output_name(self) -> str:
        known = [output.name for output in self._session.get_outputs()]
        name = self._spec.output.name
        if name is not None and name not in known:
            raise ModelError(
                f"model {self._spec.name}: no output is called {name}; known: {', '.join(known)}"
            )
        return name or str(known[0])

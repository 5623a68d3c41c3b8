"""Does it look explicit? Classifiers and detectors behind one interface.

``spec`` and ``preprocess`` are light enough for the decoding worker; ``registry`` and ``engine``
belong to the parent process and load an inference engine when a model is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.models.spec import InputSpec, ModelSpec, spec_from_mapping

if TYPE_CHECKING:
    from perisai.models.registry import Look, Model, Region, load_models, model_specs

__all__ = [
    "InputSpec",
    "Look",
    "Model",
    "ModelSpec",
    "Region",
    "load_models",
    "model_specs",
    "spec_from_mapping",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (whatever the name stands for)
    if name in __all__:
        from perisai.models import registry  # noqa: PLC0415 (the worker must stay light)

        return getattr(registry, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

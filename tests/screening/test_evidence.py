"""Nothing that a taken-over decoder says gets by: it is nonsense, and the file is withheld."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from perisai.errors import WorkerDied
from perisai.media.limits import MediaLimits
from perisai.models.builtin import BUILT_IN
from perisai.screening.evidence import Evidence
from perisai.screening.options import PrepareOptions
from perisai.screening.prepare import prepare
from tests.common import drawn, writers
from tests.common.screening import clip

OPTIONS = PrepareOptions(inputs=(BUILT_IN["opennsfw"].input,), stills=True)


def messages_of(data, options=OPTIONS):
    return list(prepare(options.to_json(), data))


def fed(messages, options=OPTIONS):
    evidence = Evidence(options)
    batches = [batch for message in messages for batch in evidence.take(message)]
    evidence.check_over()
    return evidence, batches


@pytest.fixture(scope="module")
def honest():
    """A clip of five frames of which the last two repeat the first two, as four messages."""
    frames = [drawn.stand_in(number, 120, 90) for number in range(3)]
    messages = messages_of(clip([*frames, *frames[:2]]))
    assert [m.head["kind"] for m in messages] == ["media", "frames", "end"]
    return messages


def test_an_honest_worker_is_believed(honest):
    evidence, batches = fed(copy.deepcopy(honest))
    assert evidence.size == (120, 90)
    assert (evidence.facts.type, evidence.facts.frames, evidence.facts.duration_ms) == (
        "gif", 5, 400,
    )  # fmt: skip
    coverage = evidence.coverage()
    assert (coverage.frames, coverage.classified, coverage.looks, coverage.hashed) == (5, 3, 3, 5)
    assert coverage.max_residual == 0
    assert [shown.frame for batch in batches for shown in batch.shown] == [0, 1, 2]
    assert sorted(evidence.stills) == [0, 1, 2]
    assert len(evidence.hashes) == len(evidence.hash_owners)


def test_a_transparent_clip_counts_its_frames_once_and_its_pictures_twice():
    evidence, _ = fed(messages_of(writers.apng([drawn.sticker(1, n / 3) for n in range(3)])))
    assert evidence.facts.frames == 3
    assert evidence.coverage().frames == 6


def change(index, key, value):
    """Put ``value`` (or what it makes of the old one) under a key of the header."""

    def do(messages):
        head = messages[index].head
        head[key] = value(head[key]) if callable(value) else value

    return do


def drop(index, key):
    def do(messages):
        message = messages[index]
        del (message.head if key in message.head else message.arrays)[key]

    return do


def array(name, make):
    """Replace an array of the frames' message by what ``make`` makes of it."""

    def do(messages):
        messages[1].arrays[name] = make(messages[1].arrays[name])

    return do


def cell(row, column, value):
    def do(messages):
        messages[1].arrays["table"][row, column] = value

    return do


def at(name, place, value):
    def do(messages):
        messages[1].arrays[name][place] = value

    return do


def longer(messages):
    messages.append(messages[-1])


def twice(messages):
    messages.insert(1, copy.deepcopy(messages[0]))


def frames_twice(messages):
    messages.insert(2, copy.deepcopy(messages[1]))


def frames_first(messages):
    messages[0], messages[1] = messages[1], messages[0]


def one_frame_less(messages):
    """Leave the last displayed frame out, but not from the number of frames."""
    arrays = messages[1].arrays
    arrays["table"], arrays["residuals"] = arrays["table"][:-1], arrays["residuals"][:-1]


def one_view_less(messages):
    """Keep one picture from the model: the one that it must not see."""
    arrays = messages[1].arrays
    arrays["views0"], arrays["view_rows0"] = arrays["views0"][:-1], arrays["view_rows0"][:-1]


def no_hashes(messages):
    del messages[1].arrays["hashes"], messages[1].arrays["hash_rows"]


NONSENSE = {
    "no kind": drop(1, "kind"),
    "unknown kind": change(1, "kind", "thanks"),
    "no width": drop(0, "width"),
    "width of text": change(0, "width", "120"),
    "width of a truth": change(0, "width", True),  # noqa: FBT003 - the point
    "no height at all": change(0, "height", 0),
    "unknown type": change(0, "type", "exe"),
    "type of a list": change(0, "type", ["gif"]),
    "two beginnings": twice,
    "frames before the beginning": frames_first,
    "the same frames again": frames_twice,
    "two ends": longer,
    "no table": drop(1, "table"),
    "no residuals": drop(1, "residuals"),
    "flat table": array("table", np.ravel),
    "narrow table": array("table", lambda a: a[:, :5]),
    "table of floats": array("table", lambda a: a.astype(float)),
    "table of infinity": array("table", lambda a: a + math.inf),
    "negative frame": cell(0, 0, -1),
    "frame left out": cell(4, 0, 9),
    "frame number going back": cell(4, 0, 0),
    "negative time": cell(0, 1, -5),
    "time going back": cell(4, 1, 1),
    "no such representative": cell(4, 2, 77),
    "new under an old name": cell(4, 3, 1),
    "flag that is none": cell(4, 3, 2),
    "background that is none": cell(4, 4, 7),
    "residuals too few": array("residuals", lambda a: a[1:]),
    "residual not a number": at("residuals", 3, math.nan),
    "residual without end": at("residuals", 3, math.inf),
    "negative residual": at("residuals", 3, -1.0),
    "residual over the bound": at("residuals", 3, 12.5),
    "no sizes": drop(1, "sizes"),
    "sizes too few": array("sizes", lambda a: a[1:]),
    "sizes of floats": array("sizes", lambda a: a.astype(float)),
    "size of nothing": at("sizes", (2, 1), 0),
    "no views": drop(1, "views0"),
    "no owners of views": drop(1, "view_rows0"),
    "a view kept back": one_view_less,
    "views of another size": array("views0", lambda a: a[:, :200]),
    "views of floats": array("views0", lambda a: a.astype(np.float32)),
    "views of a frame that needs none": array("view_rows0", lambda a: a + 1),
    "views of negative rows": array("view_rows0", lambda a: a - 9),
    "hashes of another length": array("hashes", lambda a: a[:, :31]),
    "hashes of floats": array("hashes", lambda a: a.astype(np.float32)),
    "hashes too few": array("hashes", lambda a: a[1:]),
    "hashes of nobody": array("hash_rows", lambda a: a + 100),
    "hashes of negative rows": array("hash_rows", lambda a: a - 100),
    "owners in a square": array("hash_rows", lambda a: a[:, None]),
    "owners of floats": array("hash_rows", lambda a: a.astype(float)),
    "hashes without owners": drop(1, "hash_rows"),
    "hashes kept back": no_hashes,
    "a new picture without a hash": cell(0, 5, -1),
    "no stills": drop(1, "stills"),
    "stills of another size": array("stills", lambda a: a[:, :10]),
    "stills of floats": array("stills", lambda a: a.astype(np.float32)),
    "stills too few": array("stills", lambda a: a[1:]),
    "a frame less than it says": one_frame_less,
    "frames less than it sent": change(2, "frames", 1),
    "frames of text": change(2, "frames", "5"),
    "no duration": drop(2, "duration_ms"),
    "negative duration": change(2, "duration_ms", -1),
    "carries a number": change(2, "carries", 5),
    "stages that are none": change(2, "stages_ms", [1, 2]),
    "stages of text": change(2, "stages_ms", {"decode": "soon"}),
    "no end": lambda messages: messages.pop(),
    "no frames": lambda messages: messages.pop(1),
    "nothing at all": lambda messages: messages.clear(),
}  # fmt: skip


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_counts_as_a_worker_that_died(honest, what):
    messages = copy.deepcopy(honest)
    NONSENSE[what](messages)
    with pytest.raises(WorkerDied, match="withheld"):
        fed(messages)


def test_a_worker_that_passes_frames_over_against_the_order_is_not_believed(honest):
    options = PrepareOptions(inputs=OPTIONS.inputs, stills=True, every_frame=True)
    with pytest.raises(WorkerDied, match="passed over"):
        fed(copy.deepcopy(honest), options)


def test_a_worker_that_keeps_the_border_view_back_is_not_believed():
    wide = clip([drawn.stand_in(1, 180, 60)])
    never = PrepareOptions(inputs=OPTIONS.inputs, whole="never")
    with pytest.raises(WorkerDied, match="views"):
        fed(messages_of(wide, never), PrepareOptions(inputs=OPTIONS.inputs))


def test_more_pictures_than_any_file_may_have_are_not_kept(honest):
    few = PrepareOptions(inputs=OPTIONS.inputs, stills=True, limits=MediaLimits(max_frames=2))
    with pytest.raises(WorkerDied, match="number of pictures"):
        fed(copy.deepcopy(honest), few)


def test_what_was_not_asked_for_is_not_kept(honest):
    plain = PrepareOptions(inputs=OPTIONS.inputs, hashes=False)
    evidence, _ = fed(copy.deepcopy(honest), plain)
    assert not evidence.stills
    assert not evidence.hash_owners
    assert evidence.coverage().hashed == 0


def test_a_workers_words_cannot_drive_the_terminal(honest):
    messages = copy.deepcopy(honest)
    change(2, "carries", ["a \x1b[31mred\x07 thing", "x" * 10_000])(messages)
    evidence, _ = fed(messages)
    assert evidence.facts.carries[0] == "a  [31mred  thing"
    assert len(evidence.facts.carries[1]) <= 300
    messages = copy.deepcopy(honest)
    change(1, "kind", "\x1b[31m")(messages)
    with pytest.raises(WorkerDied) as caught:
        fed(messages)
    assert str(caught.value).isprintable()


def test_what_was_seen_before_it_broke_is_still_known(honest):
    evidence = Evidence(OPTIONS)
    for message in copy.deepcopy(honest)[:2]:
        evidence.take(message)
    assert evidence.coverage().frames == 5
    assert len(evidence.representatives) == 3
    with pytest.raises(WorkerDied, match="before the end"):
        evidence.check_over()


def test_a_held_frame_has_the_hash_of_the_one_before():
    still = drawn.stand_in(1, 120, 90)
    evidence, _ = fed(messages_of(clip(writers.held(still, 4))))
    assert evidence.coverage().hashed == 4
    assert evidence.clip() is not None


def test_a_single_picture_is_no_clip():
    evidence, _ = fed(messages_of(writers.still(drawn.stand_in(1), "PNG")))
    assert evidence.clip() is None

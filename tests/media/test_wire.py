"""The wire carries JSON and numbers, and its reader believes nothing."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.media import wire
from perisai.media.wire import Message, WireClosed, WireError, WireLimits

DTYPES = ["uint8", "int16", "int32", "int64", "float32", "float64"]


@pytest.fixture
def pair():
    one, two = socket.socketpair()
    with one, two:
        one.settimeout(0)
        two.settimeout(0)
        yield one, two


def travel(message, **options):
    one, two = socket.socketpair()
    with one, two:
        thread = threading.Thread(target=wire.send, args=(one, "message", message))
        thread.start()
        try:
            return wire.receive(two, **options)[1]
        finally:
            two.close()
            thread.join()


def envelope(header, body=b""):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return b"PSW1" + struct.pack("<I", len(raw)) + raw + body


def described(*arrays):
    return {"kind": "message", "head": {}, "arrays": list(arrays)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 0, 4), (16, 7, 7, 3)])
def test_arrays_arrive_as_they_were(dtype, shape):
    array = np.arange(int(np.prod(shape)), dtype=dtype).reshape(shape)
    arrived = travel(Message({"a": [1, None, "é"]}, {"x": array, "y": array[..., None]}))
    assert arrived.head == {"a": [1, None, "é"]}
    assert arrived.arrays["x"].dtype == array.dtype
    assert arrived.arrays["x"].shape == shape
    np.testing.assert_array_equal(arrived.arrays["x"], array)
    assert arrived.arrays["y"].shape == (*shape, 1)
    assert arrived.arrays["x"].flags.writeable


def test_strided_and_foreign_endian_arrays_arrive_by_value():
    arrays = {"t": np.arange(12, dtype="int32").reshape(3, 4).T, "b": np.arange(4, dtype=">i4")}
    arrived = travel(Message({}, arrays))
    np.testing.assert_array_equal(arrived.arrays["t"], arrays["t"])
    np.testing.assert_array_equal(arrived.arrays["b"], [0, 1, 2, 3])


def test_large_arrays_pass_in_pieces():
    array = np.random.default_rng(0).integers(0, 256, (40, 320, 320, 3), dtype=np.uint8)
    np.testing.assert_array_equal(travel(Message({}, {"x": array})).arrays["x"], array)


@pytest.mark.parametrize(
    "message",
    [
        Message({}, {"x": np.array(["text"])}),
        Message({}, {"x": np.array([object()])}),
        Message({}, {"x": np.zeros(3, "uint64")}),
        Message({}, {"": np.zeros(3)}),
        Message({"x": float("nan")}),
        Message({"x": {1, 2}}),
        Message({}, {"x": np.zeros(65 << 20, np.uint8)}),
        Message({"x": "y" * (5 << 20)}),
    ],
)
def test_what_would_be_refused_is_not_sent(pair, message):
    with pytest.raises(WireError):
        wire.send(pair[0], "message", message)
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], deadline=time.monotonic())


HOSTILE = {
    "garbage": b"\x80\x04\x95 a pickle, perhaps" * 4,
    "endless header": b"PSW1" + b"\xff\xff\xff\xff" + b"x" * 100,
    "empty header": b"PSW1" + b"\0\0\0\0",
    "not json": envelope(b"{'kind'"),
    "not utf-8": envelope(b'{"kind": "\xff"}'),
    "a list": envelope(b"[1, 2]"),
    "deep": envelope(b"[" * 100_000),
    "nan": envelope(b'{"kind": "message", "head": {"a": NaN}, "arrays": []}'),
    "long number": envelope(
        b'{"kind": "message", "head": {"a": ' + b"9" * 10_000 + b'}, "arrays": []}'
    ),
    "missing field": envelope({"kind": "message", "head": {}}),
    "extra field": envelope({**described(), "more": 1}),
    "kind is no word": envelope({"kind": 1, "head": {}, "arrays": []}),
    "head is no object": envelope({"kind": "message", "head": [], "arrays": []}),
    "arrays is no list": envelope({"kind": "message", "head": {}, "arrays": {}}),
    "many arrays": envelope(described(*[[str(n), "uint8", [0]] for n in range(65)])),
    "same name": envelope(described(["a", "uint8", [0]], ["a", "uint8", [0]])),
    "long name": envelope(described(["a" * 65, "uint8", [0]])),
    "name is no text": envelope(described([None, "uint8", [0]])),
    "object array": envelope(described(["a", "object", [1]])),
    "odd type": envelope(described(["a", "V4000000000", [1]])),
    "type is no text": envelope(described(["a", ["uint8"], [1]])),
    "negative": envelope(described(["a", "uint8", [-1, -1]])),
    "bool side": envelope(described(["a", "uint8", [True]])),
    "float side": envelope(described(["a", "uint8", [1.0]])),
    "no shape": envelope(described(["a", "uint8", None])),
    "two fields": envelope(described(["a", "uint8"])),
    "many dimensions": envelope(described(["a", "uint8", [1] * 9])),
    "overflow": envelope(described(["a", "float64", [2**32, 2**32]])),
    "overflow behind a zero": envelope(described(["a", "float64", [0, 2**26, 2**26, 2**26]])),
    "too large together": envelope(described(*[[str(n), "uint8", [2**21]] for n in range(33)])),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_a_wire_error(pair, name):
    pair[0].sendall(HOSTILE[name])
    with pytest.raises(WireError) as caught:
        wire.receive(pair[1], deadline=time.monotonic() + 5)
    assert not isinstance(caught.value, WireClosed)  # refused, and not merely cut short


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_bytes_are_a_message_or_a_wire_error(data):
    """Bytes at random, and real envelopes with a few bytes changed or cut off."""
    good = envelope(described(["a", "int16", [2, 3]], ["b", "uint8", [1]]), bytes(13))
    raw = bytearray(data.draw(st.one_of(st.binary(max_size=64), st.just(good))))
    for _ in range(data.draw(st.integers(0, 4))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    del raw[data.draw(st.integers(0, len(raw))) :]
    one, two = socket.socketpair()
    with one, two:
        one.sendall(raw)
        one.close()
        try:
            kind, message = wire.receive(two)
        except WireError:
            return
        assert isinstance(kind, str)
        assert all(array.dtype.name in DTYPES for array in message.arrays.values())


def test_nothing_is_allocated_before_the_whole_header_is_checked(pair):
    limits = WireLimits(body_bytes=1000)
    pair[0].sendall(envelope(described(["a", "uint8", [900]], ["b", "uint8", [101]])))
    with pytest.raises(WireError, match="over 1000 bytes"):
        wire.receive(pair[1], limits=limits)


def test_the_end_of_the_stream_is_told_apart(pair):
    pair[0].sendall(envelope(described(["a", "uint8", [10]]), b"12345"))
    pair[0].close()
    with pytest.raises(WireClosed):
        wire.receive(pair[1])


def test_bytes_that_trickle_in_do_not_extend_the_deadline(pair):
    stop = threading.Event()

    def trickle():
        pair[0].sendall(b"PSW1\xff\xff\x00\x00")
        while not stop.wait(0.005):
            pair[0].sendall(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    began = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            wire.receive(pair[1], deadline=began + 0.2)
    finally:
        stop.set()
        thread.join()
    assert time.monotonic() - began < 5


def test_sending_to_one_who_does_not_read_ends_at_the_deadline(pair):
    with pytest.raises(TimeoutError):
        wire.send(
            pair[0],
            "message",
            Message({}, {"x": np.zeros(32 << 20, np.uint8)}),
            deadline=time.monotonic() + 0.1,
        )


def test_sending_to_one_who_has_gone(pair):
    pair[1].close()
    with pytest.raises(WireClosed):
        wire.send(pair[0], "message", Message({}))

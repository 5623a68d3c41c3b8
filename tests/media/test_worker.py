"""What the worker tells of an exception."""

from __future__ import annotations

import json

import pytest

from perisai.errors import BrokenMedia, TooLarge
from perisai.media.worker import error_head, load_target, ran_out_of_memory


def raised(*chain):
    """The last of several exceptions, each raised from the one before."""
    caught = None
    for exc in chain:
        try:
            raise exc from caught
        except Exception as again:  # noqa: BLE001 - whatever was given
            caught = again
    return caught


def test_targets_are_found_by_name():
    assert load_target("json:dumps") is json.dumps
    with pytest.raises(AttributeError):
        load_target("json:nothing")


def test_our_own_errors_keep_code_and_words():
    head = error_head(raised(TooLarge("65535 x 65535 pixels")))
    assert (head["code"], head["text"]) == ("too_large", "65535 x 65535 pixels")
    assert "Traceback" in head["detail"]


def test_others_are_broken_media_with_their_kind():
    head = error_head(raised(KeyError("secret path")))
    assert head["code"] == "broken_media"
    assert head["text"] == "the file could not be decoded (KeyError); it is withheld"
    assert "secret path" in head["detail"]


def test_details_are_bounded():
    assert len(error_head(raised(ValueError("x" * 100_000)))["detail"]) <= 4000


@pytest.mark.parametrize(
    ("chain", "memory"),
    [
        ([MemoryError()], True),
        ([MemoryError(), OSError(), BrokenMedia("cannot decode")], True),
        ([BrokenMedia("cannot decode")], False),
        ([ValueError(), BrokenMedia("cannot decode")], False),
    ],
)
def test_a_wrapped_memory_error_is_still_one(chain, memory):
    exc = raised(*chain)
    assert ran_out_of_memory(exc) is memory
    assert (error_head(exc)["code"] == "worker_memory") is memory


def test_a_ring_of_causes_ends():
    one, two = ValueError(), ValueError()
    one.__cause__, two.__cause__ = two, one
    assert not ran_out_of_memory(one)

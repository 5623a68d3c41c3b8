"""Proof of work: the browser computes for a moment while somebody writes, so that floods cost.

Nobody is asked to do anything, and nothing is kept back: what comes without a proof, because no
JavaScript runs or it was not done in time, is taken all the same and waits behind the others. The
puzzle is ALTCHA's (version 2, PBKDF2): signed, good for as long as the form, and bound to the one
form that it stands in, so that a solution is of use once only and no list of used ones is kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import TYPE_CHECKING

import altcha
from django.utils.crypto import salted_hmac

from perisai.desk.public.drafts import LASTS_SECONDS

if TYPE_CHECKING:
    from perisai.desk.public.drafts import Draft

ALGORITHM = "PBKDF2/SHA-256"
COST = 5_000
"""Rounds of one try. Some 256 tries are needed: about a second on a desk, a few on a phone."""
LONGEST = 4_000
_SALT = "perisai.work"


def challenge(draft: Draft) -> str:
    """The puzzle for one form, as JSON; empty if it is solved already."""
    if draft.work:
        return ""
    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        expires_at=int(time.time()) + LASTS_SECONDS,
        data={"form": _form(draft)},
        hmac_secret=_secret(),
    )
    return json.dumps(made.to_dict(), separators=(",", ":"))


def proven(text: str, draft: Draft) -> bool:
    """Whether this solves a puzzle of ours, in time, and for this form. Never raises."""
    if not text or len(text) > LONGEST:
        return False
    try:
        said = json.loads(base64.b64decode(text, validate=True))
        parameters = said["challenge"]["parameters"]
        # What is dear to check is what we asked for, and nothing that somebody else chose.
        ours = parameters["algorithm"] == ALGORITHM and parameters["cost"] == COST
        if not ours or parameters["data"] != {"form": _form(draft)}:
            return False
        return altcha.verify_solution(text, _secret()).verified
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return False


def with_work(draft: Draft, text: str) -> Draft:
    """The draft with the solution that its page sent, if that is one."""
    return draft.solved(text) if not draft.work and proven(text, draft) else draft


def _form(draft: Draft) -> str:
    return hashlib.sha256(draft.once.encode()).hexdigest()[:32]


def _secret() -> bytes:
    return salted_hmac(_SALT, "challenge", algorithm="sha256").digest()

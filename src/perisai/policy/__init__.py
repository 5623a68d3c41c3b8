"""Who may see it? Findings in, a verdict for each age band out.

>>> policy = Policy.load("id")
>>> verdict = policy.judge([Finding(Source.MODEL, Label.EXPLICIT, 0.97)], covered={Label.EXPLICIT})
>>> str(verdict[AgeBand.AGE_3_5].decision), verdict[AgeBand.AGE_3_5].rule
('withhold', 'looks-explicit')

docs/policy.md explains the rules and how to write a policy of one's own.
"""

from __future__ import annotations

from perisai.policy.judging import Policy, shipped
from perisai.policy.rules import Rule
from perisai.policy.sealing import is_abuse, seal
from perisai.policy.verdict import BAND_NAMES, BandVerdict, Language, Text, Verdict
from perisai.terms import AgeBand, Decision, Finding, Label, Source

__all__ = [
    "BAND_NAMES",
    "AgeBand",
    "BandVerdict",
    "Decision",
    "Finding",
    "Label",
    "Language",
    "Policy",
    "Rule",
    "Source",
    "Text",
    "Verdict",
    "is_abuse",
    "seal",
    "shipped",
]

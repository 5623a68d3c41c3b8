"""Who may do what: one list of permissions, one table of roles, and nothing is allowed besides.

docs/desk.md prints the table; the tests try each cell.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """``noun:action``, in the order of the alphabet."""

    APPEAL_DECIDE = "appeal:decide"
    ATTACHMENT_KEEP = "attachment:keep"
    ATTACHMENT_OPEN = "attachment:open"
    ATTACHMENT_PURGE = "attachment:purge"
    CASE_MERGE = "case:merge"
    CASE_NOTE = "case:note"
    CASE_OPEN = "case:open"
    CASE_READ = "case:read"
    CLAIM_DECIDE = "claim:decide"
    CLAIM_SECOND = "claim:second"
    CLOCK_PAUSE = "clock:pause"
    CLOCK_START = "clock:start"
    COMMITMENT_JUDGE = "commitment:judge"
    COMMITMENT_RECORD = "commitment:record"
    COMPLAINT_ANSWER = "complaint:answer"
    COMPLAINT_ENTER = "complaint:enter"
    COMPLAINT_JOIN = "complaint:join"
    COMPLAINT_READ = "complaint:read"
    COMPLAINT_SEAL = "complaint:seal"
    COMPLAINT_TAKE = "complaint:take"
    CONFLICT_NAME = "conflict:name"
    EXPOSURE_MEASURE = "exposure:measure"
    FACTS_AUDIT = "facts:audit"
    FIGURES_READ = "figures:read"
    IDENTITY_READ = "identity:read"
    IMPROVEMENT_ANSWER = "improvement:answer"
    IMPROVEMENT_APPROVE = "improvement:approve"
    IMPROVEMENT_ASK = "improvement:ask"
    IMPROVEMENT_JUDGE = "improvement:judge"
    LIST_AGREE = "list:agree"
    LIST_EXPORT = "list:export"
    LIST_PROPOSE = "list:propose"
    LIST_READ = "list:read"
    LIST_WITHDRAW = "list:withdraw"
    NOTE_AGREE = "note:agree"
    OUTBOX_READ = "outbox:read"
    OUTBOX_RECORD = "outbox:record"
    PEOPLE_MANAGE = "people:manage"
    PERSON_ERASE = "person:erase"
    PREVIEW_AUDIT = "preview:audit"
    PREVIEW_OPEN = "preview:open"
    REFERRAL_READ = "referral:read"
    REFERRAL_REVIEW = "referral:review"
    REFERRAL_SEND = "referral:send"
    RESULT_APPROVE = "result:approve"
    RESULT_DRAFT = "result:draft"
    SAMPLE_SCREEN = "sample:screen"
    SAMPLE_WITHHOLD = "sample:withhold"
    SEAL_UNDO = "seal:undo"
    SUMMONS_APPROVE = "summons:approve"
    SUMMONS_DRAFT = "summons:draft"
    SUMMONS_RECORD = "summons:record"
    SUMMONS_REPLY = "summons:reply"


class Role(StrEnum):
    """What somebody is here. Who has no account is the public, and has no role."""

    INTAKE = "intake"
    REVIEWER = "reviewer"
    CASE_OFFICER = "case-officer"
    COMMISSIONER = "commissioner"
    MINISTRY = "ministry"
    PLATFORM = "platform"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


P = Permission
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.INTAKE: frozenset(
        {P.ATTACHMENT_KEEP, P.ATTACHMENT_OPEN,
         P.FIGURES_READ, P.COMPLAINT_ENTER, P.COMPLAINT_READ, P.COMPLAINT_ANSWER, P.COMPLAINT_SEAL,
         P.COMPLAINT_TAKE, P.COMPLAINT_JOIN, P.CASE_READ, P.CASE_NOTE, P.CASE_OPEN}
    ),
    Role.REVIEWER: frozenset(
        {P.ATTACHMENT_KEEP, P.ATTACHMENT_OPEN,
         P.APPEAL_DECIDE, P.FIGURES_READ, P.COMPLAINT_READ, P.COMPLAINT_SEAL, P.COMPLAINT_TAKE,
         P.COMPLAINT_JOIN, P.CASE_READ, P.CASE_NOTE, P.SAMPLE_SCREEN, P.CLAIM_DECIDE,
         P.CLAIM_SECOND, P.PREVIEW_OPEN, P.REFERRAL_READ, P.REFERRAL_SEND, P.SAMPLE_WITHHOLD,
         P.SEAL_UNDO,
         P.LIST_PROPOSE, P.LIST_AGREE, P.LIST_READ, P.LIST_WITHDRAW}
    ),
    Role.CASE_OFFICER: frozenset(
        {P.ATTACHMENT_KEEP, P.ATTACHMENT_OPEN, P.ATTACHMENT_PURGE,
         P.FIGURES_READ, P.COMPLAINT_ENTER, P.COMPLAINT_READ, P.COMPLAINT_ANSWER, P.COMPLAINT_SEAL,
         P.COMPLAINT_TAKE, P.COMPLAINT_JOIN, P.CASE_READ, P.CASE_NOTE, P.CASE_OPEN, P.SAMPLE_SCREEN,
         P.SUMMONS_DRAFT, P.SUMMONS_RECORD,
         P.COMMITMENT_RECORD, P.COMMITMENT_JUDGE, P.EXPOSURE_MEASURE, P.RESULT_DRAFT,
         P.IMPROVEMENT_ASK, P.IMPROVEMENT_JUDGE,
         P.CONFLICT_NAME, P.CLOCK_PAUSE, P.CLOCK_START, P.CASE_MERGE, P.NOTE_AGREE, P.OUTBOX_READ,
         P.OUTBOX_RECORD, P.LIST_READ}
    ),
    Role.COMMISSIONER: frozenset(
        {P.ATTACHMENT_KEEP, P.ATTACHMENT_OPEN, P.ATTACHMENT_PURGE,
         P.APPEAL_DECIDE, P.FIGURES_READ, P.COMPLAINT_READ, P.COMPLAINT_SEAL, P.COMPLAINT_TAKE,
         P.COMPLAINT_JOIN, P.CASE_READ, P.CASE_NOTE, P.CASE_OPEN, P.SUMMONS_DRAFT,
         P.SUMMONS_APPROVE, P.SUMMONS_RECORD, P.COMMITMENT_RECORD,
         P.IMPROVEMENT_ASK, P.IMPROVEMENT_APPROVE, P.IMPROVEMENT_JUDGE,
         P.COMMITMENT_JUDGE, P.RESULT_DRAFT, P.RESULT_APPROVE, P.IDENTITY_READ, P.PERSON_ERASE,
         P.CONFLICT_NAME,
         P.CLOCK_PAUSE, P.CLOCK_START, P.CASE_MERGE, P.NOTE_AGREE, P.OUTBOX_READ, P.OUTBOX_RECORD,
         P.REFERRAL_READ, P.REFERRAL_REVIEW, P.SEAL_UNDO,
         P.LIST_AGREE, P.LIST_EXPORT, P.LIST_READ, P.LIST_WITHDRAW}
    ),
    Role.MINISTRY: frozenset(
        {P.ATTACHMENT_KEEP, P.ATTACHMENT_OPEN, P.CASE_READ, P.CASE_NOTE, P.IMPROVEMENT_ANSWER}
    ),
    Role.PLATFORM: frozenset({P.SUMMONS_REPLY}),
    Role.AUDITOR: frozenset(
        {P.FIGURES_READ, P.CASE_READ, P.COMPLAINT_READ, P.FACTS_AUDIT, P.OUTBOX_READ,
         P.PREVIEW_AUDIT, P.REFERRAL_READ, P.LIST_READ}
    ),
    Role.ADMINISTRATOR: frozenset({P.PEOPLE_MANAGE, P.FACTS_AUDIT}),
}  # fmt: skip
"""Deny by default: what is not listed here is not allowed."""

"""The forms of the desk. Each names every field that it reads: nothing else that is sent counts."""

from perisai.desk.web.forms.attachments import KeepDocument, PurgeDocument
from perisai.desk.web.forms.cases import (
    Conflict,
    Decide,
    EndStep,
    Measure,
    MeasureByHand,
    Merge,
    Note,
    Nothing,
    OpenCase,
    Pause,
    Sample,
    Split,
    Step,
    Widen,
)
from perisai.desk.web.forms.complaints import Answer, Enter, Hear, Identity, Join
from perisai.desk.web.forms.fields import Form, Seen, end_of
from perisai.desk.web.forms.improvements import (
    AnswerRequest,
    Ask,
    RequestPaper,
    SendAgain,
    SendRequest,
)
from perisai.desk.web.forms.intake import Erase, ProposeAnswer
from perisai.desk.web.forms.letters import (
    Acknowledge,
    Agree,
    Attended,
    Draft,
    Drop,
    EditLetter,
    LetterAnswer,
    Objection,
    Reply,
    Send,
    Verify,
)
from perisai.desk.web.forms.listing import (
    AgreeListing,
    AgreeWithGap,
    ProposeListing,
    RefuseListing,
    WithdrawListing,
)
from perisai.desk.web.forms.opinions import Opinion
from perisai.desk.web.forms.outbox import Received
from perisai.desk.web.forms.outcomes import Promise, Result
from perisai.desk.web.forms.people import Bind, Choose, Hire, Move
from perisai.desk.web.forms.previews import Reveal
from perisai.desk.web.forms.referrals import KeepSeal, QuestionSeal, ReviewReferral
from perisai.desk.web.forms.triage import HandOver, Other, Part, Release, Take
from perisai.desk.web.forms.verifying import Judge, JudgeDocument, JudgeSearch
from perisai.desk.web.forms.withholding import Withhold

__all__ = [
    "Acknowledge",
    "Agree",
    "AgreeListing",
    "AgreeWithGap",
    "Answer",
    "AnswerRequest",
    "Ask",
    "Attended",
    "Bind",
    "Choose",
    "Conflict",
    "Decide",
    "Draft",
    "Drop",
    "EditLetter",
    "EndStep",
    "Enter",
    "Erase",
    "Form",
    "HandOver",
    "Hear",
    "Hire",
    "Identity",
    "Join",
    "Judge",
    "JudgeDocument",
    "JudgeSearch",
    "KeepDocument",
    "KeepSeal",
    "LetterAnswer",
    "Measure",
    "MeasureByHand",
    "Merge",
    "Move",
    "Note",
    "Nothing",
    "Objection",
    "OpenCase",
    "Opinion",
    "Other",
    "Part",
    "Pause",
    "Promise",
    "ProposeAnswer",
    "ProposeListing",
    "PurgeDocument",
    "QuestionSeal",
    "Received",
    "RefuseListing",
    "Release",
    "Reply",
    "RequestPaper",
    "Result",
    "Reveal",
    "ReviewReferral",
    "Sample",
    "Seen",
    "Send",
    "SendAgain",
    "SendRequest",
    "Split",
    "Step",
    "Take",
    "Verify",
    "Widen",
    "WithdrawListing",
    "Withhold",
    "end_of",
]

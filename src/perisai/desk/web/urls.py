"""Every door of the desk, and what it asks for."""

from __future__ import annotations

from perisai.desk.permissions import Permission
from perisai.desk.web import converters
from perisai.desk.web.access import Who, door
from perisai.desk.web.views import (
    accounts,
    cases,
    complaints,
    figures,
    files,
    home,
    improvements,
    intake,
    mail,
    merging,
    opinions,
    outbox,
    outcomes,
    platforms,
    preferences,
    samples,
    search,
    steps,
    summons,
    triage,
)

converters.register()

P = Permission
EVERYONE, SIGNED_IN, STAFF = Who.EVERYONE, Who.SIGNED_IN, Who.STAFF
CASE, LETTER = "cases/<case:key>", "cases/<case:key>/letters/<letter:letter>"
REQUEST = f"{CASE}/improvements/<improvement:item>"
COMPLAINT, MAIL = "complaints/<complaint:key>", "mail/<case:key>/<letter:letter>"


urlpatterns = [
    door("", "home", GET=(STAFF, home.home)),
    # signing in and out, and one's own account
    door("sign-in", "account_login", both=(EVERYONE, accounts.SignIn.as_view())),
    door("sign-in/code", "mfa_authenticate", both=(EVERYONE, accounts.Code.as_view())),
    door("sign-in/closed", "account_inactive", GET=(EVERYONE, accounts.closed)),
    door("sign-out", "account_logout", both=(SIGNED_IN, accounts.SignOut.as_view())),
    door("account", "mfa_index", GET=(SIGNED_IN, accounts.Factors.as_view())),
    door("account/password", "account_change_password",
         both=(SIGNED_IN, accounts.Password.as_view())),
    door("account/confirm", "account_reauthenticate", both=(SIGNED_IN, accounts.Confirm.as_view())),
    door("account/confirm-code", "mfa_reauthenticate",
         both=(SIGNED_IN, accounts.ConfirmByCode.as_view())),
    door("account/factor", "mfa_activate_totp", both=(SIGNED_IN, accounts.AddFactor.as_view())),
    door("account/factor/remove", "mfa_deactivate_totp",
         both=(SIGNED_IN, accounts.RemoveFactor.as_view())),
    door("account/codes", "mfa_view_recovery_codes", GET=(SIGNED_IN, accounts.Codes.as_view())),
    door("account/codes/new", "mfa_generate_recovery_codes",
         both=(SIGNED_IN, accounts.NewCodes.as_view())),
    door("static/<str:digest>/<str:name>", "file", GET=(EVERYONE, files.file)),
    door("language", "language", POST=(EVERYONE, preferences.language)),
    door("keys", "keys", POST=(SIGNED_IN, preferences.keys)),
    # complaints
    door("complaints", "complaints", GET=(P.COMPLAINT_READ, complaints.listed)),
    door("complaints.csv", "complaints-csv", GET=(P.COMPLAINT_READ, complaints.as_csv)),
    door("complaints/new", "complaint-new", GET=(P.COMPLAINT_ENTER, complaints.new),
         POST=(P.COMPLAINT_ENTER, complaints.entered)),
    door(COMPLAINT, "complaint", GET=(P.COMPLAINT_READ, complaints.shown)),
    door(f"{COMPLAINT}/answer", "complaint-answer", POST=(P.COMPLAINT_ANSWER, complaints.answered)),
    door(f"{COMPLAINT}/case", "complaint-join", POST=(P.COMPLAINT_JOIN, complaints.joined)),
    door(f"{COMPLAINT}/identity", "complaint-identity", fresh=True,
         POST=(P.IDENTITY_READ, complaints.identity)),
    door(f"{COMPLAINT}/erase", "complaint-erase", fresh=True,
         POST=(P.PERSON_ERASE, intake.erased)),
    door(f"{COMPLAINT}/appeal", "appeal-propose", POST=(P.APPEAL_DECIDE, intake.proposed)),
    door(f"{COMPLAINT}/appeal/decide", "appeal-decide", fresh=True,
         POST=(P.APPEAL_DECIDE, intake.decided)),
    door(f"{COMPLAINT}/seal", "complaint-seal", POST=(P.COMPLAINT_SEAL, complaints.sealed)),
    door("search", "search", GET=(P.CASE_READ, search.found)),
    # the queue
    door("queue", "queue", GET=(P.COMPLAINT_READ, triage.listed)),
    door("queue.csv", "queue-csv", GET=(P.COMPLAINT_READ, triage.spreadsheet)),
    door("queue/next", "queue-next", POST=(P.COMPLAINT_TAKE, triage.next_one)),
    door(f"{COMPLAINT}/take", "complaint-take", POST=(P.COMPLAINT_TAKE, triage.taken)),
    door(f"{COMPLAINT}/hand-over", "complaint-hand", POST=(P.COMPLAINT_TAKE, triage.handed)),
    door(f"{COMPLAINT}/release", "complaint-release", POST=(P.COMPLAINT_TAKE, triage.released)),
    door(f"{COMPLAINT}/same", "complaint-same", POST=(P.COMPLAINT_JOIN, triage.same)),
    door(f"{COMPLAINT}/apart", "complaint-apart", POST=(P.COMPLAINT_JOIN, triage.apart)),
    door(f"{COMPLAINT}/part", "complaint-part", POST=(P.COMPLAINT_JOIN, triage.parted)),
    # cases
    door("cases", "cases", GET=(P.CASE_READ, cases.listed)),
    door("cases.csv", "cases-csv", GET=(P.CASE_READ, cases.as_csv)),
    door("cases/new", "case-new", GET=(P.CASE_OPEN, cases.new), POST=(P.CASE_OPEN, cases.opened)),
    door(CASE, "case", GET=(P.CASE_READ, cases.shown)),
    door(f"{CASE}/notes", "case-note", POST=(P.CASE_NOTE, cases.noted)),
    door(f"{CASE}/notes/<number:number>/agree", "note-agree", fresh=True,
         POST=(P.NOTE_AGREE, cases.note_agreed)),
    door(f"{CASE}/samples", "case-sample", POST=(P.SAMPLE_SCREEN, samples.screened)),
    door(f"{CASE}/samples/<sha256:sha256>/seal", "sample-seal",
         POST=(P.COMPLAINT_SEAL, samples.sealed)),
    door(f"{CASE}/samples/<sha256:sha256>/gateway", "sample-withhold",
         POST=(P.SAMPLE_WITHHOLD, samples.withheld)),
    door(f"{CASE}/claim", "case-decide", POST=(P.CLAIM_DECIDE, cases.decided)),
    door(f"{CASE}/measure", "case-measure", POST=(P.EXPOSURE_MEASURE, cases.measured)),
    door(f"{CASE}/measured", "case-measured", POST=(P.EXPOSURE_MEASURE, cases.measured_by_hand)),
    door(f"{CASE}/conflict", "case-conflict", POST=(P.CONFLICT_NAME, cases.conflict)),
    door(f"{CASE}/merge", "case-merge", POST=(P.CASE_MERGE, merging.merged)),
    door(f"{CASE}/split", "case-split", POST=(P.CASE_MERGE, merging.split)),
    door(f"{CASE}/steps", "step-begin", POST=(P.CLOCK_START, steps.begun)),
    door(f"{CASE}/clocks/<clock:name>/end", "step-end", POST=(P.CLOCK_START, steps.ended)),
    door(f"{CASE}/clocks/<clock:name>/pause", "clock-pause", POST=(P.CLOCK_PAUSE, cases.paused)),
    door(f"{CASE}/clocks/<clock:name>/resume", "clock-resume", POST=(P.CLOCK_PAUSE, cases.resumed)),
    door("second", "opinions", GET=(P.CLAIM_SECOND, opinions.listed)),
    door("second/<case:key>", "opinion", GET=(P.CLAIM_SECOND, opinions.shown),
         POST=(P.CLAIM_SECOND, opinions.given)),
    # letters
    door("letters", "letters", GET=(P.CASE_READ, summons.listed)),
    door("letters.csv", "letters-csv", GET=(P.CASE_READ, summons.as_csv)),
    door(f"{CASE}/letters", "letter-draft", POST=(P.SUMMONS_DRAFT, summons.drafted)),
    door(f"{LETTER}/text", "letter-redraft", POST=(P.SUMMONS_DRAFT, summons.drafted)),
    door(f"{LETTER}/agree", "letter-agree", fresh=True, POST=(P.SUMMONS_APPROVE, summons.agreed)),
    door(f"{LETTER}/send", "letter-send", POST=(P.SUMMONS_RECORD, summons.sent)),
    door(f"{LETTER}/acknowledge", "letter-acknowledge",
         POST=(P.SUMMONS_RECORD, summons.acknowledged)),
    door(f"{LETTER}/answer", "letter-answer", POST=(P.SUMMONS_RECORD, summons.answered)),
    door(f"{LETTER}/answers/<number:number>/verify", "letter-verify",
         POST=(P.SUMMONS_RECORD, summons.verified)),
    door(f"{LETTER}/objection", "objection-decide",
         POST=(P.SUMMONS_RECORD, summons.objection)),
    door(f"{LETTER}/attended", "letter-attended", POST=(P.SUMMONS_RECORD, summons.attended)),
    door(f"{LETTER}/missed", "letter-missed", POST=(P.SUMMONS_RECORD, summons.missed)),
    door(f"{LETTER}/<language:language>.<form:form>", "letter-file",
         GET=(P.CASE_READ, summons.downloaded)),
    door(f"{LETTER}/drop", "letter-drop", POST=(P.SUMMONS_DRAFT, summons.dropped)),
    # what was promised, and what is made known
    door("commitments", "commitments", GET=(P.CASE_READ, outcomes.listed)),
    door("commitments.csv", "commitments-csv", GET=(P.CASE_READ, outcomes.as_csv)),
    door(f"{CASE}/commitments", "commitment-make", POST=(P.COMMITMENT_RECORD, outcomes.promised)),
    door(f"{CASE}/commitments/<commitment:item>/judge", "commitment-judge",
         POST=(P.COMMITMENT_JUDGE, outcomes.judged)),
    door("improvements", "improvements", GET=(P.CASE_READ, improvements.listed)),
    door("improvements.csv", "improvements-csv", GET=(P.CASE_READ, improvements.as_csv)),
    door(f"{CASE}/improvements", "improvement-ask", POST=(P.IMPROVEMENT_ASK, improvements.asked)),
    door(f"{REQUEST}/agree", "improvement-agree", fresh=True,
         POST=(P.IMPROVEMENT_APPROVE, improvements.agreed)),
    door(f"{REQUEST}/drop", "improvement-drop", POST=(P.IMPROVEMENT_ASK, improvements.dropped)),
    door(f"{REQUEST}/answer", "improvement-answer",
         POST=(P.IMPROVEMENT_ANSWER, improvements.answered)),
    door(f"{REQUEST}/judge", "improvement-judge",
         POST=(P.IMPROVEMENT_JUDGE, improvements.judged)),
    door(f"{CASE}/result", "result-draft", POST=(P.RESULT_DRAFT, outcomes.drafted)),
    door(f"{CASE}/result/agree", "result-agree", fresh=True,
         POST=(P.RESULT_APPROVE, outcomes.agreed)),
    door(f"{CASE}/result/publish", "result-publish", fresh=True,
         POST=(P.RESULT_DRAFT, outcomes.published)),
    # platforms, and their own door
    door("platforms", "platforms", GET=(P.CASE_READ, platforms.listed)),
    door("platform", "platform", GET=(P.CASE_READ, platforms.shown)),
    door("platform.csv", "platform-csv", GET=(P.CASE_READ, platforms.alike)),
    door(MAIL, "mail", GET=(P.SUMMONS_REPLY, mail.shown)),
    door(f"{MAIL}/<language:language>.<form:form>", "mail-file",
         GET=(P.SUMMONS_REPLY, mail.downloaded)),
    door(f"{MAIL}/answer", "mail-answer", POST=(P.SUMMONS_REPLY, mail.answered)),
    # what leaves the house
    door("outbox", "outbox", GET=(P.OUTBOX_READ, outbox.listed)),
    door("outbox.csv", "outbox-csv", GET=(P.OUTBOX_READ, outbox.as_csv)),
    door("outbox/<message:key>/urge", "outbox-urge", POST=(P.OUTBOX_RECORD, outbox.urged)),
    door("outbox/<message:key>/record", "outbox-record", POST=(P.OUTBOX_RECORD, outbox.recorded)),
    door("figures", "figures", GET=(P.FIGURES_READ, figures.listed)),
    door("figures/<figure:name>.csv", "figures-csv", GET=(P.FIGURES_READ, figures.spreadsheet)),
    # the house itself
    door("audit", "audit", GET=(P.FACTS_AUDIT, home.audit), POST=(P.FACTS_AUDIT, home.verified)),
    door("people", "people", GET=(P.PEOPLE_MANAGE, home.people)),
]  # fmt: skip

handler400 = "perisai.desk.web.views.errors.unclear"
handler403 = "perisai.desk.web.views.errors.denied"
handler404 = "perisai.desk.web.views.errors.missing"
handler500 = "perisai.desk.web.views.errors.broken"

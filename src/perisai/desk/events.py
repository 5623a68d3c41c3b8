"""Every kind of fact that the desk writes down. A kind is never renamed: old facts keep theirs."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """What can happen. The comment beside each is its meaning, printed in docs/desk.md."""

    ACCOUNT_ADDED = "account.added"  # somebody may sign in from now on, in this role
    ACCOUNT_ASKED = "account.asked"  # an administrator wants what a second one must agree to
    ACCOUNT_BOUND = "account.bound"  # somebody at an agency signs in with it from now on
    ACCOUNT_CLOSED = "account.closed"  # nobody signs in with it any more
    ACCOUNT_DROPPED = "account.dropped"  # what was asked for will not be
    ACCOUNT_ENDED = "account.ended"  # sessions that were open were ended
    ACCOUNT_ENTERED = "account.entered"  # somebody signed in, and how
    ACCOUNT_INVITED = "account.invited"  # a link was made with which to choose a password, once
    ACCOUNT_JOINED = "account.joined"  # that link was used
    ACCOUNT_LEFT = "account.left"  # somebody signed out
    ACCOUNT_LOCKED = "account.locked"  # too many wrong passwords: nobody gets in for a while
    ACCOUNT_LOOSENED = "account.loosened"  # a second factor was taken away
    ACCOUNT_MOVED = "account.moved"  # the account has another role from now on
    ACCOUNT_RESET = "account.reset"  # password and second factors were taken away
    ACCOUNT_SECURED = "account.secured"  # a second factor was added
    ACCOUNT_UNBOUND = "account.unbound"  # nobody at this agency does any more
    APPEAL_DECIDED = "appeal.decided"  # a second person agreed; who appeals sees the answer
    APPEAL_PROPOSED = "appeal.proposed"  # how an appeal should be answered, and why
    ATTACHMENT_KEPT = "attachment.kept"  # a document is kept with the case, until a day
    ATTACHMENT_OPENED = "attachment.opened"  # somebody opened it
    ATTACHMENT_PURGED = "attachment.purged"  # its bytes and key were destroyed, and why
    CASE_ABSORBED = "case.absorbed"  # another case went into this one
    CASE_JOINED = "case.joined"  # a complaint belongs to this case
    CASE_LEFT = "case.left"  # a complaint does not belong to this case after all
    CASE_MERGED = "case.merged"  # it went into another case, and why
    CASE_NOTED = "case.noted"  # a note, with the audience that may read it
    CASE_OPENED = "case.opened"  # an issue goes round; the commission looks into it
    CASE_SPLIT = "case.split"  # complaints went out of it into a case of their own, and why
    CLAIM_DECIDED = "claim.decided"  # a person found it confirmed, not confirmed, or unclear
    CLAIM_DRAWN = "claim.drawn"  # this decision goes to a second reviewer
    CLAIM_SECONDED = "claim.seconded"  # what the second reviewer found, without seeing the first
    CLOCK_LATE = "clock.late"  # a clock ran out, and when that was noticed
    CLOCK_MET = "clock.met"  # what the clock waited for has happened
    CLOCK_PAUSED = "clock.paused"  # a clock stands still, and why
    CLOCK_RESUMED = "clock.resumed"  # it goes on
    CLOCK_STARTED = "clock.started"  # something is due at a time
    CLOCK_WARNED = "clock.warned"  # most of the time of a clock is over, and when that was noticed
    COMMITMENT_JUDGED = "commitment.judged"  # kept, late or broken, and by which evidence
    COMMITMENT_MADE = "commitment.made"  # somebody promised something by a day
    COMPLAINT_ANSWERED = "complaint.answered"  # the house wrote to who complained
    COMPLAINT_FOLLOWED = "complaint.followed"  # who complained wrote again
    COMPLAINT_GROUPED = "complaint.grouped"  # it is about the same thing as another one
    COMPLAINT_HANDED = "complaint.handed"  # who worked on it gave it to a colleague
    COMPLAINT_PARTED = "complaint.parted"  # it has nothing to do with another one
    COMPLAINT_RECEIVED = "complaint.received"  # somebody reports what was seen
    COMPLAINT_RELEASED = "complaint.released"  # nobody works on it any more, and why
    COMPLAINT_SEALED = "complaint.sealed"  # suspected abuse of a child: closed to everyone
    COMPLAINT_TAKEN = "complaint.taken"  # somebody works on it, alone
    COMPLAINT_WITHDRAWN = "complaint.withdrawn"  # who complained takes it back
    CONFLICT_NAMED = "conflict.named"  # somebody is party to the case and loses access
    EXPOSURE_MEASURED = "exposure.measured"  # what a search showed and withheld, by age
    IDENTITY_READ = "identity.read"  # somebody looked at who complained, and why
    LISTING_AGREED = "listing.agreed"  # a second person agreed: the sample is on the house's list
    LISTING_CHECKED = "listing.checked"  # a dry run: what the entry would block of what is allowed
    LISTING_EXPORTED = "listing.exported"  # the house's list was handed out, as a file
    LISTING_PROPOSED = "listing.proposed"  # a sample shall go on the list that the house gives out
    LISTING_REFUSED = "listing.refused"  # a second person refused it, and why
    LISTING_WITHDRAWN = "listing.withdrawn"  # it is off the list again, and why
    LOOK_TAKEN = "look.taken"  # somebody opened a complaint, case, letter or spreadsheet
    NOTE_AGREED = "note.agreed"  # a second person agreed to a public note
    IMPROVEMENT_ANSWERED = "improvement.answered"  # what the agency says that it does
    IMPROVEMENT_APPROVED = "improvement.approved"  # a second person agreed; the ministry sees it
    IMPROVEMENT_ASKED = "improvement.asked"  # what an agency is to be asked by a day
    IMPROVEMENT_DROPPED = "improvement.dropped"  # it will not be asked, and why
    IMPROVEMENT_JUDGED = "improvement.judged"  # done, late or not done, and by which evidence
    IMPROVEMENT_SENT = "improvement.sent"  # it went to the agency, with a link for the answer
    OBJECTION_DECIDED = "objection.decided"  # whether the objection to a letter is right, and why
    OUTBOX_ACKNOWLEDGED = "outbox.acknowledged"  # the receiver has what was sent
    OUTBOX_DELIVERED = "outbox.delivered"  # the mail server, or the receiver's machine, took it
    OUTBOX_FAILED = "outbox.failed"  # it could not be delivered, why, and when it is tried again
    OUTBOX_PUT = "outbox.put"  # something is to leave the house
    OUTBOX_TRIED = "outbox.tried"  # somebody begins to deliver it
    OUTBOX_URGED = "outbox.urged"  # an officer wants it tried now
    PERSON_ERASED = "person.erased"  # the key of a person was destroyed
    REFERRAL_OPENED = "referral.opened"  # somebody took the document that is carried by hand
    REFERRAL_REVIEWED = "referral.reviewed"  # another person looked at it afterwards
    REFERRAL_SENT = "referral.sent"  # what was sealed was opened for its referral, and sent
    RESULT_APPROVED = "result.approved"  # a second person agreed to the public result
    RESULT_DRAFTED = "result.drafted"  # what is to be made known
    RESULT_PUBLISHED = "result.published"  # it is public
    SAMPLE_APPLIED = "sample.applied"  # the gateway has what was decided on this file
    SAMPLE_FREED = "sample.freed"  # a reviewer lets this house's gateway show the file, and why
    SAMPLE_SCREENED = "sample.screened"  # a file was looked at; only findings are kept
    SAMPLE_SEALED = "sample.sealed"  # suspected abuse of a child: closed to everyone
    SAMPLE_WITHHELD = "sample.withheld"  # a reviewer withholds the file in the gateway, and why
    SEAL_KEPT = "seal.kept"  # a second person refused to undo a seal, and why
    SEAL_LIFTED = "seal.lifted"  # a second person agreed: what was sealed is open again
    SEAL_QUESTIONED = "seal.questioned"  # somebody asks for a seal to be undone, and why
    SUMMONS_ACKNOWLEDGED = "summons.acknowledged"  # the receiver has it
    SUMMONS_ANSWERED = "summons.answered"  # the receiver wrote back
    SUMMONS_APPROVED = "summons.approved"  # a second person agreed to the letter
    SUMMONS_ATTENDED = "summons.attended"  # they came; the minutes are attached
    SUMMONS_DRAFTED = "summons.drafted"  # a letter of invitation was written
    SUMMONS_DROPPED = "summons.dropped"  # a letter that will not be sent, and why
    SUMMONS_EDITED = "summons.edited"  # somebody edited it by hand; the file kept is the letter now
    SUMMONS_MISSED = "summons.missed"  # nobody came
    SUMMONS_SENT = "summons.sent"  # it left the house
    SUMMONS_VERIFIED = "summons.verified"  # a second person compared an answer with its paper

"""Everything Perisai raises on purpose, drawn as a tree.

::

    PerisaiError
    ├── SettingsError          a settings file or variable is wrong
    │   ├── PolicyError        a policy file is wrong
    │   └── LexiconError       a file of search words is wrong
    ├── MediaError             this file could not be screened: it is withheld
    │   ├── UnknownMedia       not a format Perisai can show
    │   ├── BrokenMedia        the format is known, the bytes are not whole
    │   ├── TooLarge           over a limit (bytes, pixels, frames, duration)
    │   └── WorkerError        the decoding process did not finish
    │       ├── WorkerDied     it crashed or was killed
    │       ├── WorkerTimeout  it took too long
    │       └── WorkerMemory   it wanted more memory than it may have
    ├── MatchingError
    │   ├── ListError          a hash list is missing, exists already, or is malformed
    │   └── IndexCorrupt       an index file does not verify
    ├── ModelError
    │   ├── ModelMissing       the model's file or package is not installed
    │   └── ModelChanged       the file is not the one that was pinned
    ├── ServiceError           the screening service of this machine does not answer as it should
    │   └── ServiceBusy        too many files wait for it already
    ├── StorageError           what is kept cannot be read or written
    │   ├── ObjectMissing      no bytes are kept under this SHA-256
    │   └── Outdated           somebody else has changed it meanwhile
    ├── AgencyError            what an agency says of who signs in is not to be believed
    │   ├── AgencyKeyMissing   a token names a key that is not among the agency's
    │   └── AgencyDown         the agency cannot be asked now
    ├── DeskError              something cannot be done in a case
    │   ├── NotAllowed         this person may not do it
    │   └── NotYet             the case does not stand so that it could be done
    └── UpstreamError          where GIFs come from does not answer as it should
        └── FetchRefused       the address or the answer is not one we take bytes from

Each class has a ``code``: a short stable word for programs. The message is for people and says what
to do next.
"""

from __future__ import annotations


class PerisaiError(Exception):
    """Base of everything raised on purpose; ``code`` is stable, the message is for people."""

    code = "error"


class SettingsError(PerisaiError):
    """A setting is wrong; the message names file, line and key."""

    code = "bad_settings"


class PolicyError(SettingsError):
    """A policy file is wrong; the message names file, line and key."""

    code = "bad_policy"


class LexiconError(SettingsError):
    """A file of search words is wrong; the message names file, line and key."""

    code = "bad_lexicon"


class MediaError(PerisaiError):
    """This file could not be screened, so nobody is shown it."""

    code = "media_error"


class UnknownMedia(MediaError):
    """The bytes are in no format that Perisai can show."""

    code = "unknown_media"


class BrokenMedia(MediaError):
    """The format is known, but no picture can be made from the bytes."""

    code = "broken_media"


class TooLarge(MediaError):
    """The file is over a limit on bytes, pixels, frames or duration."""

    code = "too_large"


class WorkerError(MediaError):
    """The process that decoded this file did not finish."""

    code = "worker_error"


class WorkerDied(WorkerError):
    """The decoding process crashed or was killed."""

    code = "worker_died"


class WorkerTimeout(WorkerError):
    """The decoding process took longer than it may."""

    code = "worker_timeout"


class WorkerMemory(WorkerError):
    """The decoding process wanted more memory than it may have."""

    code = "worker_memory"


class MatchingError(PerisaiError):
    """Something is wrong with a hash, a list or the index."""

    code = "matching_error"


class ListError(MatchingError):
    """A hash list is missing, exists already, or its file is malformed."""

    code = "bad_list"


class IndexCorrupt(MatchingError):
    """An index file does not verify; it can be rebuilt from the lists."""

    code = "index_corrupt"


class ModelError(PerisaiError):
    """A model cannot be used."""

    code = "model_error"


class ModelMissing(ModelError):
    """The model's file or package is not installed."""

    code = "model_missing"


class ModelChanged(ModelError):
    """The model's file is not the one that was pinned by SHA-256."""

    code = "model_changed"


class ServiceError(PerisaiError):
    """The screening service of this machine is gone, or does not answer as it should."""

    code = "service_error"


class ServiceBusy(ServiceError):
    """Too many files wait already; come back in about ``retry_after`` seconds."""

    code = "service_busy"

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StorageError(PerisaiError):
    """What is kept cannot be read or written."""

    code = "storage_error"


class ObjectMissing(StorageError):
    """No bytes are kept under this SHA-256."""

    code = "object_missing"


class Outdated(StorageError):
    """Somebody else has changed it since it was read; look again first."""

    code = "outdated"


class AgencyError(PerisaiError):
    """What an agency says of who signs in is not to be believed; ``why`` is for the log."""

    code = "agency_error"

    def __init__(self, why: str) -> None:
        super().__init__(f"What the agency says is not to be believed: {why}.")
        self.why = why


class AgencyKeyMissing(AgencyError):
    """A token names a key that is not among the agency's: there may be newer ones."""

    code = "agency_key_missing"


class AgencyDown(AgencyError):
    """The agency cannot be asked now."""

    code = "agency_down"


class DeskError(PerisaiError):
    """Something cannot be done in a case."""

    code = "desk_error"


class NotAllowed(DeskError):
    """This person may not do it."""

    code = "not_allowed"


class NotYet(DeskError):
    """The case does not stand so that it could be done; the message says what comes first."""

    code = "not_yet"


class Undelivered(DeskError):
    """A message could not be delivered now; says why, without an address or a secret."""

    code = "undelivered"


class UpstreamError(PerisaiError):
    """Where GIFs come from is slow, dead, or lies; its own results are missing, nothing else."""

    code = "upstream_error"


class FetchRefused(UpstreamError):
    """The address or the answer is not one that bytes are taken from."""

    code = "fetch_refused"

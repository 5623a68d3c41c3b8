"""Every setting, with its meaning, unit, bounds and default. docs/settings.md is made from here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from perisai.errors import SettingsError
from perisai.settings.agencies import AgencySection, named
from perisai.settings.desk import DeskSection
from perisai.settings.gateway import GatewaySection, ServiceSection, StorageSection
from perisai.settings.kinds import MIB, Number, Section, Switch, Text, Whole
from perisai.settings.outgoing import MailSection, ReceiverSection
from perisai.terms import YOUNGEST, AgeBand

if TYPE_CHECKING:
    from perisai.settings.toml import Document, Key


class MediaSection(Section):
    """How much one file may ask for. A file over a limit is `unscreenable`, and so withheld."""

    max_bytes: Whole = Field(64 * MIB, gt=0, description="Largest file, in bytes.")
    max_pixels: Whole = Field(
        25_000_000, gt=0, description="Largest canvas, in pixels (width x height)."
    )
    max_frames: Whole = Field(5_000, gt=0, description="Most displayed frames of one file.")
    max_duration_ms: Whole = Field(
        600_000, gt=0, description="Longest run through all frames once, in milliseconds."
    )
    max_total_pixels: Whole = Field(
        4_000_000_000,
        gt=0,
        description="Most pixels decoded for one file (frames x width x height).",
    )


class WorkerSection(Section):
    """Limits on the processes that decode. A worker over a limit is ended; its file is withheld."""

    memory_mb: Whole = Field(
        1024, ge=64, description="Memory above what the worker needs to start, in MiB."
    )
    cpu_seconds: Whole = Field(60, gt=0, description="Processor time for one file, in seconds.")
    wall_seconds: Whole = Field(
        120, gt=0, description="Time that may pass for one file, in seconds."
    )
    jobs_per_worker: Whole = Field(
        500, gt=0, description="Files after which a worker is replaced by a fresh one."
    )


class ScreeningSection(Section):
    """How files are looked at."""

    policy: Text = Field(
        "id",
        description="Policy that turns findings into verdicts: `id`, `generic`, or the path of a "
        "TOML file (from the settings file's folder).",
    )
    age_band: AgeBand = Field(
        YOUNGEST,
        description="Age band that decides exit status and HTTP answer when none is asked for. "
        "An unknown age is the youngest band.",
    )
    jobs: Whole = Field(
        0, ge=0, le=1024, description="Decoding processes at a time; 0 means one for each core."
    )
    bound: Number = Field(
        12.0,
        ge=0,
        le=255,
        description="How far a frame may be from the frame that was looked at for it, in every "
        "tile of the picture (mean absolute difference, 0 to 255).",
    )
    grid: Whole = Field(
        16,
        ge=1,
        le=64,
        description="Tiles on each side of the picture when frames are compared; divides 256.",
    )
    every_frame: Switch = Field(
        default=False, description="Look at every displayed frame, however little it differs."
    )
    whole_picture: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Second look at the whole picture, since the models' own view cuts the border "
        "away: `auto` for wide and tall pictures, `always`, or `never`.",
    )
    wide_ratio: Number = Field(
        2.0,
        ge=1,
        description="Longer side divided by shorter from which a picture counts as wide or tall.",
    )
    models: tuple[Text, ...] = Field(
        ("opennsfw",), description="Models that look at each distinct frame, by name."
    )
    engine: Literal["auto", "openvino", "onnxruntime"] = Field(
        "auto", description="Inference engine; `auto` takes the fastest that is installed."
    )
    precision: Literal["auto", "bf16", "f32"] = Field(
        "auto",
        description="Number format of the inference engine; `auto` takes bf16 where the processor "
        "computes in it.",
    )
    lists: tuple[Text, ...] | None = Field(
        None,
        description="Hash lists to match against, by name; without this key, every list that "
        "has not expired.",
    )

    @field_validator("grid")
    @classmethod
    def _divides(cls, value: int) -> int:
        if 256 % value:
            raise ValueError(f"is {value}; must divide 256: use 1, 2, 4, 8, 16, 32 or 64")
        return value


class PolicySection(Section):
    """How verdicts are used here."""

    reviewers: Switch = Field(
        default=False,
        description="Whether somebody reviews what the policy is unsure of. If nobody does, "
        "`review` becomes `withhold`.",
    )


class VocabularySection(Section):
    """Search words: what they ask for."""

    lexicons: tuple[Text, ...] = Field(
        (),
        description="Lexicon files of your own, beside the one that comes with Perisai (TOML, from "
        "the settings file's folder); docs/vocabulary.md says how one is written.",
    )


class Settings(Section):
    """Everything that an operator can choose. See :func:`perisai.settings.load`."""

    home: Path = Field(
        description="Folder of all state: hash lists, index, reports. Also `PERISAI_HOME`. "
        "Default: the platform's data folder for this user."
    )
    media: MediaSection = MediaSection()
    worker: WorkerSection = WorkerSection()
    screening: ScreeningSection = ScreeningSection()
    models: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="One table `[models.NAME]` for each model of your own, or for what differs "
        "from a built-in one; docs/models.md lists the keys.",
    )
    policy: PolicySection = PolicySection()
    vocabulary: VocabularySection = VocabularySection()
    storage: StorageSection = StorageSection()
    service: ServiceSection = ServiceSection()
    gateway: GatewaySection = GatewaySection()
    desk: DeskSection = DeskSection()
    mail: MailSection = MailSection()
    receivers: dict[str, ReceiverSection] = Field(
        default_factory=dict,
        description="One table `[receivers.NAME]` for each receiver of signed messages: whoever "
        "referrals go to, say.",
    )

    agencies: dict[str, AgencySection] = Field(
        default_factory=dict,
        description="One table `[agencies.NAME]` for each agency at which people may sign in.",
    )

    @field_validator("agencies")
    @classmethod
    def _agencies(cls, value: dict[str, AgencySection]) -> dict[str, AgencySection]:
        return named(value)

    _document: Document | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path | None:
        """The settings file that was read, or None."""
        return Path(self._document.name) if self._document else None

    def problem(self, key: Key, text: str) -> SettingsError:
        """The error for a value whose meaning only another package can check.

        ``key`` is the way to the value, as in ``("models", "mine", "file")``. The message names
        file and line if the value came from a file.
        """
        if self._document is None:
            from perisai.settings.toml import dotted  # noqa: PLC0415 - only when something is wrong

            return SettingsError(f"{dotted(key)}: {text}")
        return self._document.problem(key, text)

"""The settings of the desk: who the house is, how its letters look, and its public page."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - pydantic reads the annotation
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from perisai.settings.kinds import MIB, Number, Section, Switch, Text, Whole

_PAGE = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?")
_CALLING = re.compile(r"[1-9][0-9]{0,3}")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")


HELP_LINES = (
    "SAPA 129: telepon 129, WhatsApp 0811-1129-129",
    "Polisi: telepon 110",
    "KPAI: telepon (021) 31901556, WhatsApp 0811-1772-273",
)
HELP_LINES_EN = (
    "SAPA 129: call 129, WhatsApp 0811-1129-129",
    "Police: call 110",
    "KPAI: call (021) 31901556, WhatsApp 0811-1772-273",
)


class DeskSection(Section):
    """The house that complaints come to. The defaults are an example: set your own first."""

    name: Text = Field(
        "Komisi Perlindungan Anak (contoh)", description="The name of the house, as on its letters."
    )
    letterhead: tuple[Text, ...] = Field(
        ("Jalan Contoh Nomor 1, Jakarta 10000", "Telepon (021) 555 0100"),
        description="The lines below the name at the head of a letter: address, telephone, site.",
    )
    city: Text = Field("Jakarta", description="Where letters are dated.")
    zone: Text = Field(
        "Asia/Jakarta", description="Time zone of the house, by its name in the IANA database."
    )
    contact: Text = Field(
        "Sekretariat, telepon (021) 555 0100",
        description="Whom the receiver of a letter may turn to.",
    )
    email: Text = Field(
        "sekretariat@komisi.invalid",
        description="Address that answers to a calendar invitation go to.",
    )
    signer_name: Text = Field("Nama Ketua", description="Who signs letters.")
    signer_title: Text = Field("Ketua", description="Office of who signs, in Indonesian.")
    signer_title_en: Text = Field("Chair", description="The same office in English.")
    copies: tuple[Text, ...] = Field(
        (), description="Who gets a copy of every letter (*tembusan*), one entry each."
    )
    letter_number: Text = Field(
        "{n:03}/KPA/{roman_month}/{year}",
        description="How letters are numbered: `{n}` (`{n:03}` with zeros) counts, anew each year "
        "where the year is part of it; `{month}`, `{roman_month}`, `{year}` are those of the day.",
    )
    procedure: Text = Field(
        "id",
        description="Laws, words of letters and holidays: `id`, or the full path of a TOML file.",
    )
    days_off: tuple[date, ...] = Field(
        (),
        description="More days on which the house does not work, as in `2026-12-31`: what is "
        "decreed late, or only here.",
    )
    people_env: Text | None = Field(
        None,
        description="Name of the environment variable with the key (64 hexadecimal digits) under "
        "which personal data is sealed. Without it, the file `people.key` in the home folder.",
    )
    help_lines: tuple[Text, ...] = Field(
        HELP_LINES,
        min_length=1,
        description="Whom to call, above everything on the public page, each as `NAME: NUMBERS`.",
    )
    help_lines_en: tuple[Text, ...] = Field(
        HELP_LINES_EN, min_length=1, description="The same on the English pages."
    )
    calling_code: Text = Field(
        "62",
        description="Calling code of the country: it stands for the 0 of a WhatsApp number.",
    )
    public_host: Text = Field(
        "127.0.0.1", description="Address that the public page, `perisai public`, listens on."
    )
    public_port: Whole = Field(
        8010, ge=0, le=65535, description="Port of the public page; 0 takes a free one."
    )
    public_url: Text | None = Field(
        None,
        description="Address under which people reach the public page, as in "
        "`https://aduan.example.id`. Requests for any other host are refused; without it, only "
        "those to this machine are answered.",
    )
    exit_url: Text = Field(
        "https://www.bmkg.go.id/",
        description="Where *leave quickly* leads: an everyday page that says nothing of why "
        "somebody was here. The default is the weather.",
    )
    complaints_per_hour: Whole = Field(
        600,
        gt=0,
        description="Most complaints an hour over the public page. Above it people are asked to "
        "send again later and keep what they wrote; help lines are always shown. Complaints that "
        "say that a child is shown are counted apart.",
    )
    complaints_per_hour_network: Whole = Field(
        60,
        gt=0,
        description="The same for one network. A school, or all phones of a mobile network, may "
        "share one.",
    )
    complaints_per_hour_unproven: Whole = Field(
        200,
        gt=0,
        description="The same for all complaints together that come without a proof of work, "
        "mostly because no JavaScript runs. They are taken in all the same, and wait behind the "
        "others.",
    )
    upload_basis: Text | None = Field(
        None,
        description="The law or agreement by which the house may take in files, as who reports "
        "reads it. Without it nothing can be sent but words. With it, who says to be 18 or older "
        "and that no child is shown may send one file: it is screened in memory and discarded.",
    )
    upload_basis_en: Text | None = Field(
        None, description="The same on the English pages; without it, the Indonesian one."
    )
    upload_bytes: Whole = Field(
        8 * MIB,
        gt=0,
        le=64 * MIB,
        description="Largest file that may be sent with a complaint, in bytes.",
    )
    notice_clients: tuple[Text, ...] = Field(
        (),
        description="Machines that may send signed notices to `/api/v1/notices`, by name. "
        "`perisai notices secret NAME` shows the secret of each; who is taken out may no more.",
    )
    guesses_per_hour: Whole = Field(
        30,
        gt=0,
        description="How often an hour one receipt may be tried, and (ten times as often) one "
        "network may try receipts.",
    )
    host: Text = Field(
        "127.0.0.1", description="Address that the desk, `perisai desk`, listens on."
    )
    port: Whole = Field(8020, ge=0, le=65535, description="Port of the desk; 0 takes a free one.")
    url: Text | None = Field(
        None,
        description="Address under which the staff reach the desk, as in `https://meja.example.id`."
        " Requests for any other host are refused; without it, only those to this machine are "
        "answered. With `https`, cookies travel over nothing else.",
    )
    second_factor: Switch = Field(
        default=False,
        description="Whether nobody works at the desk without a second factor (a code of an "
        "authenticator app). Without it, each person may set one up.",
    )
    session_hours: Number = Field(
        10.0, gt=0, le=24, description="Hours after which one has to sign in again."
    )
    lock_minutes: Number = Field(
        15.0,
        gt=0,
        le=24 * 60,
        description="Minutes without doing anything after which a complaint that somebody took is "
        "free for others again.",
    )
    second_share: Number = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the decisions on claims that a second reviewer looks at, without "
        "seeing the first; drawn by the hash of the fact.",
    )
    dry_run_hours: Number = Field(
        24.0,
        gt=0,
        le=7 * 24,
        description="Hours for which the dry run of a sample that is proposed for the house's "
        "list counts; then, or once the gateway allows something else, it is made again.",
    )
    sample_bytes: Whole = Field(
        16 * MIB,
        gt=0,
        le=64 * MIB,
        description="Largest file that may be given to be screened, in bytes. It is held in "
        "memory only.",
    )
    preview_days: Whole = Field(
        0,
        ge=0,
        le=30,
        description="Days for which a small copy of a few frames of a screened file is kept, "
        "encrypted, so that a reviewer need not look for the original. 0 keeps none, and destroys "
        "those that are kept. First ask a lawyer whether your house may (docs/decisions/0024); a "
        "week is enough to decide a claim and have it looked at twice.",
    )
    look_seconds: Whole = Field(
        60,
        ge=5,
        le=600,
        description="Seconds that a look at a preview counts at most: as long as whoever looks "
        "does nothing else that is written down.",
    )
    viewing_minutes: Whole = Field(
        60,
        ge=0,
        le=24 * 60,
        description="Minutes a day that one person may look at previews; then nothing opens any "
        "more until the next day. 0 sets no limit.",
    )
    referral_receiver: Text = Field(
        "Unit PPA, Kepolisian (contoh)",
        description="Who gets referrals of what was sealed as suspected abuse of a child.",
    )
    referral_machine: Text | None = Field(
        None,
        description="Name of the receiver (under `receivers`) whose machine takes "
        "referrals. Without one, they are carried by hand.",
    )
    list_receivers: tuple[Text, ...] = Field(
        (),
        description="Names of the receivers (under `receivers`) whose machines are told when a new "
        "version of the house's block list is handed out: its name, size, SHA-256 and day.",
    )
    attachment_bytes: Whole = Field(
        16 * MIB,
        gt=0,
        le=64 * MIB,
        description="Largest document that may be attached to a case, in bytes.",
    )
    attachment_days: Whole = Field(
        730,
        gt=0,
        le=36_500,
        description="Days after which an attached document is deleted; the day is written down "
        "when it is attached.",
    )

    @field_validator("email")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError(f"is {value!r}; must be a plain address like office@example.id")
        return value

    @field_validator("public_url", "exit_url", "url")
    @classmethod
    def _page(cls, value: str | None) -> str | None:
        if value is not None and not _PAGE.fullmatch(value):
            raise ValueError(f"is {value!r}; must be an address like https://aduan.example.id")
        return value

    @field_validator("calling_code")
    @classmethod
    def _code(cls, value: str) -> str:
        if not _CALLING.fullmatch(value):
            raise ValueError(f"is {value!r}; must be digits only, as in 62")
        return value

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"is {value!r}, which is no time zone; write one like Asia/Jakarta"
            ) from error
        return value

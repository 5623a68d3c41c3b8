"""The settings of what is kept and of the web service, each with meaning, unit and bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perisai.settings.kinds import MIB, Number, Section, Switch, Text, Whole
from perisai.terms import AgeBand


class StorageSection(Section):
    """Where facts, verdicts and bytes are kept."""

    database: Text | None = Field(
        None,
        description="Address of the database: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/"
        "NAME`; it holds everything. Without it, `facts.sqlite3` (the desk) and `gateway.sqlite3` "
        "in the home folder.",
    )
    objects: Text | None = Field(
        None,
        description="Where bytes are kept: a folder, or `s3://BUCKET/PREFIX`. Without it, the "
        "folder `objects` in the home folder.",
    )
    s3_endpoint: Text | None = Field(
        None,
        description="Address of an S3-compatible service, as in `https://s3.example.org`. Without "
        "it, Amazon's. Credentials come from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.",
    )
    s3_region: Text = Field("us-east-1", description="Region of the S3 bucket.")


class ServiceSection(Section):
    """The screening service of this machine, `perisai service`."""

    socket: Text | None = Field(
        None,
        description="Path of its Unix socket. Without it, `service.sock` in the home folder.",
    )
    queue: Whole = Field(
        256, gt=0, description="Files that may wait; above this, askers are told to come back."
    )


class CatalogueUpstream(Section):
    """Items of the operator's own, imported with `perisai catalogue import`."""

    type: Literal["catalogue"] = Field("catalogue", description="Always `catalogue`.")
    bands: tuple[AgeBand, ...] = Field(
        tuple(AgeBand), description="Age bands that are served from here."
    )


class RemoteUpstream(Section):
    """What all upstreams on the network share."""

    base: Text = Field(description="Address of the interface, as in `https://example.org/v2/`.")
    bands: tuple[AgeBand, ...] = Field(
        (AgeBand.AGE_13_15, AgeBand.AGE_16_17, AgeBand.ADULT),
        description="Age bands that are served from here. An upstream that strangers fill is off "
        "for the bands under 13 unless they are named.",
    )
    key: Text = Field("", repr=False, description="The operator's key; better given as `key_env`.")
    key_env: Text | None = Field(
        None, description="Name of the environment variable that holds the key."
    )
    media_hosts: tuple[Text, ...] = Field(
        (),
        description="Hosts that media may come from, `*.example.org` for all below one. Without "
        "it, the host of `base` and what the provider is known to use.",
    )
    private: Switch = Field(
        default=False,
        description="Whether `base` and media may lie in a private network (another Perisai in "
        "the same house). Never switch it on for an upstream of others.",
    )
    timeout_seconds: Number = Field(
        3.0, gt=0, le=60, description="Longest wait for one answer, in seconds."
    )
    per_second: Number = Field(20.0, gt=0, description="Most requests a second to this upstream.")


class TenorUpstream(RemoteUpstream):
    """A server in the shape of Tenor's second interface: KLIPY's or GIPHY's, or a Perisai."""

    type: Literal["tenor"] = Field(description="Always `tenor`.")
    approval: Text = Field(
        "",
        description="The provider's written approval of proxying: date, person, reference. Their "
        "terms forbid it otherwise: without it the upstream does not start (`private` excepted).",
    )


class GiphyUpstream(RemoteUpstream):
    """A server in the shape of GIPHY's first interface."""

    type: Literal["giphy"] = Field(description="Always `giphy`.")
    base: Text = Field("https://api.giphy.com/v1/", description="Address of the interface.")
    approval: Text = Field(
        "",
        description="GIPHY's written approval of proxying: date, person, reference. Its terms "
        "forbid it otherwise: without it the upstream does not start (`private` excepted).",
    )


class OpenverseUpstream(RemoteUpstream):
    """Openverse: openly licensed media, each with its attribution."""

    type: Literal["openverse"] = Field(description="Always `openverse`.")
    base: Text = Field("https://api.openverse.org/v1/", description="Address of the interface.")
    client_id: Text = Field(
        "",
        description="The id that Openverse gave for this application; its secret is `key`. Tokens "
        "are got with both, and again when they end. Without it, `key` is a token itself.",
    )


AnyUpstream = Annotated[
    CatalogueUpstream | TenorUpstream | GiphyUpstream | OpenverseUpstream,
    Field(discriminator="type"),
]


def _only_the_catalogue() -> dict[str, AnyUpstream]:
    return {"catalogue": CatalogueUpstream()}


class GatewaySection(Section):
    """The HTTP service, `perisai serve`."""

    host: Text = Field("127.0.0.1", description="Address to listen on.")
    port: Whole = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    public_url: Text | None = Field(
        None,
        description="Address under which clients reach the gateway, as in `https://gif.example.id`."
        " Without it, the one they used.",
    )
    max_upload_bytes: Whole = Field(
        64 * MIB, gt=0, description="Largest request body that is read, in bytes."
    )
    upload_wait_ms: Whole = Field(
        30_000,
        ge=0,
        le=600_000,
        description="Longest time that `POST /v1/screen` waits for a verdict, in milliseconds; "
        "what takes longer is answered with 202 and told later.",
    )
    upload_waiting_bytes: Whole = Field(
        256 * MIB,
        gt=0,
        description="Bytes of uploads that are held in memory together; above this, senders are "
        "told to come back. A single one is always taken.",
    )
    upload_private: Switch = Field(
        default=False,
        description="Whether addresses of uploads, and webhooks, may lie in a private network, and "
        "webhooks have no TLS. Only for platforms in the same house: whoever has a key "
        "can make the gateway ask there.",
    )
    upload_days: Whole = Field(
        30,
        gt=0,
        description="Days for which it is kept which client uploaded which SHA-256, and under "
        "which idempotency key.",
    )
    deadline_ms: Whole = Field(
        800,
        ge=50,
        le=30_000,
        description="How long a page of results may wait for screening, in milliseconds. What is "
        "not decided by then appears next time.",
    )
    max_fetch_bytes: Whole = Field(
        16 * MIB,
        gt=0,
        description="Largest file that is fetched, from an upstream or for an upload given by "
        "address, in bytes.",
    )
    link_seconds: Whole = Field(
        3600, ge=300, description="How long a media link works, at least, in seconds."
    )
    curated_under_13: Switch = Field(
        default=True,
        description="Whether the bands under 13 see only what a person has approved. Switching it "
        "off leaves them to the models alone.",
    )
    anonymous: Switch = Field(
        default=True,
        description="Whether requests without a key are answered, as for the youngest band.",
    )
    anonymous_per_minute: Whole = Field(
        120, gt=0, description="Most requests a minute of one address without a key."
    )
    signing_env: Text | None = Field(
        None,
        description="Name of the environment variable with the secret that signs media links and "
        "age headers. Without it, a secret of this home folder.",
    )
    warm_minutes: Whole = Field(
        10, ge=0, description="Minutes between rounds that screen what is trending; 0 for none."
    )
    help_line: Text = Field(
        "SAPA 129: telepon 129, WhatsApp 0811-1129-129",
        description="Whom to call, above the form on which an item is reported.",
    )
    connections: Whole = Field(
        2000, gt=0, description="Most connections at a time; above this, 503 and `try again`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is worth a line in the log (standard error, JSON lines)."
    )
    demo: Literal["off", "here", "everyone"] = Field(
        "off",
        description="The page `/demo`: a chat with a GIF picker beside what the operator sees. "
        "`here` answers this machine only. It signs ages for whoever asks, so never switch it on "
        "where children are served.",
    )
    upstreams: dict[str, AnyUpstream] = Field(
        default_factory=_only_the_catalogue,
        description="One table `[gateway.upstreams.NAME]` for each place where GIFs come from, "
        "asked in this order. Without any, the catalogue.",
    )

"""The settings of agencies at which people sign in (OpenID Connect)."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from perisai.settings.kinds import Section, Switch, Text

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_ISSUER = re.compile(r"https://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?")
_HERE = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/[!-~]*)?")


class AgencySection(Section):
    """An agency that says who its people are (OpenID Connect). docs/people.md says how."""

    issuer: Text = Field(
        description="Its issuer, exactly as it names itself: an `https` address, as in "
        "`https://login.example.go.id/realms/staf`. `http` is for this machine alone."
    )
    client_id: Text = Field(description="The name under which the agency knows this desk.")
    secret_env: Text = Field(
        description="Name of the environment variable with the secret of this client."
    )
    label: Text = Field(description="The agency's name on the button, in Indonesian.")
    label_en: Text | None = Field(None, description="The same in English; without it, as it is.")
    scope: Text = Field("openid", description="What is asked for; `openid` has to be in it.")
    acr: tuple[Text, ...] = Field(
        (),
        description="Values of `acr` by which the agency says that it asked for a second factor. "
        "They are also what it is asked for.",
    )
    amr: tuple[Text, ...] = Field(
        (),
        description="The same for `amr`: one of them is enough, as in `mfa`, `otp`, `hwk`. Without "
        "either, and with `desk.second_factor`, its people pair a second factor here.",
    )
    private: Switch = Field(
        default=False, description="Whether the agency lies in a private network."
    )

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        known = _ISSUER.fullmatch(value) or _HERE.fullmatch(value)
        if not known or "?" in value or "#" in value:
            raise ValueError(
                f"is {value!r}; must be an https address like https://login.example.go.id"
            )
        return value

    @field_validator("scope")
    @classmethod
    def _scope(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError(f"is {value!r}; must hold openid")
        return value

    @property
    def here(self) -> bool:
        """Whether the agency is on this machine, which may speak http."""
        return _HERE.fullmatch(self.issuer) is not None


def named(agencies: dict[str, AgencySection]) -> dict[str, AgencySection]:
    """Check the names: they stand in addresses. Raises ValueError."""
    for name in agencies:
        if not NAME.fullmatch(name):
            raise ValueError(
                f"has {name!r}; a name has small letters, digits and hyphens, as in kementerian"
            )
    issuers = [each.issuer for each in agencies.values()]
    if len(set(issuers)) < len(issuers):
        raise ValueError("names one issuer twice; each agency has one of its own")
    return agencies

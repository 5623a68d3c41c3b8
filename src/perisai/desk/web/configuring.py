"""Django's settings of the desk: sign-in, cookies, templates. No page is public but the sign-in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from perisai.desk.attachments.limits import MOST

if TYPE_CHECKING:
    from perisai.settings import Settings

HERE = Path(__file__).parent
THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
ROOM_FOR_FORM = 1024 * 1024
"""Bytes of a request besides the file in it."""
LOGIN_RATES = {
    # By network (a digest of it), then by account: five wrong passwords, and the account waits.
    "login": "60/m/ip",
    "login_failed": "30/10m/ip,5/10m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "agency": "120/m/ip",
}
REMEMBERED = 100_000
"""Counts of failures, and trips that were made: far more than somebody can leave in ten minutes.

Beyond it a cache forgets the oldest, locks among them; by default it does so beyond 300.
"""


def desk_settings(settings: Settings) -> dict[str, Any]:
    """What Django needs to serve the desk."""
    chosen = settings.desk
    secure = (chosen.url or "").startswith("https://")
    prefix = "__Host-" if secure else ""
    body = chosen.sample_bytes + ROOM_FOR_FORM
    return {
        "ROOT_URLCONF": "perisai.desk.web.urls",
        "ALLOWED_HOSTS": [_host(chosen.url)] if chosen.url else list(THIS_MACHINE),
        "CSRF_TRUSTED_ORIGINS": [chosen.url.rstrip("/")] if secure and chosen.url else [],
        "MIDDLEWARE": [
            "perisai.desk.web.middleware.Headers",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "perisai.desk.web.middleware.Speaking",
            "perisai.desk.web.middleware.Refusals",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "allauth.account.middleware.AccountMiddleware",
            "perisai.desk.web.middleware.Acting",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [str(HERE / "templates")],
                "OPTIONS": {
                    "builtins": ["perisai.desk.web.wording", "perisai.desk.web.pieces"],
                    "context_processors": [
                        "django.template.context_processors.request",
                        "perisai.desk.web.rendering.everywhere",
                    ],
                    "string_if_invalid": "",
                },
            }
        ],
        # Language and dates
        "USE_I18N": True,
        "LANGUAGE_CODE": "id",
        "LANGUAGES": [("id", "Bahasa Indonesia"), ("en", "English")],
        # Cookies: of its own name, never to another site, never to a script
        "SESSION_COOKIE_NAME": f"{prefix}perisai-desk",
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_AGE": int(timedelta(hours=chosen.session_hours).total_seconds()),
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_NAME": f"{prefix}perisai-desk-form",
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": secure,
        "CSRF_FAILURE_VIEW": "perisai.desk.web.views.errors.forged",
        # Files are held in memory, as a whole, and never written anywhere
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "FILE_UPLOAD_MAX_MEMORY_SIZE": body,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": ROOM_FOR_FORM,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 200,
        "DATA_UPLOAD_MAX_NUMBER_FILES": MOST,
        **_of_accounts(settings),
    }


def _of_accounts(settings: Settings) -> dict[str, Any]:
    return {
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "OPTIONS": {"MAX_ENTRIES": REMEMBERED},
            }
        },
        "AUTHENTICATION_BACKENDS": ["perisai.desk.web.accounts.Members"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
            for name, options in (
                ("MinimumLengthValidator", {"min_length": 12}),
                ("UserAttributeSimilarityValidator", {}),
                ("CommonPasswordValidator", {}),
            )
        ],
        "LOGIN_URL": "/sign-in",
        "LOGIN_REDIRECT_URL": "/",
        "ACCOUNT_ADAPTER": "perisai.desk.web.accounts.Accounts",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/sign-in",
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_PRESERVE_USERNAME_CASING": False,
        "ACCOUNT_RATE_LIMITS": LOGIN_RATES,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 15 * 60,
        "MFA_ADAPTER": "perisai.desk.web.accounts.SecondFactors",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_FORMS": {
            "authenticate_webauthn": "perisai.desk.web.forms.passkeys.Second",
            "login_webauthn": "perisai.desk.web.forms.passkeys.Alone",
            "reauthenticate_webauthn": "perisai.desk.web.forms.passkeys.Confirm",
        },
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_ISSUER": settings.desk.name,
    }


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


__all__ = ["desk_settings"]

"""Django, set up in code from Perisai's own settings.

There is one Django in a process. A program that needs more of it than tables (the desk) calls
:func:`configure` first, with its own apps and settings; whoever opens the store later finds it
configured and uses the same databases: the desk's as Django's ``default``, the gateway's as
``gateway``. Without an address they are two files; an address names one database for both.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from perisai.storage.two_files import make_two

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.errors import SettingsError
    from perisai.settings import Settings

APPS = ("perisai.storage",)
FACTS_FILE = "facts.sqlite3"
GATEWAY_FILE = "gateway.sqlite3"
PATIENCE_SECONDS = 30
"""How long a write waits for those of other processes before it fails; PostgreSQL's reads, too."""

_OF_POSTGRESQL = frozenset(
    {"application_name", "connect_timeout", "host", "options", "port", "tcp_user_timeout"}
    | {"sslcert", "sslkey", "sslmode", "sslrootcert", "target_session_attrs"}
    | {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"}
)
_PATIENCE_OF_POSTGRESQL = {
    "application_name": "perisai",
    "connect_timeout": "5",
    # A machine that is gone without a word is noticed after some 30 seconds, not hours.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
_POOL: dict[str, object] = {
    "min_size": 1,
    "max_size": 16,
    "timeout": 5,  # seconds; who gets no connection in time is told to come back later
    "max_waiting": 200,
    # Failed attempts are given up soon, so that the next request makes one of its own.
    "reconnect_timeout": 2,
}
_lock = Lock()


def configure(settings: Settings, apps: Sequence[str] = (), **more: object) -> None:
    """Set up Django in this process: the databases, the storage app and ``apps``.

    ``more`` are further Django settings, as in ``ROOT_URLCONF="…"``. Does nothing if Django is
    configured already, but for the one file of an older home, which becomes two. Raises
    SettingsError if ``storage.database`` is no address of a database, StorageError if the older
    file cannot be made into two.
    """
    import django  # noqa: PLC0415 - programs that keep nothing need no Django
    from django.conf import settings as of_django  # noqa: PLC0415

    if settings.storage.database is None:
        make_two(settings.home, FACTS_FILE, GATEWAY_FILE)
    with _lock:
        if not of_django.configured:
            of_django.configure(**django_settings(settings, apps, **more))
            django.setup()


def django_settings(
    settings: Settings, apps: Sequence[str] = (), **more: object
) -> dict[str, object]:
    """The Django settings that :func:`configure` uses, for a settings module of one's own."""
    facts, gateway = database(settings), gateway_database(settings)
    return {
        "INSTALLED_APPS": [*APPS, *apps],
        "DATABASES": {"default": facts} | ({} if gateway == facts else {"gateway": gateway}),
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LOGGING_CONFIG": None,  # logging is the program's own business
        **more,
    }


def alias_of(wanted: dict[str, Any]) -> str:
    """Django's name for this database in this process: ``default``, or one that is added now."""
    from django.db import connections  # noqa: PLC0415 - needs a configured Django

    def same(known: dict[str, Any]) -> bool:
        return all(known.get(key) == value for key, value in wanted.items())

    with _lock:
        known: dict[str, dict[str, Any]] = connections.settings
        for alias, each in known.items():
            if same(each):
                return alias
        alias = f"perisai-{len(known)}"
        filled = connections.configure_settings({"default": dict(wanted)})
        connections.settings[alias] = filled["default"]
        return alias


def serve_requests(alias: str = "default") -> None:
    """Set a database for a server in which each request has a thread, and so a connection, alone.

    It ends with the request. Connecting to PostgreSQL takes longer than most pages, so there the
    connections are lent from a pool, each tried before it is. Call it before anything is asked.
    """
    from django.db import connections  # noqa: PLC0415 - needs a configured Django

    chosen: dict[str, Any] = connections.settings[alias]
    chosen["CONN_MAX_AGE"] = 0
    if chosen["ENGINE"].endswith("postgresql"):
        chosen["OPTIONS"] = {**chosen["OPTIONS"], "pool": dict(_POOL)}


def database(settings: Settings) -> dict[str, Any]:
    """Django's description of the database of the desk: facts, what is computed, accounts.

    Raises SettingsError, which never repeats the address: it may hold a password.
    """
    # FULL: what was acknowledged survives a power cut, too.
    return _named(settings) or _sqlite(settings.home / FACTS_FILE, synchronous="FULL")


def gateway_database(settings: Settings) -> dict[str, Any]:
    """Django's description of the database of the gateway. Raises SettingsError as well."""
    return _named(settings) or _sqlite(settings.home / GATEWAY_FILE, synchronous="NORMAL")


def _named(settings: Settings) -> dict[str, Any] | None:
    """The database that ``storage.database`` names, which then is both; None if it names none."""
    address = settings.storage.database
    if address is None:
        return None
    parts = urlsplit(address)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return _sqlite(settings.home / unquote(parts.path[1:]), synchronous="FULL")
    if parts.scheme in ("postgresql", "postgres"):
        return _postgresql(settings, address)
    raise _problem(settings, "must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")


def _sqlite(path: Path, *, synchronous: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(path).absolute()),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A write takes its turn when it begins: two that read first could never both go on.
            "transaction_mode": "IMMEDIATE",
            "timeout": PATIENCE_SECONDS,
            # WAL: readers never wait.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; "
            f"PRAGMA synchronous={synchronous}",
        },
    }


def _postgresql(settings: Settings, address: str) -> dict[str, Any]:
    try:
        from psycopg import IsolationLevel  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _problem(
            settings,
            "PostgreSQL needs its driver; install it with: pip install 'perisai[postgres]'",
        ) from error
    try:
        parts = urlsplit(address)
        host, port = unquote(parts.hostname or ""), parts.port
    except ValueError as error:
        raise _problem(settings, "has a host or port that cannot be read; check it") from error
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - _OF_POSTGRESQL)
    if unknown or len(parts.path) < 2:
        what = f"has the unknown parameter {unknown[0]!r}" if unknown else "names no database"
        raise _problem(settings, f"{what}; write postgresql://USER:PASSWORD@HOST/NAME")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", host),
        "PORT": options.pop("port", str(port or "")),
        "CONN_MAX_AGE": None,
        # A connection that died while the database was restarted is noticed before it is used.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_PATIENCE_OF_POSTGRESQL,
            **options,
            "options": f"-c statement_timeout={PATIENCE_SECONDS}s {options.get('options', '')}",
            # What counters and turns rest on, whatever the server's own default is.
            "isolation_level": IsolationLevel.READ_COMMITTED,
        },
    }


def _problem(settings: Settings, text: str) -> SettingsError:
    return settings.problem(("storage", "database"), text)

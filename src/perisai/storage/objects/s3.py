"""Bytes in a bucket of S3 or of a service that speaks like it.

Keys are those of the folder (the first two digits, then the whole SHA-256), so that a folder can be
copied into a bucket as it is.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from perisai.errors import ObjectMissing, StorageError
from perisai.storage.checks import check_sha256
from perisai.storage.objects.port import check_range, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import S3Config, S3Store

    from perisai.settings import Settings

CONNECT_SECONDS = 3
SECONDS = 30
"""What one request may take, and for how long a failed one is tried again."""
_RETRIES = 2
_KEY = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})")
_PLACE = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])((?:/[\w!.*'()@=+, -]+)*)/?")


class S3Objects:
    """See ``port.ObjectStore``. Made by :func:`open_bucket`."""

    def __init__(self, bucket: S3Store) -> None:
        self._bucket = bucket

    def put(self, sha256: str, data: bytes) -> None:
        """See the port. One request: the service keeps the whole or nothing.

        What it received is compared with the SHA-256 in the signature of the request.
        """
        import obstore  # noqa: PLC0415 - an extra

        verified(sha256, data, kept=False)
        with explained():
            obstore.put(self._bucket, _key(sha256), data, use_multipart=False)

    def get(self, sha256: str) -> bytes:
        """See the port."""
        import obstore  # noqa: PLC0415

        with explained(sha256):
            data = bytes(obstore.get(self._bucket, _key(sha256)).bytes())
        return verified(sha256, data, kept=True)

    def read(self, sha256: str, start: int, stop: int) -> bytes:
        """See the port."""
        import obstore  # noqa: PLC0415

        check_range(start, stop)
        key = _key(sha256)
        if start < stop:
            try:
                with explained(sha256):
                    return bytes(obstore.get_range(self._bucket, key, start=start, end=stop))
            except ObjectMissing:
                raise
            except StorageError:  # perhaps only because it begins behind the end
                size = self.size(sha256)
                if size is None or start < size:
                    raise
        elif self.size(sha256) is None:
            raise ObjectMissing(f"no bytes are kept under {sha256}")
        return b""

    def size(self, sha256: str) -> int | None:
        """See the port."""
        import obstore  # noqa: PLC0415

        try:
            with explained(sha256):
                return int(obstore.head(self._bucket, _key(sha256))["size"])
        except ObjectMissing:
            return None

    def delete(self, sha256: str) -> None:
        """See the port."""
        import obstore  # noqa: PLC0415

        with explained():
            obstore.delete(self._bucket, _key(sha256))

    def shas(self) -> Iterator[str]:
        """See the port; objects of others in the bucket are passed over."""
        import obstore  # noqa: PLC0415

        with explained():
            for part in obstore.list(self._bucket):
                for found in part:
                    if named := _KEY.fullmatch(found["path"]):
                        yield named[2]

    def path(self, sha256: str) -> None:
        """See the port: there are no files."""
        check_sha256(sha256)


def open_bucket(settings: Settings, place: str) -> S3Store:
    """Return obstore's store for ``s3://BUCKET/PREFIX``; nothing is asked yet.

    Endpoint and region are those of the settings, credentials those of the environment. Raises
    ValueError for a place that is none, SettingsError if the extra is missing or the endpoint is
    no address.
    """
    found = _PLACE.fullmatch(place)
    if found is None or {".", ".."} & set(found[2].split("/")):
        raise ValueError("must be s3://BUCKET or s3://BUCKET/PREFIX")
    try:
        from obstore.store import S3Store  # noqa: PLC0415
    except ImportError as error:
        raise settings.problem(
            ("storage", "objects"), "needs a package; install it with: pip install 'perisai[s3]'"
        ) from error
    endpoint = _endpoint(settings)
    at: S3Config = {"endpoint": endpoint} if endpoint else {}
    return S3Store(
        found[1],
        prefix=found[2].strip("/") or None,
        config={"region": settings.storage.s3_region, **at},
        client_options={
            "timeout": f"{SECONDS}s",
            "connect_timeout": f"{CONNECT_SECONDS}s",
            "allow_http": endpoint.startswith("http://"),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=SECONDS)},
    )


def ask_bucket(bucket: S3Store) -> None:
    """Ask whether the bucket is there and may be read. Raises StorageError if not."""
    import obstore  # noqa: PLC0415

    with explained():
        next(iter(obstore.list(bucket, chunk_size=1)), None)


def _endpoint(settings: Settings) -> str:
    endpoint = settings.storage.s3_endpoint or ""
    try:
        parts = urlsplit(endpoint)
        good = bool(parts.port is None or parts.port) and re.fullmatch(r"[\x21-\x7e]*", endpoint)
    except ValueError:
        good = None
    if endpoint and not (
        good
        and parts.scheme in ("http", "https")
        and re.fullmatch(r"[A-Za-z0-9.:-]+", parts.hostname or "")
        and "@" not in parts.netloc
        and not parts.query + parts.fragment
    ):
        raise settings.problem(
            ("storage", "s3_endpoint"), "must be an address such as https://s3.example.org"
        )
    return endpoint


@contextmanager
def explained(sha256: str = "") -> Iterator[None]:
    """Turn what the bucket complains of into StorageError, or ObjectMissing for ``sha256``."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        yield
    except (BaseError, OSError) as error:
        if sha256 and isinstance(error, FileNotFoundError):
            raise ObjectMissing(f"no bytes are kept under {sha256}") from error
        said = str(error).partition("\n\nDebug source")[0]  # that is for who debugs the package
        said = " ".join(said.split())[:400]
        raise StorageError(
            f"the bucket cannot be used now: {said}; see storage.objects, s3_endpoint and "
            "s3_region, and the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from error


def _key(sha256: str) -> str:
    check_sha256(sha256)
    return f"{sha256[:2]}/{sha256}"

"""What is said to whoever sends what cannot be answered with a verdict."""

from __future__ import annotations


class BadUpload(Exception):  # noqa: N818  (named for what happened, as perisai.errors)
    """There is no verdict: HTTP status, a stable code, and what to do.

    ``retry_after`` is how many seconds to wait before sending the same again, if that helps.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to the answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

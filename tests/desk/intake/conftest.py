"""The public page, and the desk with its staff: each test takes what it needs."""

from __future__ import annotations

from tests.desk.public.conftest import chosen, limited, visitor

__all__ = ["chosen", "limited", "visitor"]

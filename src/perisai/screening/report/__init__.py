"""The HTML report: one file that opens without a server and runs no script."""

from __future__ import annotations

from perisai.screening.report.page import slim, write_report

__all__ = ["slim", "write_report"]

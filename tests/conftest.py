"""Fixtures that several packages of tests share."""

pytest_plugins = ["tests.common.buckets", "tests.common.databases"]

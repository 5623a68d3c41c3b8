"""Benchmarks: ``python -m bench.run`` measures, writes docs/benchmarks.md and build/bench.json."""

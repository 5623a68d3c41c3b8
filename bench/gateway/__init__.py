"""The gateway beside named peers: ``python -m bench.run --only gateway``."""

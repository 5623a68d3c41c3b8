"""The log of facts: what happened in a case, append-only, chained by hashes."""

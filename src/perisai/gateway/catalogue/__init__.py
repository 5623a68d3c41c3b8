"""The operator's own collection: brought in, searched, approved."""

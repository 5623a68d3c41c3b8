"""The HTTP side: an upload check that lets nothing unscreened through."""

"""Undoing a seal: one person asks, a second one agrees or refuses; what a list matched stays."""

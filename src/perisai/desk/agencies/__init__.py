"""Agencies that say who their people are: OpenID Connect, as the desk is a client of it."""

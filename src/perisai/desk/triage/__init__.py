"""Triage: which complaint is looked at next, by whom, and which are about the same thing."""

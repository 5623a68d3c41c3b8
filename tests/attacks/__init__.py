"""The attack suite: at least 500 clips that hide a stand-in, and how many of them are found.

``python -m tests.attacks`` prints the table and writes it to docs/attacks.md.
"""

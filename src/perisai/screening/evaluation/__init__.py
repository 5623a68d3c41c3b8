"""How well the models do on labelled material of your own.

``labelled`` reads which file is what, ``measuring`` screens and counts, ``curves`` and
``intervals`` hold the arithmetic, ``report`` writes the page. docs/evaluate.md explains the
numbers.
"""

from __future__ import annotations

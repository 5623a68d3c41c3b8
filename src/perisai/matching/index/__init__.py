"""Stored hashes within a Hamming distance: :class:`RadiusIndex`. Numba is imported only when needed."""

from perisai.matching.index.radius import DEFAULT_RADIUS, Hits, RadiusIndex

__all__ = ["DEFAULT_RADIUS", "Hits", "RadiusIndex"]

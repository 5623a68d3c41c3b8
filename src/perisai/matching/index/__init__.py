"""Stored hashes within a Hamming distance: :class:`RadiusIndex`, found exactly."""

from perisai.matching.index.radius import DEFAULT_RADIUS, Hits, RadiusIndex

__all__ = ["DEFAULT_RADIUS", "Hits", "RadiusIndex"]

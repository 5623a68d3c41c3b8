"""Is it known? PDQ and exact hashes, the radius index, hash lists.

:mod:`~perisai.matching.pdq` hashes pictures, :mod:`~perisai.matching.variants` says in which forms
they are looked up and listed, :mod:`~perisai.matching.digests` and
:mod:`~perisai.matching.clips` deal with whole files and with sequences. These four are light: they
run in decoding workers. Nothing is imported before it is asked for.
"""

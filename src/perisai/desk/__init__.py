"""From complaint to published outcome: what a commission, a ministry and a platform work with.

Every package here is one noun. Its ``domain`` module holds pure functions: they take the state that
the facts so far add up to, who acts and when, and return the new facts, or raise
:class:`perisai.errors.NotAllowed` or :class:`perisai.errors.NotYet`. Nothing else may decide.
"""

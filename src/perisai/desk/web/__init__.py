"""The desk's pages: what the staff of a commission, a ministry and a platform see and do.

Nothing is decided here. A page asks the house (:mod:`perisai.desk.house`) for what stands in the
facts, and hands what somebody typed to the domain, which writes it down or refuses.
"""

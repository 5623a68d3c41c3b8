"""The public page: help first, complaints, their receipts, results, and the door of platforms.

A site of its own beside the desk. It has no session and no cookie, and it writes down no address:
what a visitor has filled in so far travels in the page itself, signed.
"""

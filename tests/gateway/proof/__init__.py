"""What must hold, tried on the whole gateway: it is lied to, killed, raced and fed nonsense.

``test_nothing_unscreened.py`` checks every byte that leaves against an independent reading of the
store, ``test_killed.py`` kills the server, ``test_any_request.py`` and ``test_connections.py`` send
what no client would, and ``test_races.py`` holds what was found by reading the code as an attacker
would.

``PERISAI_PROOF_SEEDS`` (walks), ``PERISAI_PROOF_STEPS`` (steps of each), ``PERISAI_PROOF_KILLS``
and ``PERISAI_PROOF_EXAMPLES`` (requests) make them longer.
"""

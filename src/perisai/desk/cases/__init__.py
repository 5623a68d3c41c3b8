"""A case (*kasus*): one incident across complaints, platforms and links, from claim to outcome."""

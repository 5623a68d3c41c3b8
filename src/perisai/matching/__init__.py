"""Is it known? PDQ and exact hashes, the radius index, hash lists."""

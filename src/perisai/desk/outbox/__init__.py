"""What leaves the house: written down with what caused it, delivered later, red until received."""

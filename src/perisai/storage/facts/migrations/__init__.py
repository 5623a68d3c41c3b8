"""Changes of the tables of facts."""

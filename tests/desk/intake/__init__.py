"""What is taken in, and what becomes of it."""

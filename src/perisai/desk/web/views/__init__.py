"""The pages and what is done on them, a module for each noun."""

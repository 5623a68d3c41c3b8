"""Small copies of what was screened: kept for days, opened step by step, counted in minutes."""

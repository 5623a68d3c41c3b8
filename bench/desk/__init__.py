"""Measures the desk with a large load: its pages, intake, and how long everything anew takes."""

"""Figures of the house: what comes in, what waits, what is late, and how reviewers agree."""

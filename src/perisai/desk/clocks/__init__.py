"""When is something due? Calendar hours, working days with holidays, pauses, two thresholds."""

"""Who may see it? Findings in, a verdict for each age band out."""

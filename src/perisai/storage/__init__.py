"""What is kept: facts, verdicts and bytes."""

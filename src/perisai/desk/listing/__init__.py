"""What the house tells others to block: proposed by one, tried against what is allowed, agreed."""

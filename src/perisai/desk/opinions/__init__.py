"""A second opinion on a claim, given blind: how far two reviewers see the same."""

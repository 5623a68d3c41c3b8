"""Who has an account, and in which role."""

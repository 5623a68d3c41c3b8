"""What people at the desk decide about a file, and how this house's gateway comes to know it."""

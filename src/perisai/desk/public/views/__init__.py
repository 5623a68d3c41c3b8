"""What each address of the public page answers."""

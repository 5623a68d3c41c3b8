"""What does this file show? Bytes in, displayed frames out."""

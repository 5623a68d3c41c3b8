"""What did the operator choose? One file, environment on top."""

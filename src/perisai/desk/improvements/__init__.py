"""What an agency is asked to improve, by when, how it will be verified, and what came of it."""

"""Who promised what by when, how it will be verified, and what came of it."""

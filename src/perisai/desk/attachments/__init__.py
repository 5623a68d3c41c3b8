"""Documents that are kept with a case, each encrypted under a key of its own."""

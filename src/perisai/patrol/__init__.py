"""How exposed is a child today? Searches are measured: what is found, and what of it is unfit."""

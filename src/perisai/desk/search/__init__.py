"""Full-text search over complaints and cases: words in, keys out."""

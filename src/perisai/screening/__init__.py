"""The pipeline that ties the others together, one file or a million."""

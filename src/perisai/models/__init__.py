"""Does it look explicit? Classifiers and detectors behind one interface."""

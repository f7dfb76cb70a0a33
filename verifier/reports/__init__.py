"""One file a format: a report drawn from the model alone."""

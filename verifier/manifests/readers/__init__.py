"""One file, one source: what it says, or why it is absent."""

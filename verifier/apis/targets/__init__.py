"""What the user named, resolved to files and an interpreter, without running any of it."""

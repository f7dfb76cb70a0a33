"""Readers: one source in, what it says out; a source that is not there or broken is a value as well."""

"""Extractors: what was read in, what it says of one field out. They read nothing themselves, and know no clock."""

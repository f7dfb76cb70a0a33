"""verify-apis: an API must import or it does not exist."""

"""`result.json`: its schema, its writer beside its readers."""

"""The gate against a model that knows the truth."""

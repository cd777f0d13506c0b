"""The settings: which there are, what their texts mean, and reading them from their sources."""

"""The shape of the platform's responses, and reading them."""

"""A client of the platform's public API: requests, tokens, retries, and the meaning of errors."""

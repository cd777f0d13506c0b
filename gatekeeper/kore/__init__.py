"""The platform's public API: tokens, requests, retries, and what its error texts mean."""

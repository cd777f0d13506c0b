"""All that decides red or green."""

"""Everything that decides whether a run is red or green."""

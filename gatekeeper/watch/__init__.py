"""What lives while a run does."""

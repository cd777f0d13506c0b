"""The words and marks that every report uses."""

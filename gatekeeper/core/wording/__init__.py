"""The words and marks that all reports share."""

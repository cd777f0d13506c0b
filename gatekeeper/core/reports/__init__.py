"""The reports: pure functions that render a finished gate as text."""

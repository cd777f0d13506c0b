"""The renderings: pure functions from a gate's end to text."""

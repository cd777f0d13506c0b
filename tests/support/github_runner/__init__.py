"""A stand-in for GitHub's runner: what it passes to a step, and what it reads from one.

It follows the runner's own source, so that the action runs as on GitHub.
"""

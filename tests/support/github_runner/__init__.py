"""A stand-in for GitHub's runner: what it hands to a step, and what it reads of one.

Written after the runner's own source, so that the action can be run as GitHub runs it.
"""

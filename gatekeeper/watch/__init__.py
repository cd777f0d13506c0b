"""Runs while they are in progress: started, polled, retried and displayed."""

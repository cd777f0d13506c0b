"""The files that `init` writes: the configuration, and the job of each CI platform."""

"""The platform's words become ours: the shape of an answer, and reading one."""

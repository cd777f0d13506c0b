"""Comments on pull and merge requests: the REST APIs of the platforms, and one comment per gate."""

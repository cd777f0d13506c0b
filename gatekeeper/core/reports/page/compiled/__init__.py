"""The page's templates as Python, made of `assets` by `make templates`; not to be edited."""

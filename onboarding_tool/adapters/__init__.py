"""The outside world: files, git, and what else has effects. Nothing outside this package has any."""

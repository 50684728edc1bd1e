"""(Repo, intent) -> Changes: what a command would write, computed without writing it."""

"""What rules ask of a config repo, answered once for all of them. No rule is in here."""

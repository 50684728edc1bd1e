"""The gate: whether a pull request is exactly what its author may do, judged on the merged result. Pure."""

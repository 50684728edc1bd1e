"""Measurements of speed and memory: `make bench` runs them and writes RESULTS.md."""

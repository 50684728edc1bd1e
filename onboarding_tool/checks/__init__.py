"""The rules, one module each, and in facts/ what they share. judging.py lists them all and asks them."""

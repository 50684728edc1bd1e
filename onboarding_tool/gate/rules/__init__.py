"""What only a change can break: one module for each rule, whose docstring is its page."""

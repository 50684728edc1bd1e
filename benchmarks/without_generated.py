"""`onboard` without the rules that compare generated/ with what would be generated: what all the others take."""

from onboarding_tool.checks import generated_object_invalid, generated_stale, judging
from onboarding_tool.cli import main

COMPARING = (generated_stale, generated_object_invalid)

if __name__ == "__main__":
    judging.RULES = tuple(rule for rule in judging.RULES if rule not in COMPARING)
    main()

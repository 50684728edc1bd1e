"""What is worked out of a value is kept for that very value, and for no other that looks like it."""

from functools import lru_cache

from onboarding_tool.same import Same


def test_only_the_very_same_value_is_recognised():
    one, like_it = {"a": 1}, {"a": 1}
    asked = []

    @lru_cache(maxsize=2)
    def work_out(same: Same[dict[str, int]]) -> int:
        asked.append(same.value)
        return len(asked)

    assert work_out(Same(one)) == work_out(Same(one)) == 1
    assert work_out(Same(like_it)) == 2
    assert asked[0] is one
    assert asked[1] is like_it
    assert Same(one) != one

"""Pull requests that are right alone, two by two: is the second one judged by what the first one made of main?"""

import random
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.support.pair_oracle import State, merged, problems
from tests.support.pulls import Pulls, rules
from tests.support.small_fleet import Text, Wish, arrived, fleet, pulls_of, wishes

SEEDS = (0, 1, 2, 3)
PAIRS = 125  # of each seed
KNOWN = 12  # pull requests of which chance makes pairs, beside those of the telling ones
# What has to be among the pairs, first and second, where a seed's config repo lets both be asked for.
TELLING = (
    ("request payments prod 2", "request payments prod 3"),
    ("request orders prod 0", "request orders prod 1"),
    ("request search staging 2", "request search staging 1"),
    ("request orders staging 0", "request orders staging 1"),
    ("request search prod 0", "request search prod 1"),
    ("request search staging 0", "request search staging 1"),
    ("request orders prod 2", "request orders prod migrate"),
    ("request carts prod same v5.0.0", "request carts prod same v5.0.1"),
    ("request carts prod 2", "request carts prod proxy"),
    ("request carts prod 2", "platform bump carts"),
    ("platform bump carts", "request carts prod 0"),
    ("platform bump carts", "request carts prod 2"),
    ("platform retire carts", "request carts prod 2"),
    ("request carts prod 2", "platform retire carts"),
    ("platform namespace ledger", "request ledger prod 2"),
    ("request ledger prod 2", "platform namespace ledger"),
    ("platform owner ledger", "request ledger prod 2"),
    ("request ledger prod 2", "platform owner ledger"),
    ("platform member bob gone", "request carts staging 2"),
    ("request carts staging 2", "platform member bob gone"),
    ("platform level orders L0", "config orders first"),
    ("config orders first", "platform level orders L0"),
    ("platform level payments L0", "config orders first"),
    ("platform policy levels", "autoscaling orders up to 8"),
    ("autoscaling orders up to 8", "platform policy levels"),
    ("platform policy no L1", "config ledger last"),
    ("platform policy quota", "autoscaling search up to 8"),
    ("resources search cpu 400", "autoscaling search up to 8"),
    ("autoscaling search up to 8", "resources search cpu 400"),
    ("autoscaling search at least 4", "autoscaling search down to 3"),
    ("resources search more memory", "resources search lower limit"),
    ("config search literal", "config search file"),
    ("config search first", "config search last"),
    ("config search first", "config search first again"),
    ("platform rename search hpa", "autoscaling search up to 8"),
    ("autoscaling search up to 8", "platform rename search hpa"),
    ("platform policy tags", "request carts everywhere"),
    ("request carts everywhere", "platform policy tags"),
    ("platform policy queue", "request orders prod 0"),
    ("platform policy revision", "request carts prod 2"),
    ("platform api new 0", "platform api new 1"),
    ("platform api shared0", "platform api shared1"),
    ("platform api shared1", "platform prefix payments shared"),
    ("platform prefix payments shared", "platform prefix search shared"),
    ("platform host payments shared", "platform host search shared"),
    ("platform api settled0", "platform api settled1"),
    ("platform namespace ledger common", "platform namespace feeds common"),
    ("platform team gone", "platform api of spare"),
    ("platform api of spare", "platform team gone"),
    ("platform tenant moved", "platform owner ledger"),
    ("platform exception gone", "platform secret excused"),
    ("platform secret excused", "platform exception gone"),
    ("platform images orders first", "platform images orders last"),
    ("platform env orders first", "platform env orders last"),
    ("platform label orders first", "platform label orders last"),
    ("platform component longer", "platform component gone"),
)
# Why a second one is refused: each of these is met with every seed.
REASONS = {
    "author-not-owner",
    "change-not-permitted",
    "generated-stale",
    "images-entry-unsafe",
    "legacy-host-claimed-twice",
    "merge-conflict",
    "namespace-shared",
    "quota-exceeded",
    "render-failed",
    "rendered-bounds-crossed",
    "rendered-variable-twice",
    "request-image-forbidden",
    "request-not-accepted",
    "request-not-applicable",
    "request-target-mismatch",
    "route-claimed-twice",
    "secret-in-plaintext",
    "team-unknown",
    "tenant-unserved",
    "yaml-duplicate-key",
}


@dataclass(frozen=True)
class Pair:
    first: Wish
    second: Wish


def drawn(found: list[Wish], seed: int) -> list[Pair]:
    """The telling pairs, and by chance others, most of which are about the same API or the platform's files."""
    random_ = random.Random(seed)
    named = {wish.name: wish for wish in found}
    telling = [Pair(named[one], named[other]) for one, other in TELLING if {one, other} <= named.keys()]
    known = list({wish.name: wish for pair in telling for wish in (pair.first, pair.second)}.values())
    known += [wish for wish in random_.sample(found, KNOWN) if wish not in known]
    pairs = [Pair(one, other) for one in known for other in known if one is not other]
    near = [pair for pair in pairs if _words(pair.first) & _words(pair.second)]
    others = random_.sample(near, PAIRS) + random_.sample(pairs, PAIRS)
    random_.shuffle(others)
    return (telling + [pair for pair in others if pair not in telling])[:PAIRS]


def _words(wish: Wish) -> set[str]:
    return set(wish.name.split()[1:]) - {"prod", "staging", "first", "last"}


class Repository:
    """A config repo as a bare repository and as the oracle sees it, and what was found of pull requests alone."""

    def __init__(self, pulls: Pulls, files: Text) -> None:
        self.pulls, self.files = pulls, files
        self.waiting = arrived(files)
        self._heads: dict[str, str] = {}

    def with_(self, wish: Wish) -> Text:
        return {path: text for path, text in {**self.files, **wish.files}.items() if text is not None}

    def head(self, wish: Wish) -> str:
        """Its branch; both the gate and the oracle accept it on the base."""
        if wish.name not in self._heads:
            base = State(self.files, self.waiting)
            assert problems(base, State(self.with_(wish)), wish) == set(), wish.name
            head = self.pulls.commit(wish.files, self.pulls.base)
            verdict = self.pulls.verdict(head, wish.author)
            assert verdict.passes, (wish.name, verdict.findings)
            self._heads[wish.name] = head
        return self._heads[wish.name]

    def landed(self, wish: Wish, *, squashed: bool) -> str:
        """The main branch after it."""
        parents = [self.pulls.base] if squashed else [self.pulls.base, self.head(wish)]
        return self.pulls.commit(wish.files, *parents)

    def expected(self, pair: Pair) -> set[str]:
        main = self.with_(pair.first)
        added = sorted(path for path in main if "/requests/" in path and path not in self.files)
        result = merged(self.files, main, self.with_(pair.second))
        state = None if result is None else State(result)
        return problems(State(main, (*self.waiting, *added)), state, pair.second)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_right_alone_is_accepted_where_it_is_right_together(tmp_path, seed):
    files = fleet(seed)
    repository = Repository(pulls_of(files, tmp_path / "config.git"), files)
    random_ = random.Random(seed)
    counted: Counter[str] = Counter()
    wrong = []
    pairs = drawn(wishes(files, seed), seed)
    for pair in pairs:
        head, expected = repository.head(pair.second), repository.expected(pair)
        main = repository.landed(pair.first, squashed=random_.random() < 0.3)
        repository.head(pair.first)
        verdict = repository.pulls.verdict(head, pair.second.author, base=main)
        counted.update(expected or {"accepted"})
        counted[f"{_kind(pair.first)}, then {_kind(pair.second)}"] += 1
        if verdict.passes is bool(expected) or not (expected <= rules(verdict) or expected & rules(verdict)):
            wrong.append((pair.first.name, pair.second.name, expected, verdict.headline, verdict.findings))
    print("\n".join(f"{number:5} {what}" for what, number in sorted(counted.items())))
    assert "\n".join(map(str, wrong)) == ""
    assert len(pairs) == PAIRS
    assert REASONS - counted.keys() == set()
    assert min(counted["accepted"], PAIRS - counted["accepted"]) >= PAIRS / 4


def test_every_telling_pair_is_tried():
    """Where nothing waits, so that nothing stands in the way of asking for it."""
    names = {wish.name for wish in wishes(fleet(0), 0)}
    assert [pair for pair in TELLING if not names >= set(pair)] == []


def _kind(wish: Wish) -> str:
    return {"request": "request", "rollback": "request", "platform": "platform"}.get(wish.name.split()[0], "tenant")

"""Bytes that nobody would write, into everything that reads: `python -m tests.slow.fuzzing SECONDS [SEED [READER]]`.

Real files are cut, joined, repeated and spoilt. Whatever comes in, an answer comes out: no other exception than one
that speaks to the user, in at most a second, in little memory. Ends with 1 and the input on what breaks that.
The gate takes longer than all others together, so it gets one input of some.
"""

import faulthandler
import json
import random
import resource
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from onboarding_tool import garbage, generators, images, load, protection, report_gate, rulesets, yamltext
from onboarding_tool.checks import judging
from onboarding_tool.edits.bump import bump
from onboarding_tool.errors import BugError, OnboardingError
from onboarding_tool.rendering import closure
from onboarding_tool.tree import File, Tree, tree_of
from tests.slow.pull_requests import judged
from tests.support.blocks import DIALECTS, is_known
from tests.support.broken import everything
from tests.support.imports import imported
from tests.support.repos import good

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"
SLOWEST = 1.0  # seconds for one input
# Of the platform team's it judges both sides of the whole config repo, renders them, and has seven looks at a manifest
# of a megabyte.
SLOWEST_OF_GATE = 3.0
HANGS = 60.0  # seconds after which it says where it is, and ends
GATE = "a pull request"
EVERY = 8  # inputs, of which the gate gets one
MEMORY = 200 << 10  # KiB more than at the beginning
LARGEST = 64 << 10  # bytes of an input
# What means something to a reader of YAML or of paths.
WORDS = (
    *(
        b"\n",
        b": ",
        b"- ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"&a ",
        b"*a",
        b"!!",
        b"|\n",
        b">\n",
        b"'",
        b'"',
        b"#",
        b"---\n",
        b"...\n",
    ),
    *(
        b"\t",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xff",
        b"\xe2\x80\xa8",
        b"<<: ",
        b"? ",
        b"%YAML 1.2\n",
        b"\\u0000",
        b"  ",
    ),
    *(b"../", b"/", b"apps/", b"=", b"0x", b"1e400", b"9" * 40, b"yes", b"null", b"~", b"a" * 1100),
)
Reader = Callable[[bytes], object]


def dialect(which: yamltext.Dialect) -> Reader:
    return lambda data: yamltext.read(data, which)


def whole_repo(path: str, texts: Mapping[str, str]) -> Reader:
    """A config repo with one file replaced: loaded, judged, and where that can be, generated."""

    def read(data: bytes) -> None:
        repo, found = load.load(tree_of({**texts, path: data}))
        verdict = judging.run(repo, found)
        if not verdict.findings:
            generators.generate(repo)

    return read


def bumped(data: bytes) -> None:
    """An image moved in a kustomization, whatever that is."""
    repo, _ = load.load(tree_of({**good(), OVERLAY: data}))
    bump(repo, repo.apis["payments"], "prod", images.parse(f"{APP}:v9.0.0"))


def readers() -> dict[str, Reader]:
    found: dict[str, Reader] = {
        "yamltext, our own files": dialect(yamltext.OURS),
        "yamltext, kustomizations": dialect(yamltext.KUSTOMIZATION),
        "yamltext, manifests": dialect(yamltext.MANIFEST),
        "plain block YAML, as libyaml reads it": lambda data: [is_known(data, which) for which in DIALECTS],
        "every text in YAML": lambda data: list(zip(range(10_000), yamltext.texts(data), strict=False)),
        "the closure of a kustomization": lambda data: closure(Tree({"a/kustomization.yaml": File(data)}), "a"),
        "an import": lambda data: imported({"export.yaml": data}),
        "a bump": bumped,
        "what GitHub says of its rules": protection.read,
        "a comment on a verdict": lambda data: report_gate.markdown(report_gate.read(data)),
        GATE: judged,
    }
    whole = good()  # in which nothing is wrong, so that one file is all that keeps it from being generated
    for path, texts in (dict.fromkeys(everything(), everything()) | dict.fromkeys(whole, whole)).items():
        found[f"a repo with another {path}"] = whole_repo(path, texts)
    return found


def inputs(seed: int) -> Iterator[bytes]:
    """Without end, and the same for the same seed."""
    random_ = random.Random(seed)
    seeds = [text.encode() for text in everything().values()]
    seeds += [report_gate.json(judged(b"")).encode(), json.dumps(rulesets.of_history()["rules"]).encode()]
    seeds += [path.read_bytes()[:LARGEST] for path in sorted(CORPUS.rglob("*.yaml")) if "crds" not in path.parts]
    while True:
        data = random_.choice(seeds)
        for _ in range(random_.randint(1, 6)):
            data = spoilt(data, random_, seeds)[:LARGEST]
        yield data


def spoilt(data: bytes, random_: random.Random, seeds: list[bytes]) -> bytes:
    start, end = sorted((random_.randint(0, len(data)), random_.randint(0, len(data))))
    match random_.randrange(7):
        case 0:
            return data[:start] + data[end:]
        case 1:
            return data[:end] + data[start:end] * random_.choice((1, 2, 50)) + data[end:]
        case 2:
            return data[:start] + random_.choice(seeds)[: random_.randint(0, 500)] + data[end:]
        case 3:
            return data[:start] + random_.randbytes(random_.randint(1, 8)) + data[start:]
        case 4:
            return (
                data[:start] + bytes([data[start] ^ 1 << random_.randrange(8)]) + data[start + 1 :]
                if data[start:]
                else data
            )
        case 5:
            return data[:start] + random_.choice(WORDS) * random_.choice((1, 1, 2, 300)) + data[start:]
        case _:
            lines = data.split(b"\n")
            random_.shuffle(lines)
            return b"\n".join(lines)


def main(seconds: float, seed: int, only: str = "") -> int:
    garbage.collect_rarely()  # as every command does
    named, times = {name: reader for name, reader in readers().items() if only in name}, defaultdict(list)
    for reader in named.values():  # what is loaded and kept once
        for text in good().values():
            attempt(reader, text.encode())
    before, deadline = peak(), time.monotonic() + seconds
    for number, data in enumerate(inputs(seed)):
        for name, reader in named.items():
            if name == GATE and number % EVERY and not only:
                continue
            faulthandler.dump_traceback_later(HANGS, exit=True)
            began = time.process_time()
            broken = attempt(reader, data)
            took = time.process_time() - began
            times[name].append(took)
            broken = broken or (f"it took {took:.1f} s" if took > slowest(name) else "")
            broken = broken or (f"{(peak() - before) >> 10} MB" if peak() - before > MEMORY else "")
            if broken:
                print(f"{name}: {broken}\n{data!r}")
                return 1
        if time.monotonic() > deadline:
            break
    for name, found in times.items():
        print(f"{name}: {len(found):,} inputs, the slowest {max(found):.3f} s")
    print(f"seed {seed}, {seconds:g} s, {(peak() - before) >> 10} MB more than before")
    return 0


def slowest(name: str) -> float:
    return SLOWEST_OF_GATE if name == GATE else SLOWEST


def attempt(reader: Reader, data: bytes) -> str:
    """What broke; "" if nothing did."""
    try:
        reader(data)
    except BugError:
        return traceback.format_exc()
    except OnboardingError:
        return ""
    except Exception:
        return traceback.format_exc()
    return ""


def peak() -> int:
    """KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    sys.exit(main(float(sys.argv[1]), chosen, *sys.argv[3:4]))

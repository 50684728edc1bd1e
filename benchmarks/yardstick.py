"""How fast the machine is just now: stands beside every result, and none of our code has a part in it."""

import time

import yaml

from benchmarks import manifests
from benchmarks.shapes import Size

SIZE = Size(120)
FILES = 1000
RUNS = 5


def yardstick() -> float:
    """Seconds that libyaml takes on one core to compose 1,000 files of a fleet: the best of a few runs."""
    files = (file for number in range(SIZE.apis) for file in manifests.api_files(SIZE, number).items())
    texts = [data for path, data in files if path.endswith(".yaml")]
    return min(_seconds(texts) for _ in range(RUNS)) * FILES / len(texts)


def _seconds(texts: list[bytes]) -> float:
    begin = time.perf_counter()
    for text in texts:
        for _ in yaml.compose_all(text, Loader=yaml.CSafeLoader):
            pass
    return time.perf_counter() - begin

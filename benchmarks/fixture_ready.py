"""How long the cluster of the end-to-end tests takes until it can be used, and how much memory. Linux only.

python -m benchmarks.fixture_ready
"""

import statistics
import tempfile
import time
from pathlib import Path

from tests.cluster import argocd, controlplane
from tests.cluster.processes import working_below
from tests.cluster.tools import Tools, ensure

RUNS = 5


def main() -> None:
    tools = ensure(print)
    with tempfile.TemporaryDirectory() as folder:
        runs = [measure(tools, Path(folder) / str(number)) for number in range(RUNS)]
    for column, what in enumerate(("s to the cluster", "s to Argo CD on it", "MiB")):
        values = [run[column] for run in runs]
        print(f"{statistics.median(values):.1f} {what} (median; {min(values):.1f} to {max(values):.1f})")


def measure(tools: Tools, folder: Path) -> tuple[float, float, float]:
    """Seconds until the cluster is ready, seconds until Argo CD is, too, and the MiB that both take then."""
    start = time.monotonic()
    with controlplane.running(tools, folder / "cluster", "measured") as cluster:
        ready = time.monotonic() - start
        with argocd.running(tools, cluster, folder / "argocd"):
            all_ready = time.monotonic() - start
            return ready, all_ready, sum(map(memory, working_below(folder)))


def memory(pid: int) -> float:
    """The MiB of a process, pages that it shares counted in part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()

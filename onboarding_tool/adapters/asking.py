"""Asks Argo CD to look at Applications, from a process of its own.

To load what speaks with Kubernetes takes as long as all that git does for a release. This process does it meanwhile, on
another core; a thread of ours would only take turns with us.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from onboarding_tool.errors import WorldError


class Asker:
    """Gets ready from now on; ends with the block, whether or not it was asked for anything."""

    def __init__(self) -> None:
        # -P: nothing is imported from the folder that we happen to be in. Ctrl-C is for us.
        command = [sys.executable, "-P", "-m", __name__]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, context: str | None, namespace: str, applications: Iterable[str]) -> None:
        """Have Argo CD look at these now. `context`: of its cluster. Raises WorldError if it could not be asked."""
        asked = {"context": context, "namespace": namespace, "applications": list(applications)}
        complaint, _ = self._process.communicate(json.dumps(asked))
        if self._process.returncode:
            raise WorldError(f"the process that asks ended with {self._process.returncode}")
        if complaint:
            raise WorldError(complaint.strip())


def main() -> None:
    """What runs in the process: one line of JSON in, a complaint out."""
    from onboarding_tool.adapters.cluster import Cluster, refresh

    asked = json.loads(sys.stdin.readline())
    try:
        argocd = Cluster.connect(asked["context"])
        for name in asked["applications"]:
            refresh(argocd, asked["namespace"], name)
    except WorldError as error:
        print(error.message)


if __name__ == "__main__":
    main()

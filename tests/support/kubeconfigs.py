"""Kubeconfigs for tests without a cluster."""

import json
from pathlib import Path
from typing import Any


def kubeconfig(path: Path, servers: dict[str, str], current: str | None = None, **user: Any) -> Path:
    """A file with a context for each server, by name; all of them as one user."""
    value: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [{"name": name, "context": {"cluster": name, "user": "kim"}} for name in servers],
        "clusters": [{"name": name, "cluster": {"server": server}} for name, server in servers.items()],
        "users": [{"name": "kim", "user": user or {"token": "hunter2"}}],
    }
    if current is not None:
        value["current-context"] = current
    path.write_text(json.dumps(value), encoding="utf-8")
    return path

"""Writes tests/forge/openapi.json: what GitHub takes in the calls that we make, as GitHub describes its API.

    npm pack @octokit/openapi@23.0.2 && python tests/tools/github_openapi.py octokit-openapi-23.0.2.tgz

The source is the npm package @octokit/openapi (MIT), which is 28 MB; the few calls that we make are a page of it.
"""

import hashlib
import json
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "forge/openapi.json"
PACKAGE = "@octokit/openapi@23.0.2"
SHA512 = (
    "a55f0cecbf46636dc0c9b36f4e6a369f28e6a669edebedac444fedaabd192d07"
    "0f4b8967c3bbb979918d9b044d9010b70fb8195db171e401f32d455105718386"
)
COMMENT = (
    f"From GitHub's OpenAPI description, npm {PACKAGE}, MIT: openapi.LICENSE; made by tests/tools/github_openapi.py"
)
REPO = "/repos/{owner}/{repo}"
CALLS = (
    ("get", f"{REPO}/pulls/{{pull_number}}"),
    ("get", f"{REPO}/pulls/{{pull_number}}/reviews"),
    ("get", f"{REPO}/commits/{{ref}}"),
    ("get", f"{REPO}/issues/{{issue_number}}/comments"),
    ("post", f"{REPO}/issues/{{issue_number}}/comments"),
    ("patch", f"{REPO}/issues/comments/{{comment_id}}"),
    ("delete", f"{REPO}/issues/comments/{{comment_id}}"),
)


def text(package: Path) -> str:
    data = package.read_bytes()
    if hashlib.sha512(data).hexdigest() != SHA512:
        raise SystemExit(f"{package} is not {PACKAGE}")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/generated/api.github.com.json")
        assert file is not None
        whole = json.load(file)
    return json.dumps(extract(whole), indent=1, sort_keys=True) + "\n"


def extract(whole: Mapping[str, Any]) -> dict[str, Any]:
    calls = [{"verb": verb.upper(), "path": path, **_call(whole, verb, path)} for verb, path in CALLS]
    return {"$comment": COMMENT, "calls": calls}


def _call(whole: Mapping[str, Any], verb: str, path: str) -> dict[str, Any]:
    """Its parameters by where they stand, and the schema of its body, if it has one."""
    about = whole["paths"][path][verb]
    parameters = [_resolved(whole, one) for one in about.get("parameters", ())]
    found: dict[str, Any] = {"path_parameters": {}, "query": {}}
    for one in parameters:
        found["path_parameters" if one["in"] == "path" else one["in"]][one["name"]] = one["schema"]
    body = about.get("requestBody")
    return {**found, "body": body["content"]["application/json"]["schema"] if body else None}


def _resolved(whole: Mapping[str, Any], value: Any) -> Any:
    """Without references to elsewhere."""
    if isinstance(value, dict) and "$ref" in value:
        found: Any = whole
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found
    return value


if __name__ == "__main__":
    TARGET.write_text(text(Path(sys.argv[1])), encoding="utf-8")

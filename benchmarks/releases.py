"""Release requests and records of a benchmark's fleet, for a few of its APIs."""

import hashlib
from collections.abc import Iterator
from random import Random

from benchmarks.shapes import REGISTRY, Shape, Size, hexadecimal, shape
from onboarding_tool.load import request_id

REQUEST = """\
# yaml-language-server: $schema=../../../../.onboard/schemas/release-request.json
apiVersion: onboarding/v1
kind: ReleaseRequest
api_name: {name}
environment: {environment}
namespace: {namespace}
deployment: {name}
container: app
target_image: {image}
"""
RECORD = """\
# yaml-language-server: $schema=../../../../.onboard/schemas/release-record.json
apiVersion: onboarding/v1
kind: ReleaseRecord
id: "{id}"
seq: {seq}
decision: applied
reason: null
request:
{request}request_path: {path}
request_sha256: "{sha256}"
slot:
{slot}old_image: {old}
new_image: {image}
requested_by: {{name: Alice Adams, login: null, id: null, source: git, commit: "{commit}"}}
approved_by: [{{name: Alice Adams, login: null, id: null, source: git, commit: "{commit}"}}]
actor: {{name: onboarding-bot, login: null, id: null, source: git, commit: null}}
pipeline: null
decided_at: "2026-11-{day:02}T16:40:02Z"
base_commit: "{commit}"
tool_version: 0.1.0
previous: {previous}
"""
OUTCOME = """\
# yaml-language-server: $schema=../../../../.onboard/schemas/release-outcome.json
apiVersion: onboarding/v1
kind: ReleaseOutcome
id: "{id}"
seq: {seq}
result: healthy
seconds: {{synced: 12.4, healthy: 41}}
message: null
finished_at: "2026-11-{day:02}T16:41:10Z"
"""


def request_files(size: Size, number: int) -> dict[str, bytes]:
    """A pending request, for a few APIs. A change of its own brings requests."""
    about, random = shape(size, number), Random(f"{size.seed}/{number}/request")
    if about.lifecycle != "active" or random.random() >= 0.03:
        return {}
    environment = random.choice(size.names)
    image = f"{REGISTRY}/{about.name}/app:v99.{random.randint(0, 9)}.0"
    path, text = _request(about, environment, image, random)
    return {path: text.encode()}


def _request(about: Shape, environment: str, image: str, random: Random) -> tuple[str, str]:
    slug = image.rpartition(":")[2].replace(".", "-")
    path = f"apps/{about.name}/requests/{environment}/2026-11-20-{slug}-{hexadecimal(random, 4)}.yaml"
    place = about.namespaces[environment]
    return path, REQUEST.format(name=about.name, environment=environment, namespace=place, image=image)


def release_files(size: Size, number: int) -> dict[str, bytes]:
    """A chain of records with their outcomes, in one environment of a few APIs."""
    about, random = shape(size, number), Random(f"{size.seed}/{number}/releases")
    environment = size.names[-1]
    files: dict[str, bytes] = {}
    previous, old = "null", f"{REGISTRY}/{about.name}/app:v0.9.0"
    for seq in range(1, random.choice((2, 3, 5)) if random.random() < 0.05 else 1):
        image = f"{REGISTRY}/{about.name}/app:v1.{seq}.0"
        path, request = _request(about, environment, image, random)
        words = {
            "id": request_id(path, request.encode()),
            "seq": seq,
            "request": "".join(f"  {line}\n" for line in request.splitlines()[1:]),
            "path": path,
            "sha256": hashlib.sha256(request.encode()).hexdigest(),
            "slot": "".join(_slot(about)),
            "old": old,
            "image": image,
            "commit": hexadecimal(random, 40),
            "day": seq,
            "previous": previous,
        }
        stem = f"apps/{about.name}/releases/{environment}/{seq:06}-{str(words['id'])[:16]}"
        record = RECORD.format_map(words).encode()
        files |= {f"{stem}.yaml": record, f"{stem}.outcome.yaml": OUTCOME.format_map(words).encode()}
        previous, old = f'"{hashlib.sha256(record).hexdigest()}"', image
    return files


def _slot(about: Shape) -> Iterator[str]:
    for one in sorted(about.deployments[about.name], key=lambda one: one.name):
        if one.repository.endswith(f"/{about.name}/app"):
            yield f"  - {{deployment: {about.name}, container: {one.name}}}\n"

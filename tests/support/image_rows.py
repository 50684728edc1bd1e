"""What an entry of `images:` does, row by row, as it was measured of kustomize 5.5.0, 5.7.1 and 5.8.1."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from tests.support.overlays import HEADER

ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
ALL = ("nginx:1.7.9", "nginx:latest", "nginx", f"nginx@{ONE}")
FAILS, PANICS = "it fails", "it panics"
# What other versions do otherwise, by the names that oracles.py gives it.
DIGEST, EXPRESSION = "a digest of any algorithm is one", "an image name that is no expression matches nothing"
VOLUME, VOLUME_OF_CRON_JOB = "an image volume has an image", "an image volume of a CronJob has an image"


@dataclass(frozen=True, slots=True)
class Row:
    """A manifest, the entries, and the manifest as it becomes, or how that fails. `otherwise` is what it becomes where
    the `difference` is one.
    """

    manifest: str
    entries: str
    result: str
    difference: str = ""
    otherwise: str = ""

    def files(self) -> dict[str, str]:
        """With the folder `o` to build."""
        return {
            "o/kustomization.yaml": f"{HEADER}resources: [a.yaml]\nimages: [{self.entries}]\n",
            "o/a.yaml": self.manifest,
        }


def pod(images: tuple[str, ...]) -> str:
    spec = {"containers": [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})


def _of_pods() -> Iterator[Row]:
    for images, entries, result in ROWS:
        yield Row(pod(images), entries, result if isinstance(result, str) else pod(result))
    moved, left = pod(("app:2",)), pod(("app@sha512:abc",))
    yield Row(left, "{name: app, newTag: '2'}", left, DIGEST, moved)
    for name in ("[", "c++"):
        yield Row(pod(("app:1",)), f"{{name: '{name}', newTag: '2'}}", PANICS, EXPRESSION, pod(("app:1",)))


# The images of a pod, the entries, and what the images become.
ROWS: tuple[tuple[tuple[str, ...], str, tuple[str, ...] | str], ...] = (
    (ALL, "{name: nginx, newTag: v2}", ("nginx:v2",) * 4),
    (ALL, "{name: nginx, newName: busybox}", ("busybox:1.7.9", "busybox:latest", "busybox", f"busybox@{ONE}")),
    (ALL, "{name: nginx, newName: busybox, newTag: v3}", ("busybox:v3",) * 4),
    (ALL, f"{{name: nginx, digest: '{TWO}'}}", (f"nginx@{TWO}",) * 4),
    (ALL, f"{{name: nginx, newName: busybox, digest: '{TWO}'}}", (f"busybox@{TWO}",) * 4),
    ((f"nginx:1.2.1@{ONE}",), "{name: nginx, newName: apache}", (f"apache:1.2.1@{ONE}",)),
    ((f"nginx:1.2.1@{ONE}",), "{name: nginx, newName: apache, newTag: 1.3.0}", ("apache:1.3.0",)),
    (
        (f"nginx:1.2.1@{ONE}",),
        "{name: nginx, newName: apache, newTag: 1.3.0, digest: 'sha256:xyz'}",
        ("apache:1.3.0@sha256:xyz",),
    ),
    (("nginx:1",), "{name: nginx, newTag: ''}", ("nginx:1",)),
    (("nginx:1",), "{name: nginx}", ("nginx:1",)),
    # What a name matches: it is an expression for the whole reference, and knows no default registry.
    (("nginx:1",), "{name: 'nginx:1', newTag: '2'}", ("nginx:2",)),
    *(
        ((image,), "{name: nginx, newTag: '2'}", (image,))
        for image in ("docker.io/library/nginx:1", "library/nginx:1", "Nginx:1", "nginx-extra:1", " nginx:1")
    ),
    (
        ("localhost:5000/app", "localhost:5000/app:1"),
        "{name: 'localhost:5000/app', newTag: '2'}",
        ("localhost:5000/app:2",) * 2,
    ),
    (("localhost:5000/app",), "{name: localhost, newTag: '2'}", ("localhost:5000/app",)),
    (("localhost:5000",), "{name: localhost, newTag: '2'}", ("localhost:2",)),
    (("fooXcom/app:1",), "{name: foo.com/app, newTag: '2'}", ("fooXcom/app:2",)),
    (("team/app:1",), "{name: team/(app|web), newTag: '2'}", ("team/app:2",)),
    (("team/app:1",), "{name: team/.*, newTag: '2'}", ("team/app:2",)),
    (("team/app:1",), "{name: '.*', newTag: '2'}", ("team/app:2",)),
    (
        ("app:{STABLE}", "app:${TAG}", "app:$(TAG)"),
        "{name: app, newTag: '2'}",
        ("app:2", "app:${TAG}", "app:$(TAG)"),
    ),
    # How a reference is split.
    (("nginx:1.2.3@sha256:12345",), "{name: nginx, newName: a}", ("a:1.2.3@sha256:12345",)),
    (("docker.io/nginx:1.2.3",), "{name: docker.io/nginx, newName: a}", ("a:1.2.3",)),
    (("foo.com:443/nginx:1.2.3",), "{name: 'foo.com:443/nginx', newName: a}", ("a:1.2.3",)),
    (("foo.com:443/nginx:1.2.3@sha256:12",), "{name: 'foo.com:443/nginx', newName: a}", ("a:1.2.3@sha256:12",)),
    # tagSuffix is put on twice in an ordinary pod.
    (("nginx:1",), "{name: nginx, tagSuffix: -alpine}", ("nginx:1-alpine-alpine",)),
    (("nginx", f"nginx@{ONE}"), "{name: nginx, tagSuffix: -alpine}", ("nginx:-alpine-alpine",) * 2),
    (("nginx:1",), "{name: nginx, newTag: '2', tagSuffix: -alpine}", ("nginx:2",)),
    # Entries see what those before them gave; of two for one name the last wins.
    (("a:1",), "{name: a, newName: b}, {name: b, newTag: '9'}", ("b:9",)),
    (("a:1",), "{name: b, newTag: '9'}, {name: a, newName: b}", ("b:1",)),
    (("a:1",), "{name: a, newTag: '2'}, {name: a, newTag: '3'}", ("a:3",)),
    # Nothing is judged that is a text, and nothing else is one.
    (("a:1",), "{name: a, newTag: 'bad tag/with:stuff'}", ("a:bad tag/with:stuff",)),
    (("a:1",), "{name: a, newName: 'reg/app:9'}", ("reg/app:9:1",)),
    (("a:1",), "{name: a, newTag: 1.10}", FAILS),
    (("a:1",), "{name: a, newTag: 010}", FAILS),
    (("a:1",), "{name: a, tag: '2'}", FAILS),
)

# Where images are: whether kustomize sees one there, the object, its body, and a difference.
CONTAINERS = "{containers: [{image: 'app:TAG'}], initContainers: [{image: 'app:TAG'}]}"
VOLUMES = "{volumes: [{name: v, image: {reference: 'app:TAG'}}]}"
PLACES: tuple[tuple[bool, str, str, str], ...] = (
    (True, "apps/v1 Deployment", f"spec: {{template: {{spec: {CONTAINERS}}}}}", ""),
    (True, "batch/v1 CronJob", f"spec: {{jobTemplate: {{spec: {{template: {{spec: {CONTAINERS}}}}}}}}}", ""),
    (True, "a.example/v1 A", f"spec2: {{x: {CONTAINERS}}}", ""),
    (True, "v1 ConfigMap", f"data: {CONTAINERS}", ""),
    (True, "v1 Pod", f"spec: {VOLUMES}", VOLUME),
    (True, "apps/v1 Deployment", f"spec: {{template: {{spec: {VOLUMES}}}}}", VOLUME),
    (
        False,
        "batch/v1 CronJob",
        f"spec: {{jobTemplate: {{spec: {{template: {{spec: {VOLUMES}}}}}}}}}",
        VOLUME_OF_CRON_JOB,
    ),
    (False, "apiextensions.k8s.io/v1 CustomResourceDefinition", f"spec: {CONTAINERS}", ""),
    (False, "v1 Pod", "spec: {ephemeralContainers: [{image: 'app:TAG'}]}", ""),
    (False, "v1 Pod", "spec2: {containers: {a: {image: 'app:TAG'}}}", ""),
    (False, "a.example/v1 A", "spec: {image: 'app:TAG'}", ""),
    (False, "v1 ConfigMap", "data: {a: 'image: app:TAG'}", ""),
)


def _of_places() -> Iterator[Row]:
    for is_seen, what, body, difference in PLACES:
        version, _, kind = what.partition(" ")
        text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n{body}\n"
        left, moved = text.replace("TAG", "1"), text.replace("TAG", "2")
        result, otherwise = (moved, left) if is_seen else (left, moved)
        yield Row(left, "{name: app, newTag: '2'}", result, difference, otherwise)
    empty = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: "
    yield Row(empty + "}\n", "{name: app, newTag: '2'}", empty + "[]}\n")


TABLE = (*_of_pods(), *_of_places())

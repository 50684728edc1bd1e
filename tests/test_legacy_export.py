import json
from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.errors import UsageError
from onboarding_tool.legacy import export
from tests.support.imports import DEPLOYMENT, SERVICE, documents, empty_repo, findings, imported, text, value


def refused(sources: dict[str, bytes], **words: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        imported(sources, **words)
    return caught.value


FORMS = {
    "one document": documents(DEPLOYMENT),
    "several documents": documents(DEPLOYMENT, SERVICE),
    "empty documents between": documents("", DEPLOYMENT, "# nothing here\n", SERVICE),
    "several files": {"a.yaml": DEPLOYMENT.encode(), "b.yaml": SERVICE.encode()},
    "list": documents(f"apiVersion: v1\nkind: List\nitems:\n- {DEPLOYMENT.replace(chr(10), chr(10) + '  ')}\n"),
    "list of its kind": documents(
        f"apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- {DEPLOYMENT.replace(chr(10), chr(10) + '  ')}\n"
    ),
    "json": {"export.json": json.dumps(export.yamltext.read(DEPLOYMENT.encode(), export.EXPORT).documents[0]).encode()},
    "crlf and byte order mark": {"a.yaml": b"\xef\xbb\xbf" + DEPLOYMENT.replace("\n", "\r\n").encode()},
    "document end markers": {"a.yaml": f"{DEPLOYMENT}...\n---\n{SERVICE}...\n".encode()},
    "an empty list beside it": documents("apiVersion: v1\nkind: List\nitems: []\n", DEPLOYMENT),
}


@pytest.mark.parametrize("sources", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_an_export_is_read(sources):
    result = imported(sources)
    assert findings(empty_repo(), result.changes) == []
    assert [workload.deployment for workload in result.api.workloads] == ["payments"]
    assert value(result, "base/deployment.yaml")["spec"]["template"]["spec"]["containers"][0]["name"] == "app"
    assert "\r" not in text(result, "base/deployment.yaml")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no object"),
        (b"# nothing\n---\n", "no object"),
        (b"\x00\x01\x02ELF", "export.yaml:1:1: the invisible character U+0000"),
        (b"\xff\xfe\x00a", "byte 0xff is not UTF-8"),
        (b"a: [1, 2\n", "not YAML"),
        (b"- 1\n- 2\n", "no mapping"),
        (b"just text\n", "no mapping"),
        (b"kind: Deployment\nmetadata: {name: a}\n", "it has no `apiVersion`"),
        (b"apiVersion: v1\nmetadata: {name: a}\n", "it has no `kind`"),
        (b"apiVersion: v1\nkind: Service\n", "has no `metadata.name`"),
        (b"apiVersion: v1\nkind: Service\nmetadata: {generateName: a-}\n", "has no `metadata.name`"),
        (b"apiVersion: v1\nkind: Service\nmetadata: [a]\n", "has no `metadata.name`"),
        (b"apiVersion: v1\nkind: List\nitems: [1]\n", "export.yaml:3:9: this is no Kubernetes object"),
        (b"a: 1\na: 2\n", "export.yaml:2:1: the key 'a' stands twice"),
        (b"a: !!binary aGk=\n", "export.yaml:1:4: `!!binary` is an explicit tag"),
        (b"y: 1\n", "means different things"),
        (b"[" * 200, "nested more than 64 levels deep"),
        (b"a" * (16 * 1024 * 1024 + 1), "16,777,217 bytes; at most 16,777,216 are read"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(data, said):
    assert said in refused({"export.yaml": data}).message


def test_aliases_are_refused_with_place_and_way_out():
    bomb = DEPLOYMENT.replace("        app: payments\n", "        app: &a payments\n        other: *a\n")
    error = refused({"legacy/all.yaml": bomb.encode()})
    assert "legacy/all.yaml:12:14: `&a` is an anchor, which no file here may use" in error.message
    assert "legacy/all.yaml:13:16: `*a` is an alias, which no file here may use. Write the value out." in error.message


def test_a_template_is_told_to_be_rendered_first():
    source = DEPLOYMENT.replace("name: payments", "name: {{ .Release.Name }}")
    assert "render it first (`helm template`)" in refused({"templates/deployment.yaml": source.encode()}).message


@pytest.mark.parametrize("name", ["base/kustomization.yaml", "kustomization.yml", "C:\\base\\Kustomization"])
def test_a_kustomization_is_told_to_be_rendered_first(name):
    error = refused({"base/deployment.yaml": DEPLOYMENT.encode(), name: b"resources: [deployment.yaml]\n"})
    assert f"{name}: a kustomization says what becomes of the files beside it" in error.message
    assert "kustomize build DIR | onboard api import" in error.message


def test_a_kustomization_by_another_name_too():
    other = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\n"
    assert "kustomize build" in refused(documents(DEPLOYMENT, other)).message


def test_all_problems_are_listed_but_not_thousands():
    error = refused({f"{number:03}.yaml": b"a: 1\n" for number in range(100)})
    assert error.message.count("it has no `apiVersion`") == export.MOST_LISTED
    assert error.message.endswith("and 80 more")


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data):
    with pytest.raises(UsageError):
        imported({"export.yaml": data})


COMMENTED = """\
# why this exists
apiVersion: apps/v1
kind: Deployment
metadata:
  name: payments
  uid: 1-2-3 # the cluster's
  # about labels
  labels: {app: payments}
spec:
  selector: {matchLabels: {app: payments}}
  template:
    metadata:
      labels: {app: payments}
    spec:
      containers:
        # the one that counts
        - image: 'europe-docker.pkg.dev/acme/payments/app:v1.9.3' # the last good one
          name: app
status: {}
"""


def test_text_and_comments_of_a_single_document_stay():
    result = imported(documents(COMMENTED))
    wanted = COMMENTED.replace("  uid: 1-2-3 # the cluster's\n", "").replace("status: {}\n", "").replace(":v1.9.3", "")
    assert text(result, "base/deployment.yaml") == wanted


def test_lost_comments_are_noted_for_each_file():
    result = imported({"a.yaml": COMMENTED.encode(), "b.yaml": SERVICE.encode()})
    assert [(note.object, note.reason) for note in result.notes if not note.at] == [
        ("a.yaml", "1 comment of 5: only values could be kept there")
    ]


def test_comments_in_a_list_are_noted():
    listed = f"kind: List\napiVersion: v1\nitems: # all of it\n- {COMMENTED.replace(chr(10), chr(10) + '  ')}\n"
    result = imported(documents(listed))
    assert [note.reason for note in result.notes if note.object == "export.yaml"] == [
        "6 comments of 6: only values could be kept there"
    ]


def test_a_number_sign_in_a_value_is_no_comment():
    script = SERVICE.replace(
        "  name: payments\n", "  name: payments\n  annotations:\n    script: |\n      # not a comment\n"
    )
    result = imported(documents(DEPLOYMENT, script))
    assert result.notes == ()


@pytest.mark.parametrize(
    "shape",
    [
        DEPLOYMENT.replace("metadata:\n  name: payments\n", "metadata: {name: payments, uid: x}\n", 1),
        DEPLOYMENT.replace("metadata:\n  name: payments\n", "metadata:\n  ? name\n  : payments\n  uid: x\n", 1),
        indent(DEPLOYMENT.replace("  name: payments\n", "  uid: x\n  name: payments\n", 1), "  "),
        DEPLOYMENT.replace("image: ", "image: >-\n          "),
        DEPLOYMENT.replace(
            "  name: payments\n", f"  name: payments\n  annotations: {{note: '{'x' * 40_000}'}}\n  uid: x\n", 1
        ),
    ],
    ids=["flow", "explicit key", "indented", "folded", "long"],
)
def test_odd_shapes_keep_their_meaning(shape):
    kept = value(imported(documents(shape)), "base/deployment.yaml")
    plain = value(imported(documents(DEPLOYMENT)), "base/deployment.yaml")
    kept["metadata"].pop("annotations", None)
    assert kept == plain


def test_comments_before_a_document_marker_belong_to_what_follows():
    result = imported({"a.yaml": f"# licence\n---\n# why\n{DEPLOYMENT}--- # the Service\n{SERVICE}".encode()})
    assert text(result, "base/deployment.yaml") == f"# licence\n# why\n{DEPLOYMENT}".replace(":v1.9.3", "")
    assert text(result, "base/service.yaml").endswith(f"# the Service\n{SERVICE}")
    assert result.notes == ()

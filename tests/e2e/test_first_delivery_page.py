"""docs/first-delivery.md, executed as written, but for the address of the repository."""

import re
from dataclasses import replace

from tests.cluster.conditions import available
from tests.cluster.config_repo import image
from tests.support.pages import typed

ADDRESS = "https://git.example/acme/config.git"


def test_the_page_leads_to_a_delivery_to_a_release_and_back(tmp_path, argocd, cluster, remote, blocks):
    staging = replace(cluster.connection, name="staging")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(staging.kubeconfig(), encoding="utf-8")
    argocd.register(replace(cluster, connection=staging))
    text = "".join(block.text for block in blocks).replace(ADDRESS, remote.url)
    done = typed(text, at=tmp_path, KUBECONFIG=str(kubeconfig))
    assert done.code == 0, done.text
    told = re.findall(r"^payments staging: healthy at \w{12}: app (v\d)", done.out, re.MULTILINE)
    assert told == ["v1", "v2", "v1"]
    deployment = cluster.wait_until(available, "Deployment", "payments", "payments-staging")
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == f"{image('payments')}:v1.0.0"

"""docs/first-delivery.md, executed as written, but for the address of the repository."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.cluster.conditions import available
from tests.cluster.config_repo import image

PAGE = Path(__file__).resolve().parents[2] / "docs/first-delivery.md"
ADDRESS = "https://git.example/acme/config.git"


def test_the_page_leads_to_a_delivery_to_a_release_and_back(tmp_path, argocd, cluster, remote):
    staging = replace(cluster.connection, name="staging")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(staging.kubeconfig(), encoding="utf-8")
    argocd.register(replace(cluster, connection=staging))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {**os.environ, "KUBECONFIG": str(kubeconfig), "PATH": path}
    text = PAGE.read_text(encoding="utf-8")
    script = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).replace(ADDRESS, remote.url)
    command = ["bash", "-euxc", script]
    done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"^payments staging: healthy at \w{12}: app (v\d)", done.stdout, re.MULTILINE)
    assert told == ["v1", "v2", "v1"]
    deployment = cluster.wait_until(available, "Deployment", "payments", "payments-staging")
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == f"{image('payments')}:v1.0.0"

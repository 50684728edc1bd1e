"""The benchmark of a delivery measures what it says: releases that run, each part of them timed."""

import pytest

from benchmarks import delivery
from tests.cluster.conditions import available
from tests.cluster.config_repo import image
from tests.cluster.delivery import Delivery, prepared


@pytest.fixture
def config(argocd, cluster, tmp_path, renderer):
    with prepared(argocd, cluster, tmp_path) as made:
        delivery.begin(made)
        yield made


def test_two_releases_run_one_after_the_other_and_every_part_is_timed(config: Delivery):
    found = [delivery.release(config, tag) for tag in ("v2", "v3")]
    for one in found:
        assert 0 < one.ours.seconds
        assert 0 < one.healthy.seconds < one.told.seconds
    [home] = config.namespaces
    deployment = config.cluster.wait_until(available, "Deployment", delivery.API, home)
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{image(delivery.API)}:v3"
    assert all(", 2 runs)" in row.value for row in delivery.rows(found))

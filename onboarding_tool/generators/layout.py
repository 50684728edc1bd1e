"""What lies where below generated/, how each file begins, and which APIs Argo CD delivers."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from onboarding_tool import yamltext
from onboarding_tool.model import GENERATED, Api, Delivery, Lifecycle
from onboarding_tool.wording import listed

# The tenants of one environment, each with its APIs that live there; both sorted.
Tenants = Mapping[str, tuple[Api, ...]]
# Path and text of generated files.
Texts = Iterator[tuple[str, str]]

ROOT = f"{GENERATED}/root"
METADATA = "apps/*/metadata.yaml"
KEEP = ".gitkeep"
PLAIN = re.compile(rf"{GENERATED}/(root|[^/]+/(tenants|(applications|namespaces)/[^/]+))/[^/]+\.(yaml|yml|json)")


def root_file(environment: str) -> str:
    return f"{ROOT}/{environment}.yaml"


def tenants_folder(environment: str) -> str:
    return f"{GENERATED}/{environment}/tenants"


def applications_folder(environment: str, tenant: str) -> str:
    return f"{GENERATED}/{environment}/applications/{tenant}"


def namespaces_folder(environment: str, tenant: str) -> str:
    return f"{GENERATED}/{environment}/namespaces/{tenant}"


def app_folder(environment: str, api: str) -> str:
    return f"{GENERATED}/{environment}/apps/{api}"


def belongs_to(path: str, environment: str) -> bool:
    """Whether a path below generated/ is one environment's; right even for an environment called `root`."""
    if path.startswith(f"{ROOT}/") and path.count("/") == 2:
        return path == root_file(environment)
    return f"{path}/".startswith(f"{GENERATED}/{environment}/")


def is_read_as_it_is(path: str) -> bool:
    """Whether a file's objects reach the cluster as they stand: Argo CD or, those of root/, a person applies them."""
    return PLAIN.fullmatch(path) is not None


def is_delivered(api: Api) -> bool:
    """Whether Argo CD delivers this API, so that it has Applications and a folder of its own."""
    return api.delivery is Delivery.ARGOCD and api.lifecycle is not Lifecycle.REMOVED


def header(*sources: str) -> str:
    """The first line of every generated file. It names no version and no time, so that neither makes a file stale."""
    return f"# Generated from {listed(sources)}. Edit there: `onboard generate` rewrites this file.\n"


def keep(folder: str) -> tuple[str, str]:
    """The file that keeps an otherwise empty folder: to Argo CD a missing path is an error, and git keeps no folder."""
    return f"{folder}/{KEEP}", header("platform.yaml", "teams.yaml", METADATA)


@lru_cache(maxsize=65_536)
def scalar(text: str) -> str:
    """Text as it stands in YAML. A fleet says the same names over and over: the cache halves the time of a run."""
    return yamltext.scalar(text)


def block(value: object, indent: int) -> str:
    """What does not differ from API to API, to be written once and put into many files."""
    return yamltext.dump(value, indent).rstrip("\n")

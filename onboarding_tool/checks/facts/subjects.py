"""How rules compare prefixes and hosts, as routers and DNS do; and whose a path is."""

from functools import lru_cache

from onboarding_tool.findings import Who

KEPT = 65_536  # prefixes and hosts that are kept: a fleet names each of them in several environments


@lru_cache(KEPT)
def segments(prefix: str) -> tuple[str, ...]:
    """The segments of a prefix, case-folded: on a host with rewrites ingress-nginx matches without regard to case."""
    return tuple(segment for segment in prefix.casefold().split("/") if segment)


@lru_cache(KEPT)
def plain_host(host: str) -> str:
    """A host name as DNS compares it: case-folded, without the dot of the root."""
    return host.casefold().rstrip(".")


def who_mends(path: str) -> Who:
    """Whose a file is: an API's requests are its app team's, everything else is the platform team's."""
    parts = path.split("/")
    return Who.APP_TEAM if parts[0] == "apps" and parts[2:3] == ["requests"] else Who.PLATFORM

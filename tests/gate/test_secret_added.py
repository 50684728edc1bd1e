"""What looks like a secret is found, and what only resembles one is not."""

import random
import string

import pytest

from onboarding_tool.gate.rules import secret_added
from onboarding_tool.gate.rules.secret_added import SHOWN

CHANCE = random.Random(20261122)


def drawn(length: int, letters: str = string.ascii_letters + string.digits) -> str:
    """Made at run time: nothing that looks like a token stands in this file."""
    return "aB3" + "".join(CHANCE.choice(letters) for _ in range(length - 3))


UPPER = string.ascii_uppercase + string.digits
SECRETS = {
    "a GitHub token": f"token: ghp_{drawn(36)}",
    "another GitHub token": f"github_pat_{drawn(40)}",
    "a GitLab token": f"see glpat-{drawn(20)}",
    "an AWS access key": "key=AKIA" + "".join(CHANCE.choice(UPPER) for _ in range(16)),
    "a Google API key": f"AIza{drawn(35)}",
    "a Slack token": f"xoxb-{drawn(24)}",
    "a Stripe key": f"sk_live_{drawn(24)}",
    "an npm token": f"//registry/:_authToken=npm_{drawn(36)}",
    "a PyPI token": f"pypi-AgEIcHlwaS5vcmc{drawn(60)}",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a signed token": f"eyJ{drawn(20)}.eyJ{drawn(20)}.{drawn(30)}",
    "an address with a password": "url: postgresql://payments:Tr0ub4dor" + "@db/payments",
    "a password": f"db.password={drawn(24)}",
    "a quoted key": f'apiKey: "{drawn(32)}" # of the vendor',
}
HARMLESS = (
    "secretName: payments-db-credentials-v2",
    "password: $(DB_PASSWORD)",
    "url: postgresql://payments:$(DB_PASSWORD)@db/payments",
    "url: postgresql://payments:${DB_PASSWORD}@db/payments",
    "url: https://payments.example:8443/path@2",
    "image: europe-docker.pkg.dev/acme/payments/app@sha256:" + "0f" * 32,
    "tokenUrl: https://login.example/oauth2/token",
    "token: PAYMENTS_GATEWAY_TOKEN_NAME",
    "secret: payments-gateway-client-secret",
    "reason: CHG-1234 rotates AKIA keys",
    "git@github.com:acme/config.git",
)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_where_it_begins_and_not_repeated(name):
    text = f"first: line\n  {SECRETS[name]}\n".encode()
    (found,) = secret_added.check("a.yaml", b"", text)
    assert (found.line, found.column > 2) == (2, True)
    assert SECRETS[name].split("_")[-1][-12:] not in f"{found.message}{found.hint}"


def test_the_shortest_line_that_holds_one_is_looked_at():
    line = b"ab://u:p@"
    assert len(line) == secret_added.SHORTEST
    assert len(list(secret_added.check("a.yaml", b"", line))) == 1
    assert list(secret_added.check("a.yaml", b"", line.replace(b"ab", b"a"))) == []


@pytest.mark.parametrize("line", HARMLESS)
def test_what_resembles_one_is_none(line):
    assert list(secret_added.check("a.yaml", b"", line.encode())) == []


def test_what_was_there_before_is_not_added():
    line = SECRETS["a GitHub token"].encode()
    assert list(secret_added.check("a.yaml", line + b"\n", b"more\n" + line + b"\n")) == []


def test_no_more_are_told_than_anybody_reads():
    text = "\n".join(f"{number} {SECRETS['a GitLab token']}" for number in range(1000))
    assert len(list(secret_added.check("a.yaml", b"", text.encode()))) == SHOWN


@pytest.mark.parametrize(
    "piece",
    [
        *("secret=", "secret=a", "secret: ", "a://b:", "a.", "ghp_", "eyJaaaaaaaaaaaa-", "eyJaaaaaaaaaaaa.e"),
        *("-----BEGIN A ", "-----BEGIN AAAA", "password: " + "a" * 50, "password: " + "a" * 50 + " ", "glpat-", " "),
    ],
)
def test_no_line_takes_long(piece):
    """Each of these would, if a form tried one place again for every other: then it took minutes."""
    line = piece * (400_000 // len(piece)) + "!"
    assert len(list(secret_added.check("a", b"", line.encode()))) <= SHOWN

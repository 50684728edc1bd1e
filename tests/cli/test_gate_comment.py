"""`onboard gate-comment` as it is typed wrongly: nothing is sent, and the way out is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from onboarding_tool import report_gate
from onboarding_tool.adapters.github import access, repository
from onboarding_tool.errors import UsageError
from tests.support.cli import Done, onboard
from tests.test_report_gate import GOOD

TOKEN = "ghs_0123456789abcdefghijABCDEFGHIJ"
NOWHERE = "http://127.0.0.1:1"  # whoever comes so far hears that nobody is there


@pytest.fixture
def files(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_API_URL", NOWHERE)
    monkeypatch.setenv("no_proxy", "*")
    good = report_gate.json(GOOD)
    (tmp_path / "good.json").write_text(good)
    (tmp_path / "text.json").write_text("release request of payments: accepted\n")
    (tmp_path / "bytes.json").write_bytes(b"{\xff}")
    (tmp_path / "later.json").write_text(json.dumps(json.loads(good) | {"version": 2}))
    (tmp_path / "green.json").write_text(json.dumps(json.loads(good) | {"passes": False}))
    with (tmp_path / "large.json").open("wb") as large:
        large.truncate(100 << 20)
    (tmp_path / "folder").mkdir()
    return tmp_path


def typed(at: Path, words: str) -> Done:
    done = onboard("gate-comment", *words.split(), at=at)
    assert TOKEN not in done.text
    assert done.out == ""
    return done


REST = "--repo acme/config --pr 7"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("", 2, "VERDICT, --repo O/R and --pr N are missing"),
        ("good.json --repo acme/config", 2, "--pr N is missing"),
        ("good.json --pr 7 --repo acme", 2, "--repo: 'acme' is not OWNER/REPOSITORY"),
        ("good.json --pr 7 --repo https://github.com/acme/config", 2, "is not OWNER/REPOSITORY"),
        ("good.json --pr 7 --repo acme/..", 2, "is not OWNER/REPOSITORY"),
        ("good.json --pr 7 --repo acme/config/pulls", 2, "is not OWNER/REPOSITORY"),
        ("good.json --repo acme/config --pr 0", 2, "--pr"),
        ("good.json --repo acme/config --pr -7", 2, "--pr"),
        ("good.json --repo acme/config --pr seven", 2, "--pr: 'seven' is no whole number"),
        ("good.json --repo acme/config --pr 99999999999999", 2, "--pr"),
        (f"good.json {REST} --token {TOKEN[:3]}", 2, "no option --token"),
        (f"nothing.json {REST}", 3, "nothing.json"),
        (f"folder {REST}", 3, "folder"),
        (f"large.json {REST}", 3, "the verdict is larger than 8 MiB"),
        (f"/dev/zero {REST}", 3, "the verdict is larger than 8 MiB"),
        (f"/dev/null {REST}", 3, "this is no verdict of the gate: the file is empty"),
        (f"good.json {REST} --as=", 2, "--as is empty"),
        (f"text.json {REST}", 3, "this is no verdict of the gate: it is not JSON: Expecting value: line 1 column 1"),
        (f"bytes.json {REST}", 3, "it is not JSON: 'utf-8' codec can't decode byte 0xff in position 1"),
        (f"later.json {REST}", 3, "of version 2, and this onboard knows version 1"),
        (f"green.json {REST}", 3, "it contradicts itself"),
    ],
)
def test_a_mistake(files, words, code, said):
    done = typed(files, words)
    assert (done.code, said in done.err) == (code, True), done


@pytest.mark.parametrize(("proxied", "port"), [(False, 2), (True, 1)])
def test_a_forge_that_is_not_there(files, monkeypatch, proxied, port):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("GITHUB_API_URL", "https://127.0.0.1:2")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "" if proxied else "*")
    done = typed(files, f"good.json {REST}")
    assert f"port={port}): Failed to establish a new connection: [Errno 111] Connection refused\n" in done.err
    assert (done.code, done.err.startswith("onboard: GitHub gave no answer: ")) == (6, True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GITHUB_TOKEN", "", "there is no token: GITHUB_TOKEN is not set"),
        ("GITHUB_TOKEN", "  ", "there is no token"),
        ("GITHUB_TOKEN", f"{TOKEN} {TOKEN}", "holds what no token holds"),
        ("GITHUB_TOKEN", f"{TOKEN}\r\nX-Evil: 1", "holds what no token holds"),
        ("GITHUB_TOKEN", f"{TOKEN}é", "holds what no token holds"),
        ("GITHUB_API_URL", "http://api.github.com", "is not https"),
        ("GITHUB_API_URL", "http://127.0.0.1.evil.example", "is not https"),
        ("GITHUB_API_URL", "http://0.0.0.0", "is not https"),
        ("GITHUB_API_URL", "ftp://127.0.0.1", "is not https"),
        ("GITHUB_API_URL", "api.github.com", "no address"),
        ("GITHUB_API_URL", "https://", "no address"),
        ("GITHUB_API_URL", "https://[::1", "no address"),
        ("GITHUB_API_URL", "https://x:99999", "no address"),
        ("GITHUB_API_URL", "https://alice:secret@ghe.example/api/v3", "no address"),
        ("GITHUB_API_URL", "https://api.github.com?x", "no address"),
        ("GITHUB_API_URL", "https://api.github.com#x", "no address"),
        ("GITHUB_API_URL", "https://аpi.github.com", "no address"),
    ],
)
def test_an_environment_that_will_not_do(files, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    done = typed(files, f"good.json {REST}")
    assert (done.code, said in done.err) == (3, True), done
    assert "secret" not in done.err


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "https://ghe.example/api/v3/", "http://[::1]:80", "http://localhost"]
)
def test_an_address_that_will_do(files, monkeypatch, url):
    monkeypatch.setenv("GITHUB_API_URL", url)
    assert access().url == url.rstrip("/")
    assert TOKEN not in repr(access())


def test_what_github_actions_does_not_set_has_a_default(files, monkeypatch):
    monkeypatch.delenv("GITHUB_API_URL")
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("GH_TOKEN", f"{TOKEN}\n")
    assert (access().url, access().token) == ("https://api.github.com", TOKEN)


@pytest.mark.parametrize("name", ["a/b", "acme/onboarding-config", "a/.github", "A-1/b_c.d"])
def test_the_name_of_a_repository(name):
    assert repository(name) == name


@pytest.mark.parametrize(
    "name", ["", "/", "a/", "/b", "a/b\n", "a/b/c", "-a/b", "a_b/c", "a/.", "a/b?x", "a/b%2f", "ä/b"]
)
def test_what_is_no_name_of_a_repository(name):
    with pytest.raises(UsageError):
        repository(name)


def test_the_help_of_this_command_loads_no_github():
    code = "import sys; from onboarding_tool.cli.app import run; run(['gate-comment', '--help'])"
    check = f"{code}; sys.exit('github' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", check], env=os.environ, capture_output=True, check=False).returncode == 0
    )

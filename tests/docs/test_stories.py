"""The pages as stories: what they show is typed into a real bash, top to bottom, and does what they say."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.cli import Done
from tests.support.git import commit, git, repository
from tests.support.imports import DEPLOYMENT, HPA, INGRESS, SERVICE
from tests.support.pages import ROOT, TEMPLATE, Block, inline_code, typed
from tests.support.repos import good, with_generated

ADDRESS = "https://git.example/acme/config.git"
EXPORT = "get deployment,service,hpa,pdb,pvc,ingress,configmap,serviceaccount -n payments -o yaml"
IMAGE = "europe-docker.pkg.dev/acme/payments/app"
KUBECTL = """\
#!/bin/sh
# A cluster that knows one question. That a real one answers it likewise says tests/e2e/test_adoption.py.
[ "$*" = "{question}" ] || {{ echo "kubectl: no cluster for: $*" >&2; exit 1; }}
cat {answer}
"""


@dataclass(slots=True)
class Reader:
    """Types what a page shows, line by line, and stays in the folder to which it leads."""

    at: Path
    home: Path

    def types(self, *texts: str) -> Done:
        """Every line has to succeed."""
        place = self.home / "place"
        done = typed(*texts, f"pwd > {place}", at=self.at)
        assert done.code == 0, done.text
        self.at = Path(place.read_text().strip())
        return done

    def follows(self, block: Block, **other: str) -> Done:
        """Types a block, with other words where the page can only show an example; it prints what the page shows."""
        text = block.text
        for old, new in other.items():
            assert old in text
            text = text.replace(old, new)
        done = self.types(text)
        assert block.shows in done.out
        return done

    def git(self, *words: str) -> str:
        return git(self.at, *words)


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which git finds at the address that the pages show."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    bare = tmp_path / "remote.git"
    git(tmp_path, "config", "--file", "gitconfig", f"url.file://{bare}.insteadOf", ADDRESS)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    return bare


@pytest.fixture
def reader(tmp_path: Path, remote: Path, renderer: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """In an empty folder; what lies in `programs` comes first on the PATH, but for `onboard`."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(programs), os.environ["PATH"]]))
    (tmp_path / "work").mkdir()
    return Reader(tmp_path / "work", tmp_path)


@pytest.fixture
def running(reader: Reader) -> None:
    """A cluster in which payments runs."""
    items = [yaml.safe_load(text) for text in (DEPLOYMENT, SERVICE, HPA, INGRESS)]
    for item in items:
        item["metadata"]["namespace"] = "payments"
    answer = reader.home / "export.yaml"
    answer.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}), encoding="utf-8")
    program = reader.home / "programs/kubectl"
    program.write_text(KUBECTL.format(question=EXPORT, answer=answer), encoding="utf-8")
    program.chmod(0o755)


@pytest.fixture
def config(reader: Reader, remote: Path) -> Reader:
    """In a config repo with the API payments, which is pushed."""
    reader.at = repository(reader.at / "config", with_generated(good()))
    reader.types(f"git remote add origin {ADDRESS}", "git push -u origin main")
    return reader


def pull_request(reader: Reader, asked: Done) -> None:
    """Types the commands that `onboard request` printed; what they push is merged, and pulled."""
    reader.types(*re.findall(r"^  (git .+)$", asked.err, re.MULTILINE))
    reader.types("git switch main", "git merge --no-ff -m Merged -", "git push")


def last_record(reader: Reader) -> tuple[str, str]:
    """The id of the last release of payments to prod, as its file says it, and what became of it."""
    path = max((reader.at / "apps/payments/releases/prod").iterdir())
    return path.stem.partition("-")[2], yaml.safe_load(path.read_text(encoding="utf-8"))["decision"]


def is_pushed(reader: Reader) -> bool:
    return reader.git("rev-parse", "HEAD") == reader.git("ls-remote", "origin", "refs/heads/main").split()[0]


def test_the_readme(reader, running, blocks):
    bring_in, ask, apply = blocks
    assert "No findings." in reader.follows(bring_in).out
    assert is_pushed(reader)
    assert (reader.at.parent / "payments.yaml").is_file()
    assert "payments.yaml" not in reader.git("ls-files").splitlines()
    pull_request(reader, reader.follows(ask))
    assert "applied: app v1.9.3 -> v2.0.0" in reader.follows(apply).out
    assert last_record(reader)[1] == "applied"
    assert "newTag: v2.0.0" in (reader.at / "apps/payments/overlays/prod/kustomization.yaml").read_text()


def test_app_teams(config, blocks):
    ask, by_hand, back = blocks
    asked = config.follows(ask)
    assert [line.split() for line in asked.out.splitlines()] == [[config.git("ls-files", "--others")]]
    pull_request(config, asked)
    assert "applied: app v1.9.3 -> v2.0.0" in config.types("onboard release apply").out
    assert not (config.at / asked.out.strip()).exists()
    release, decision = last_record(config)
    assert decision == "applied"
    assert release in config.types("onboard api show payments").out
    pull_request(config, config.follows(back, **{"3f9c1c2d4e5f6a7b": release}))
    assert "applied: app v2.0.0 -> v1.9.3" in config.types("onboard release apply").out
    commit(config.at, {"apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml": by_hand.text})
    assert "No findings." in config.types("onboard check --strict").out
    assert "applied: app v1.9.3 -> v2.0.0" in config.types("onboard release apply").out


def test_the_ci_bot(config, blocks):
    [decide] = blocks
    config.types(f"git clone {ADDRESS} ../bot")
    bot = Reader(config.at.parent / "bot", config.home)
    config.types(f"onboard request payments prod {IMAGE}:v2.0.0", "git add -A", "git commit -m v2", "git push")
    request = config.git("diff", "--name-only", "HEAD~1")
    done = bot.follows(decide)
    assert done.out.splitlines()[-1].startswith(f"{request}: applied: app v1.9.3 -> v2.0.0 (")
    assert is_pushed(bot)
    assert bot.git("log", "-1", "--format=%s") in inline_code("docs/ci-bot.md")
    release, _ = last_record(bot)
    assert bot.git("log", "-1", "--format=%(trailers:key=Release-Record,valueonly)").startswith(release)
    assert sorted(bot.git("diff", "--no-renames", "--name-status", "HEAD~1").splitlines()) == [
        f"A\tapps/payments/releases/prod/000001-{release}.yaml",
        f"D\t{request}",
        "M\tapps/payments/overlays/prod/kustomization.yaml",
    ]


def test_the_platform_team_begins(reader, blocks):
    begin, teams = blocks
    reader.follows(begin)
    assert is_pushed(reader)
    reader.follows(teams)
    assert is_pushed(reader)
    assert "No findings." in reader.types("onboard check --strict").out
    assert (reader.at / "generated/root/staging.yaml").is_file()


def test_the_platform_team_sees_what_changes(config, blocks):
    [look] = blocks
    release = f"onboard bump payments prod {IMAGE}:v2.0.0"
    config.types("git switch -c topic", release, "git commit -am v2", "git switch main", release)
    told = config.follows(look).out
    assert told.count(look.shows) == 3
    assert "```" in told.rpartition(look.shows)[2]


def test_the_platform_team_judges_a_pull_request(config, blocks):
    ask = f"onboard request payments prod {IMAGE}:v2.0.0"
    config.types("git switch -c topic", ask, "git add -A", "git commit -m ask", "git switch main")
    assert config.follows(*blocks).out == blocks[0].shows


def test_the_page_in_a_new_config_repo(reader, running):
    """Its commands stand in the text, with words to fill in."""
    filled = {"API": "payments", "ENVIRONMENT": "prod", "IMAGE": f"{IMAGE}:v2.0.0", "RULE": "image-tag-missing"}
    filled |= {"NAME": "payments", "EXPORT": "payments", "TENANT": "customer-a", "TEAM": "payments-team"}
    filled |= {"ORG": "acme", "SLUG": "platform", "URL": ADDRESS}
    reader.types("onboard init config --registry europe-docker.pkg.dev/acme", "cd config")
    assert (reader.at / "README.md").read_bytes() == (ROOT / TEMPLATE).read_bytes()

    def filled_in(*beginnings: str) -> list[str]:
        shown = [next(code for code in inline_code(TEMPLATE) if code.startswith(words)) for words in beginnings]
        return [re.sub(r"\b[A-Z]+\b", lambda word: filled[word[0]], text) for text in shown]

    add, generate, push = filled_in("onboard team add", "onboard generate", "git remote add")
    reader.types(add, generate, "git add -A", "git commit -m Teams", push)
    assert is_pushed(reader)
    reader.types("onboard team add payments-team --tenant customer-a", f"kubectl {EXPORT} > ../payments.yaml")
    reader.types(*filled_in("onboard api import"), generate, "git add -A", "git commit -m payments", "git push")
    pull_request(reader, reader.types(*filled_in("onboard request API ENVIRONMENT IMAGE")))
    assert "applied: app v1.9.3 -> v2.0.0" in reader.types("onboard release apply").out
    filled |= {"IMAGE": f"{IMAGE}:v1.9.3", "RECORD": last_record(reader)[0]}
    reader.types(*filled_in("onboard request API ENVIRONMENT IMAGE --rollback-of"), "git add -A", "git commit -m back")
    assert "applied: app v2.0.0 -> v1.9.3" in reader.types("onboard release apply").out
    told = reader.types(*filled_in("onboard api list", "onboard api show", "onboard explain")).out
    assert "app v1.9.3" in told
    assert "image-tag-missing\n" in told

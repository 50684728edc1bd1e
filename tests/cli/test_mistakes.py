"""Wrong uses, as a user would type them: the exit code, the words that help, and that nothing was done."""

import shlex
import subprocess
from pathlib import Path

import pytest

from onboarding_tool.cli.app import COMMANDS
from tests.support.cli import Done, generated, onboard
from tests.support.git import git, repository, write
from tests.support.repos import edited, good

REGISTRY = "europe-docker.pkg.dev/acme"
APP = f"{REGISTRY}/payments/app"
DIGEST = f"sha256:{'ab' * 32}"
METADATA = "apps/payments/metadata.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"


def two_slots() -> dict[str, str]:
    """A good repo whose API runs two containers of two repositories."""
    files = edited(METADATA, f"image: {APP}}}\n", f"image: {APP}}}\n      - {{name: proxy, image: {REGISTRY}/proxy}}\n")
    files[DEPLOYMENT] += f"        - name: proxy\n          image: {REGISTRY}/proxy\n"
    for environment in ("staging", "prod"):
        overlay = f"apps/payments/overlays/{environment}/kustomization.yaml"
        files[overlay] += f"  - name: {REGISTRY}/proxy\n    newTag: 0.1.0\n"
    return files


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config repo that is right and committed, beside some exports. Whoever changes it fails."""
    folder = tmp_path_factory.mktemp("mistakes")
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Kim Example")
            patch.setenv(f"GIT_{role}_EMAIL", "kim@acme.example")
        root = generated(folder / "config", two_slots())
    export = good()[DEPLOYMENT].replace(APP, f"{APP}:v1").replace("name: payments", "name: orders")
    write(
        folder,
        {
            "export.yaml": export,
            "secret.yaml": SECRET,
            "broken.yaml": "a: [",
            "text.yaml": "No resources found.",
            "folder/README.md": "",
            "object.json": '{"message": "Not Found"}',
            "cut.json": '[\n{"type": ',
        },
    )
    assert onboard("check", at=root).code == 0
    return root


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n"


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file and folder, but for git's own."""
    found = (path for path in folder.rglob("*") if ".git" not in path.parts)
    return {path: path.read_bytes() if path.is_file() else b"" for path in found}


@pytest.fixture
def unchanged(config: Path):
    before, head = contents(config.parent), git(config, "rev-parse", "HEAD")
    yield config
    assert contents(config.parent) == before
    assert git(config, "rev-parse", "HEAD") == head


OWNER = "--tenant customer-a --team payments-team"
ADD = f"api add pay {OWNER}"
IMPORT = f"api import orders {OWNER} --from"

# What is typed, the exit code, and the words that must be among what is printed.
MISTAKES: list[tuple[str, int, tuple[str, ...]]] = [
    # commands and options
    ("", 2, ("Usage: onboard", "check", "request")),
    ("chek", 2, ("'chek'", "'check'")),
    ("api shw payments", 2, ("no command 'api shw'", "'show'")),
    ("list", 2, ("no command 'list'", "`onboard api list`")),
    ("release list", 2, ("no command 'release list'", "  `onboard release` has apply;")),
    ("team list", 2, ("no command 'team list'", "  `onboard team` has add;", "`onboard team --help` says more")),
    ("api check", 2, ("no command 'api check'", "  There is `onboard check`.")),
    ("help", 2, ("no command 'help'", "`onboard --help`")),
    ("team", 2, ("Usage: onboard team", "add")),
    ("check --stric", 2, ("--stric", "--strict")),
    ("--colour always check", 2, ("--colour", "--color")),
    ("--color sometimes check", 2, ("'sometimes'", "auto", "always", "never")),
    ("check --format xml", 2, ("'xml'", "text", "json", "github")),
    ("api show payments --format yaml", 2, ("'yaml'", "table", "json")),
    ("check apps/payments", 2, ("no place for 'apps/payments'", "`onboard check --help`")),
    ("check -C .", 2, ("no option -C", "`onboard -C DIR check ...`")),
    ("api list --verbose", 2, ("no option --verbose", "`onboard --verbose api list ...`")),
    ("check --format", 2, ("--format is without its value", "text, json and github")),
    ("-C", 2, ("-C is without its value", "`-C DIR`")),
    ("check --jobs x", 2, ("--jobs: 'x' is no whole number",)),
    ("check --jobs 99999999999999999999999", 2, ("--jobs", "256")),
    ("generate --jobs 257", 2, ("--jobs", "256")),
    ("api list --jobs -1", 2, ("--jobs", "256")),
    ("check --strict=yes", 2, ("'--strict' does not take a value",)),
    ("init -dash", 2, ("no option -d", "`onboard init -- -NAME`")),
    ("request payments", 2, ("ENV and IMAGE are missing", "`onboard request API ENV IMAGE`")),
    ("request payments prod", 2, ("IMAGE is missing",)),
    (
        "api add pay --team payments-team --image x:1 --port 1",
        2,
        ("--tenant T is missing", "`onboard api add NAME --tenant T --team TEAM --image REPO:TAG --port N`"),
    ),
    ("api import x", 2, ("--from PATH, --tenant T and --team TEAM are missing",)),
    # where
    ("-C /nonexistent check", 3, ("/nonexistent does not exist", "`onboard init /nonexistent`")),
    ("-C apps check", 3, ("apps is no config repo", "platform.yaml", "It lies in one: `onboard -C ", "/config ...`")),
    ("-C .. check", 3, (".. is no config repo", "`onboard init DIR`")),
    # names
    ("explain image-tag-mising", 2, ("no rule 'image-tag-mising'", "'image-tag-missing'", "onboard rules")),
    ("explain IMAGE-TAG-MISSING", 2, ("'image-tag-missing'",)),
    ("explain yaml", 2, ("'yaml-alias', 'yaml-ambiguous-scalar', 'yaml-duplicate-key', 'yaml-invalid' or 'yaml-tag'",)),
    ("explain ''", 2, ("no rule ''", "  `onboard rules` lists all.")),
    ("explain zzz", 2, ("no rule 'zzz'", "onboard rules")),
    ("generate --env prdo", 2, ("no environment 'prdo'", "'prod'", "staging and prod")),
    ("generate --env qa", 2, ("no environment 'qa'", "staging and prod")),
    ("api show paymens", 2, ("no API 'paymens'", "'payments'", "onboard api list")),
    ("api show ../payments", 2, ("no API '../payments'",)),
    ("api show zzz", 2, ("no API 'zzz'", "onboard api list")),
    ("api retire orders", 2, ("no API 'orders'",)),
    ("api remove paymets", 2, ("no API 'paymets'", "'payments'")),
    # team add
    ("team add 'Bad Name'", 2, ("'Bad Name'", "Lower-case letters")),
    ("team add x --member alice=x", 2, ("--member alice=x", "LOGIN=ID")),
    ("team add payments-team --member alice=2", 2, ("alice has the id 1001", "not 2")),
    ("team add x --github acme", 2, ('"acme"', "acme/payments")),
    ("team add x --tenant 'Customer A'", 2, ('"Customer A"', "Lower-case letters")),
    # request
    (f"request paymets prod {APP}:v2", 2, ("no API 'paymets'", "'payments'")),
    (f"request payments prodd {APP}:v2", 2, ("no environment 'prodd'", "'prod'", "staging and prod")),
    (f"request payments prod {APP}:v2", 2, ("--deployment payments --container app", "--container proxy")),
    (f"request payments prod {APP}:v2 --container ap", 2, ("no container 'ap'", "'app'", "app and proxy")),
    (f"request payments prod {APP}:v2 --deployment pay", 2, ("no Deployment 'pay'", "payments")),
    (f"request payments prod {APP} --container app", 2, ("neither tag nor digest", f"{APP}:TAG")),
    ("request payments prod redis:7 --container app", 2, (f"runs {APP}, not redis", f"{APP}:TAG")),
    (f"request payments prod {APP}:v2 --container proxy", 2, (f"runs {REGISTRY}/proxy, not {APP}",)),
    (f"request payments prod {APP}:latest --container app", 2, ("'latest'", "main, master and dev")),
    (f"request payments prod '{APP}:v 2' --container app", 2, ("'v 2' is not a tag",)),
    (f"request payments prod {APP}@sha256:12 --container app", 2, ("'sha256:12' is not a digest",)),
    (f"request payments prod {APP}:v1.9.3 --container app", 2, ("v1.9.3 already",)),
    (f"request payments prod {APP}:v2 --container app --rollback-of abc", 2, ("abc is no release", "releases/prod")),
    (f"request payments prod https://{APP}:v2 --container app", 2, ("leave https:// away",)),
    (f"request payments prod {APP.upper()}:v2 --container app", 2, ("it is lower case",)),
    ("request payments prod v3.0.0 --container app", 2, ("v3.0.0 is a tag", f"Write `{APP}:v3.0.0`.")),
    ("request payments prod V3 --container app", 2, ("V3 is a tag", f"Write `{APP}:V3`.")),
    ("request payments prod latest --container proxy", 2, ("latest is a tag", f"Write `{REGISTRY}/proxy:latest`.")),
    ("request payments prod :v3 --container app", 2, (":v3 is a tag", f"Write `{APP}:v3`.")),
    (f"request payments prod {DIGEST} --container app", 2, (f"{DIGEST} is a digest", f"Write `{APP}@{DIGEST}`.")),
    ("request payments prod redis --container app", 2, (f"runs {APP}, not redis", f"{APP}:TAG")),
    ("request payments prod v3.0.0", 2, ("--deployment payments --container app",)),
    ("request payments prod '' --container app", 2, ("onboard: the image is empty: ", "REPOSITORY:TAG")),
    # bump
    (f"bump paymets prod {APP}:v2", 2, ("no API 'paymets'", "'payments'")),
    (f"bump payments prdo {APP}:v2", 2, ("no environment 'prdo'", "'prod'")),
    (f"bump payments prod {APP}:v2", 2, ("--container app", "--container proxy")),
    (f"bump payments prod {APP}:a/b --container app", 2, ("'a/b' is not a tag",)),
    ("bump payments prod ghcr.io/acme/x:v9 --container app", 2, (f"runs {APP}", "not ghcr.io/acme/x")),
    ("bump payments prod v3.0.0 --container app", 2, ("v3.0.0 is a tag", f"Write `{APP}:v3.0.0`.")),
    ("bump payments prod '' --container app", 2, ("onboard: the image is empty: ", "REPOSITORY:TAG")),
    ("bump payments prod ' ' --container app", 2, ("onboard: the image is empty: ",)),
    # release apply
    ("release aply", 2, ("'release aply'", "'apply'")),
    ("release apply nope.yaml", 2, ("nope.yaml is no pending request", "committed")),
    # api add
    (f"api add payments {OWNER} --image {APP}:v1 --port 80", 2, ("an API 'payments' already",)),
    (f"api add Pay {OWNER} --image {APP}:v1 --port 80", 2, ("'Pay'", "Lower-case letters")),
    (f"api add ../pay {OWNER} --image {APP}:v1 --port 80", 2, ("'../pay'", "Lower-case letters")),
    (f"api add tenant-x {OWNER} --image {APP}:v1 --port 80", 2, ("'tenant-x'", "tenant-, namespaces- and onboarding")),
    (f"api add pay --tenant customer-a --team nobody --image {APP}:v1 --port 80", 2, ("no team 'nobody'", "team add")),
    (
        f"api add pay --tenant customer-z --team payments-team --image {APP}:v1 --port 80",
        2,
        (
            "does not serve the tenant 'customer-z'",
            "'customer-a'",
            "onboard team add payments-team --tenant customer-z",
        ),
    ),
    (f"api add pay --tenant customer-a --team '' --image {APP}:v1 --port 80", 2, ("'' cannot be the name of a team",)),
    (f"{ADD} --image {APP} --port 80", 2, ("no tag", f"{APP}:v1.0.0")),
    (f"{ADD} --image {APP}:v1 --port 99999", 2, ("99999", "65535")),
    (f"{ADD} --image {APP}:v1 --port eighty", 2, ("--port", "'eighty'")),
    (f"{ADD} --image {APP}:v1 --port 80 --namespace prod", 2, ("--namespace prod", "ENV=NS", "prod=payments")),
    (f"{ADD} --image {APP}:v1 --port 80 --namespace prd=x", 2, ("no environment 'prd'", "'prod'")),
    (f"{ADD} --image {APP}:v1 --port 80 --namespace prod=a --namespace prod=b", 2, ("'prod' twice",)),
    (f"{ADD} --image {APP}:v1 --port 80 --prefix pay", 2, ("--prefix pay", "/customer-a/payments")),
    (f"{ADD} --image {APP}:v1 --port 80 --legacy-host https://p.example.com", 2, ("'https://p.example.com'", "host")),
    # api import
    (f"{IMPORT} ../nonexistent.yaml", 3, ("../nonexistent.yaml", "no such file", "\n  Name a file or a folder")),
    (f"{IMPORT} .", 2, ("onboard: . is a config repo, and an export is wanted\n  Name ", "`kubectl get")),
    (f"{IMPORT} ../config", 2, ("../config is a config repo",)),
    (f"{IMPORT} ../folder", 2, ("../folder", ".yaml")),
    (f"{IMPORT} ''", 2, ("--from is empty",)),
    (f"{IMPORT} ../folder/README.md", 2, ("there is no object", "kubectl get")),
    (f"{IMPORT} ../text.yaml", 2, ("no mapping", "kubectl get")),
    (f"{IMPORT} -", 2, ("there is no object in -", "kubectl get")),
    (f"{IMPORT} ../broken.yaml", 2, ("../broken.yaml:2:1", "not YAML")),
    (f"{IMPORT} ../secret.yaml", 2, ("Secret", "db")),
    (f"{IMPORT} ../export.yaml --namespace prd=x", 2, ("no environment 'prd'", "'prod'")),
    (f"api import payments {OWNER} --from ../export.yaml", 2, ("an API 'payments' already",)),
    (f"api import X {OWNER} --from ../export.yaml", 2, ("'X'", "Lower-case letters")),
    # github check
    ("github check", 2, ("standard input holds no list of the rules of a branch: it is empty\n", "`gh api 'repos/")),
    ("github check ../text.yaml", 2, ("../text.yaml holds no list", "it is not JSON, line 1, column 1\n", "`gh api ")),
    (
        "github check ../object.json",
        2,
        ("../object.json holds no list", "expected `array`, got `object`\n", "`gh api "),
    ),
    ("github check ../cut.json", 2, ("../cut.json holds no list", "it is not JSON, line 2, column 10\n")),
    # a retirement
    ("api remove payments", 2, ("payments is active, not retiring", "onboard api retire payments")),
    # init and demo
    ("diff HEAD...HEAD", 2, ("is a range of commits", "git merge-base")),
    ("diff nope", 3, ("no commit 'nope'",)),
    ("init .", 2, (". is not empty", "empty or does not exist")),
    ("init ../export.yaml", 2, ("../export.yaml", "folder")),
    ("init ../new --env Prod", 2, ("'Prod'", "prod-eu")),
    ("init ../new --repository nope", 2, ("nope", "https://github.com/acme/onboarding-config.git")),
    ("init ../new --registry https://ghcr.io", 2, ("https://ghcr.io", "registry")),
    ("init ../export.yaml/new", 3, ("../export.yaml", "A part of this path is a file")),
    ("demo .", 2, (". is not empty",)),
]


@pytest.mark.parametrize(("typed", "code", "words"), MISTAKES, ids=[typed or "nothing" for typed, _, _ in MISTAKES])
def test_mistake(unchanged: Path, typed: str, code: int, words: tuple[str, ...]) -> None:
    done = onboard(*shlex.split(typed), at=unchanged)
    assert done.code == code, done
    assert done.out == ""
    for word in words:
        assert word in done.err
    is_sentence(done)


def is_sentence(done: Done) -> None:
    """What is said is for people: no traceback, no escape sequence, no class of ours."""
    assert "Traceback" not in done.err
    assert "Error(" not in done.err
    assert "\x1b" not in done.err


# What else each command is given, where it cannot do without.
GIVEN = {
    "team add": "x",
    "api add": f"pay {OWNER} --image {APP}:v1 --port 80",
    "api import": f"orders {OWNER} --from -",
    "api retire": "payments",
    "api remove": "payments",
    "api show": "payments",
    "request": f"payments prod {APP}:v2",
    "bump": f"payments prod {APP}:v2",
    "render": "payments prod",
    "wait": "payments prod",
    "github lock": "onboarding-tool==0.1.0",
}
# What needs no config repo, as it is typed: the exit code, and words that tell that it was done, or why it was not. Nor
# does the demo, which has tests of its own.
NEEDS_NONE = {
    "init": ("init .", 0, "is a config repo now"),
    "explain": ("explain yaml-alias", 0, "yaml-alias"),
    "rules": ("rules", 0, "yaml-alias"),
    "gate-comment": ("gate-comment verdict.json --repo acme/config --pr 7", 3, "verdict.json: no such file"),
}


@pytest.mark.parametrize(("before", "said"), [("", "is not in a config repo"), ("-C . ", ". is no config repo")])
@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in {*NEEDS_NONE, "demo"}])
def test_outside_of_a_config_repo_every_command_says_so(tmp_path: Path, command: str, before: str, said: str) -> None:
    done = onboard(*f"{before}{command} {GIVEN.get(command, '')}".split(), at=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert said in done.err
    assert "`onboard init DIR` makes a new" in done.err
    assert ("onboard -C DIR" in done.err) == (not before)
    assert "git init" not in done.err  # which would make a repository of any folder, and commit what lies in it
    is_sentence(done)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", NEEDS_NONE)
def test_what_needs_no_config_repo_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Kim Example")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "kim@acme.example")
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    typed, code, said = NEEDS_NONE[command]
    done = onboard(*typed.split(), at=tmp_path)
    assert (done.code, said in done.text) == (code, True), done
    is_sentence(done)
    assert command == "init" or list(tmp_path.iterdir()) == []


def test_a_config_repo_in_no_git_repository_can_become_one(tmp_path: Path) -> None:
    write(tmp_path, good())
    for at, words in ((tmp_path, "gate"), (tmp_path / "apps/payments", "gate"), (tmp_path / "apps", "-C .. gate")):
        done = onboard(*words.split(), at=at)
        assert (done.code, "is in no git repository" in done.err, "`git init -b main" in done.err) == (3, True, True)


@pytest.mark.parametrize(
    "typed",
    [
        "generate",
        "team add x",
        f"request payments prod {APP}:v2",
        f"bump payments prod {APP}:v2",
        f"{ADD} --image {APP}:v1 --port 80",
        "api retire payments",
    ],
)
def test_in_a_broken_repo_nothing_is_done(tmp_path: Path, typed: str) -> None:
    write(tmp_path, good() | {"platform.yaml": "a: [\n"})
    before = contents(tmp_path)
    done = onboard(*typed.split(), at=tmp_path)
    assert done.code == 1
    assert "platform.yaml:2:1: yaml-invalid" in done.err
    assert "nothing was done" in done.err
    assert contents(tmp_path) == before
    is_sentence(done)


def test_it_works_from_any_folder_of_the_repo(unchanged: Path) -> None:
    assert onboard("check", at=unchanged / "apps/payments/base").code == 0
    assert onboard("-C", "config", "check", at=unchanged.parent).code == 0
    assert onboard("-C", unchanged, "api", "show", "payments", at=Path("/")).code == 0


@pytest.mark.parametrize(
    "typed",
    [
        "team add {}",
        "team add x --github acme/{}",
        "team add x --member {}",
        "team add x --tenant {}",
        f"request payments prod {APP}:v2 --container app --reason {{}}",
        f"{ADD} --image {APP}:v1 --port 80 --container {{}}",
    ],
)
def test_bytes_that_are_no_text_are_said(unchanged: Path, typed: str) -> None:
    done = onboard(*typed.format("w\udce4gen").split(), at=unchanged)
    assert done.code == 2, done
    assert "is not UTF-8" in done.err
    is_sentence(done)


def test_a_file_may_have_any_bytes_as_its_name(unchanged: Path) -> None:
    done = onboard(*f"{IMPORT} w\udce4gen.yaml".split(), at=unchanged)
    assert (done.code, "there is no such file" in done.err) == (3, True)


# What is suggested can be pasted


def pasted(lines: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-e", "-c", lines], cwd=at, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["plain", "a b", "it's", "-dash", "$HOME", "~", "日本"])
def test_a_config_repo_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Kim Example")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "kim@acme.example")
    done = onboard("init", "--", name, at=tmp_path)
    assert done.code == 0, done
    cd = next(line.strip() for line in done.err.splitlines() if line.strip().startswith("cd "))
    assert pasted(f"{cd}\ngit rev-parse --show-toplevel", tmp_path).stdout == f"{tmp_path / name}\n"
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize(("at", "option"), [("", ""), ("apps/payments", ""), ("..", "-C config")])
def test_the_commands_of_a_request_work_where_they_are_printed(tmp_path: Path, at: str, option: str) -> None:
    root = repository(tmp_path / "config", good())
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    done = onboard(*option.split(), "request", "payments", "prod", f"{APP}:v2", at=root / at)
    assert done.code == 0, done
    commands = "\n".join(line for line in done.err.splitlines() if line.startswith("  "))
    pushed = pasted(commands, root / at)
    assert pushed.returncode == 0, pushed
    assert git(root, "show", "--format=", "--name-only", "HEAD") == done.out.strip()


def test_a_repository_without_a_commit_is_told_to_commit(tmp_path: Path) -> None:
    write(tmp_path, good())
    git(tmp_path, "init", "-q", "-b", "main")
    for typed in ("diff", "diff HEAD", "release apply"):
        done = onboard(*typed.split(), at=tmp_path)
        assert done.code == 3
        assert "there is no commit yet" in done.err
        assert 'git add -A && git commit -m "Begin"' in done.err


def test_a_request_needs_an_overlay(tmp_path: Path) -> None:
    root = repository(tmp_path / "config", good())
    overlay = "apps/payments/overlays/prod/kustomization.yaml"
    (root / overlay).unlink()
    done = onboard("request", "payments", "prod", f"{APP}:v2", at=root)
    assert (done.code, done.out) == (2, "")
    assert f"there is no {overlay}" in done.err


def test_teams_that_cannot_be_read_are_not_said_to_be_missing(tmp_path: Path) -> None:
    write(tmp_path, good() | {"teams.yaml": ""})
    done = onboard("check", at=tmp_path)
    assert done.code == 1
    assert "teams.yaml:1:1: error schema-invalid: the document is empty" in done.out
    assert "error team-unknown" not in done.out
    assert "team-unknown: teams.yaml cannot be read" in done.out


def test_a_prefix_that_is_taken_is_not_proposed_again(tmp_path: Path) -> None:
    write(tmp_path, good())
    typed = f"api add zeta {OWNER} --image {APP}:v1 --port 80 --prefix /customer-a/payments"
    for done in (onboard(*typed.split(), at=tmp_path), onboard("check", at=tmp_path)):
        assert "choose another one for zeta, for example /customer-a/zeta" in done.text


KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: CONTEXT
clusters: [{name: c, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: u, user: {token: x}}]
contexts: [{name: CONTEXT, context: {cluster: c, user: u}}]
"""


def test_a_cluster_that_is_down_is_said_while_it_is_waited_for(
    unchanged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG.replace("CONTEXT", "gke-prod"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    done = onboard("wait", "payments", "prod", "--timeout", "1s", "--argocd-context", "gke-prod", at=unchanged)
    assert done.code == 6, done
    assert "the cluster gke-prod does not answer: Connection refused" in done.out

"""Carries printed plans out with the AWS CLI, as somebody would who has nothing but the plan and the templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from clouds import ENDPOINT, client
from deploy import AGREED, Deployer, exists
from places import UNITS, ensure_role
from tally import Tally
from workspace import Stack, compile_workspace, read_blueprint

TOOLS = Path(sys.executable).parent
BUCKET = "templates-{account}-{region}"
ADMINISTRATOR = "999999999999"


@dataclass
class Outcome:
    """How a plan ended."""

    code: int
    said: str
    complained: str


@dataclass
class Planner:
    """Prints plans, has them linted, and carries them out."""

    tally: Tally
    keyprint: Path
    folder: Path
    accounts: set[str]
    printed: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        """One profile for each account, whose key the emulator takes for the account's owner."""
        self.folder.mkdir(parents=True)
        profiles = [
            f"[profile p{one}]\naws_access_key_id = {one}\naws_secret_access_key = test\n"
            for one in sorted(self.accounts)
        ]
        (self.folder / "config").write_text("\n".join(profiles))

    def plan(self, *arguments: str | Path) -> tuple[Path, str]:
        """The script, with what is said beside it; it has to be one that bash and the linter take."""
        command: list[str | Path] = [self.keyprint, "deploy-plan", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{done.stdout}{done.stderr}")
        script = self.folder / f"plan-{len(self.printed)}.sh"
        script.write_text(done.stdout)
        self.printed.append(script)
        for tool in (["bash", "-n"], [str(TOOLS / "shellcheck"), "--severity=style"]):
            judged = subprocess.run([*tool, script], capture_output=True, text=True, check=False)
            self.tally.expect(judged.returncode == 0, f"{tool[0]} on {script.name}: {judged.stdout[:400]}")
        return script, done.stderr

    def start(self, script: Path, out: Path, **variables: str) -> subprocess.Popen[str]:
        """Starts the script, in a group of its own, with nothing of this process's environment but the path."""
        profiles = {f"PROFILE_{one}": f"p{one}" for one in self.accounts}
        environment = {
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "AWS_CONFIG_FILE": str(self.folder / "config"),
            "AWS_ENDPOINT_URL": ENDPOINT["url"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "POLL_SECONDS": "0.1",
            **profiles,
            **variables,
        }
        command: list[str | Path] = ["bash", script, out]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env=environment, start_new_session=True, stdout=pipe, stderr=pipe, text=True
        )

    def carry_out(self, script: Path, out: Path, **variables: str) -> Outcome:
        """Runs the script to its end."""
        process = self.start(script, out, **variables)
        said, complained = process.communicate()
        with script.with_suffix(".log").open("a") as log:
            log.write(f"{said}{complained}\n")
        return Outcome(process.returncode, said, complained)


def deploy_all(tally: Tally, planner: Planner, deployer: Deployer, stacks: list[Stack], out: Path) -> None:
    """Every stack of the workspace by one plan; a second run finds nothing to do."""
    script, _ = planner.plan("--built", out, "--bucket", BUCKET)
    values = asked(stacks)
    forgotten = planner.carry_out(script, out)
    tally.expect(
        forgotten.code == 1 and all(name in forgotten.complained for name in list(values)[:1]),
        f"a value that the deployer did not give is not missed: {forgotten.complained}",
    )
    done = planner.carry_out(script, out, **values)
    tally.expect(done.code == 0, f"the plan ended with {done.code}: {done.complained}")
    for stack in stacks:
        api = client("cloudformation", stack.account, stack.region)
        if not tally.expect(exists(api, stack.name), f"{stack.path} was not deployed by the plan"):
            continue
        deployer.adopt(stack)
        found = api.describe_stacks(StackName=stack.name)["Stacks"][0]
        tally.expect(found["StackStatus"] == "CREATE_COMPLETE", f"{stack.path}: {found['StackStatus']}")
        retains = any(
            "Retain" in one.get("DeletionPolicy", "") for one in stack.template["Resources"].values()
        )
        tally.expect(
            found["EnableTerminationProtection"] == retains,
            f"{stack.path}: retains {retains}, guarded against deletion {found['EnableTerminationProtection']}",
        )
        unguard(stack)
    count = sum(len(stack.template["Resources"]) for stack in deployer.stacks.values())
    tally.notes.append(
        f"{len(deployer.stacks)} of {len(stacks)} stacks, {count} resources, by one printed plan"
    )


def asked(stacks: list[Stack]) -> dict[str, str]:
    """What the deployer is asked for, under the names that the plan uses."""
    return {
        f"{stack.name}_{stack.region}_{parameter['name']}".replace("-", "_"): AGREED
        for stack in stacks
        for parameter in stack.entry["parameters"]
        if parameter["from"] == "deployer"
    }


def unguard(stack: Stack) -> None:
    """Lets the bench delete a stack that the plan guarded."""
    client("cloudformation", stack.account, stack.region).update_termination_protection(
        StackName=stack.name, EnableTerminationProtection=False
    )


def check(tally: Tally, planner: Planner, source: Path, stacks: list[Stack], out: Path) -> None:
    """What plans do beside a first deployment: nothing, refuse, take up what was left, and deploy fleets."""
    again(tally, planner, source, out)
    refusals(tally, planner, out)
    as_json(tally, planner, stacks, out)
    fleets(tally, planner, source, out)


def again(tally: Tally, planner: Planner, source: Path, out: Path) -> None:
    """A plan carried out again changes nothing."""
    script, _ = planner.plan(source, "--out", out)
    done = planner.carry_out(script, out)
    tally.expect(done.code == 0 and done.said.count("unchanged") == 2, f"again: {done.said}{done.complained}")


def refusals(tally: Tally, planner: Planner, out: Path) -> None:
    """Other credentials, another template, another directory: said before anything is done."""
    script, _ = planner.plan("--built", out, "--account", "111111111111", "--bucket", BUCKET)
    wrong = planner.carry_out(script, out, PROFILE_111111111111="p222222222222")
    tally.expect(
        wrong.code == 1 and "of account 222222222222 and not of 111111111111" in wrong.complained,
        f"the credentials of another account: {wrong.complained}",
    )
    odd = planner.folder / "it's $HOME; `odd`"
    odd.mkdir()
    absent = planner.carry_out(script, odd)
    tally.expect(
        absent.code == 1 and "is not there" in absent.complained, f"no template: {absent.complained}"
    )
    for path in out.glob("minimal/**/*.json"):
        copy = odd / path.relative_to(out)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    clean = planner.carry_out(script, odd)
    tally.expect(clean.code == 0, f"a directory with an odd name: {clean.complained}")
    one = odd / "minimal/production/eu-west-1/minimal.template.json"
    one.write_text(one.read_text().replace("secretsmanager:GetSecretValue", "secretsmanager:*"))
    changed = planner.carry_out(script, odd)
    tally.expect(changed.code == 1 and "was changed" in changed.complained, f"changed: {changed.complained}")


def as_json(tally: Tally, planner: Planner, stacks: list[Stack], out: Path) -> None:
    """The same plan for pipelines: every command parses as the CLI's own."""
    options: list[str | Path] = ["--built", out, "--bucket", BUCKET, "--format", "json"]
    command: list[str | Path] = [planner.keyprint, "deploy-plan", *options]
    document = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    steps = document["steps"]
    order = [(step["account"], step["region"], step["stack"]) for step in steps]
    wanted = [(stack.account, stack.region, stack.name) for stack in stacks]
    tally.expect(order == wanted, f"the order of the JSON plan: {order}")
    deployer = [one["value"] for one in document["values"] if one.get("from") == "deployer"]
    tally.expect(deployer == list(asked(stacks)), f"what the deployer is asked for: {deployer}")
    known = {one["value"] for one in document["values"]}
    known |= {one["value"] for step in steps for one in step["outputs"]}
    used = {
        name for step in steps for one in step["commands"] for word in one["argv"] for name in values(word)
    }
    tally.expect(used <= known, f"values that nobody explains: {used - known}")


def values(word: object) -> set[str]:
    """The names of values that a word needs."""
    if isinstance(word, dict):
        pieces = word.get("join", [word])
        return {piece["value"] for piece in pieces if isinstance(piece, dict)}
    return set()


def fleets(tally: Tally, planner: Planner, source: Path, out: Path) -> None:
    """StackSets of both permission models, into two accounts each."""
    own = ["121212121212", "131313131313"]
    options = ["--stack-sets", "self-managed", "--administrator", ADMINISTRATOR, "--out", str(out)]
    script, _ = planner.plan(source, *options, *(word for one in own for word in ("--target", one)))
    refused = planner.carry_out(script, out)
    tally.expect(
        refused.code == 1 and "trust relationship" in refused.complained,
        f"without the execution role: {refused.said}{refused.complained}",
    )
    for account in own:
        trusting(account)
    done = planner.carry_out(script, out)
    tally.expect(done.code == 0, f"self-managed: {done.said}{done.complained}")
    once_more = planner.carry_out(script, out)
    tally.expect(once_more.code == 0, f"self-managed again: {once_more.complained}")
    blueprint = read_blueprint(source)
    del blueprint["environments"]["production"]["deployer"]
    blueprint["application"] = "fleet"
    free = planner.folder / "fleet.yaml"
    free.write_text(json.dumps(blueprint))
    built = planner.folder / "fleet"
    compile_workspace(planner.keyprint, free, built)
    ((unit, members),) = UNITS.items()
    options = ["--stack-sets", "service-managed", "--administrator", ADMINISTRATOR, "--target", unit]
    script, _ = planner.plan("--built", built, *options)
    by_service = planner.carry_out(script, built)
    tally.expect(by_service.code == 0, f"service-managed: {by_service.said}{by_service.complained}")
    for name, accounts in (("minimal", own), ("fleet", members)):
        for account in accounts:
            secrets = client("secretsmanager", account, "eu-west-1").list_secrets()["SecretList"]
            found = [one["Name"] for one in secrets]
            tally.expect(found == [f"{name}/production/session-signing"], f"{account} has {found}")
    tally.notes.append("StackSets: self-managed into 2 accounts, service-managed into 2 of a unit")


def trusting(account: str) -> None:
    """The deployer's role in an account of the fleet, which lets the administrator assume it."""
    ensure_role(account, "deployer", "eu-west-1")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ADMINISTRATOR}:root"},
        "Action": "sts:AssumeRole",
    }
    client("iam", account, "eu-west-1").update_assume_role_policy(
        RoleName="deployer", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

"""What blueprints intend, read from their text alone: which secrets exist where, and who may read and write which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from clouds import assume, assume_with_token, session_client
from deploy import AGREED
from workspace import Json

SecretId = tuple[str, str, str]
Session = Callable[[], Json]


@dataclass
class Secret:
    """A secret of one environment and the Regions that hold it."""

    application: str
    environment: str
    name: str
    account: str
    regions: list[str]

    @property
    def id(self) -> SecretId:
        return (self.application, self.environment, self.name)

    @property
    def path(self) -> str:
        return "/".join(self.id)


@dataclass
class Caller:
    """Somebody who gets credentials, with the intended accesses; strangers are sessions that must not come about."""

    name: str
    session: Session
    reads: set[SecretId] = field(default_factory=set)
    writes: set[SecretId] = field(default_factory=set)
    strangers: list[Session] = field(default_factory=list)
    role: str = ""
    in_replicas: bool = True


def here(one: Json, environment: str) -> bool:
    """Whether a secret or consumer belongs to an environment."""
    return environment in one.get("only", [environment])


def secrets(blueprints: dict[str, Json]) -> list[Secret]:
    """Every secret of the workspace."""
    found = []
    for application, blueprint in blueprints.items():
        for environment, facts in blueprint["environments"].items():
            for name, one in blueprint.get("secrets", {}).items():
                if here(one, environment):
                    regions = facts["regions"] if one.get("replicate") else facts["regions"][:1]
                    found.append(Secret(application, environment, name, facts["account"], regions))
    return found


def callers(blueprints: dict[str, Json]) -> Iterator[Caller]:
    """Every consumer and every group of people, as each environment has them."""
    for application, blueprint in blueprints.items():
        for environment, facts in blueprint["environments"].items():
            place = Place(application, environment, facts["account"], facts["regions"][0], facts)
            for name, consumer in blueprint.get("consumers", {}).items():
                if here(consumer, environment):
                    yield from consumer_callers(place, name, consumer)
            own = {one.id for one in secrets({application: blueprint}) if one.environment == environment}
            for kind, person in blueprint.get("people", {}).items():
                yield people(place, kind, person, own)


@dataclass
class Place:
    """Where a consumer lives."""

    application: str
    environment: str
    account: str
    region: str
    facts: Json

    def role(self, name: str) -> str:
        """The ARN of a role that the blueprint makes."""
        return f"arn:aws:iam::{self.account}:role/{self.application}-{self.environment}-{name}"

    def ids(self, names: list[str]) -> set[SecretId]:
        """Secrets by the names that consumers use, `application/secret` for another application's."""
        found = set()
        for name in names:
            application, _, secret = name.rpartition("/")
            found.add((application or self.application, self.environment, secret))
        return found


def consumer_callers(place: Place, name: str, consumer: Json) -> Iterator[Caller]:
    reads, writes = place.ids(consumer.get("reads", [])), place.ids(consumer.get("writes", []))
    label = f"{place.application}-{place.environment}-{name}"
    if "account" in consumer:
        yield foreign(place, label, name, consumer, reads)
        return
    if "role" in consumer:
        role = f"arn:aws:iam::{place.account}:role/{consumer['role']}"
        yield Caller(label, lambda: assume(role, {}, place.region), reads, writes, role=role)
        return
    role = place.role(name)
    kind, options = words(consumer["runs-on"])
    session, strangers = compute(kind, options, place, role)
    yield Caller(label, session, reads, writes, strangers, role)
    if "inject" in consumer:
        execution = place.role(f"{name}-execution")
        session, strangers = compute(kind, options, place, execution)
        yield Caller(
            f"{label}-execution", session, place.ids(consumer["inject"]), set(), strangers, execution
        )


def words(runs_on: str | Json) -> tuple[str, Json]:
    """The kind of compute, and what is said about it."""
    if isinstance(runs_on, str):
        return runs_on, {}
    kind = next(iter(runs_on))
    return kind, {**runs_on, "of": runs_on[kind]}


SERVICES = {
    "lambda": "lambda.amazonaws.com",
    "glue-job": "glue.amazonaws.com",
    "ecs-task": "ecs-tasks.amazonaws.com",
    "ec2": "ec2.amazonaws.com",
    "emr-serverless": "emr-serverless.amazonaws.com",
    "step-functions": "states.amazonaws.com",
    "codebuild": "codebuild.amazonaws.com",
    "eks-pod": "pods.eks.amazonaws.com",
}
# Where the service's documentation says that it passes on for whom it acts.
SOURCES = {
    "ecs-task": "ecs:{region}:{account}:task/shop/1",
    "step-functions": "states:{region}:{account}:stateMachine:nightly",
}


def compute(kind: str, options: Json, place: Place, role: str) -> tuple[Session, list[Session]]:
    """How the compute gets the role's credentials, and how others must not get them."""
    if kind == "eks-irsa":
        issuer = place.facts["clusters"][options["of"]]["oidc"]
        subject = f"system:serviceaccount:{options['namespace']}:{options['service-account']}"
        return identities(place, role, f"https://{issuer}", subject, "system:serviceaccount:default:other")
    if kind == "github-actions":
        issuer = "https://token.actions.githubusercontent.com"
        subject = f"repo:{options['of']}:environment:{options['environment']}"
        return identities(place, role, issuer, subject, f"repo:{options['of']}:ref:refs/heads/main")
    caller: Json = {"service": SERVICES[kind], "keys": {}}
    extra: Json = {}
    wrong: list[Session] = []
    if kind in SOURCES:
        source = "arn:aws:" + SOURCES[kind]
        caller["keys"] = sourced(source, place.account, place.region)
        stranger = {**caller, "keys": sourced(source, "121212121212", place.region)}
        wrong.append(lambda: assume(role, stranger, place.region))
    if kind == "eks-pod":
        pairs = {
            "kubernetes-namespace": options["namespace"],
            "kubernetes-service-account": options["service-account"],
        }
        extra = {"Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}
        others = [{"Key": key, "Value": "other"} for key in pairs]
        wrong.append(lambda: assume(role, caller, place.region, Tags=others))
    other = {"service": "sagemaker.amazonaws.com"}
    wrong += [
        lambda: assume(role, other, place.region, **extra),
        lambda: assume(role, {}, place.region, **extra),
    ]
    return lambda: assume(role, caller, place.region, **extra), wrong


def sourced(source: str, account: str, region: str) -> Json:
    return {"aws:SourceAccount": account, "aws:SourceArn": source.format(account=account, region=region)}


def identities(
    place: Place, role: str, issuer: str, subject: str, other: str
) -> tuple[Session, list[Session]]:
    good = {"iss": issuer, "aud": "sts.amazonaws.com", "sub": subject}
    bad = [{**good, "sub": other}, {**good, "aud": "other"}, {**good, "iss": "https://elsewhere.example"}]

    def refused(claims: Json) -> Session:
        return lambda: assume_with_token(role, claims, place.region)

    return lambda: assume_with_token(role, good, place.region), [refused(claims) for claims in bad]


def foreign(place: Place, label: str, name: str, consumer: Json, reads: set[SecretId]) -> Caller:
    """A role of another account: it reads itself, or through a role of the owner's for which both agreed on an id."""
    theirs = f"arn:aws:iam::{consumer['account']}:role/{consumer['role']}"
    if "external-id" not in consumer:
        return Caller(label, lambda: assume(theirs, {}, place.region), reads, role=theirs)
    ours = place.role(name)

    def through(**extra: str) -> Json:
        api = session_client("sts", place.region, assume(theirs, {}, place.region))
        credentials: Json = api.assume_role(RoleArn=ours, RoleSessionName="bench", **extra)["Credentials"]
        return credentials

    strangers: list[Session] = [
        through,
        lambda: through(ExternalId="guessed"),
        lambda: assume(ours, {}, place.region),
    ]
    return Caller(label, lambda: through(ExternalId=AGREED), reads, strangers=strangers, role=ours)


def people(place: Place, kind: str, person: Json, own: set[SecretId]) -> Caller:
    """Administrators and auditors read nothing; who breaks the glass reads what the application has there."""
    role = f"arn:aws:iam::{place.account}:role/{person['role']}"
    account = person.get("from", place.account)
    recent = {"keys": {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "60"}}
    stale = {"keys": {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "86400"}}
    strangers: list[Session] = []
    if person.get("mfa") == "required":
        strangers = [
            lambda: assume(role, {}, place.region, account),
            lambda: assume(role, stale, place.region, account),
        ]
    reads = own if kind == "break-glass" else set()
    label = f"{place.application}-{place.environment}-{kind}"
    return Caller(label, lambda: assume(role, recent, place.region, account), reads, set(), strangers, role)

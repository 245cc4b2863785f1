"""Random pairs of policies: some by chance, some a policy beside a changed copy of itself.

Only constructs with one documented meaning: what the guides leave open is no case for a judge.
"""

import copy
import random

ACCOUNTS = ("111122223333", "444455556666", "777788889999")
ACTIONS = (
    "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:Get*", "secretsmanager:*Secret*",
    "secretsmanager:???SecretValue", "secretsmanager:*", "kms:Decrypt", "kms:*crypt*", "kms:GenerateDataKey*", "*",
)
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
RESOURCES = (
    SECRET + "orders/db-??????", SECRET + "orders/*", SECRET + "orders/db-*", SECRET + "*/db-??????", SECRET + "*db*",
    SECRET + "orders/db-AbCdEf", SECRET + "*", "arn:aws:kms:eu-west-1:111122223333:key/1234",
    "arn:aws:kms:eu-west-1:111122223333:key/*", SECRET + "orders/?b-*", SECRET + "*e*s*/d*", "*",
)
VARIABLE = "${aws:PrincipalTag/team}"
TEXTS = ("prod", "test", "pro*", "*d", "p?od", "PROD", "t*t", "*o*")
LISTS = ("team", "stage", "owner", "t*", "*e", "s?age")
ARNS = (
    "arn:aws:lambda:eu-west-1:111122223333:function:rotate", "arn:aws:lambda:eu-west-1:111122223333:function:*",
    "arn:aws:lambda:*:111122223333:function:rot*", "arn:aws:*:*:*:*", "arn:aws:sns:eu-west-1:*:rotate",
)
ROLES = tuple(f"arn:aws:iam::{account}:role/{name}" for account in ACCOUNTS[:2] for name in ("app", "team/app", "ops"))
PRINCIPALS = (
    "*", {"AWS": "*"}, {"AWS": ACCOUNTS[0]}, {"AWS": f"arn:aws:iam::{ACCOUNTS[1]}:root"}, {"AWS": ROLES[0]},
    {"AWS": [ROLES[1], ROLES[3]]}, {"AWS": f"arn:aws:iam::{ACCOUNTS[0]}:user/anna"},
    {"AWS": f"arn:aws:sts::{ACCOUNTS[0]}:assumed-role/app/one"}, {"Service": "sns.amazonaws.com"},
    {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}, {"AWS": ROLES[2], "Service": "events.amazonaws.com"},
    {"Federated": "cognito-identity.amazonaws.com"},
)


def some(choose, items, most):
    return [choose.choice(items) for _ in range(choose.randint(1, most))]


def condition(choose, principals):
    exists = choose.choice(("", "", "IfExists"))
    kinds = ["text", "text", "list", "number", "date", "address", "bool", "null", "arn"]
    if principals:
        kinds += ["role", "account", "service"]
    kind = choose.choice(kinds)
    if kind == "text":
        operator = choose.choice(("StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
                                  "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"))
        key = choose.choice(("aws:ResourceTag/stage", "aws:PrincipalTag/team"))
        values = some(choose, TEXTS, 2)
        if key.startswith("aws:ResourceTag") and choose.random() < 0.1:
            values = some(choose, (VARIABLE, "x" + VARIABLE, "prod"), 2)
        return {operator + exists: {key: values}}
    if kind == "list":
        operator = choose.choice(("ForAllValues:", "ForAnyValue:")) + choose.choice(
            ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"))
        return {operator: {"aws:TagKeys": some(choose, LISTS, 2)}}
    if kind == "number":
        operator = "Numeric" + choose.choice(("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan",
                                              "GreaterThanEquals"))
        return {operator + exists: {"secretsmanager:RecoveryWindowInDays": some(choose, ("7", "7.5", "8", "30"), 2)}}
    if kind == "date":
        operator = "Date" + choose.choice(("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan",
                                           "GreaterThanEquals"))
        dates = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-06-30T12:00:00Z")
        return {operator + exists: {"aws:CurrentTime": some(choose, dates, 2)}}
    if kind == "address":
        ranges = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.168.0.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0")
        return {choose.choice(("IpAddress", "NotIpAddress")) + exists: {"aws:SourceIp": some(choose, ranges, 2)}}
    if kind == "bool":
        return {"Bool" + exists: {"aws:SecureTransport": choose.choice(("true", "false"))}}
    if kind == "null":
        key = choose.choice(("aws:ResourceTag/stage", "aws:TagKeys", "aws:SourceIp", "secretsmanager:RecoveryWindowInDays"))
        return {"Null": {key: choose.choice(("true", "false"))}}
    if kind == "arn":
        operator = choose.choice(("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"))
        return {operator + exists: {"secretsmanager:resource/AllowRotationLambdaArn": some(choose, ARNS, 2)}}
    if kind == "role":
        values = some(choose, ROLES + (f"arn:aws:iam::{ACCOUNTS[0]}:role/*", "arn:aws:iam::*:role/team/*"), 2)
        return {choose.choice(("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")): {"aws:PrincipalArn": values}}
    if kind == "account":
        return {choose.choice(("StringEquals", "StringNotEquals")): {"aws:PrincipalAccount": some(choose, ACCOUNTS, 2)}}
    return {choose.choice(("Bool", "BoolIfExists")): {"aws:PrincipalIsAWSService": choose.choice(("true", "false"))}}


def statement(choose, principals):
    made = {"Effect": "Deny" if choose.random() < 0.3 else "Allow"}
    if principals:
        negated = choose.random() < 0.05
        made["NotPrincipal" if negated else "Principal"] = (
            {"Service": "sns.amazonaws.com"} if negated else copy.deepcopy(choose.choice(PRINCIPALS)))
    made[("Not" if choose.random() < 0.12 else "") + "Action"] = some(choose, ACTIONS, 2)
    made[("Not" if choose.random() < 0.12 else "") + "Resource"] = some(choose, RESOURCES, 3)
    for _ in range(choose.choice((0, 0, 1, 1, 2))):
        for operator, block in condition(choose, principals).items():
            made.setdefault("Condition", {}).setdefault(operator, {}).update(block)
    return made


def policy(choose, principals, most):
    return {"Version": "2012-10-17", "Statement": [statement(choose, principals) for _ in range(choose.randint(1, most))]}


def changed(choose, original, principals):
    """A copy in which one thing is different, or nothing but the way it is written."""
    copied = copy.deepcopy(original)
    statements = copied["Statement"]
    one = choose.choice(statements)
    what = choose.randint(0, 7)
    if what == 0 and "Condition" in one:
        operator = choose.choice(sorted(one["Condition"]))
        del one["Condition"][operator]
        if not one["Condition"]:
            del one["Condition"]
    elif what == 1 and "Resource" in one:
        one["Resource"] = some(choose, RESOURCES, 2)
    elif what == 2 and "Action" in one:
        one["Action"] = some(choose, ACTIONS, 2)
    elif what == 3:
        statements.append(dict(statement(choose, principals), Effect="Deny"))
    elif what == 4 and len(statements) > 1:
        statements.remove(one)
    elif what == 5:
        for operator, block in condition(choose, principals).items():
            one.setdefault("Condition", {}).setdefault(operator, {}).update(block)
    elif what == 6 and len(one.get("Resource", ())) > 1:
        statements.append(dict(copy.deepcopy(one), Resource=one["Resource"][1:]))
        one["Resource"] = one["Resource"][:1]
    else:
        choose.shuffle(statements)
    return copied


def pair(seed, most=3):
    """The pair of a seed: kind, old policy, new policy."""
    choose = random.Random(seed)
    principals = seed % 2 == 1
    old = policy(choose, principals, most)
    new = policy(choose, principals, most) if seed % 3 == 0 else changed(choose, old, principals)
    if choose.random() < 0.5:
        old, new = new, old
    return ("resource" if principals else "identity"), old, new

"""What one policy allows and another does not, as formulas for cvc5.

Written from the IAM guides and from nothing of keyprint: principals, actions, ARNs and condition keys as strings,
patterns as regular expressions, sets of values as slots.
"""

import ipaddress
from datetime import datetime, timezone
from fractions import Fraction

import cvc5
from cvc5 import Kind

MANY = ("aws:tagkeys",)
NUMBERS = ("secretsmanager:recoverywindowindays",)
DATES = ("aws:currenttime",)
ADDRESSES = ("aws:sourceip",)


class Question:
    """One question: is there a request that `new` allows and `old` does not?"""

    def __init__(self, kind, old, new, budget):
        self.tm = cvc5.TermManager()
        self.solver = cvc5.Solver(self.tm)
        self.solver.setLogic("ALL")
        for option, value in (("strings-exp", "true"), ("produce-models", "true"), ("rlimit-per", str(budget))):
            self.solver.setOption(option, value)
        self.text, self.truth, self.number = self.tm.getStringSort(), self.tm.getBooleanSort(), self.tm.getRealSort()
        self.keys = {}
        self.slots = 1 + sum(len(block) for policy in (old, new) for one in policy["Statement"]
                             for block in one.get("Condition", {}).values())
        self.request()
        self.caller(kind, old, new)
        old, new = self.allows(old), self.allows(new)
        self.solver.assertFormula(self.all([new, self.no(old)]))

    def answer(self):
        """True if there is one, False if there is none, None if the solver gave up."""
        result = self.solver.checkSat()
        return True if result.isSat() else False if result.isUnsat() else None

    def fix(self, witness):
        """Asks about this one request alone."""
        self.assume(self.same(self.action, self.string(witness["action"].lower())))
        parts = witness["resource"].split(":", 5)
        self.assume(self.without_resource if len(parts) < 6 else self.no(self.without_resource))
        for term, text in zip(self.parts, parts if len(parts) == 6 else []):
            self.assume(self.same(term, self.string(text)))
        given = {key.lower(): [value] if isinstance(value, str) else value for key, value in witness["context"].items()}
        for key, (present, value) in self.keys.items():
            # What follows from the caller need not be spelled out.
            if key in given or not key.startswith("aws:principal") or key.startswith("aws:principaltag"):
                self.assume(present if key in given else self.no(present))
            if key in given:
                self.holds_values(key, value, given[key])
        if self.principals:
            self.is_caller(witness["principal"])

    def holds_values(self, key, value, texts):
        if key in MANY:
            for at, (used, slot) in enumerate(value):
                self.assume(used if at < len(texts) else self.no(used))
                if at < len(texts):
                    self.assume(self.same(slot, self.string(texts[at])))
        elif key in NUMBERS + DATES:
            proper, number = value
            read = number_in(texts[0]) if key in NUMBERS else instant_in(texts[0])
            self.assume(self.no(proper) if read is None else proper)
            if read is not None:
                self.assume(self.same(number, self.tm.mkReal(str(read))))
        elif key in ADDRESSES:
            four, six, number = value
            try:
                address = ipaddress.ip_address(texts[0])
            except ValueError:
                self.assume(self.no(self.any([four, six])))
                return
            self.assume(four if address.version == 4 else six)
            self.assume(self.same(number, self.tm.mkInteger(str(int(address)))))
        else:
            self.assume(self.same(value, self.string(texts[0])))

    def is_caller(self, text):
        kind = self.is_kind
        if text.startswith("arn:") and ":assumed-role/" in text:
            self.assume(self.all([kind["role"], self.same(self.in_session, self.string(text))]))
        elif text.startswith("arn:"):
            noun = text.split(":", 5)[5].split("/")[0]
            own = {"role": "role", "user": "user", "federated-user": "federated user", "root": "root"}[noun]
            self.assume(self.all([kind[own], self.same(self.arn, self.string(text))]))
        elif text == "*":
            self.assume(kind["anonymous"])
        else:
            service = self.all([kind["service"], self.same(self.service, self.string(text))])
            self.assume(self.any([service, self.all([kind["provider"], self.same(self.provider, self.string(text))])]))

    # Words for terms.

    def constant(self, name, sort=None):
        return self.tm.mkConst(sort or self.text, name)

    def string(self, text):
        return self.tm.mkString(text)

    def all(self, parts):
        parts = [part for part in parts if part is not None]
        return self.tm.mkTrue() if not parts else parts[0] if len(parts) == 1 else self.tm.mkTerm(Kind.AND, *parts)

    def any(self, parts):
        return self.tm.mkFalse() if not parts else parts[0] if len(parts) == 1 else self.tm.mkTerm(Kind.OR, *parts)

    def no(self, part):
        return self.tm.mkTerm(Kind.NOT, part)

    def same(self, left, right):
        return self.tm.mkTerm(Kind.EQUAL, left, right)

    def joined(self, *parts):
        return self.tm.mkTerm(Kind.STRING_CONCAT, *parts)

    def within(self, text, expression):
        return self.tm.mkTerm(Kind.STRING_IN_REGEXP, text, expression)

    def literal(self, text):
        return self.tm.mkTerm(Kind.STRING_TO_REGEXP, text if not isinstance(text, str) else self.string(text))

    def sequence(self, parts):
        if not parts:
            return self.literal("")
        return parts[0] if len(parts) == 1 else self.tm.mkTerm(Kind.REGEXP_CONCAT, *parts)

    def one_of(self, ranges):
        spans = [self.tm.mkTerm(Kind.REGEXP_RANGE, self.string(low), self.string(high)) for low, high in ranges]
        return spans[0] if len(spans) == 1 else self.tm.mkTerm(Kind.REGEXP_UNION, *spans)

    def some(self, expression):
        return self.tm.mkTerm(Kind.REGEXP_PLUS, expression)

    def run(self, expression):
        return self.tm.mkTerm(Kind.REGEXP_STAR, expression)

    def character(self, colons=True):
        return self.one_of([(" ", "~")] if colons else [(" ", "9"), (";", "~")])

    def glob(self, pattern, colons=True, fold=False):
        """A pattern as an expression; a part of an ARN matches no colon."""
        parts = []
        for sign in pattern:
            if sign == "*":
                parts.append(self.run(self.character(colons)))
            elif sign == "?":
                parts.append(self.character(colons))
            elif fold and sign.isalpha():
                parts.append(self.one_of([(sign.lower(),) * 2, (sign.upper(),) * 2]))
            else:
                parts.append(self.literal(sign))
        return self.sequence(parts)

    # The request.

    def request(self):
        lower = self.one_of([(" ", "9"), (";", "@"), ("[", "~")])
        self.action = self.constant("action")
        self.assume(self.within(self.action, self.sequence([self.some(lower), self.literal(":"), self.some(lower)])))
        self.without_resource = self.constant("without resource", self.truth)
        self.parts = [self.constant(f"part {index}") for index in range(6)]
        self.assume(self.same(self.parts[0], self.string("arn")))
        inner, whole = self.character(False), self.character()
        for index, expression in ((1, self.some(inner)), (2, self.some(inner)), (3, self.run(inner)),
                                  (4, self.run(inner)), (5, self.some(whole))):
            self.assume(self.within(self.parts[index], expression))

    def assume(self, formula):
        self.solver.assertFormula(formula)

    def caller(self, kind, old, new):
        """Who asks, and the condition keys that follow from it. Identity policies say nothing about it."""
        self.principals = kind == "resource"
        if not self.principals:
            return
        kinds = ("role", "user", "federated user", "root", "service", "provider", "anonymous")
        self.is_kind = {kind: self.constant(f"is {kind}", self.truth) for kind in kinds}
        flags = list(self.is_kind.values())
        self.assume(self.any(flags))
        for index, one in enumerate(flags):
            for other in flags[index + 1:]:
                self.assume(self.no(self.all([one, other])))
        digit, name = self.one_of([("0", "9")]), self.some(self.one_of([(" ", "."), ("0", "9"), (";", "~")]))
        self.account, self.arn = self.constant("account"), self.constant("principal ARN")
        partition, path, own = self.constant("partition"), self.constant("path"), self.constant("name")
        self.session = self.constant("session")
        self.assume(self.within(self.account, self.sequence([digit] * 12)))
        self.assume(self.within(partition, self.run(self.character(False))))
        self.assume(self.within(path, self.run(self.sequence([name, self.literal("/")]))))
        self.assume(self.within(own, name))
        self.aws = self.any([self.is_kind[kind] for kind in kinds[:4]])
        for kind, service, noun in (("role", "iam", ":role/"), ("user", "iam", ":user/"),
                                    ("federated user", "sts", ":federated-user/")):
            arn = self.joined(self.string("arn:aws"), partition, self.string(f":{service}::"), self.account,
                              self.string(noun), path, own)
            self.assume(self.any([self.no(self.is_kind[kind]), self.same(self.arn, arn)]))
        root = self.joined(self.string("arn:aws"), partition, self.string(":iam::"), self.account, self.string(":root"))
        self.assume(self.any([self.no(self.is_kind["root"]), self.same(self.arn, root)]))
        # A session bears its role's name, not its path.
        self.in_session = self.constant("session ARN")
        given = self.constant("session name")
        self.assume(self.within(given, name))
        self.assume(self.same(self.in_session, self.joined(
            self.string("arn:aws"), partition, self.string(":sts::"), self.account, self.string(":assumed-role/"), own,
            self.string("/"), given)))
        self.service, self.provider = self.constant("service"), self.constant("provider")
        self.keys["aws:principalarn"] = (self.aws, self.arn)
        present, value = self.constant("has principal account", self.truth), self.constant("principal account")
        named = {text for policy in (old, new) for text in accounts_in(policy)}
        strange = self.all([self.no(self.same(value, self.string(account))) for account in sorted(named)])
        self.assume(self.any([self.no(self.aws), self.all([present, self.same(value, self.account)])]))
        self.assume(self.any([self.aws, strange]))
        self.keys["aws:principalaccount"] = (present, value)
        word = self.constant("is a service")
        for flag, text in ((self.is_kind["service"], "true"), (self.no(self.is_kind["service"]), "false")):
            self.assume(self.any([self.no(flag), self.same(word, self.string(text))]))
        self.keys["aws:principalisawsservice"] = (self.tm.mkTrue(), word)

    # Policies.

    def allows(self, policy):
        matches = {"Allow": [], "Deny": []}
        for one in policy["Statement"]:
            matches[one["Effect"]].append(self.matches(one))
        return self.all([self.any(matches["Allow"]), self.no(self.any(matches["Deny"]))])

    def matches(self, one):
        parts = [self.element(one, "Action", self.acts), self.element(one, "Resource", self.reaches)]
        if self.principals:
            parts.append(self.element(one, "Principal", self.names))
        for operator, block in one.get("Condition", {}).items():
            for key, values in block.items():
                parts.append(self.condition(operator, key.lower(), [values] if isinstance(values, str) else values))
        return self.all(parts)

    def element(self, one, name, meaning):
        if name in one:
            return meaning(one[name])
        return self.no(meaning(one["Not" + name]))

    def acts(self, patterns):
        if "*" in patterns:
            return self.tm.mkTrue()
        return self.any([self.within(self.action, self.glob(pattern.lower())) for pattern in patterns])

    def reaches(self, patterns):
        if "*" in patterns:
            return self.tm.mkTrue()
        ways = []
        for pattern in patterns:
            parts = pattern.split(":", 5)
            ways.append(self.all([self.within(part, self.glob(own, colons=index == 5))
                                  for index, (part, own) in enumerate(zip(self.parts, parts))]))
        return self.all([self.no(self.without_resource), self.any(ways)])

    def names(self, principal):
        if principal == "*":
            return self.tm.mkTrue()
        ways = []
        for family, values in principal.items():
            for value in [values] if isinstance(values, str) else values:
                ways.append(self.named(family, value))
        return self.any(ways)

    def named(self, family, value):
        if value == "*":
            return self.tm.mkTrue()
        kind = self.is_kind
        if family == "Service":
            return self.all([kind["service"], self.same(self.service, self.string(value))])
        if family == "Federated":
            return self.all([kind["provider"], self.same(self.provider, self.string(value))])
        if value.isdigit() or value.endswith(":root"):
            account = value if value.isdigit() else value.split(":")[4]
            return self.all([self.aws, self.same(self.account, self.string(account))])
        if ":role/" in value:
            return self.all([kind["role"], self.same(self.arn, self.string(value))])
        if ":assumed-role/" in value:
            return self.all([kind["role"], self.same(self.in_session, self.string(value))])
        session = value.replace(":iam::", ":sts::").replace(":user/", ":federated-user/")
        return self.any([self.all([kind["user"], self.same(self.arn, self.string(value))]),
                         self.all([kind["federated user"], self.same(self.arn, self.string(session))])])

    # Conditions.

    def key(self, name):
        if name not in self.keys:
            present = self.constant(f"has {name}", self.truth)
            if name in MANY:
                self.keys[name] = (present, [(self.constant(f"{name} uses {at}", self.truth),
                                              self.constant(f"{name} {at}")) for at in range(self.slots)])
            elif name in NUMBERS + DATES:
                self.keys[name] = (present, (self.constant(f"{name} is proper", self.truth),
                                             self.constant(name, self.number)))
            elif name in ADDRESSES:
                value = self.constant(name, self.tm.getIntegerSort())
                four, six = self.constant(f"{name} is v4", self.truth), self.constant(f"{name} is v6", self.truth)
                self.assume(self.no(self.all([four, six])))
                self.assume(self.tm.mkTerm(Kind.GEQ, value, self.tm.mkInteger("0")))
                for flag, bits in ((four, 32), (six, 128)):
                    self.assume(self.any([self.no(flag), self.tm.mkTerm(Kind.LT, value, self.tm.mkInteger(str(2**bits)))]))
                self.keys[name] = (present, (four, six, value))
            else:
                value = self.constant(name)
                self.assume(self.within(value, self.run(self.character())))
                self.keys[name] = (present, value)
        return self.keys[name]

    def condition(self, operator, key, values):
        quantifier, _, rest = operator.rpartition(":")
        exists = rest.endswith("IfExists")
        base = rest.removesuffix("IfExists")
        present, value = self.key(key)
        if base == "Null":
            filled = present
            if key in MANY:
                filled = self.all([present, self.any([used for used, _ in value])])
            return self.any([self.no(filled) if text == "true" else filled for text in values])
        negated = "Not" in base
        base = base.replace("Not", "", 1)

        def holds(one):
            hit = self.any([self.passes(base, one, text) for text in values])
            return self.no(hit) if negated else hit

        if quantifier == "ForAllValues":
            return self.any([self.no(present), self.all([self.any([self.no(used), holds(one)]) for used, one in value])])
        if quantifier == "ForAnyValue":
            return self.all([present, self.any([self.all([used, holds(one)]) for used, one in value])])
        if negated or exists:
            return self.any([self.no(present), holds(value)])
        return self.all([present, holds(value)])

    def passes(self, base, value, text):
        if base.startswith(("Numeric", "Date")):
            proper, number = value
            bound = number_in(text) if base.startswith("Numeric") else instant_in(text)
            bound = self.tm.mkReal(str(bound))
            relation = {"Equals": Kind.EQUAL, "LessThan": Kind.LT, "LessThanEquals": Kind.LEQ, "GreaterThan": Kind.GT,
                        "GreaterThanEquals": Kind.GEQ}[base.removeprefix("Numeric").removeprefix("Date")]
            return self.all([proper, self.tm.mkTerm(relation, number, bound)])
        if base == "IpAddress":
            four, six, number = value
            network = ipaddress.ip_network(text)
            flag = four if network.version == 4 else six
            low, high = int(network.network_address), int(network.broadcast_address)
            return self.all([flag, self.tm.mkTerm(Kind.GEQ, number, self.tm.mkInteger(str(low))),
                             self.tm.mkTerm(Kind.LEQ, number, self.tm.mkInteger(str(high)))])
        if base in ("ArnEquals", "ArnLike"):
            parts = text.split(":", 5)
            expressions = [self.glob(part, colons=index == 5) for index, part in enumerate(parts)]
            between = [part for expression in expressions for part in (expression, self.literal(":"))][:-1]
            return self.within(value, self.sequence(between))
        if base in ("StringEqualsIgnoreCase", "Bool"):
            return self.within(value, self.sequence([self.glob(sign, fold=True) if sign.isalpha() else self.literal(sign)
                                                     for sign in text]))
        if "${" in text:
            before, _, rest = text.partition("${")
            name, _, after = rest.partition("}")
            present, inner = self.key(name.lower())
            return self.all([present, self.same(value, self.joined(self.string(before), inner, self.string(after)))])
        if base == "StringLike":
            return self.within(value, self.glob(text))
        return self.same(value, self.string(text))


def number_in(text):
    try:
        return Fraction(text)
    except ValueError:
        return None


def instant_in(text):
    """Seconds since 1970, for the forms that witnesses have."""
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return number_in(text)
    since = read - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return Fraction(since.days * 86_400 + since.seconds) + Fraction(since.microseconds, 1_000_000)


def accounts_in(policy):
    """The accounts that a policy names."""
    digits = "".join(sign if sign.isdigit() else " " for sign in str(policy))
    return {word for word in digits.split() if len(word) == 12}

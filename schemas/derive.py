#!/usr/bin/env python3
"""Derives schemas/cloudformation/*.json from a file of compacted CloudFormation provider schemas.

Usage: schemas/derive.py FACTS.json DATE

FACTS.json holds {"meta": {"source": ...}, "resources": {TYPE: {...}}} in the short notation described by its own
meta section; DATE is the day on which it was read. Only the types below are written, because only they are emitted.
"""

import json
import pathlib
import sys

TYPES = """
AWS::CloudWatch::Alarm AWS::CloudWatch::AnomalyDetector AWS::CloudWatch::CompositeAlarm AWS::CloudWatch::Dashboard
AWS::EC2::SecurityGroup AWS::EC2::SecurityGroupEgress AWS::EC2::SecurityGroupIngress AWS::EC2::VPCEndpoint
AWS::EKS::PodIdentityAssociation AWS::Events::Rule AWS::Glue::Connection
AWS::IAM::InstanceProfile AWS::IAM::ManagedPolicy AWS::IAM::OIDCProvider AWS::IAM::Policy AWS::IAM::Role
AWS::KMS::Alias AWS::KMS::Key AWS::KMS::ReplicaKey
AWS::Lambda::Function AWS::Lambda::Permission
AWS::Logs::LogGroup AWS::Logs::MetricFilter AWS::Logs::QueryDefinition
AWS::RDS::DBProxy AWS::RDS::DBProxyTargetGroup
AWS::SNS::Subscription AWS::SNS::Topic AWS::SNS::TopicPolicy AWS::SQS::Queue AWS::SQS::QueuePolicy
AWS::SSM::Document AWS::SSM::Parameter AWS::Scheduler::Schedule
AWS::SecretsManager::ResourcePolicy AWS::SecretsManager::RotationSchedule AWS::SecretsManager::Secret
AWS::SecretsManager::SecretTargetAttachment
""".split()

# Keywords that keep their meaning under another name.
RENAMED = {
    "enum": "enum", "const": "const", "pattern": "pattern", "minLen": "minLength", "maxLen": "maxLength",
    "min": "minimum", "max": "maximum", "minItems": "minItems", "maxItems": "maxItems", "unique": "uniqueItems",
}

# Lists of property paths, kept for change review under CloudFormation's own names where it has one.
PATH_LISTS = {
    "createOnly": "createOnlyProperties",
    "conditionalCreateOnly": "conditionalCreateOnlyProperties",
    "readOnly": "readOnlyProperties",
    "writeOnly": "writeOnlyProperties",
    "primaryIdentifier": "primaryIdentifier",
    "inNewerSchemaOnly": "newerProperties",
}


def named_definitions(node, found):
    """Collects the property types that are written out somewhere, by name."""
    if isinstance(node, dict):
        if isinstance(node.get("def"), str):
            found.setdefault(node["def"], node)
        for child in node.values():
            named_definitions(child, found)
    elif isinstance(node, list):
        for child in node:
            named_definitions(child, found)


def convert(node, known, used):
    """Writes one short node as a draft-07 schema."""
    if "ref" in node:
        if node["ref"] not in known:
            return {}
        used.add(node["ref"])
        return {"$ref": "#/definitions/" + node["ref"]}
    schema = {}
    if "t" in node:
        kinds = node["t"].split("|")
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    for short, long in RENAMED.items():
        if short in node:
            schema[long] = node[short]
    if "pattern" in schema:
        # The end-of-text anchor of other dialects; JSON Schema's patterns have `$` alone.
        schema["pattern"] = schema["pattern"].replace("\\Z", "$")
    if "items" in node:
        schema["items"] = convert(node["items"], known, used)
    if "props" in node:
        schema["properties"] = {name: convert(child, known, used) for name, child in node["props"].items()}
        schema["additionalProperties"] = False
    if "map" in node:
        schema["patternProperties"] = {p: convert(child, known, used) for p, child in node["map"].items()}
        schema["additionalProperties"] = False
    if node.get("required"):
        schema["required"] = sorted(node["required"])
    return schema


def relations(facts):
    """The conditions that tie properties of one resource together."""
    schema = {}
    if "requiredOr" in facts:
        schema["anyOf"] = [{"required": [name]} for name in facts["requiredOr"]]
    if "requiredXor" in facts:
        schema["oneOf"] = [{"required": [name]} for name in facts["requiredXor"]]
    dependencies = {}
    for name, others in facts.get("dependentRequired", {}).items():
        dependencies[name] = others
    for name, others in facts.get("dependentExcluded", {}).items():
        dependencies[name] = {"not": {"anyOf": [{"required": [other]} for other in others]}}
    if dependencies:
        schema["dependencies"] = dependencies
    return schema


def derive(type_name, facts, comment):
    """The whole schema of one resource type's properties."""
    known = {}
    named_definitions(facts["properties"], known)
    used = set()
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": comment,
        "typeName": type_name,
    }
    body = convert({"t": "object", "props": facts["properties"], "required": facts.get("required")}, known, used)
    schema.update(body)
    schema.update(relations(facts))
    definitions, done = {}, set()
    while used - done:
        name = min(used - done)
        done.add(name)
        definitions[name] = convert(known[name], known, used)
    if definitions:
        schema["definitions"] = definitions
    for short, long in PATH_LISTS.items():
        if facts.get(short):
            schema[long] = ["/properties/" + path.strip("/") for path in facts[short]]
    schema["attributes"] = facts.get("getAtt", [])
    return schema


def main():
    facts_path, date = sys.argv[1:]
    facts = json.loads(pathlib.Path(facts_path).read_text())
    source = facts["meta"]["source"].split(";")[0]
    comment = f"Derived by schemas/derive.py. Source: {source}, us-east-1. Read on {date}."
    target = pathlib.Path(__file__).parent / "cloudformation"
    target.mkdir(exist_ok=True)
    for type_name in TYPES:
        schema = derive(type_name, facts["resources"][type_name], comment)
        path = target / (type_name.replace("::", "-") + ".json")
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

//! The published schema of the language says what the reader does.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads files and fails by panicking"
)]

use std::fs;
use std::path::Path;

use keyprint::{Diagnostics, Sources};
use serde_json::Value;

const PUBLISHED: &str = "schemas/blueprint.schema.json";

#[test]
fn the_published_schema_is_the_one_the_reader_uses() {
    let current = format!("{}\n", serde_json::to_string_pretty(&keyprint::schema()).unwrap());
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("blueprint.schema.json");
    fs::write(&written, &current).unwrap();
    let published = fs::read_to_string(PUBLISHED).unwrap_or_default();
    assert!(published == current, "{PUBLISHED} is out of step; `keyprint schema` writes it anew");
}

#[test]
fn the_schema_is_valid_and_accepts_good_blueprints() {
    let schema = keyprint::schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for (path, text) in cases("tests/cases/ok") {
        let value: Value = serde_yaml::from_str(&text).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{path}: {errors:#?}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses_by_shape() {
    let validator = jsonschema::draft202012::new(&keyprint::schema()).unwrap();
    for code in
        ["unknown-field", "wrong-type", "unknown-word", "unquoted-account-id", "bad-account-id", "bad-name"]
    {
        for (path, text) in cases(&format!("tests/cases/bad/{code}")) {
            // A key that is a list has no place in JSON.
            let Ok(value) = serde_yaml::from_str::<Value>(&text) else { continue };
            assert!(!validator.is_valid(&value), "{path} passes the schema");
        }
    }
}

#[test]
fn every_example_of_the_schema_is_valid_where_it_stands() {
    let schema = keyprint::schema();
    let mut seen = 0;
    for (definition, body) in schema["$defs"].as_object().unwrap() {
        for (field, property) in body["properties"].as_object().unwrap() {
            let mut alone = property.clone();
            alone["$defs"] = schema["$defs"].clone();
            let validator = jsonschema::draft202012::new(&alone).unwrap();
            for example in property["examples"].as_array().unwrap() {
                let errors: Vec<String> =
                    validator.iter_errors(example).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{definition}.{field}: {example}: {errors:?}");
                seen += 1;
            }
            assert!(property["description"].as_str().unwrap().ends_with('.'), "{definition}.{field}");
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn the_good_cases_use_every_field_of_the_language() {
    let schema = keyprint::schema();
    let mut used = std::collections::BTreeSet::new();
    for (_, text) in cases("tests/cases/ok") {
        let value: Value = serde_yaml::from_str(&text).unwrap();
        collect(&schema, &schema, &value, &mut used);
    }
    for (definition, body) in schema["$defs"].as_object().unwrap() {
        for field in body["properties"].as_object().unwrap().keys() {
            assert!(
                used.contains(&format!("{definition}.{field}")),
                "no good case uses `{field}` of {definition}"
            );
        }
    }
}

#[test]
fn reader_and_schema_agree_about_single_changes() {
    let validator = jsonschema::draft202012::new(&keyprint::schema()).unwrap();
    for (path, text) in cases("tests/cases/ok") {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_end().ends_with('}')) {
            let mut changed = lines.clone();
            let broken =
                format!("{}, colour: blue }}", line.trim_end().strip_suffix('}').unwrap().trim_end());
            changed[index] = &broken;
            let changed = changed.join("\n");
            let Ok(value) = serde_yaml::from_str::<Value>(&changed) else { continue };
            assert_eq!(validator.is_valid(&value), reads_clean(&changed), "{path}:{}", index + 1);
        }
    }
}

fn reads_clean(text: &str) -> bool {
    let mut sources = Sources::default();
    sources.add("case.yaml", text);
    let mut log = Diagnostics::default();
    keyprint::read(&sources, &mut log);
    !log.has_errors()
}

fn collect(root: &Value, schema: &Value, value: &Value, used: &mut std::collections::BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        let definition = &root["$defs"][name];
        for (field, property) in definition["properties"].as_object().unwrap() {
            if let Some(inner) = value.get(field) {
                used.insert(format!("{name}.{field}"));
                collect(root, property, inner, used);
            }
        }
    }
    for form in schema["anyOf"].as_array().into_iter().flatten() {
        let mut alone = form.clone();
        alone["$defs"] = root["$defs"].clone();
        if jsonschema::draft202012::new(&alone).unwrap().is_valid(value) {
            collect(root, form, value, used);
        }
    }
    for (field, property) in schema["properties"].as_object().into_iter().flatten() {
        value.get(field).into_iter().for_each(|inner| collect(root, property, inner, used));
    }
    if let (Some(entries), Some(values)) = (value.as_object(), schema.get("additionalProperties")) {
        entries.values().for_each(|inner| collect(root, values, inner, used));
    }
    if let (Some(items), Some(each)) = (value.as_array(), schema.get("items")) {
        items.iter().for_each(|inner| collect(root, each, inner, used));
    }
}

fn cases(folder: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    all
}

//! The workflows and hooks for teams: read as YAML, and their commands run in a repository as a runner would run them.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test reads files and stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use serde_yaml::Value as Yaml;

const GITHUB: &str = include_str!("../.ci/examples/github.yml");
const GITLAB: &str = include_str!("../.ci/examples/gitlab.yml");
const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");
const BLUEPRINT: &str = include_str!("../blueprints/minimal.yaml");

/// A repository with a first commit, a runner's files beside it, and stand-ins for what needs a network.
struct Site {
    place: tempfile::TempDir,
    base: String,
}

impl Site {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let (repository, tools) = (place.path().join("repository"), place.path().join("tools"));
        fs::create_dir_all(repository.join("blueprints")).unwrap();
        fs::create_dir_all(&tools).unwrap();
        fs::write(repository.join("blueprints/minimal.yaml"), BLUEPRINT).unwrap();
        symlink(env!("CARGO_BIN_EXE_keyprint"), tools.join("keyprint")).unwrap();
        let mut site = Self { place, base: String::new() };
        for program in ["gh", "curl", "cargo"] {
            site.stand_in(program, "");
        }
        for line in [
            "git init --quiet --initial-branch=main",
            "git config user.name Tester",
            "git config user.email tester@example.com",
            "git add --all",
            "git commit --quiet --message 'Begin'",
        ] {
            assert!(site.run(line, &[]).status.success(), "{line}");
        }
        site.base = String::from_utf8(site.run("git rev-parse HEAD", &[]).stdout).unwrap().trim().to_owned();
        site
    }

    /// A program that reads what it is given, notes how it was called and prints something.
    fn stand_in(&self, program: &str, answer: &str) {
        let file = self.place.path().join("tools").join(program);
        let calls = self.calls_of(program);
        fs::write(
            &file,
            format!(
                "#!/bin/sh\ncat >/dev/null\necho \"$@\" >>'{}'\nprintf '%s' '{answer}'\n",
                calls.display()
            ),
        )
        .unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn calls_of(&self, program: &str) -> PathBuf {
        self.place.path().join(format!("{program}.calls"))
    }

    fn calls(&self, program: &str) -> String {
        fs::read_to_string(self.calls_of(program)).unwrap_or_default()
    }

    fn repository(&self) -> PathBuf {
        self.place.path().join("repository")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.repository().join(file)).unwrap_or_else(|_| panic!("{file} is missing"))
    }

    /// Runs a script as GitHub's and GitLab's runners do.
    fn run(&self, script: &str, variables: &[(String, String)]) -> Output {
        let path =
            format!("{}:{}", self.place.path().join("tools").display(), std::env::var("PATH").unwrap());
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.repository())
            .envs(variables.iter().cloned())
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    /// Makes the secret rotate three times as seldom, which weakens a control.
    fn weaken(&self) {
        let changed = BLUEPRINT.replace("every: 30 days", "every: 90 days");
        assert_ne!(changed, BLUEPRINT);
        fs::write(self.repository().join("blueprints/minimal.yaml"), changed).unwrap();
    }
}

fn text<'a>(value: &'a Yaml, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Puts values in place of `${{ … }}`; an expression that a test does not know is a surprise.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, behind) = after.split_once("}}").unwrap();
        filled.push_str(before);
        let known = values.get(expression.trim());
        filled.push_str(known.unwrap_or_else(|| panic!("no value for `{expression}`")));
        rest = behind;
    }
    filled + rest
}

fn variables(of: &Yaml, values: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let pairs = of["env"].as_mapping().into_iter().flatten();
    pairs
        .map(|(key, value)| (key.as_str().unwrap().to_owned(), filled(value.as_str().unwrap(), values)))
        .collect()
}

/// Plays the GitHub workflow: the exit code of each step that runs a script, by its name.
fn github(site: &Site) -> BTreeMap<String, (i32, String)> {
    let workflow: Yaml = serde_yaml::from_str(GITHUB).unwrap();
    let job = &workflow["jobs"]["review"];
    let mut values: BTreeMap<String, String> = [
        ("github.event.pull_request.base.sha", site.base.as_str()),
        ("github.event.pull_request.number", "12"),
        ("github.token", "token"),
        ("github.sha", "0badcafe"),
        ("vars.KEYPRINT_REPOSITORY", "https://git.example.com/keyprint"),
        ("vars.KEYPRINT_REVISION", "0badcafe"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let mut codes = BTreeMap::new();
    for step in job["steps"].as_sequence().unwrap() {
        if !step["uses"].is_null() {
            assert!(text(step, "uses").contains("@v"), "{step:?}");
            continue;
        }
        let output = site.place.path().join("output");
        fs::write(&output, "").unwrap();
        let mut given = variables(job, &values);
        given.extend(variables(step, &values));
        let summary = site.place.path().join("summary").display().to_string();
        given.extend([
            ("GITHUB_OUTPUT".to_owned(), output.display().to_string()),
            ("GITHUB_STEP_SUMMARY".to_owned(), summary),
            ("GITHUB_REPOSITORY".to_owned(), "orders/infrastructure".to_owned()),
        ]);
        let done = site.run(text(step, "run"), &given);
        let said =
            String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        codes.insert(text(step, "name").to_owned(), (done.status.code().unwrap(), said));
        for line in fs::read_to_string(&output).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            values.insert(format!("steps.{}.outputs.{name}", text(step, "id")), value.to_owned());
        }
    }
    codes
}

#[test]
fn the_github_workflow_passes_what_changes_nothing() {
    let site = Site::new();
    let codes = github(&site);
    for (step, (code, said)) in &codes {
        assert_eq!(*code, 0, "{step}: {said}");
    }
    let review = site.read("review.md");
    assert!(review.starts_with("<!-- keyprint review -->\n") && review.contains("nothing stops"), "{review}");
    assert_eq!(fs::read_to_string(site.place.path().join("summary")).unwrap(), review);
    assert!(site.calls("gh").contains("--method POST repos/orders/infrastructure/issues/12/comments"));
    assert!(site.calls("cargo").starts_with("install --locked --git https://git.example.com/keyprint"));
    let sarif: Value = serde_json::from_str(&site.read("review.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 0);
}

#[test]
fn the_github_workflow_stops_what_weakens_and_writes_its_comment_anew() {
    let site = Site::new();
    site.weaken();
    site.stand_in("gh", "7");
    let codes = github(&site);
    for (step, (code, said)) in &codes {
        assert_eq!(*code, if step == "Verdict" { 4 } else { 0 }, "{step}: {said}");
    }
    assert!(codes["Review"].1.contains("::error file=blueprints/minimal.yaml,line="), "{codes:?}");
    assert!(codes["Review"].1.contains("change-weaker"), "{codes:?}");
    assert!(site.read("review.md").contains("Weaker controls (stops)"));
    assert!(site.calls("gh").contains("--method PATCH repos/orders/infrastructure/issues/comments/7"));
    let sarif: Value = serde_json::from_str(&site.read("review.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "keyprint/change-weaker"), "{results:?}");
}

#[test]
fn the_github_workflow_may_do_no_more_than_it_needs() {
    let workflow: Yaml = serde_yaml::from_str(GITHUB).unwrap();
    let granted: Vec<(&str, &str)> = workflow["permissions"]
        .as_mapping()
        .unwrap()
        .iter()
        .map(|(name, level)| (name.as_str().unwrap(), level.as_str().unwrap()))
        .collect();
    assert_eq!(granted, [("contents", "read"), ("pull-requests", "write"), ("security-events", "write")]);
    // What a pull request can name must not become part of a script.
    for step in workflow["jobs"]["review"]["steps"].as_sequence().unwrap() {
        assert!(!text(step, "run").contains("${{"), "{step:?}");
    }
    assert!(workflow["on"]["pull_request_target"].is_null());
}

/// Plays the GitLab job: all lines in one shell.
fn gitlab(site: &Site) -> (i32, String) {
    let file: Yaml = serde_yaml::from_str(GITLAB).unwrap();
    let lines = file["keyprint"]["script"].as_sequence().unwrap();
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    let variables = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", site.base.as_str()),
        ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
        ("CI_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "12"),
        ("KEYPRINT_TOKEN", "token"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let done = site.run(&script.join("\n"), &variables);
    (done.status.code().unwrap(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn the_gitlab_job_passes_or_stops_and_writes_its_note() {
    let site = Site::new();
    site.stand_in("curl", "[]");
    // The note of an earlier push is found by a program that may not be here.
    site.stand_in("jq", "");
    let (code, said) = gitlab(&site);
    assert_eq!(code, 0, "{said}");
    assert!(site.calls("curl").contains("--request POST"), "{}", site.calls("curl"));
    assert!(site.read("review.xml").contains("no change"));
    site.weaken();
    site.stand_in("jq", "7");
    let (code, said) = gitlab(&site);
    assert_eq!(code, 4, "{said}");
    assert!(
        site.calls("curl").contains("--request PUT")
            && site.calls("curl").contains("merge_requests/12/notes/7")
    );
    assert!(site.read("review.xml").contains("<failure type=\"change-weaker\""));
    assert!(site.read("review.md").contains("Weaker controls (stops)"));
}

#[test]
fn the_hooks_pass_what_changes_nothing_and_stop_what_weakens() {
    let hooks: Yaml = serde_yaml::from_str(HOOKS).unwrap();
    let site = Site::new();
    let run = |id: &str| {
        let hook = hooks.as_sequence().unwrap().iter().find(|hook| text(hook, "id") == id).unwrap();
        assert_eq!(hook["pass_filenames"], Yaml::Bool(false), "{hook:?}");
        assert_eq!(text(hook, "language"), "rust");
        let done = site.run(text(hook, "entry"), &[]);
        (done.status.code().unwrap(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    assert_eq!(hooks.as_sequence().unwrap().len(), 2);
    assert_eq!(run("keyprint-check").0, 0);
    assert_eq!(run("keyprint-review").0, 0);
    site.weaken();
    let (code, said) = run("keyprint-review");
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("Weaker controls (stops)"), "{said}");
}

#[test]
fn the_readme_names_the_files() {
    let readme = include_str!("../README.md");
    for file in [".ci/examples/github.yml", ".ci/examples/gitlab.yml", ".pre-commit-hooks.yaml"] {
        assert!(readme.contains(file) && Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{file}");
    }
}

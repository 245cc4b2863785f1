//! Workspaces of any size: shops with as many roles as secrets.

use keyprint::verify::AccessJudge;
use keyprint::{Options, Sources, access_judge};
use serde_json::Value;

/// Applications of a workspace; each has this many secrets and roles, and a fifth as many keys.
const PER_APPLICATION: usize = 50;

/// The blueprint of an application in which each role reads three secrets.
fn blueprint(account: &str, application: usize) -> String {
    let mut text = format!(
        r#"blueprint: v1
application: shop-{application}
owner: bench
environments:
  production:
    account: "{account}"
    regions: [eu-west-1]
    deployer: deployer
alerts:
  page: {{ email: oncall@example.com, on: [everything-else] }}
keys:
"#
    );
    let keys = PER_APPLICATION / 5;
    for key in 0..keys {
        text.push_str(&format!("  key-{key:03}: {{ description: Key {key} }}\n"));
    }
    text.push_str("secrets:\n");
    let function = format!("arn:aws:lambda:eu-west-1:{account}:function:rotate");
    for secret in 0..PER_APPLICATION {
        let key = secret % keys;
        text.push_str(&format!(
            "  secret-{secret:03}: {{ type: api-key, key: key-{key:03}, rotation: {{ every: 30 days, function: {function} }} }}\n"
        ));
    }
    text.push_str("consumers:\n");
    for role in 0..PER_APPLICATION {
        let reads: Vec<String> =
            [0, 1, 7].iter().map(|step| format!("secret-{:03}", (role + step) % PER_APPLICATION)).collect();
        text.push_str(&format!("  role-{role:03}: {{ runs-on: lambda, reads: [{}] }}\n", reads.join(", ")));
    }
    text
}

/// A workspace with this many roles and secrets, compiled, and the texts of its templates.
pub(crate) fn workspace(account: &str, roles: usize) -> (AccessJudge, Vec<Value>) {
    let mut sources = Sources::default();
    for application in 0..roles / PER_APPLICATION {
        sources.add(format!("shop-{application}.yaml"), blueprint(account, application));
    }
    let options = Options { today: "2026-11-01".to_owned(), ..Options::default() };
    let judge = access_judge(&sources, &options).expect("the workspace compiles");
    let documents: Vec<Value> = judge.templates().into_iter().map(|(_, document)| document).collect();
    assert_eq!(judge.findings(&documents), Vec::<String>::new());
    let (_, secrets, keys) = judge.size(&documents);
    // Each application has a key for its alerts beside.
    assert_eq!((secrets, keys), (roles, roles / 5 + roles / PER_APPLICATION));
    (judge, documents)
}

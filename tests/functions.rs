//! What rotates, watches, checks and rolls back: the words of the language, and what becomes of them.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on says where")]

use keyprint::{Level, Options, Run, SourceKind, Sources};
use serde_json::Value;

const MODULE: &str = "import json\n\n\ndef create(current):\n    return current\n\n\ndef set(pending, current):\n    pass\n\n\ndef test(pending):\n    pass\n\n\ndef retire(previous, current):\n    pass\n";

const NETWORK: &str =
    "network: { vpc: vpc-0a100000000000000, subnets: [subnet-0a100000000000000], endpoints: create }";

fn blueprint(environment: &str, secrets: &str) -> String {
    format!(
        "blueprint: v1\napplication: shop\nowner: shop\nenvironments:\n  test:\n    account: \"111111111111\"\n    \
         regions: [eu-west-1]\n    deployer: deployer\n    {environment}\nsecrets:\n{secrets}\nalerts:\n  \
         page: {{ email: a@example.com, on: [everything-else] }}\n"
    )
}

fn run(text: &str, files: &[(&str, &str)]) -> Run {
    let mut sources = Sources::default();
    sources.add("shop/shop.yaml", text);
    for (path, text) in files {
        sources.add_as(SourceKind::Attachment, *path, *text);
    }
    keyprint::run(sources, &Options { today: "2026-11-24".to_owned(), verify: true, ..Options::default() })
}

fn problems(run: &Run) -> Vec<String> {
    let errors = run.diagnostics.sorted().into_iter().filter(|found| found.level == Level::Error);
    errors.map(|found| format!("{}: {}", found.code, found.message)).collect()
}

/// The application's own template of a workspace without errors.
fn template(text: &str, files: &[(&str, &str)]) -> Value {
    let run = run(text, files);
    assert_eq!(problems(&run), Vec::<String>::new());
    let made = run.artifacts.iter().find(|made| made.path.ends_with("eu-west-1/shop.template.json")).unwrap();
    serde_json::from_str(&made.text).unwrap()
}

fn statement<'a>(template: &'a Value, policy: &str, sid: &str) -> &'a Value {
    let resource = &template["Resources"][policy]["Properties"];
    let document = resource.get("PolicyDocument").unwrap_or(&resource["ResourcePolicy"]);
    let statements = document["Statement"].as_array().unwrap();
    statements
        .iter()
        .find(|statement| statement["Sid"] == sid)
        .unwrap_or_else(|| panic!("{policy} has no {sid}"))
}

fn source<'a>(template: &'a Value, function: &str) -> &'a str {
    template["Resources"][function]["Properties"]["Code"]["ZipFile"].as_str().unwrap()
}

#[test]
fn an_authors_module_becomes_part_of_its_function() {
    let text = blueprint(
        "",
        "  rates: { type: oauth-client, rotation: { every: 30 days, module: hooks/rates_feed.py } }",
    );
    let made = template(&text, &[("shop/hooks/rates_feed.py", MODULE)]);
    let source = source(&made, "RotateRatesFeedFunction");
    assert!(source.contains("class Hook") && source.ends_with("def retire(previous, current):\n    pass\n"));
    let function = &made["Resources"]["RotateRatesFeedFunction"]["Properties"];
    assert_eq!(function["FunctionName"], "shop-test-rotate-rates-feed");
    assert!(function.get("VpcConfig").is_none(), "a provider is reached over the internet");
    let policy = &made["Resources"]["RotateRatesFeedPolicy"]["Properties"]["PolicyDocument"]["Statement"];
    let sids: Vec<&str> = policy.as_array().unwrap().iter().map(|one| one["Sid"].as_str().unwrap()).collect();
    assert_eq!(sids, ["RotateSecrets", "EncryptThroughSecretsManager", "WriteLogs"]);
}

#[test]
fn an_unfit_module_is_refused() {
    let text = blueprint("", "  rates: { type: api-key, rotation: { every: 30 days, module: rates.py } }");
    for (file, wanted) in [
        (None, "there is no file `shop/rates.py`"),
        (Some(MODULE.replace("def retire", "def other")), "does not define `retire`"),
        (Some(format!("{MODULE}# \u{e9}\n")), "characters beyond ASCII"),
    ] {
        let files: Vec<(&str, &str)> = file.iter().map(|text| ("shop/rates.py", text.as_str())).collect();
        let found = problems(&run(&text, &files));
        assert!(found.len() == 1 && found[0].contains(wanted), "{wanted}: {found:?}");
    }
}

/// The module stands in the same file as the frame, so that it must not take the frame's names.
#[test]
fn a_module_takes_no_name_of_the_frame() {
    let text = blueprint("", "  rates: { type: api-key, rotation: { every: 30 days, module: rates.py } }");
    let frame = keyprint::rotation_function("hook", None).unwrap();
    let mut names = 0;
    for line in frame.lines() {
        let Some((keyword, rest)) = line.split_once(' ').filter(|(word, _)| ["def", "class"].contains(word))
        else {
            continue;
        };
        let name = rest.split(['(', ':']).next().unwrap();
        names += 1;
        let module = format!("{MODULE}\n\n{keyword} {name}(x):\n    pass\n");
        let found = problems(&run(&text, &[("shop/rates.py", &module)]));
        assert!(found.iter().any(|found| found.contains(&format!("`{name}`"))), "{name}: {found:?}");
    }
    assert!(names > 8);
}

const SUPERUSER: &str = "  admin: { type: managed, database: main }\n";
const MANAGED: &str = "secret: \"arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!cluster-1-AbCdEf\"";

#[test]
fn aurora_users_rotate_through_the_data_api() {
    let own = "  admin: { type: aurora-postgresql, database: main, username: admin, rotation: { every: 30 days } }\n";
    let group = "security-group: sg-0db10000000000000";
    for (network, database, superuser) in [(NETWORK, group, own), ("", MANAGED, SUPERUSER)] {
        let environment = format!("{network}\n    databases: {{ main: {{ cluster: orders, {database} }} }}");
        let secrets = format!(
            "{superuser}  app: {{ type: aurora-postgresql, database: main, username: app, \
             rotation: {{ every: 30 days, via: data-api, superuser: admin }} }}"
        );
        let made = template(&blueprint(&environment, &secrets), &[]);
        let run = statement(&made, "RotateDataMainPolicy", "RunStatements");
        assert_eq!(run["Action"][0], "rds-data:ExecuteStatement");
        assert!(run["Resource"].to_string().contains(":rds:${AWS::Region}:${AWS::AccountId}:cluster:orders"));
        let function = &made["Resources"]["RotateDataMainFunction"]["Properties"];
        assert!(source(&made, "RotateDataMainFunction").contains("class RdsData"));
        assert!(function["Environment"]["Variables"]["CLUSTER_ARN"].to_string().contains("cluster:orders"));
        let inside = !network.is_empty();
        assert_eq!(function.get("VpcConfig").is_some(), inside);
        let endpoint = made["Resources"].get("RdsDataEndpoint");
        assert_eq!(endpoint.is_some(), inside);
        if let Some(endpoint) = endpoint {
            let allowed = &endpoint["Properties"]["PolicyDocument"]["Statement"];
            assert_eq!(allowed.as_array().unwrap().len(), 1);
            assert!(allowed.to_string().contains("shop-test-rotate-data-main"));
            // No way to the database: the API is asked.
            assert!(!made["Resources"]["RotateDataMainSecurityGroup"].to_string().contains("5432"));
        }
    }
}

#[test]
fn redshift_users_rotate_through_the_data_api() {
    let environment = format!("databases: {{ main: {{ cluster: dw, {MANAGED} }} }}");
    let secrets = format!(
        "{SUPERUSER}  load: {{ type: redshift, database: main, username: loader, \
         rotation: {{ every: 30 days, superuser: admin }} }}"
    );
    let made = template(&blueprint(&environment, &secrets), &[]);
    let run = statement(&made, "RotateRedshiftMainPolicy", "RunStatements");
    assert!(run["Resource"].to_string().contains(":redshift:${AWS::Region}:${AWS::AccountId}:cluster:dw"));
    let wait = statement(&made, "RotateRedshiftMainPolicy", "AwaitOwnStatements");
    assert_eq!(
        wait["Condition"]["StringEquals"]["redshift-data:statement-owner-iam-userid"],
        serde_json::json!(["${aws:userid}"])
    );
}

#[test]
fn cache_users_rotate_by_their_id() {
    let secrets = "  carts: { type: elasticache-user, username: app, user-id: carts-app, rotation: { every: 30 days } }\n  \
                   plain: { type: elasticache-user, username: plain, rotation: { every: 30 days } }";
    let made = template(&blueprint("", secrets), &[]);
    let change = statement(&made, "RotateElasticachePolicy", "ChangeCacheUsers");
    let resources = change["Resource"].to_string();
    assert!(resources.contains(":user:carts-app") && resources.contains(":user:plain"), "{resources}");
    let generation = &made["Resources"]["CartsSecret"]["Properties"]["GenerateSecretString"];
    assert_eq!(
        generation["SecretStringTemplate"],
        r#"{"username":"app","user_arn":"arn:aws:elasticache:eu-west-1:111111111111:user:carts-app"}"#
    );
    assert_eq!(made["Resources"]["RotateElasticacheFunction"]["Properties"]["Timeout"], 600);
    assert!(made["Resources"].get("RotateElasticacheRollbackDocument").is_some());
}

fn database_user(more: &str) -> String {
    let environment = format!(
        "{NETWORK}\n    databases: {{ main: {{ instance: main, host: main.x.eu-west-1.rds.amazonaws.com, security-group: sg-0db10000000000000 }} }}\n    {more}"
    );
    blueprint(
        &environment,
        "  app: { type: postgresql, database: main, username: app, rotation: { every: 30 days, check: read-and-write } }",
    )
}

#[test]
fn the_watch_sees_ages_and_nothing_else() {
    let made = template(&database_user(""), &[]);
    let watch = statement(&made, "WatchPolicy", "WatchSecrets");
    let actions = ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"];
    assert_eq!(watch["Action"], serde_json::json!(actions));
    let metrics = statement(&made, "WatchPolicy", "PublishMetrics");
    assert_eq!(
        metrics["Condition"]["StringEquals"]["cloudwatch:namespace"],
        serde_json::json!(["Keyprint/Rotation"])
    );
    let target = &made["Resources"]["WatchRule"]["Properties"]["Targets"][0];
    let input: Value = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    // 30 days and the window.
    assert_eq!(input["secrets"]["shop/test/app"], 30 * 24 + 4);
    assert_eq!(made["Resources"]["WatchSilentAlarm"]["Properties"]["TreatMissingData"], "breaching");
    assert_eq!(made["Resources"]["WatchLateAlarm"]["Properties"]["MetricName"], "LateSecrets");
    assert!(made["Resources"]["RotationDashboard"].to_string().contains("shop/test/app"));
}

#[test]
fn watch_and_rollback_can_be_left_out() {
    let made = template(&database_user("rotation-watch: false\n    rollback: false"), &[]);
    let names: Vec<&String> = made["Resources"].as_object().unwrap().keys().collect();
    let left = names.iter().filter(|name| name.starts_with("Watch") || name.contains("Rollback")).count();
    assert_eq!(left, 0, "{names:?}");
}

#[test]
fn the_check_reads_values_from_the_network_by_the_clock_and_after_a_rotation() {
    let made = template(&database_user(""), &[]);
    assert!(
        source(&made, "CheckPostgresqlFunction").contains("Amazon RDS")
            || source(&made, "CheckPostgresqlFunction").contains("BEGIN CERTIFICATE")
    );
    let read = statement(&made, "CheckPostgresqlPolicy", "ReadSecrets");
    assert_eq!(read["Action"], serde_json::json!(["secretsmanager:GetSecretValue"]));
    assert!(made["Resources"]["CheckPostgresqlFunction"]["Properties"].get("VpcConfig").is_some());
    assert_eq!(made["Resources"]["CheckPostgresqlRule"]["Properties"]["ScheduleExpression"], "rate(1 hour)");
    let changed = &made["Resources"]["CheckPostgresqlChangedRule"]["Properties"];
    assert_eq!(changed["EventPattern"]["detail"]["labelUpdated"][0], "AWSCURRENT");
    let template = &changed["Targets"][0]["InputTransformer"]["InputTemplate"];
    let event: Value = serde_json::from_str(template.as_str().unwrap()).unwrap();
    assert_eq!(
        (&event["changed"], &event["secrets"]["shop/test/app"]),
        (&"<changed>".into(), &"read-and-write".into())
    );
}

#[test]
fn the_runbook_may_invoke_its_function_and_nothing_else() {
    let made = template(&database_user(""), &[]);
    let policy = &made["Resources"]["RotatePostgresqlSingleRollbackPolicy"]["Properties"];
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], serde_json::json!(["lambda:InvokeFunction"]));
    assert_eq!(statements[0]["Resource"][0]["Fn::GetAtt"][0], "RotatePostgresqlSingleFunction");
    let document = &made["Resources"]["RotatePostgresqlSingleRollbackDocument"]["Properties"]["Content"];
    assert_eq!(document["parameters"]["SecretId"]["allowedValues"], serde_json::json!(["shop/test/app"]));
    let payload = &document["mainSteps"][0]["inputs"]["InputPayload"];
    assert_eq!(
        (&payload["Step"], &payload["ClientRequestToken"]),
        (&"rollback".into(), &"{{ VersionId }}".into())
    );
}

#[test]
fn a_named_function_is_told_of_another_value() {
    let secrets = "  token: { type: text, rotation: { every: 30 days }, on-change: \"arn:aws:lambda:eu-west-1:111111111111:function:redeploy\" }";
    let made = template(&blueprint("", secrets), &[]);
    let rule = &made["Resources"]["TokenChangedRule"]["Properties"];
    assert_eq!(rule["EventPattern"]["detail"]["name"][0], "shop/test/token");
    assert_eq!(rule["Targets"][0]["Arn"], "arn:aws:lambda:eu-west-1:111111111111:function:redeploy");
    let permission = &made["Resources"]["TokenChangedPermission"]["Properties"];
    assert_eq!(permission["Principal"], "events.amazonaws.com");
    assert_eq!(permission["SourceArn"]["Fn::GetAtt"][0], "TokenChangedRule");
}

#[test]
fn databases_are_verified_against_the_regions_authorities_and_the_authors() {
    let own = template(&database_user(""), &[]);
    assert_eq!(source(&own, "RotatePostgresqlSingleFunction").matches("BEGIN CERTIFICATE-----\n").count(), 3);
    let named = database_user("").replace("security-group", "authorities: ca.pem, security-group");
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let both = template(&named, &[("shop/ca.pem", certificate)]);
    assert_eq!(
        source(&both, "RotatePostgresqlSingleFunction").matches("BEGIN CERTIFICATE-----\n").count(),
        4
    );
    assert_eq!(source(&both, "CheckPostgresqlFunction").matches("BEGIN CERTIFICATE-----\n").count(), 4);
    for (text, wanted) in [
        ("no certificates", "holds no certificates"),
        ("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n", "holds a private key"),
    ] {
        let found = problems(&run(&named, &[("shop/ca.pem", text)]));
        assert!(found.len() == 1 && found[0].contains(wanted), "{wanted}: {found:?}");
    }
}

#[test]
fn many_secrets_are_told_in_several_inputs() {
    let secrets: String = (0..26)
        .map(|number| {
            let (name, key) = ("x".repeat(300), if number % 2 == 0 { "even" } else { "odd" });
            format!("  s{number}: {{ type: text, key: {key}, name: {name}/{number}, rotation: {{ every: 30 days }} }}\n")
        })
        .chain(["keys: { even: {}, odd: {} }\n".to_owned()])
        .collect();
    let run = run(&blueprint("", &secrets), &[]);
    assert_eq!(problems(&run), Vec::<String>::new());
    let (mut told, mut inputs) = (0, 0);
    for made in run.artifacts.iter().filter(|made| made.path.ends_with(".template.json")) {
        let template: Value = serde_json::from_str(&made.text).unwrap();
        for resource in template["Resources"].as_object().unwrap().values() {
            for target in resource["Properties"]["Targets"].as_array().into_iter().flatten() {
                let Some(input) = target["Input"].as_str() else { continue };
                assert!(input.len() <= 8192);
                let input: Value = serde_json::from_str(input).unwrap();
                inputs += 1;
                told += input["secrets"].as_object().unwrap().len();
            }
        }
    }
    assert_eq!(told, 26);
    assert!(inputs > 1);
}

#[test]
fn success_is_told_to_whoever_asks_by_name() {
    let text = blueprint("", "  token: { type: text, rotation: { every: 30 days } }");
    assert!(template(&text, &[])["Resources"].get("RotationSucceededRule").is_none());
    let asked = text.replace("[everything-else]", "[rotation-succeeded]");
    let rule = &template(&asked, &[])["Resources"]["RotationSucceededRule"]["Properties"];
    assert_eq!(rule["EventPattern"]["detail"]["eventName"], serde_json::json!(["RotationSucceeded"]));
}

//! Input that means harm: an answer within the budget, never a crash.

use keyprint::access::{Answer, Budget, Policy, PolicyKind, compare};

fn one(resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s:A","Resource":{resource}}}}}"#
    )
}

fn parse(text: &str) -> Policy {
    Policy::parse(text, PolicyKind::Identity).unwrap()
}

#[test]
fn malformed_documents_are_refused() {
    let deep = "[".repeat(100_000);
    let deep_object = "{\"a\":".repeat(100_000);
    let texts = [
        "",
        "null",
        "[]",
        "{",
        "\"\u{0}\"",
        &deep,
        &deep_object,
        r#"{"Statement":[],"Statement":[]}"#,
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2013","Statement":[]}"#,
        r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true","a":"true"}}}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"Get","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Extra":1}]}"#,
    ];
    for text in texts {
        let errors = Policy::parse(text, PolicyKind::Identity).expect_err(&text[..text.len().min(80)]);
        assert!(!errors.is_empty());
    }
}

#[test]
fn automata_that_blow_up_end_in_an_answer() {
    let wide = one(r#""arn:aws:s:r:111122223333:*""#);
    for count in [6, 10, 14, 20, 40] {
        let negated = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s:A","Resource":"arn:aws:s:r:111122223333:*a{0}"}},
               {{"Effect":"Allow","Action":"s:A","Resource":"arn:aws:s:r:111122223333:*b{0}"}}]}}"#,
            "?".repeat(count)
        );
        let answer = compare(&parse(&negated), &parse(&wide), Budget { steps: 1_000_000 }).answer;
        assert!(!matches!(answer, Answer::Proven), "{count}");
    }
    // Nothing needs to be walked where the policies say the same word for word.
    let marks = "?".repeat(24);
    let powers = |action: &str| {
        let text =
            one(&format!(r#"["arn:aws:s:r:111122223333:*a{marks}","arn:aws:s:r:111122223333:*b{marks}"]"#));
        parse(&text.replace("s:A", action))
    };
    for (old, new) in [(parse(&one("\"*\"")), powers("s:A")), (powers("s:A"), powers("s:A"))] {
        assert_eq!(compare(&old, &new, Budget { steps: 10_000 }).answer, Answer::Proven);
    }
    let answer = compare(&powers("s:B"), &powers("s:A"), Budget { steps: 1_000_000 }).answer;
    assert!(!matches!(answer, Answer::Proven));
    let infix: Vec<String> = (0..24).map(|i| format!("\"arn:aws:s:r:111122223333:*w{i:02}*v*\"")).collect();
    let covers = one(&format!("[{}]", infix.join(",")));
    let answer = compare(&parse(&covers), &parse(&wide), Budget { steps: 1_000_000 }).answer;
    assert!(!matches!(answer, Answer::Proven));
}

#[test]
fn many_words_in_one_value() {
    let conditions = |count: usize| -> String {
        let each: Vec<String> = (0..count)
            .map(|i| {
                let operator = ["StringLike", "StringLikeIfExists"][i % 2];
                let set = ["", "ForAllValues:", "ForAnyValue:"][i / 2 % 3];
                format!(r#""{set}{operator}":{{"aws:RequestTag/v":"*{}*"}}"#, char::from(b'a' + i as u8))
            })
            .collect();
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s:A","Resource":"*","Condition":{{{}}}}}}}"#,
            each.join(",")
        )
    };
    let nothing = r#"{"Version":"2012-10-17","Statement":[]}"#;
    for count in 1..=6 {
        let answer = compare(&parse(nothing), &parse(&conditions(count)), Budget { steps: 500_000 }).answer;
        assert!(!matches!(answer, Answer::Proven), "{count}");
    }
}

#[test]
fn megabytes_are_read_and_compared() {
    let resources: Vec<String> = (0..60_000)
        .map(|i| format!("\"arn:aws:s:r:111122223333:path/{i:09}/{}\"", "x".repeat(100)))
        .collect();
    let text = one(&format!("[{}]", resources.join(",")));
    assert!(text.len() > 8_000_000);
    let policy = parse(&text);
    let answer = compare(&policy, &policy, Budget { steps: 20_000_000 }).answer;
    assert!(!matches!(answer, Answer::Refuted(_)));
    let long = |stars: usize| one(&format!("\"arn:aws:s:r:111122223333:{}\"", "*a".repeat(stars)));
    assert!(Policy::parse(&long(500_000), PolicyKind::Identity).is_err(), "longer than any policy may be");
    let answer = compare(&parse(&long(16_000)), &parse(&one("\"*\"")), Budget { steps: 1_000_000 }).answer;
    assert!(!matches!(answer, Answer::Proven));
}

#[test]
fn many_principals_and_open_points_stay_within_the_budget() {
    let principals: Vec<String> =
        (0..3_000).map(|i| format!("\"arn:aws:iam::{:012}:role/r{i}\"", i % 500)).collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[
           {{"Effect":"Allow","Principal":{{"AWS":[{0}]}},"Action":"s:*","Resource":["arn:aws:s*:*:*:A*","arn:AWS:s"]}},
           {{"Effect":"Deny","NotPrincipal":{{"AWS":[{0}]}},"Action":"*","Resource":"*",
             "Condition":{{"ForAnyValue:StringNotLikeIfExists":{{"aws:PrincipalArn":"${{k}}"}}}}}}]}}"#,
        principals.join(",")
    );
    let policy = Policy::parse(&text, PolicyKind::Resource).unwrap();
    let answer = compare(&policy, &policy, Budget { steps: 3_000_000 }).answer;
    assert!(!matches!(answer, Answer::Refuted(_)));
}

//! Random policies and requests over small alphabets.

use keyprint::access::{Context, Principal, Request};

/// A xorshift generator: equal seeds give equal policies.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

fn list(random: &mut Random, items: &[&str], most: usize) -> String {
    let count = 1 + random.below(most);
    let picked: Vec<String> = (0..count).map(|_| format!("{:?}", random.pick(items))).collect();
    format!("[{}]", picked.join(","))
}

const ACTIONS: [&str; 8] = ["s:A", "s:B", "s:*", "s:A?", "*", "t:A", "s:*b", "?:A"];
const RESOURCES: [&str; 12] = [
    "arn:aws:s:r:111122223333:a",
    "arn:aws:s:r:111122223333:ab",
    "arn:aws:s:r:111122223333:a*",
    "arn:aws:s:r:111122223333:*b",
    "arn:aws:s:r:111122223333:?",
    "arn:aws:s:r:111122223333:*:b",
    "arn:aws:s:*:111122223333:a",
    "arn:aws:s:r*:111122223333:a*b",
    "arn:aws:*:*:*:*a",
    "arn:aws:s:r:111122223333:a/${aws:RequestTag/v}",
    "*",
    "arn:aws:s",
];
const PRINCIPALS: [&str; 10] = [
    "\"*\"",
    "{\"AWS\":\"*\"}",
    "{\"AWS\":\"111122223333\"}",
    "{\"AWS\":\"arn:aws:iam::111122223333:role/r\"}",
    "{\"AWS\":\"arn:aws:iam::111122223333:user/u\"}",
    "{\"AWS\":\"arn:aws:sts::111122223333:assumed-role/r/s\"}",
    "{\"AWS\":[\"arn:aws:iam::444455556666:role/r\",\"arn:aws:iam::111122223333:role/r\"]}",
    "{\"Service\":\"sns.amazonaws.com\"}",
    "{\"Service\":[\"sns.amazonaws.com\",\"s3.amazonaws.com\"]}",
    "{\"AWS\":[\"arn:aws:iam::111122223333:role/r\",\"111122223333\"]}",
];

fn condition(random: &mut Random) -> String {
    const TEXT: [&str; 6] = [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "ArnLike",
    ];
    let suffix = if random.chance(20) { "IfExists" } else { "" };
    let set = ["", "", "ForAllValues:", "ForAnyValue:"];
    match random.below(10) {
        0..=2 => {
            let values = list(random, &["a", "b", "A", "a*", "*b", "?", "${aws:RequestTag/v}x"], 2);
            format!("{{\"{}{suffix}\":{{\"aws:RequestTag/v\":{values}}}}}", random.pick(&TEXT))
        }
        3 | 4 => {
            let values = list(random, &["a", "b", "a*", "${aws:RequestTag/v}"], 2);
            let operator = random.pick(&TEXT[..5]).to_string();
            format!("{{\"{}{operator}{suffix}\":{{\"k:m\":{values}}}}}", random.pick(&set))
        }
        5 => {
            let operator = random.pick(&[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericGreaterThanEquals",
            ]);
            let values = list(random, &["1", "2", "2.5"], 2);
            format!("{{\"{operator}{suffix}\":{{\"aws:RequestTag/n\":{values}}}}}")
        }
        6 => {
            let operator = random.pick(&["IpAddress", "NotIpAddress"]);
            let values = list(random, &["10.0.0.0/8", "10.1.0.0/16", "::/0", "10.0.0.1"], 2);
            format!("{{\"{operator}{suffix}\":{{\"aws:RequestTag/i\":{values}}}}}")
        }
        7 => format!("{{\"Bool{suffix}\":{{\"aws:RequestTag/b\":\"{}\"}}}}", random.pick(&["true", "false"])),
        8 => format!(
            "{{\"Null\":{{\"{}\":\"{}\"}}}}",
            random.pick(&["aws:RequestTag/v", "k:m", "aws:RequestTag/b", "aws:RequestTag/n"]),
            random.pick(&["true", "false"])
        ),
        _ => {
            let operator = random.pick(&["DateLessThan", "DateGreaterThan", "DateEquals"]);
            let values = list(random, &["2026-01-01T00:00:00Z", "2026-06-01"], 1);
            format!("{{\"{operator}{suffix}\":{{\"aws:RequestTag/d\":{values}}}}}")
        }
    }
}

/// One statement; `principal` says whether it names principals.
pub(crate) fn statement(random: &mut Random, principal: bool) -> String {
    let effect = if random.chance(25) { "Deny" } else { "Allow" };
    let mut parts = vec![format!("\"Effect\":\"{effect}\"")];
    let not = if random.chance(15) { "Not" } else { "" };
    parts.push(format!("\"{not}Action\":{}", list(random, &ACTIONS, 2)));
    let not = if random.chance(15) { "Not" } else { "" };
    parts.push(format!("\"{not}Resource\":{}", list(random, &RESOURCES, 3)));
    if principal {
        let not = if random.chance(15) { "Not" } else { "" };
        parts.push(format!("\"{not}Principal\":{}", random.pick(&PRINCIPALS)));
    }
    if random.chance(50) {
        let own = condition(random);
        parts.push(format!("\"Condition\":{own}"));
    }
    format!("{{{}}}", parts.join(","))
}

/// A list of statements.
pub(crate) fn statements(random: &mut Random, most: usize, principal: bool) -> Vec<String> {
    let count = 1 + random.below(most);
    (0..count).map(|_| statement(random, principal)).collect()
}

/// A document of statements.
pub(crate) fn document(statements: &[String]) -> String {
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", statements.join(","))
}

/// A request over the alphabets of the policies.
pub(crate) fn request(random: &mut Random) -> Request {
    let mut context = Context::default();
    let single: [(&str, &[&str]); 5] = [
        ("aws:RequestTag/v", &["a", "b", "A", "ab", "ax", "c"]),
        ("aws:RequestTag/n", &["0", "1", "1.5", "2", "2.5", "3", "no"]),
        ("aws:RequestTag/i", &["10.0.0.1", "10.1.0.1", "11.0.0.1", "::1", "no"]),
        ("aws:RequestTag/b", &["true", "false", "True"]),
        (
            "aws:RequestTag/d",
            &["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2027-01-01"],
        ),
    ];
    for (key, values) in single {
        if random.chance(60) {
            context.add(key, [random.pick(values).to_string()]);
        }
    }
    if random.chance(70) {
        let count = random.below(3);
        context.add(
            "k:m",
            (0..count).map(|_| random.pick(&["a", "b", "ab", "c"]).to_string()).collect::<Vec<_>>(),
        );
    }
    let region = random.pick(&["r", "rx", ""]);
    let account = random.pick(&["111122223333", "444455556666"]);
    let name = random.pick(&["a", "b", "ab", "a:b", "aa", "a/a", "a/b", "c"]);
    let service = random.pick(&["s", "t"]);
    let resource = if random.chance(10) {
        "*".to_owned()
    } else {
        format!("arn:aws:{service}:{region}:{account}:{name}")
    };
    let principal = random.pick(&[
        "arn:aws:iam::111122223333:role/r",
        "arn:aws:iam::111122223333:role/x",
        "arn:aws:iam::111122223333:user/u",
        "arn:aws:sts::111122223333:assumed-role/r/s",
        "arn:aws:sts::111122223333:assumed-role/r/t",
        "arn:aws:iam::444455556666:role/r",
        "arn:aws:iam::777788889999:user/u",
        "sns.amazonaws.com",
        "s3.amazonaws.com",
        "*",
        "111122223333",
    ]);
    Request {
        principal: Principal::parse(principal, &context),
        action: random.pick(&["s:A", "s:B", "s:Ab", "t:A", "t:B", "s:C"]).to_string(),
        resource,
        resource_account: None,
        context,
    }
}

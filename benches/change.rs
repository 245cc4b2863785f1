//! How long the review of a change takes, in workspaces of 10, 100 and 1000 services.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says where")]

use divan::Bencher;
use divan::counter::ItemsCount;
use keyprint::{ChangeJudge, Options, Sources, change_judge};

#[path = "services/mod.rs"]
mod services;

fn main() {
    divan::main();
}

/// Two compiled workspaces, compared: a key of each application described otherwise, one more grant, one schedule.
#[divan::bench(args = [10, 100, 1000])]
fn review(bencher: Bencher<'_, '_>, services: usize) {
    let texts = services::workspace(services);
    let edited: Vec<String> = texts.iter().map(|text| edited(text)).collect();
    let (old, new) = (judge(&texts), judge(&edited));
    let [before, after] = [&old, &new]
        .map(|judge| judge.templates().into_iter().map(|(_, document)| document).collect::<Vec<_>>());
    let classes: Vec<_> =
        old.review_between(&before, &after).changes.iter().map(|it| it.class.word()).collect();
    assert!(["broader", "weaker", "other"].iter().all(|word| classes.contains(word)), "{classes:?}");
    bencher.counter(ItemsCount::new(services)).bench_local(|| old.review_between(&before, &after));
}

fn judge(texts: &[String]) -> ChangeJudge {
    let mut sources = Sources::default();
    for (at, text) in texts.iter().enumerate() {
        sources.add(format!("services-{at}.yaml"), text);
    }
    change_judge(&sources, &Options { today: "2026-11-24".to_owned(), ..Options::default() }).unwrap()
}

/// The same edit that `benches/compare/run` makes.
fn edited(text: &str) -> String {
    text.replacen("description: CMK", "description: the CMK", 1)
        .replace("reads: [service-0007]", "reads: [service-0007, service-0008]")
        .replace("key: service-0009, rotation: { every: 30", "key: service-0009, rotation: { every: 60")
}

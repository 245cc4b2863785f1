//! How long services take to compile, alone and with every check, for 10, 100 and 1000 of them.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says where")]

use divan::Bencher;
use divan::counter::ItemsCount;
use keyprint::{Options, Run, Sources};

#[path = "services/mod.rs"]
mod services;

const SERVICES: [usize; 3] = [10, 100, 1000];

fn main() {
    divan::main();
}

#[divan::bench(args = SERVICES)]
fn compile(bencher: Bencher<'_, '_>, services: usize) {
    measure(bencher, services, false);
}

#[divan::bench(args = SERVICES)]
fn compile_and_verify(bencher: Bencher<'_, '_>, services: usize) {
    measure(bencher, services, true);
}

fn measure(bencher: Bencher<'_, '_>, services: usize, verify: bool) {
    let texts = services::workspace(services);
    let made = run(sources(&texts), verify);
    assert!(!made.diagnostics.has_errors() && made.artifacts.len() > texts.len());
    bencher
        .counter(ItemsCount::new(services))
        .with_inputs(|| sources(&texts))
        .bench_local_values(|sources| run(sources, verify));
}

fn run(sources: Sources, verify: bool) -> Run {
    keyprint::run(sources, &Options { today: "2026-11-24".to_owned(), verify, outside: None, memory: None })
}

fn sources(texts: &[String]) -> Sources {
    let mut sources = Sources::default();
    for (at, text) in texts.iter().enumerate() {
        sources.add(format!("services-{at}.yaml"), text);
    }
    sources
}

//! How long services take to compile, alone and with every check, for 10, 100 and 1000 of them.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says where")]

use divan::Bencher;
use divan::counter::ItemsCount;
use keyprint::{Options, Run, Sources};

const SERVICES: [usize; 3] = [10, 100, 1000];
const PER_APPLICATION: usize = 50;
const APPLICATION: &str = include_str!("application.yaml");

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
    let texts = workspace(services);
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

/// The blueprints of so many services; `benches/compare/run` writes the same ones.
fn workspace(services: usize) -> Vec<String> {
    let numbers: Vec<usize> = (1..=services).collect();
    let of_application = |(at, numbers): (usize, &[usize])| {
        let application = APPLICATION.replace("@application@", &(at + 10).to_string());
        let lines = application.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
            let times = if line.contains("@service@") { numbers } else { numbers.get(..1).unwrap() };
            times.iter().map(move |number| line.replace("@service@", &format!("service-{number:04}")) + "\n")
        });
        lines.collect()
    };
    numbers.chunks(PER_APPLICATION).enumerate().map(of_application).collect()
}

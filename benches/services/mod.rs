//! Workspaces of any size: services with a key, a secret that rotates, and a reader.

/// Services of an application.
const PER_APPLICATION: usize = 50;

const APPLICATION: &str = include_str!("../application.yaml");

/// The blueprints of so many services; `benches/compare/run` writes the same ones.
pub(crate) fn workspace(services: usize) -> Vec<String> {
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

//! Writes the joined rotation functions, as a template holds them, to a folder: `assemble OUT`.

#[allow(dead_code, reason = "the module's other callers are in the crate")]
#[path = "../../src/lower/function/mod.rs"]
mod function;

use function::{FunctionEngine, Inserts, source};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| String::from("."));
    let engines = [
        ("postgresql", FunctionEngine::PostgreSql),
        ("mysql", FunctionEngine::MySql),
        ("redshift_data", FunctionEngine::RedshiftData),
        ("rds_data", FunctionEngine::RdsData),
        ("random_value", FunctionEngine::RandomValue),
        ("access_key", FunctionEngine::AccessKey),
        ("elasticache", FunctionEngine::ElastiCache),
        ("hook", FunctionEngine::Hook),
        ("watch", FunctionEngine::Watch),
        ("check_postgresql", FunctionEngine::CheckPostgreSql),
        ("check_mysql", FunctionEngine::CheckMySql),
    ];
    for (name, engine) in engines {
        let path = std::path::Path::new(&folder).join(name);
        std::fs::create_dir_all(&path)?;
        std::fs::write(path.join("index.py"), source(engine, &Inserts::default()))?;
    }
    Ok(())
}

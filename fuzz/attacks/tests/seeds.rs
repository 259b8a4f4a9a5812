//! Every seed, and every input that once broke a promise, keeps all promises.

use std::path::{Path, PathBuf};

use attacks::{PARTING, TARGETS, attack, mutated};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_file())
        .collect();
    files.sort();
    files
}

#[test]
fn every_target_has_seeds_and_a_program() {
    for (target, _) in TARGETS {
        assert!(
            files(&root().join("seeds").join(target)).len() >= 3,
            "{target} has too few seeds"
        );
        let program = root().join("fuzz_targets").join(format!("{target}.rs"));
        assert!(program.is_file(), "{target} has no program");
    }
    assert_eq!(files(&root().join("fuzz_targets")).len(), TARGETS.len());
}

#[test]
fn every_seed_keeps_all_promises() {
    for (target, _) in TARGETS {
        for file in files(&root().join("seeds").join(target)) {
            println!("{target} {}", file.display());
            attack(target, &std::fs::read(file).unwrap());
        }
    }
}

/// The pairs of documents that test the rules and readings of the engine.
fn fixtures() -> Vec<PathBuf> {
    let of = |folder| files(&root().join("../crates/drift/tests").join(folder));
    let all: Vec<PathBuf> = ["rules", "readings"].into_iter().flat_map(of).collect();
    assert!(all.len() > 300);
    all
}

#[test]
fn every_fixture_keeps_all_promises() {
    let mut broken = Vec::new();
    for file in fixtures() {
        let pair = std::fs::read(&file).unwrap();
        assert!(
            pair.windows(PARTING.len()).any(|it| it == PARTING),
            "{}",
            file.display()
        );
        if std::panic::catch_unwind(|| attack("compare", &pair)).is_err() {
            broken.push(file);
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A number of a fixture that stays the same when others are added: FNV-1a of its name.
fn number(file: &Path) -> u64 {
    let name = file.file_name().unwrap().as_encoded_bytes();
    name.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Uses one seeded edit of one fixture in seven, or as many edits of every fixture as the environment requests.
#[test]
fn an_edited_fixture_keeps_all_promises() {
    let asked = std::env::var("EDITS").ok();
    let (rounds, step) = asked.map_or((1, 7), |it| (it.parse().expect("EDITS is a number"), 1));
    let mut broken = Vec::new();
    for file in fixtures().iter().filter(|file| number(file).is_multiple_of(step)) {
        for round in 0..rounds {
            let seed = number(file).wrapping_add(round);
            let pair = std::fs::read(file).unwrap();
            let edited = mutated(&pair, seed).expect("a fixture holds documents");
            if std::panic::catch_unwind(|| attack("compare", &edited)).is_err() {
                println!("{} with seed {seed}:", file.display());
                println!("{}", String::from_utf8_lossy(&edited));
                broken.push((file.clone(), seed));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

//! Counts lines of code: lines that are not blank, and not part of a comment or a test.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Outcome};

/// Count the lines of Rust of each crate, without blank lines, comments and tests
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of the workspace
    #[arg(default_value = ".")]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let mut counts = BTreeMap::new();
    visit(&args.dir, &args.dir, &mut counts)?;
    for (name, lines) in &counts {
        writeln!(out, "{lines:>7} {name}")?;
    }
    writeln!(out, "{:>7} in all", counts.values().sum::<usize>())?;
    Ok(Exit::Success)
}

fn visit(root: &Path, folder: &Path, counts: &mut BTreeMap<String, usize>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_symlink() || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if !matches!(&*name, "target" | "tests" | "benches" | "fuzz") {
                visit(root, &path, counts)?;
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path)?;
            let crate_of = crate_of(path.strip_prefix(root).unwrap_or(&path));
            *counts.entry(crate_of).or_default() += code(&text);
        }
    }
    Ok(())
}

/// The folder to which a file is assigned: `crates/NAME`, `examples/NAME`, or else the first folder.
fn crate_of(path: &Path) -> String {
    let steps: Vec<_> = path.iter().map(|it| it.to_string_lossy()).collect();
    match &steps[..] {
        [first, second, _, ..] if matches!(&**first, "crates" | "examples") => format!("{first}/{second}"),
        [first, ..] => first.to_string(),
        [] => String::new(),
    }
}

/// The number of lines of code in a file that rustfmt formatted: a test module starts and ends in the first column.
fn code(text: &str) -> usize {
    let (mut count, mut in_tests, mut test_follows) = (0, false, false);
    for line in text.lines() {
        let trimmed = line.trim();
        if in_tests {
            in_tests = !line.starts_with('}');
        } else if trimmed.is_empty() || trimmed.starts_with("//") {
        } else if line == "#[cfg(test)]" {
            test_follows = true;
        } else if test_follows {
            test_follows = false;
            in_tests = line.ends_with('{');
        } else {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn comments_blank_lines_and_tests_are_no_code() {
        let text = "//! A crate.\n\nfn one() {\n    // Why.\n}\n\n#[cfg(test)]\nmod tests {\n    fn two() {\n    }\n}\n#[cfg(test)]\nmod more;\n";
        assert_eq!(code(text), 2);
    }
}

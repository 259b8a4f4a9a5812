//! Where reports and acceptances are written.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Command;

use crate::support::{Place, other_pets, pets};

fn place() -> Place {
    Place::with(&pets(), &other_pets())
}

/// Its bytes may go to another program (`--report json=/dev/stdout`), and a device is there for others too.
#[test]
fn a_pipe_takes_a_report_and_stays_a_pipe() {
    let place = place();
    let pipe = place.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Open for both, so that neither end waits for the other.
    let mut other_end = File::options().read(true).write(true).open(&pipe).unwrap();
    let ran = place.compare(&["--report", "json=pipe"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
    let mut bytes = vec![0; 100_000];
    let read = other_end.read(&mut bytes).unwrap();
    assert!(bytes[..read].starts_with(b"{\n  \"schema\":"));
}

/// Its author may have put it in a repository, and nobody writes to it.
#[test]
fn a_named_pipe_is_not_waited_for() {
    let place = place();
    let pipe = place.path().join("drift.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = place.compare(&[]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("drift.toml: it is a named pipe"), "{}", ran.err);
}

/// A link in a repository is its author's, who may have laid it to any file of whoever checks it.
#[test]
fn a_report_is_not_written_through_a_link_nor_over_it() {
    let place = place();
    place.lay("elsewhere", "theirs");
    for (link, target) in [("drift.html", "elsewhere"), ("drift.json", "nowhere")] {
        symlink(target, place.path().join(link)).unwrap();
        let ran = place.compare(&["--report", &format!("html={link}")]);
        assert_eq!(ran.code, 3, "{}", ran.out);
        assert!(
            ran.err
                .contains(&format!("{link} cannot be written: it is a link")),
            "{}",
            ran.err
        );
        assert!(place.path().join(link).is_symlink());
    }
    assert_eq!(place.read("elsewhere"), "theirs");
    assert!(!place.path().join("nowhere").exists());
}

#[test]
fn a_report_in_a_folder_that_is_missing_is_told_by_its_own_name() {
    let place = place();
    let ran = place.compare(&["--report", "html=nowhere/drift.html"]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    let told = "nowhere/drift.html cannot be written: its folder does not exist; create it first";
    assert!(ran.err.contains(told), "{}", ran.err);
}

#[test]
fn an_acceptance_is_not_written_over_a_link_to_nothing() {
    let place = place();
    symlink("nowhere", place.path().join("link")).unwrap();
    let accept = |policy: &str| {
        let fixed = [
            "accept",
            "base.json",
            "revision.json",
            "--all",
            "--policy",
            policy,
        ];
        let until = [
            "--until",
            "2027-01-31",
            "--reason",
            "known",
            "--today",
            "2026-11-24",
        ];
        place.run(&[&fixed[..], &until].concat())
    };
    let ran = accept("link");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.err.contains("link is a link that leads to no file"),
        "{}",
        ran.err
    );
    assert!(place.path().join("link").is_symlink() && !place.path().join("nowhere").exists());
}

#[test]
fn a_policy_that_is_a_link_stays_one() {
    let place = place();
    place.lay("shared/drift.toml", "# of all services\n");
    symlink("shared/drift.toml", place.path().join("drift.toml")).unwrap();
    let until = [
        "--until",
        "2027-01-31",
        "--reason",
        "known",
        "--today",
        "2026-11-24",
    ];
    let accept = ["accept", "base.json", "revision.json", "--all"];
    let ran = place.run(&[&accept[..], &until].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(place.path().join("drift.toml").is_symlink());
    let policy = place.read("shared/drift.toml");
    assert!(
        policy.starts_with("# of all services\n") && policy.contains("[[accept]]"),
        "{policy}"
    );
    assert_eq!(place.compare(&[]).code, 0);
}

#[test]
fn two_reports_to_one_file_are_refused_before_anything_is_written() {
    let place = place();
    std::fs::create_dir(place.path().join("below")).unwrap();
    for second in ["json=out", "html=./out", "json=below/../out"] {
        let ran = place.compare(&["--report", "json=out", "--report", second]);
        assert_eq!(ran.code, 2, "{second}: {}", ran.err);
        assert!(ran.err.contains("two reports would be written to"), "{}", ran.err);
        assert!(!place.path().join("out").exists(), "{second}");
    }
    let ran = place.compare(&["--report", "json=out", "--report", "html=below/out"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(place.read("out").starts_with('{') && place.read("below/out").starts_with("<!"));
}

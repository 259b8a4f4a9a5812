//! Help, version, completions, the manual page and the rules.

use crate::support::Place;

#[test]
fn version_and_help_are_printed_and_nothing_is_wrong() {
    let place = Place::new();
    let version = place.run(&["--version"]);
    assert_eq!(
        (version.code, version.out.trim_end()),
        (0, concat!("openapi-drift ", env!("CARGO_PKG_VERSION")))
    );
    let help = place.run(&["--help"]);
    assert_eq!(help.code, 0);
    for heading in [
        "Operations:",
        "Judging:",
        "Reports:",
        "Fetching:",
        "Output:",
        "What fails my build?",
    ] {
        assert!(help.out.contains(heading), "{heading} is missing in {}", help.out);
    }
    let documents = help.out.split_once("\nDocuments:\n").unwrap().1;
    assert!(documents.trim_start().starts_with("<BASE>"), "{documents}");
    assert_eq!(place.run(&[]).code, 2);
    assert_eq!(place.run(&["--nonsense"]).code, 2);
}

#[test]
fn each_rule_is_explained_and_an_unknown_one_is_named() {
    let place = Place::new();
    let all = place.run(&["rules"]);
    let number = openapi_drift::rules().len();
    assert_eq!((all.code, all.out.lines().count()), (0, 2 * number));
    let one = place.run(&["rules", "operation-removed"]);
    assert!(
        one.out
            .starts_with("operation-removed (breaking)\n  An operation")
            && one.out.contains("\n  What to do: Stop"),
        "{}",
        one.out
    );
    assert_eq!(place.run(&["rules", "operation-remove"]).code, 2);
}

#[test]
fn completions_are_made_for_every_shell() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.run(&["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.err);
        for word in ["fail-on", "path-prefix", "accept", "rules"] {
            assert!(script.out.contains(word), "{shell} knows no {word}");
        }
    }
    assert_eq!(place.run(&["completions", "cmd"]).code, 2);
}

/// A shell of its own takes the script, where there is one.
#[test]
fn a_shell_reads_its_completions() {
    let place = Place::new();
    place.lay("complete.bash", &place.run(&["completions", "bash"]).out);
    let Ok(shell) = std::process::Command::new("bash")
        .args(["-c", "source complete.bash && complete -p openapi-drift"])
        .current_dir(place.path())
        .output()
    else {
        return;
    };
    assert!(
        shell.status.success(),
        "{}",
        String::from_utf8_lossy(&shell.stderr)
    );
}

#[test]
fn the_manual_page_has_the_command_and_its_parts() {
    let place = Place::new();
    let page = place.run(&["man"]);
    assert_eq!(page.code, 0);
    assert!(page.out.contains(".TH openapi-drift 1"), "{}", page.out);
    for part in [
        ".SH NAME",
        ".SH OPTIONS",
        ".SH \"ACCEPT\"",
        ".SH \"RULES\"",
        "\\-\\-path\\-prefix",
    ] {
        assert!(page.out.contains(part), "{part} is missing in {}", page.out);
    }
}

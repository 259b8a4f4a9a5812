//! What the policy accepts, and how an acceptance is written.

use serde_json::{Value, json};

use crate::support::{Place, document, other_pets, pets};

fn place() -> Place {
    Place::with(&pets(), &other_pets())
}

/// The entry that a report prints below its first failing finding.
fn printed_entry(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    let entry = lines.skip_while(|line| *line != "[[accept]]").take(5);
    entry.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn the_entry_printed_below_a_finding_accepts_it() {
    let place = place();
    let red = place.compare(&[]);
    assert_eq!(red.code, 1);
    let entry = printed_entry(&red.out);
    assert!(entry.contains("expires = 2027-02-22"), "{entry}");
    place.lay("drift.toml", &entry);
    let green = place.compare(&[]);
    assert_eq!(green.code, 0, "{} {}", green.out, green.err);
    assert!(green.out.contains("(accepted)"), "{}", green.out);
}

fn first_id(place: &Place) -> String {
    place.report(&[])["findings"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_command_writes_the_entry_and_keeps_what_is_there() {
    let place = place();
    place.lay("drift.toml", "# ours\n[levels]\n\"prose-changed\" = \"cosmetic\"");
    let id = first_id(&place);
    let accept = |more: &[&str]| {
        let fixed = ["accept", "base.json", "revision.json", "--today", "2026-11-24"];
        place.run(&[&fixed, more].concat())
    };
    let ran = accept(&[&id[..6], "--until", "2027-01-31", "--reason", "we say \"short\""]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("wrote one acceptance to drift.toml"),
        "{}",
        ran.err
    );
    let policy = place.read("drift.toml");
    assert!(
        policy.starts_with("# ours\n[levels]\n\"prose-changed\" = \"cosmetic\"\n\n[[accept]]\n"),
        "{policy}"
    );
    assert!(policy.contains("expires = 2027-01-31"), "{policy}");
    assert_eq!(place.compare(&[]).code, 0);

    for (arguments, says) in [
        (
            &[id.as_str(), "--until", "2027-01-31", "--reason", "x"][..],
            "accepted already",
        ),
        (
            &["ffffffffffff", "--until", "2027-01-31", "--reason", "x"],
            "no finding has the id",
        ),
        (
            &["--all", "--until", "2026-11-23", "--reason", "x"],
            "has ended already",
        ),
        (
            &["--all", "--until", "2027-01-31", "--reason", " "],
            "the reason is empty",
        ),
        (&["--until", "2027-01-31", "--reason", "x"], "ID"),
        (&[id.as_str(), "--until", "soon", "--reason", "x"], "2027-01-31"),
    ] {
        let ran = accept(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
        assert_eq!(place.read("drift.toml"), policy, "nothing is written");
    }
}

#[test]
fn all_adopts_what_fails_and_nothing_below() {
    let place = place();
    let adopt = |level: &str| {
        let fixed = [
            "accept",
            "base.json",
            "revision.json",
            "--today",
            "2026-11-24",
            "--all",
            "--until",
            "2027-01-31",
        ];
        place.run(&[&fixed[..], &["--reason", "adopted", "--fail-on", level]].concat())
    };
    assert_eq!(adopt("breaking").code, 0);
    assert_eq!(place.report(&[])["counts"]["accepted"], 1);
    assert_eq!(place.compare(&["--fail-on", "risky"]).code, 1);
    assert_eq!(adopt("risky").code, 0);
    assert_eq!(place.compare(&["--fail-on", "risky"]).code, 0);
    assert!(adopt("risky").err.contains("nothing to accept"));
}

/// Runs at the same time: each keeps what the others wrote, and what two of them accept stands there once.
#[test]
fn runs_at_the_same_time_lose_no_acceptance() {
    let paths = |names: std::ops::Range<u8>| {
        let path = |n: u8| {
            (
                format!("/{n}"),
                json!({"get": {"responses": {"204": {"description": "done"}}}}),
            )
        };
        Value::Object(names.map(path).collect())
    };
    let place = Place::with(
        &document(&paths(0..17), &json!({})),
        &document(&paths(16..17), &json!({})),
    );
    let report = place.report(&[]);
    let ids: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 16);
    std::thread::scope(|scope| {
        // Each finding is accepted by two runs.
        for id in ids.iter().chain(&ids) {
            let place = &place;
            scope.spawn(move || {
                let fixed = [
                    "accept",
                    "base.json",
                    "revision.json",
                    "--today",
                    "2026-11-24",
                    id,
                ];
                place.run(&[&fixed[..], &["--until", "2027-01-31", "--reason", "known"]].concat())
            });
        }
    });
    let policy = place.read("drift.toml");
    assert_eq!(policy.matches("[[accept]]").count(), ids.len(), "{policy}");
    assert_eq!(place.compare(&[]).code, 0, "{policy}");
}

fn accepted_until(place: &Place, day: &str) {
    let id = first_id(place);
    let ran = place.run(&[
        "accept",
        "base.json",
        "revision.json",
        "--today",
        "2026-11-24",
        &id,
        "--until",
        day,
        "--reason",
        "known",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn an_acceptance_that_ends_is_announced_and_one_that_ended_is_told_on_its_finding() {
    let place = place();
    accepted_until(&place, "2026-12-08");
    let compare = |day: &str, format: &str| {
        place.run(&["base.json", "revision.json", "--today", day, "--format", format])
    };
    // From 14 days before.
    assert!(!compare("2026-11-23", "text").out.contains("ends in"));
    let soon = compare("2026-11-24", "text");
    assert_eq!(soon.code, 0);
    assert!(
        soon.out.contains("ends in 14 days, on 2026-12-08"),
        "{}",
        soon.out
    );
    for (day, word) in [("2026-12-07", "ends tomorrow"), ("2026-12-08", "ends today")] {
        assert!(compare(day, "text").out.contains(word), "{day}");
    }
    for format in ["text", "json", "markdown", "github", "sarif", "junit", "html"] {
        let ended = compare("2026-12-09", format);
        assert_eq!(ended.code, 1, "{format}");
        let told = if format == "json" {
            "\"ended\":{\"reason\":\"known\",\"expires\":\"2026-12-08\""
        } else {
            "acceptance ended on 2026-12-08"
        };
        assert!(ended.out.contains(told), "{format}: {}", ended.out);
    }
}

#[test]
fn an_entry_that_matches_nothing_names_the_places_that_it_could_mean() {
    let place = place();
    accepted_until(&place, "2027-01-31");
    let policy = place.read("drift.toml").replace("NewPet", "NewPets");
    place.lay("drift.toml", &policy);
    let ran = place.compare(&[]);
    assert_eq!(ran.code, 1);
    let place_of_it = "mean one of the rule's places now: `/components/schemas/NewPet/properties/name";
    assert!(ran.out.contains(place_of_it), "{}", ran.out);
}

#[test]
fn a_day_in_quotes_is_answered_with_how_it_is_written() {
    let place = place();
    accepted_until(&place, "2027-01-31");
    let policy = place.read("drift.toml").replace("2027-01-31", "\"2027-01-31\"");
    place.lay("drift.toml", &policy);
    let ran = place.compare(&[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .contains("drift.toml:5:11: `expires` is a day without quotes"),
        "{}",
        ran.err
    );
}

//! The formats: held to their schemas and read by their parsers, whatever a document says.

use html5gum::{Token, Tokenizer};
use openapi_drift::Options;
use openapi_drift_cli::report::FailOn;
use openapi_drift_cli::{Detail, Format, Policy, Settings, Unread, Words, findings, judge, load};
use serde_json::{Value, json};

use crate::support::{Place, document, other_pets, pets};

const FORMATS: [&str; 7] = ["text", "json", "markdown", "github", "sarif", "junit", "html"];

/// What no XML can hold, what ends a CDATA section, a comment, a script or a table's cell, and commands for a runner and
/// a terminal.
const EVIL: &str = "\u{fffe}]]>::error::##[error]\u{1b}[2J</script><script>alert(1)</script>--><details>|`\r\n::error::x \u{202e}%0A&amp;\"'";

/// Documents in which every name that can be is [`EVIL`].
fn evil() -> Place {
    let (mut base, mut revision) = (pets(), other_pets());
    let schemas = &mut base["components"]["schemas"];
    schemas["Pet"]["properties"][EVIL] = json!({"type": "string", "description": EVIL});
    schemas["NewPet"]["properties"]["kind"] = json!({"type": "string", "enum": ["cat", EVIL]});
    revision["components"]["schemas"]["NewPet"]["properties"]["kind"] =
        json!({"type": "string", "enum": ["cat"]});
    revision["paths"][format!("/{EVIL}")] =
        json!({"get": {"summary": EVIL, "responses": {"200": {"description": EVIL}}}});
    let parameter = json!({"in": "header", "name": EVIL, "required": true, "schema": {"type": "string"}});
    revision["paths"]["/pets/{id}"]["get"]["parameters"] = json!([parameter]);
    revision["paths"]["/pets/{id}"]["delete"]["operationId"] = json!(EVIL);
    Place::with(&base, &revision)
}

fn printed(place: &Place, format: &str) -> String {
    let ran = place.compare(&["--format", format]);
    assert_eq!(ran.code, 1, "{format}: {}", ran.err);
    ran.out
}

fn assert_valid(schema: &str, instance: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn no_text_in_a_report_acts_as_a_command() {
    let place = evil();
    for format in FORMATS {
        let text = printed(&place, format);
        let obeyed = |c: char| c != '\n' && c.is_control() || "\u{202e}\u{fffe}".contains(c);
        assert!(
            !text.contains(obeyed),
            "{format}: {:?}",
            text.chars().find(|c| obeyed(*c))
        );
        assert!(!text.contains("##["), "{format}");
        let ours = |line: &str| {
            let begins = [
                "::error file=",
                "::warning file=",
                "::notice file=",
                "::error title=",
                "::notice title=",
            ];
            !line.trim_start().starts_with("::")
                || line.starts_with("  ::: ")
                || begins.iter().any(|begin| line.starts_with(begin))
        };
        assert!(text.lines().all(ours), "{format}: {text}");
    }
}

/// A terminal's lines are wrapped: a word that is harmless within a line may be a command where one begins.
#[test]
fn no_width_of_a_terminal_makes_a_command_of_a_word() {
    let words = "a ::error::owned bb ::error::owned ccc ::error::owned dddd ::error::owned";
    let with = |kind: &str| {
        let schema = json!({"type": "object", "properties": {words: {"type": kind}}});
        let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        let paths = json!({"/pets": {"post": {"operationId": words, "requestBody": body, "responses": {}}}});
        let bytes = document(&paths, &json!({})).to_string().into_bytes();
        load(Unread::alone("api.json".to_owned(), bytes, None)).unwrap()
    };
    let (base, revision) = (with("string"), with("integer"));
    let found = findings(&base, &revision, &Options::default());
    let today = "2026-11-24".parse().unwrap();
    let settings = Settings::new(Words::OPENAPI_DRIFT, FailOn::Breaking, today);
    let report = judge((&base, &revision), found, None, &Policy::default(), &settings);
    let mut wrapped = 0;
    for width in 30..120 {
        let mut text = Vec::new();
        let detail = Detail::Usual { width: Some(width) };
        Format::Text
            .write(&report, detail, &mut anstream::StripStream::new(&mut text))
            .unwrap();
        let text = String::from_utf8(text).unwrap();
        let began: Vec<&str> = text
            .lines()
            .map(str::trim_start)
            .filter(|it| it.starts_with("::"))
            .collect();
        assert!(
            began.iter().all(|it| it.starts_with("::: ")),
            "{width}: {began:?}"
        );
        wrapped += text.matches("\\u{3a}:error::owned").count();
    }
    assert!(wrapped > 0, "a command would have begun a line");
}

#[test]
fn the_json_keeps_to_its_schema() {
    for place in [
        evil(),
        Place::with(&pets(), &other_pets()),
        Place::with(&pets(), &pets()),
    ] {
        assert_valid(include_str!("../../report.schema.json"), &place.report(&[]));
    }
    let report = evil().report(&["--operation", "GET /pets/{id}"]);
    assert_valid(include_str!("../../report.schema.json"), &report);
    assert_eq!(report["schema"], "openapi-drift/2");
}

#[test]
fn a_message_says_which_part_could_not_be_built() {
    let nothing = json!({"type": "object", "required": ["name"], "additionalProperties": false});
    let mut base = pets();
    base["paths"]["/gone"]["post"] = json!({
        "requestBody": {"required": true, "content": {"application/json": {"schema": nothing}}},
        "responses": {"204": {"description": "stored"}},
    });
    let report = Place::with(&base, &pets()).report(&[]);
    assert_valid(include_str!("../../report.schema.json"), &report);
    assert_eq!(report["findings"][0]["rule"], "operation-removed");
    assert_eq!(
        report["findings"][0]["witness"]["message"]["unbuilt"],
        json!(["the body"])
    );
}

/// The schema is that of OASIS, without its descriptions and one pattern that is no regular expression.
#[test]
fn the_sarif_keeps_to_its_schema_and_says_what_code_scanning_asks_for() {
    for place in [evil(), Place::with(&pets(), &other_pets())] {
        let log: Value = serde_json::from_str(&printed(&place, "sarif")).unwrap();
        assert_valid(include_str!("../sarif-2.1.0.schema.json"), &log);
        let run = &log["runs"][0];
        for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
            for key in ["helpUri", "fullDescription", "shortDescription", "help", "name"] {
                assert!(!rule[key].is_null(), "{key} is missing in {rule}");
            }
        }
        let results = run["results"].as_array().unwrap();
        let mut prints: Vec<&str> = results
            .iter()
            .map(|it| it["partialFingerprints"]["openapiDrift/v2"].as_str().unwrap())
            .collect();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), results.len(), "fingerprints are unique");
    }
}

/// Prose, keys in another order and another indentation move no finding.
#[test]
fn fingerprints_stay_while_rule_and_places_do() {
    let ids = |place: &Place| -> Vec<String> {
        let report = place.report(&[]);
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = ids(&Place::with(&pets(), &other_pets()));
    let mut later = other_pets();
    later["components"]["schemas"]["NewPet"]["properties"]["name"]["maxLength"] = json!(11);
    later["info"]["description"] = json!("more words");
    assert_eq!(ids(&Place::with(&pets(), &later)), before);
}

#[test]
fn the_junit_is_read_by_its_own_parser() {
    let text = printed(&evil(), "junit");
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let cases: Vec<_> = report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
        .collect();
    assert!(cases.len() > 4, "{text}");
    let fails = cases
        .iter()
        .filter(|it| matches!(it.status, quick_junit::TestCaseStatus::NonSuccess { .. }));
    assert!(fails.count() > 1, "{text}");
}

/// Every error that the HTML standard knows of tokens is one; and what is opened is closed, in order.
#[test]
fn the_page_is_html_in_which_everything_is_closed() {
    const VOID: [&[u8]; 2] = [b"meta", b"input"];
    let text = printed(&evil(), "html");
    let mut open: Vec<Vec<u8>> = Vec::new();
    let (mut scripts, mut ids) = (0, Vec::new());
    // Style and script are ours, and no markup.
    let without = |text: &str, tag: &str| {
        let (before, rest) = text.split_once(&format!("<{tag}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{tag}>")).unwrap();
        format!("{before}<{tag}></{tag}>{after}")
    };
    let markup = without(&without(&text, "style"), "script");
    for token in Tokenizer::new(&markup) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                scripts += usize::from(**tag.name == *b"script");
                ids.extend(tag.attributes.get(&b"id"[..]).map(|id| id.to_vec()));
                assert!(
                    !tag.attributes.keys().any(|name| name.starts_with(b"on")),
                    "{tag:?}"
                );
                if !VOID.contains(&&**tag.name) {
                    open.push(tag.name.to_vec());
                }
            }
            Token::EndTag(tag) => assert_eq!(open.pop().as_deref(), Some(&**tag.name)),
            Token::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    assert_eq!((open.len(), scripts), (0, 1));
    let number = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), number, "an id is there once");
}

#[test]
fn a_diff_keeps_its_key_and_both_documents_tell_line_and_column() {
    let place = Place::new();
    let text = |kind: &str| {
        format!(
            "openapi: 3.0.3\npaths:\n  /pets:\n    get:\n      responses:\n        '200':\n          description: ok\n          content:\n            application/json:\n              schema:\n                type: object\n                properties:\n                  fee: {{type: {kind}}}\n"
        )
    };
    place.lay("base.yaml", &text("string"));
    place.lay("revision.yaml", &format!("# moved\n{}", text("integer")));
    let ran = place.run(&["base.yaml", "revision.yaml"]);
    assert!(ran.out.contains("--> base.yaml:13:19 "), "{}", ran.out);
    assert!(ran.out.contains("::: revision.yaml:14:19 "), "{}", ran.out);
    assert!(
        ran.out.contains("|   \"fee\": {") && ran.out.contains("| -   \"type\": \"string\""),
        "{}",
        ran.out
    );
}

/// The workflow's page tells that nothing was compared, too.
#[test]
fn a_workflow_gets_a_summary_where_nothing_could_be_compared() {
    let place = Place::with(&pets(), &pets());
    place.lay("broken.json", "{");
    let ran = place.run_with(
        "",
        &["base.json", "broken.json", "--format", "github"],
        &[(
            "GITHUB_STEP_SUMMARY",
            place.path().join("summary.md").to_str().unwrap(),
        )],
    );
    assert_eq!(ran.code, 3);
    assert!(
        ran.out.starts_with("::error title=could not check for drift::"),
        "{}",
        ran.out
    );
    assert!(
        place
            .read("summary.md")
            .starts_with("## API drift: could not check\n"),
        "{}",
        place.read("summary.md")
    );
}

#[test]
fn several_reports_are_written_at_once() {
    let place = Place::with(&pets(), &other_pets());
    let ran = place.compare(&[
        "--report",
        "html=a.html",
        "--report",
        "json=a.json",
        "--report",
        "sarif=a.sarif",
    ]);
    assert_eq!(ran.code, 1);
    assert!(place.read("a.html").starts_with("<!DOCTYPE html>"));
    assert_eq!(
        serde_json::from_str::<Value>(&place.read("a.json")).unwrap()["failed"],
        true
    );
    assert!(place.read("a.sarif").contains("2.1.0"));
    assert_eq!(place.compare(&["--report", "pdf=a.pdf"]).code, 2);
}

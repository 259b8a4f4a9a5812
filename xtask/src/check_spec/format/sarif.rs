//! The report for code scanning: SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::io::{self, Write};

use openapi_drift::Level;
use serde_json::{Value, json};

use super::phrases::facts;
use crate::check_spec::report::{Finding, Origin, Report, level_word};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    super::json(&log(report), out)
}

fn log(report: &Report) -> Value {
    let catalogue = openapi_drift::rules();
    // Only rules that were met: a viewer lists what it is given.
    let met: Vec<_> = catalogue
        .iter()
        .filter(|rule| report.findings.iter().any(|finding| finding.rule == rule.id))
        .collect();
    let rules: Vec<Value> = met
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.explanation},
                "defaultConfiguration": {"level": level(rule.level)},
            })
        })
        .collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let mut result = result(report, finding);
            if let Some(index) = met.iter().position(|rule| rule.id == finding.rule) {
                result["ruleIndex"] = json!(index);
            }
            result
        })
        .collect();
    let artifact = |origin: &Origin| json!({"location": {"uri": uri(&origin.source)}, "hashes": {"sha-256": origin.sha256}});
    let mut artifacts = vec![artifact(&report.pinned)];
    // The list holds each artifact once, and a file may be compared with itself.
    if report.staging != report.pinned {
        artifacts.push(artifact(&report.staging));
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "check-spec",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "artifacts": artifacts,
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    })
}

fn result(report: &Report, finding: &Finding) -> Value {
    // Findings are shown on the pinned file, the one that is in the repository, or on one beside it.
    let file = report.pinned_file(finding);
    let mut artifact = json!({"uri": uri(&file)});
    if file == report.pinned.source {
        artifact["index"] = json!(0);
    }
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": {"startLine": finding.pinned_line.unwrap_or(1)},
        },
    });
    let places: Vec<Value> = [("pin", &finding.pinned_at), ("staging", &finding.staging_at)]
        .into_iter()
        .filter_map(|(side, pointer)| {
            Some(json!({"fullyQualifiedName": format!("{side}#{}", pointer.as_ref()?)}))
        })
        .collect();
    if !places.is_empty() {
        location["logicalLocations"] = json!(places);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.level),
        "message": {"text": message(report, finding)},
        "locations": [location],
        "partialFingerprints": {"ratioDrift/v1": finding.id},
        "properties": {"level": level_word(finding.level)},
    });
    if let Some(accepted) = &finding.accepted {
        let justification = format!("{} (until {})", accepted.reason, accepted.expires);
        result["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": justification}]);
    }
    result
}

fn message(report: &Report, finding: &Finding) -> String {
    let mut lines = vec![finding.title.clone()];
    lines.extend(facts(report, finding));
    // Viewers read a backslash and brackets as the format's own links.
    lines
        .join("\n")
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Breaking => "error",
        Level::Risky => "warning",
        Level::Additive | Level::Cosmetic => "note",
    }
}

/// A path or URL as a URI reference: what may not stand in one is percent-encoded.
fn uri(source: &str) -> String {
    if source.starts_with("https://") || source.starts_with("http://") {
        return url::Url::parse(source).map_or_else(|_| "staging".to_owned(), String::from);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let mut uri = if source.starts_with('/') {
        "file://".to_owned()
    } else {
        String::new()
    };
    for byte in source.bytes() {
        if allowed(byte) {
            uri.push(char::from(byte));
        } else {
            uri.extend(["%".to_owned(), format!("{byte:02X}")]);
        }
    }
    uri
}

//! The report for code scanning: SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::io::{self, Write};

use openapi_drift::Level;
use serde_json::{Value, json};

use super::json::write_safely;
use super::phrases::{facts, rule_page};
use crate::report::{Finding, Origin, Position, Report, level_word};

pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_safely(&log(report), out)
}

fn log(report: &Report) -> Value {
    let catalogue = openapi_drift::rules();
    // List only the rules that have findings, since viewers show every listed rule.
    let met: Vec<_> = catalogue
        .iter()
        .filter(|rule| report.findings.iter().any(|finding| finding.rule == rule.id))
        .collect();
    let rules: Vec<Value> = met
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "name": pascal(rule.id),
                "shortDescription": {"text": rule.id.replace('-', " ")},
                "fullDescription": {"text": rule.explanation},
                "helpUri": rule_page(rule.id),
                "help": {"text": format!("{} {}", rule.explanation, rule.mend)},
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
    let mut artifacts = vec![artifact(&report.base)];
    // Each artifact must be listed once, but a file may be compared with itself.
    if report.revision != report.base {
        artifacts.push(artifact(&report.revision));
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": report.words.command.rsplit(' ').next().unwrap_or_default(),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
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
    // Findings are shown in the base, which is the file in the repository, or in a file next to it.
    let file = report
        .base
        .file_of(finding.base_at.as_deref().unwrap_or_default());
    let mut artifact = json!({"uri": uri(&file)});
    if file == report.base.source {
        artifact["index"] = json!(0);
    }
    let position = finding.base_position.unwrap_or(Position { line: 1, column: 1 });
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": {"startLine": position.line, "startColumn": position.column},
        },
    });
    let places: Vec<Value> = [
        (report.words.base, &finding.base_at),
        (report.words.revision, &finding.revision_at),
    ]
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
        "partialFingerprints": {"openapiDrift/v2": finding.id},
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
    // In SARIF messages, backslashes and brackets are syntax for links.
    lines
        .join("\n")
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

/// Converts the id of a rule to the name format of SARIF: `ResponsePropertyLost`.
fn pascal(id: &str) -> String {
    let words = id.split('-').filter_map(|word| {
        let (first, rest) = word.split_at_checked(1)?;
        Some(first.to_ascii_uppercase() + rest)
    });
    words.collect()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Breaking => "error",
        Level::Risky => "warning",
        Level::Additive | Level::Cosmetic => "note",
    }
}

/// Converts a path or URL to a URI reference. Characters that are not allowed are percent-encoded.
fn uri(source: &str) -> String {
    if source.starts_with("https://") || source.starts_with("http://") {
        return url::Url::parse(source).map_or_else(|_| "document".to_owned(), String::from);
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

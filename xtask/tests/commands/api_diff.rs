//! The effect of a new pin on callers: the changed Rust items and the semver step.

use serde_json::{Value, json};

use crate::support::{changed, check_spec_of, file, report};

/// The report on a document that differs from the pin by a change.
fn on(change: impl Fn(&mut Value)) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &changed(change));
    report(&["--staging", &staging])
}

/// The changed items: `removed types::Wallet::network`, with `!` if callers may no longer compile.
fn items(report: &Value) -> Vec<String> {
    let changes = report["rust"]["changes"].as_array().unwrap();
    let line = |change: &Value| {
        let breaks = if change["breaks"] == true { "!" } else { "" };
        format!(
            "{} {}{breaks}",
            change["kind"].as_str().unwrap(),
            change["item"].as_str().unwrap()
        )
    };
    changes.iter().map(line).collect()
}

/// The Rust items that change because of the finding of a rule.
fn led_to<'r>(report: &'r Value, rule: &str) -> Vec<&'r str> {
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["rule"] == rule);
    let finding = finding.unwrap_or_else(|| panic!("no finding of {rule}"));
    finding["rust"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect()
}

fn property<'v>(document: &'v mut Value, schema: &str, name: &str) -> &'v mut Value {
    &mut document["components"]["schemas"][schema]["properties"][name]
}

#[test]
fn a_property_that_is_gone_takes_its_field_and_its_enum_along() {
    let report = on(|document| {
        let user = document["components"]["schemas"]["User"]["properties"]
            .as_object_mut()
            .unwrap();
        user.remove("preferredMfaMethod").unwrap();
    });
    assert_eq!(
        items(&report),
        [
            "removed enums::MfaMethod!",
            "removed types::User::preferred_mfa_method!"
        ]
    );
    assert_eq!(
        led_to(&report, "response-property-lost"),
        [
            "enums::MfaMethod removed",
            "types::User::preferred_mfa_method removed"
        ]
    );
    assert_eq!(report["semver"], "major");
}

#[test]
fn a_value_more_of_an_answer_is_a_constant_more() {
    let report = on(|document| {
        let values = &mut property(document, "BankAccount", "linkStatus")["enum"];
        values.as_array_mut().unwrap().push("FROZEN".into());
    });
    assert_eq!(items(&report), ["added enums::LinkStatus::FROZEN"]);
    assert_eq!(
        led_to(&report, "response-enum-value-added"),
        ["enums::LinkStatus::FROZEN added"]
    );
    assert_eq!(report["semver"], "minor");
}

#[test]
fn a_value_less_of_a_request_is_a_variant_less() {
    let report = on(|document| {
        property(document, "InitiateAchRequest", "cryptoCurrency")["enum"] = json!(["ETH", "SOL", "MATIC"]);
    });
    assert_eq!(
        items(&report),
        ["removed CryptoCurrency::Btc!"],
        "the name that callers write"
    );
    assert_eq!(
        led_to(&report, "request-enum-value-refused"),
        ["CryptoCurrency::Btc removed"]
    );
}

#[test]
fn a_body_that_is_now_required_is_an_argument_more() {
    let report = on(|document| {
        let post = &mut document["paths"]["/v1/users/{userId}/banks:requestLink"]["post"];
        let schema = json!({"$ref": "#/components/schemas/ActivateBankLinkRequest"});
        post["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    });
    assert_eq!(items(&report), ["changed Session::request_bank_link!"]);
    let change = &report["rust"]["changes"][0];
    assert_eq!(
        change["old"], "async fn(&self) -> Result<LinkToken, Error>",
        "the public signature"
    );
    let ours = change["ours"].as_str().unwrap();
    assert!(
        ours.starts_with("the call that `Session::request_bank_link` wraps was")
            && ours.contains("body: &types::ActivateBankLinkRequest"),
        "{ours}"
    );
    let led_to = led_to(&report, "request-body-required-added");
    assert!(
        led_to[0].starts_with("Session::request_bank_link changed (ours to mend: "),
        "{led_to:?}"
    );
    assert_eq!(report["semver"], "major");
}

#[test]
fn an_operation_that_is_gone_is_a_method_less() {
    let report = on(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        paths["/v1/users/{userId}/banks/{bankId}"]
            .as_object_mut()
            .unwrap()
            .remove("delete")
            .unwrap();
    });
    assert_eq!(items(&report), ["removed Session::delete_bank!"]);
    assert_eq!(
        led_to(&report, "operation-removed"),
        ["Session::delete_bank removed"]
    );
}

#[test]
fn a_field_of_another_type_is_shown_with_both() {
    let report = on(|document| {
        *property(document, "BankAccount", "mask") = json!({"type": "integer", "format": "int32"});
    });
    assert_eq!(items(&report), ["changed types::BankAccount::mask!"]);
    let change = &report["rust"]["changes"][0];
    assert_eq!(
        (&change["old"], &change["new"]),
        (&json!("Option<String>"), &json!("Option<i64>"))
    );
}

/// The client sets its headers itself, so no public item changes. The changed contract of the service still requires a
/// major version.
#[test]
fn a_header_changes_no_item_and_is_major_nevertheless() {
    let report = on(|document| {
        let post = &mut document["paths"]["/v1/users/{userId}/banks:requestLink"]["post"];
        let header = json!({"in": "header", "name": "ratio-client-secret", "required": true, "schema": {"type": "string"}});
        post["parameters"].as_array_mut().unwrap().push(header);
    });
    assert_eq!(items(&report), [""; 0]);
    assert_eq!(report["semver"], "major");
}

#[test]
fn prose_is_a_patch_and_no_change_is_none() {
    let report = on(|document| {
        document["paths"]["/v1/users/{userId}"]["get"]["description"] = "other words".into();
    });
    assert_eq!((items(&report), &report["semver"]), (vec![], &json!("patch")));
    let report = on(|_| {});
    assert_eq!((items(&report), &report["semver"]), (vec![], &json!("none")));
}

/// The document is still compared, replayed and reported. Only its effect on callers is unknown, and the report says
/// why.
#[test]
fn a_document_that_no_client_can_be_built_from_is_still_a_report() {
    let dangling =
        changed(|document| *property(document, "User", "kyc") = json!({"$ref": "#/components/schemas/Nope"}));
    let output = check_spec_of(&dangling, &["--fail-on", "risky"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("rust: no client can be built from staging's document"),
        "{text}"
    );
    assert!(
        text.contains("\"#/components/schemas/Nope\" leads nowhere"),
        "{text}"
    );
    assert!(text.contains("semver step of the next release: major"), "{text}");
}

/// The generator overflows its stack when it merges a map that refers back to itself, which would end any process.
#[test]
fn a_document_that_the_generator_is_lost_in_is_still_a_report() {
    let endless = changed(|document| {
        let schemas = &mut document["components"]["schemas"];
        let wallet = json!({"$ref": "#/components/schemas/Wallet"});
        let item = json!({"$ref": "#/components/schemas/ActivityItemCrypto"});
        schemas["Wallet"] = json!({"type": "object", "additionalProperties": item});
        schemas["Error"]["properties"]["code"] =
            json!({"allOf": [wallet, {"type": "object", "properties": {"z": wallet}}]});
    });
    let output = check_spec_of(&endless, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("rust: no client can be built from staging's document: the process that generates ended without an answer"),
        "{text}"
    );
}

/// The crate writes this request body as a full literal. A new optional property requires a change in the crate, but
/// callers do not see it.
#[test]
fn a_property_more_of_a_request_that_the_client_writes_out_is_ours() {
    let report = on(|document| {
        *property(document, "ActivateBankLinkRequest", "label") = json!({"type": "string"});
    });
    let change = &report["rust"]["changes"][0];
    assert_eq!(items(&report), ["added types::ActivateBankLinkRequest::label"]);
    let ours = change["ours"].as_str().unwrap();
    assert!(
        ours.starts_with("src/session.rs writes `types::ActivateBankLinkRequest` out"),
        "{ours}"
    );
}

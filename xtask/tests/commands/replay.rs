//! The reaction of the real client to a service that behaves as a changed document describes.

use serde_json::{Value, json};

use crate::support::{changed, file, report};

const SCHEMAS: &str = "/components/schemas";
const LINK: &str = "/paths/~1v1~1users~1{userId}~1banks:requestLink/post";
const USER: &str = "/paths/~1v1~1users~1{userId}/get";
const ACH: &str = "/paths/~1v1~1users~1{userId}~1banks~1{bankId}~1ach/post";
const DELETE: &str = "/paths/~1v1~1users~1{userId}~1banks~1{bankId}/delete";

/// The findings about a document that differs from the pin by a change.
fn findings(change: impl Fn(&mut Value)) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &changed(change));
    report(&["--staging", &staging])["findings"]
        .as_array()
        .unwrap()
        .clone()
}

/// The finding of a rule: its level, and the outcome of each operation's call.
fn replayed(findings: &[Value], rule: &str) -> (String, Vec<(String, String, String)>) {
    let of_rule: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .collect();
    let [finding] = of_rule[..] else {
        panic!("not one finding of {rule}: {}", told(findings));
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let calls = finding["replay"]["calls"].as_array().into_iter().flatten();
    (
        text(&finding["level"]),
        calls
            .map(|call| {
                (
                    text(&call["operation"]),
                    text(&call["outcome"]),
                    text(&call["detail"]),
                )
            })
            .collect(),
    )
}

/// The findings, one per line.
fn told(findings: &[Value]) -> String {
    let lines = findings.iter().map(|it| {
        format!(
            "{} {} {} {}\n",
            it["level"], it["rule"], it["title"], it["replay"]
        )
    });
    lines.collect()
}

/// The level of the rule's finding, and the outcome and description of one operation's call.
fn of(findings: &[Value], rule: &str, operation: &str) -> (String, String, String) {
    let (level, calls) = replayed(findings, rule);
    let call = calls.iter().find(|(name, _, _)| name == operation);
    let (_, outcome, detail) =
        call.unwrap_or_else(|| panic!("{operation} was not called: {}", told(findings)));
    (level, outcome.clone(), detail.clone())
}

#[track_caller]
fn expect(
    change: impl Fn(&mut Value),
    rule: &str,
    operation: &str,
    (level, outcome): (&str, &str),
    sentence: &str,
) {
    let findings = findings(change);
    let met = of(&findings, rule, operation);
    assert_eq!(
        (met.0.as_str(), met.1.as_str()),
        (level, outcome),
        "{}\n{}",
        met.2,
        told(&findings)
    );
    assert!(met.2.contains(sentence), "{}", met.2);
}

fn at<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Value {
    document
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("the pin has no {pointer}"))
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    at(document, parent)
        .as_object_mut()
        .unwrap()
        .remove(&name)
        .unwrap();
}

#[test]
fn an_answer_without_a_required_property_fails() {
    expect(
        |document| {
            remove(
                document,
                &format!("{SCHEMAS}/RequestBankLinkResponse/properties/linkToken"),
            );
            remove(document, &format!("{SCHEMAS}/RequestBankLinkResponse/required"));
        },
        "response-required-property-removed",
        "request_bank_link",
        ("breaking", "fails"),
        "the client reports: Ratio answered with success, but the body is not what the pinned document declares",
    );
}

#[test]
fn an_answer_without_an_optional_property_is_read_and_nothing_is_noticed() {
    expect(
        |document| remove(document, &format!("{SCHEMAS}/User/properties/preferredMfaMethod")),
        "response-property-lost",
        "get_user",
        ("risky", "unaffected"),
        "notices nothing",
    );
}

#[test]
fn a_new_value_of_an_open_enum_is_tolerated_and_noticed() {
    expect(
        |document| {
            let values = at(
                document,
                &format!("{SCHEMAS}/BankAccount/properties/linkStatus/enum"),
            );
            values.as_array_mut().unwrap().push(json!("FROZEN"));
        },
        "response-enum-value-added",
        "activate_bank_link",
        ("risky", "tolerates"),
        "notices the unknown value `FROZEN` at `/bankAccount/linkStatus`",
    );
}

#[test]
fn an_answer_of_another_type_fails() {
    expect(
        |document| {
            *at(document, &format!("{SCHEMAS}/BankAccount/properties/mask")) = json!({"type": "integer"});
        },
        "response-type-unreadable",
        "get_user",
        ("breaking", "fails"),
        "`/connectedBankAccounts/0/mask` is not what the pinned document declares",
    );
}

#[test]
fn a_null_that_the_client_reads_as_absent_is_risky_and_says_why() {
    let findings = findings(|document| {
        at(document, &format!("{SCHEMAS}/BankAccount/properties/name"))["nullable"] = json!(true);
    });
    let (level, outcome, detail) = of(&findings, "response-null-unreadable", "get_user");
    assert_eq!(
        (level.as_str(), outcome.as_str()),
        ("risky", "unaffected"),
        "{detail}"
    );
    let because = findings[0]["level_because"].as_str().unwrap();
    assert!(because.contains("the real client reads each answer"), "{because}");
}

#[test]
fn a_null_where_the_pin_requires_a_text_fails() {
    expect(
        |document| {
            at(
                document,
                &format!("{SCHEMAS}/RequestBankLinkResponse/properties/linkToken"),
            )["nullable"] = json!(true);
        },
        "response-null-unreadable",
        "request_bank_link",
        ("breaking", "fails"),
        "`/linkToken` is not what the pinned document declares",
    );
}

/// The witness is `null`, which the client can read. It cannot read a number, which staging may also send.
#[test]
fn one_harmless_proof_does_not_stand_for_the_others() {
    let findings = findings(|document| {
        *at(document, &format!("{SCHEMAS}/BankAccount/properties/name")) =
            json!({"nullable": true, "oneOf": [{"type": "string"}, {"type": "integer"}]});
    });
    let responses: Vec<&Value> = findings
        .iter()
        .filter(|it| it["direction"] == "response")
        .collect();
    assert!(!responses.is_empty());
    assert!(
        responses
            .iter()
            .any(|it| it["level"] == "breaking" && it["replay"]["outcome"] == "fails"),
        "{}",
        told(&findings)
    );
}

/// The witness is a null `id`, which the client can read. It cannot read an `id` that is a number.
#[test]
fn what_lies_within_the_proof_is_tried_too() {
    let findings = findings(|document| {
        *at(document, &format!("{SCHEMAS}/BankAccount/properties/id")) = json!({});
    });
    let worst = findings.iter().find(|it| it["level"] == "breaking");
    let worst = worst.unwrap_or_else(|| panic!("{}", told(&findings)));
    assert_eq!(worst["replay"]["outcome"], "fails");
    assert!(
        worst["replay"]["calls"][0]["detail"]
            .as_str()
            .unwrap()
            .starts_with("given `"),
        "{worst:#}"
    );
}

#[test]
fn another_success_that_reads_the_same_is_tolerated() {
    expect(
        |document| {
            let responses = at(document, &format!("{ACH}/responses")).as_object_mut().unwrap();
            let accepted = responses.remove("202").unwrap();
            responses.insert("201".to_owned(), accepted);
        },
        "response-success-replaced",
        "initiate_ach",
        ("risky", "tolerates"),
        "notices the undeclared status 201",
    );
}

/// There is no success left to send. A finding that cannot be replayed stays breaking.
#[test]
fn a_success_that_is_gone_stays_breaking() {
    expect(
        |document| remove(document, &format!("{ACH}/responses/202")),
        "response-success-replaced",
        "initiate_ach",
        ("breaking", "not-replayed"),
        "",
    );
}

#[test]
fn an_answer_that_lost_its_body_fails_where_something_is_required_of_it() {
    expect(
        |document| remove(document, &format!("{LINK}/responses/200/content")),
        "response-body-lost",
        "request_bank_link",
        ("breaking", "fails"),
        "the body is not what",
    );
}

#[test]
fn an_answer_in_a_format_that_nothing_here_writes_stays_breaking() {
    expect(
        |document| {
            let content = at(document, &format!("{USER}/responses/200/content"))
                .as_object_mut()
                .unwrap();
            let json = content.remove("application/json").unwrap();
            content.insert("application/xml".to_owned(), json);
        },
        "response-media-type-lost",
        "get_user",
        ("breaking", "not-replayed"),
        "nothing here writes application/xml",
    );
}

#[test]
fn a_new_error_status_is_noticed_and_reaches_the_caller() {
    expect(
        |document| {
            let error = at(document, &format!("{DELETE}/responses/404")).clone();
            at(document, &format!("{DELETE}/responses"))
                .as_object_mut()
                .unwrap()
                .insert("429".to_owned(), error);
        },
        "response-status-added",
        "delete_bank",
        ("risky", "tolerates"),
        "notices the undeclared status 429; the caller gets the error",
    );
}

/// The call fails in any case, but a caller that reads the error's code no longer gets it.
#[test]
fn an_error_whose_code_cannot_be_read_fails() {
    expect(
        |document| *at(document, &format!("{SCHEMAS}/Error/properties/code")) = json!({"type": "integer"}),
        "response-type-unreadable",
        "initiate_ach",
        ("breaking", "fails"),
        "the caller gets the error without its code",
    );
}

#[test]
fn a_header_that_clients_may_set_fails_without_it_and_says_how_to_get_past() {
    let findings = findings(|document| {
        let parameters = at(document, &format!("{LINK}/parameters"))
            .as_array_mut()
            .unwrap();
        for name in ["ratio-client-secret", "ratio-new"] {
            parameters
                .push(json!({"in": "header", "name": name, "required": true, "schema": {"type": "string"}}));
        }
    });
    let details: Vec<&str> = findings
        .iter()
        .filter(|it| it["rule"] == "parameter-required-added")
        .map(|it| {
            assert_eq!(
                (&it["level"], &it["replay"]["outcome"]),
                (&json!("breaking"), &json!("fails"))
            );
            it["replay"]["calls"][0]["detail"].as_str().unwrap()
        })
        .collect();
    let [secret, new] = details[..] else {
        panic!("{}", told(&findings))
    };
    assert!(
        secret.contains("`ratio-client-secret` is missing") && !secret.contains("ratio-new"),
        "{secret}"
    );
    assert!(
        secret.contains("a client that sets `ClientBuilder::client_secret` gets past this"),
        "{secret}"
    );
    assert!(
        new.contains("`ratio-new` is missing") && !new.contains("gets past"),
        "{new}"
    );
}

#[test]
fn a_request_without_a_body_that_is_now_required_is_refused() {
    expect(
        |document| {
            at(document, LINK)["requestBody"] =
                json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}});
        },
        "request-body-required-added",
        "request_bank_link",
        ("breaking", "fails"),
        "the required body is missing",
    );
}

#[test]
fn a_value_that_the_client_can_send_is_sent_and_refused() {
    expect(
        |document| {
            *at(
                document,
                &format!("{SCHEMAS}/InitiateAchRequest/properties/cryptoCurrency/enum"),
            ) = json!(["ETH", "SOL", "MATIC"]);
        },
        "request-enum-value-refused",
        "initiate_ach",
        ("breaking", "fails"),
        "\"BTC\" is not one of",
    );
}

/// A request that staging refuses is breaking by the documents, even if this client cannot send it.
#[test]
fn a_value_that_the_client_cannot_send_is_said_to_be_one() {
    expect(
        |document| {
            at(
                document,
                &format!("{SCHEMAS}/InitiateAchRequest/properties/fiatAmount"),
            )["minLength"] = json!(1);
        },
        "request-value-refused",
        "initiate_ach",
        ("breaking", "not-replayed"),
        "the client has no way to send this value",
    );
}

/// The witness is a text that is not an amount, but some amounts are refused too.
#[test]
fn amounts_beyond_the_proof_are_tried() {
    expect(
        |document| {
            at(
                document,
                &format!("{SCHEMAS}/InitiateAchRequest/properties/fiatAmount"),
            )["pattern"] = json!("^\\d{1,5}\\.\\d\\d$");
        },
        "request-value-refused",
        "initiate_ach",
        ("breaking", "fails"),
        "999999999.99",
    );
}

#[test]
fn an_operation_that_is_gone_answers_404() {
    expect(
        |document| remove(document, DELETE),
        "operation-removed",
        "delete_bank",
        ("breaking", "fails"),
        "staging has no DELETE",
    );
}

#[test]
fn credentials_that_the_client_does_not_bring_are_asked_for() {
    expect(
        |document| {
            document["components"]["securitySchemes"]["key"] =
                json!({"type": "apiKey", "in": "header", "name": "x-key"});
            at(document, USER)["security"] = json!([{"key": []}]);
        },
        "security-alternative-lost",
        "get_user",
        ("breaking", "fails"),
        "no credentials that suffice are there; the client reports: Ratio refused the request (status 401)",
    );
}

/// Each finding is replayed with a response that shows only this finding, so a new part is not blamed for a removed
/// one.
#[test]
fn findings_beside_each_other_are_told_apart() {
    let findings = findings(|document| {
        let wallet = at(document, &format!("{SCHEMAS}/Wallet"));
        wallet["properties"]
            .as_object_mut()
            .unwrap()
            .remove("network")
            .unwrap();
        wallet["required"]
            .as_array_mut()
            .unwrap()
            .retain(|name| name != "network");
        wallet["properties"]["chain"] = json!({"type": "string"});
    });
    let gone = of(&findings, "response-required-property-removed", "initiate_ach");
    assert_eq!(
        (gone.0.as_str(), gone.1.as_str()),
        ("breaking", "fails"),
        "{}",
        gone.2
    );
    let new = of(&findings, "response-property-added", "initiate_ach");
    assert_eq!(
        (new.0.as_str(), new.1.as_str()),
        ("additive", "tolerates"),
        "{}",
        new.2
    );
    assert!(
        new.2
            .contains("the unknown field `/activityItem/crypto/wallet/chain`"),
        "{}",
        new.2
    );
}

/// If the client can read only some of the responses, the whole finding stays breaking.
#[test]
fn a_finding_is_softened_only_when_every_operation_survives_it() {
    let findings = findings(|document| {
        for operation in [LINK, USER] {
            let responses = at(document, &format!("{operation}/responses"))
                .as_object_mut()
                .unwrap();
            responses["200"]["content"]["application/json"]["schema"] =
                json!({"$ref": "#/components/schemas/Any"});
        }
        document["components"]["schemas"]["Any"] = json!({"type": "object"});
    });
    for finding in findings
        .iter()
        .filter(|it| it["level"] == "risky" && it["level_because"].is_string())
    {
        let calls = finding["replay"]["calls"].as_array().unwrap();
        assert!(
            calls
                .iter()
                .all(|call| call["outcome"] != "fails" && call["outcome"] != "not-replayed"),
            "{finding:#?}"
        );
    }
    assert!(
        findings
            .iter()
            .any(|it| it["level"] == "breaking" && it["replay"]["outcome"] == "fails"),
        "{}",
        told(&findings)
    );
}

/// Without a call of the client, nothing is proved.
#[test]
fn without_replay_every_level_is_that_of_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(
        &folder,
        "staging.json",
        &changed(|document| {
            at(document, &format!("{SCHEMAS}/BankAccount/properties/name"))["nullable"] = json!(true);
        }),
    );
    let report = report(&["--staging", &staging, "--no-replay"]);
    assert_eq!(report["findings"][0]["level"], "breaking");
    assert_eq!(report["findings"][0]["replay"], Value::Null);
}

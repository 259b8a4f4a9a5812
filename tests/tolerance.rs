//! Responses that do not quite match the document. None of them hides the real outcome of the call.

use std::sync::{Arc, Mutex};

use crate::support::{self, Act, Server, bank, in_virtual_time, order};
use ratio_bank::{DriftEvent, DriftKind, ErrorKind};

/// A response with this media type.
fn typed(status: u16, content_type: &'static str, body: &str) -> Act {
    Act::Typed(status, content_type, body.to_owned())
}

#[test]
fn a_success_is_read_whatever_its_type_its_space_and_its_mark() {
    in_virtual_time(async {
        for (content_type, body) in [
            ("application/json", r#"{"linkToken":"t"}"#),
            (
                "application/json; charset=utf-8",
                " \r\n\t{\"linkToken\" : \"t\"}\n\n",
            ),
            ("application/vnd.ratio+json", r#"{"linkToken":"t"}"#),
            ("text/plain", r#"{"linkToken":"t"}"#),
            ("", r#"{"linkToken":"t"}"#),
            ("application/json", "\u{feff}{\"linkToken\":\"t\"}"),
            (
                "application/json",
                r#"{"linkToken":"t","more":[{"a":null}],"expiration":"x"}"#,
            ),
        ] {
            let server = Server::start([typed(200, content_type, body)]).await;
            let link = server.session().request_bank_link().await.unwrap();
            assert_eq!(link.token(), "t", "{body}");
        }
    });
}

#[test]
fn a_success_of_another_status_is_one() {
    in_virtual_time(async {
        for status in [200, 201, 202, 203, 204, 206, 299] {
            let body = if status == 204 { "" } else { support::SUCCESS };
            let server = Server::start([Act::body(status, body)]).await;
            let ordered = server.session().initiate_ach(&bank(), &order()).await;
            // An order was placed even if its response has no place for an id.
            let told = ordered.as_ref().err().and_then(ratio_bank::Error::status);
            assert_eq!(told, (status == 204).then_some(204), "{ordered:?}");
            let server = Server::start([Act::body(status, body)]).await;
            server.session().delete_bank(&bank()).await.unwrap();
        }
    });
}

#[test]
fn optional_fields_may_be_null_or_missing() {
    in_virtual_time(async {
        for body in [
            "{}",
            r#"{"connectedBankAccounts":null,"id":null,"kyc":null}"#,
            r#"{"connectedBankAccounts":[]}"#,
        ] {
            let server = Server::start([Act::body(200, body)]).await;
            let user = server.session().get_user().await.unwrap();
            assert!(
                user.id.is_none() && user.connected_bank_accounts.is_empty(),
                "{body}"
            );
        }
        for body in [
            "{}",
            r#"{"activityItem":null}"#,
            r#"{"activityItem":{}}"#,
            r#"{"activityItem":{"metadata":null,"fiat":null,"crypto":{"status":null,"wallet":null}}}"#,
        ] {
            let server = Server::start([Act::body(202, body)]).await;
            let item = server.session().initiate_ach(&bank(), &order()).await.unwrap();
            assert!(item.id.is_none() && item.metadata.is_empty(), "{body}");
        }
    });
}

#[test]
fn what_cannot_be_read_is_told_by_its_place_and_never_by_its_content() {
    in_virtual_time(async {
        for (body, place) in [
            (r#"{"activityItem":{"id":[4711,4711]}}"#, "`/activityItem/id`"),
            (
                r#"{"activityItem":{"fiat":{"amount":4711.5}}}"#,
                "`/activityItem/fiat/amount`",
            ),
            (
                r#"{"activityItem":{"fiat":{"bankAccount":{"mask":4711}}}}"#,
                "`/activityItem/fiat/bankAccount/mask`",
            ),
            (r#"{"activityItem":["4711"]}"#, "`/activityItem`"),
            (r#"[{"id":"4711"}]"#, "the body"),
            ("[null]", "the body"),
            ("null", "the body"),
            ("  ", "the body"),
            ("", "the body"),
            ("<html>4711</html>", "the body"),
            (r#""4711""#, "the body"),
            (r#"{"activityItem":{"id":"4711"}"#, "the body"),
        ] {
            let server = Server::start([Act::body(202, body)]).await;
            let error = server
                .session()
                .initiate_ach(&bank(), &order())
                .await
                .unwrap_err();
            // The request succeeded, and the error says so.
            assert_eq!((error.kind(), error.status()), (ErrorKind::Unreadable, Some(202)));
            assert!(error.may_have_executed() && server.count() == 1, "{error}");
            let printed = format!("{error} {error:?}");
            assert!(printed.contains(place) && !printed.contains("4711"), "{printed}");
        }
        for body in [
            "",
            "null",
            "{}",
            r#"["4711"]"#,
            r#"{"linkToken":""}"#,
            r#"{"linkToken":" "}"#,
            r#"{"linkToken":null}"#,
        ] {
            let server = Server::start([Act::body(200, body)]).await;
            let error = server.session().request_bank_link().await.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Unreadable,
                "a link token is promised: {body}"
            );
            assert!(server.session().get_user().await.is_ok());
        }
        for body in [
            "",
            " ",
            "null",
            "[]",
            r#"[null,"4711"]"#,
            r#"{"connectedBankAccounts":[["4711"]]}"#,
        ] {
            let server = Server::start([Act::body(200, body)]).await;
            let error = server.session().get_user().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable, "{body}");
        }
    });
}

#[test]
fn a_refusal_tells_the_vendors_code_if_there_is_one_and_its_status_in_any_case() {
    in_virtual_time(async {
        let told = r#"{"code":"PLAID_LOGIN_ERROR","message":"m","data":{"x":[1]},"more":1}"#;
        for (content_type, body, code) in [
            ("application/json", told, Some("PLAID_LOGIN_ERROR")),
            ("application/problem+json", told, Some("PLAID_LOGIN_ERROR")),
            ("text/html", told, Some("PLAID_LOGIN_ERROR")),
            ("application/json", "\u{feff} {\"code\":\"X\"} ", Some("X")),
            ("application/json", r#"{"code":null,"message":null}"#, None),
            ("application/json", r#"{"code":17}"#, None),
            ("application/json", r#"["code"]"#, None),
            ("application/json", "", None),
            ("application/json", r#"{"code":"#, None),
            ("text/html", "<html>Forbidden</html>", None),
        ] {
            // 418 is not documented; 422 is.
            for status in [403, 418, 422, 451] {
                let server = Server::start([typed(status, content_type, body)]).await;
                let error = server
                    .session()
                    .initiate_ach(&bank(), &order())
                    .await
                    .unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Status);
                assert_eq!((error.status(), error.code()), (Some(status), code), "{body}");
                assert_eq!(error.is_login_required(), code == Some("PLAID_LOGIN_ERROR"));
                assert!(!error.may_have_executed());
            }
        }
    });
}

#[test]
fn an_answer_is_read_up_to_its_cap() {
    in_virtual_time(async {
        let large = format!(r#"{{"linkToken":"t","more":"{}"}}"#, "x".repeat(2000));
        for (cap, fits) in [
            (4096, true),
            (large.len(), true),
            (large.len() - 1, false),
            (0, false),
        ] {
            let server = Server::start([Act::body(200, large.as_str())]).await;
            let client = server.client().max_answer_bytes(cap).build().unwrap();
            let link = support::session(&client).request_bank_link().await;
            assert_eq!(link.is_ok(), fits, "{cap}");
            if let Err(error) = link {
                assert_eq!((error.kind(), error.status()), (ErrorKind::Unreadable, Some(200)));
                assert!(error.may_have_executed() && server.count() == 1);
            }
        }
        // A status that states the whole outcome needs no body.
        for (status, deleted) in [(200, true), (404, false)] {
            let server = Server::start([Act::body(status, large.as_str())]).await;
            let client = server.client().max_answer_bytes(10).build().unwrap();
            let result = support::session(&client).delete_bank(&bank()).await;
            assert_eq!(result.is_ok(), deleted, "{result:?}");
        }
    });
}

#[test]
fn what_is_unexpected_is_told_without_a_value_that_could_be_somebodys() {
    in_virtual_time(async {
        let body = r#"{
            "iban": "DE4711", "DE89370400440532013000": 1, "id": "u",
            "connectedBankAccounts": [{"id": "b", "linkStatus": "Jane Doe of 4711 Main Street",
                "verificationStatus": "POSTPONED", "owner": {"name": "4711"}}]
        }"#;
        let told = Arc::new(Mutex::new(Vec::<DriftEvent>::new()));
        let tell = Arc::clone(&told);
        let server =
            Server::start([Act::body(203, body), Act::body(418, ""), Act::body(200, "[4711]")]).await;
        let client = server
            .client()
            .on_drift(move |event| tell.lock().unwrap().push(event.clone()))
            .build()
            .unwrap();
        let session = support::session(&client);
        session.get_user().await.unwrap();
        session.get_user().await.unwrap_err();
        session.get_user().await.unwrap_err();

        let told: Vec<_> = told
            .lock()
            .unwrap()
            .iter()
            .map(|event| {
                assert_eq!(event.operation, "get_user");
                (
                    event.kind,
                    event.path.clone(),
                    event.value.clone().unwrap_or_default(),
                )
            })
            .collect();
        let expected = [
            (DriftKind::UndeclaredStatus, "", "203"),
            (DriftKind::UnknownField, "/iban", ""),
            (DriftKind::UnknownField, "/(unprintable value)", ""),
            (DriftKind::UnknownField, "/connectedBankAccounts/0/owner", ""),
            (
                DriftKind::UnknownValue,
                "/connectedBankAccounts/0/linkStatus",
                "(unprintable value)",
            ),
            (
                DriftKind::UnknownValue,
                "/connectedBankAccounts/0/verificationStatus",
                "POSTPONED",
            ),
            (DriftKind::UndeclaredStatus, "", "418"),
            (DriftKind::UnreadableBody, "", ""),
        ]
        .map(|(kind, path, value)| (kind, path.to_owned(), value.to_owned()));
        assert_eq!(told, expected);
    });
}

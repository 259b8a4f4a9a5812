//! Results of Plaid Link, in every form that is known.

use proptest::prelude::*;
use ratio_bank::PublicToken;
use ratio_bank::plaid::{
    self, AccountType, ErrorCode, ErrorType, EventName, ExitStatus, LinkEvent, LinkExit, LinkSuccess,
    Navigation, TransferStatus, VerificationStatus, ViewName,
};
use serde_json::json;

fn connected(address: &str) -> LinkSuccess {
    match Navigation::parse(address) {
        Some(Navigation::Connected(success)) => success,
        other => panic!("{address} gave {other:?}"),
    }
}

fn exit(address: &str) -> LinkExit {
    match Navigation::parse(address) {
        Some(Navigation::Exit(exit)) => exit,
        other => panic!("{address} gave {other:?}"),
    }
}

fn event(address: &str) -> LinkEvent {
    match Navigation::parse(address) {
        Some(Navigation::Event(event)) => event,
        other => panic!("{address} gave {other:?}"),
    }
}

fn token(from: impl TryInto<PublicToken>) -> Option<String> {
    from.try_into().ok().map(|token| token.reveal().to_owned())
}

#[test]
fn a_webview_can_ask_about_every_navigation() {
    for not_ours in [
        "https://cdn.plaid.com/link/v2/stable/link.html?isWebview=true",
        "about:blank",
        "plaid://connected",
        "plaidlinks://connected",
        "http://plaidlink://connected",
        "plaidlink",
        "",
        "日本語のアドレスです",
    ] {
        assert!(Navigation::parse(not_ours).is_none(), "{not_ours}");
    }
}

#[test]
fn a_webview_success_carries_the_token_the_bank_and_the_accounts() {
    let success = connected(
        "plaidlink://connected?public_token=public-sandbox-1&institution_id=ins_127287&institution_name=Platypus+OAuth%20Bank\
         &accounts=%5B%7B%22_id%22%3A%22a1%22%2C%22meta%22%3A%7B%22name%22%3A%22Checking%22%2C%22number%22%3A%220000%22%7D\
         %2C%22type%22%3A%22depository%22%2C%22subtype%22%3A%22checking%22%7D%5D&link_session_id=s-1&transfer_status=COMPLETE",
    );
    let institution = success.institution.as_ref().unwrap();
    assert_eq!(institution.id.as_deref(), Some("ins_127287"));
    assert_eq!(institution.name.as_deref(), Some("Platypus OAuth Bank"));
    let account = &success.accounts[0];
    assert_eq!(account.id.as_deref(), Some("a1"));
    assert_eq!(account.name.as_deref(), Some("Checking"));
    assert_eq!(account.mask.as_deref(), Some("0000"));
    assert_eq!(account.account_type, Some(AccountType::DEPOSITORY));
    assert_eq!(account.subtype.as_deref(), Some("checking"));
    assert_eq!(success.link_session_id.as_deref(), Some("s-1"));
    assert_eq!(success.transfer_status, Some(TransferStatus::COMPLETE));
    assert_eq!(token(success).as_deref(), Some("public-sandbox-1"));
}

#[test]
fn accounts_are_read_in_either_shape_and_in_the_quotes_of_the_documentation() {
    let flat = r#"[{"id":"a1","name":"Checking","mask":"0000","type":"depository","subtype":"checking","verification_status":"manually_verified"}]"#;
    for accounts in [flat.to_owned(), format!("'{flat}'")] {
        let success = connected(&format!(
            "plaidlink://connected?public_token=p&accounts={accounts}"
        ));
        assert_eq!(success.accounts[0].name.as_deref(), Some("Checking"));
        assert_eq!(
            success.accounts[0].verification_status,
            Some(VerificationStatus::MANUALLY_VERIFIED)
        );
    }
    let single = connected("plaidlink://connected?public_token=p&account_id=a1&account_name=Checking");
    assert_eq!(single.accounts[0].id.as_deref(), Some("a1"));
}

#[test]
fn unreadable_accounts_do_not_cost_the_token() {
    let success = connected("plaidlink://connected?public_token=p&accounts=%5B%7Bbroken");
    assert!(success.accounts.is_empty());
    assert_eq!(token(success).as_deref(), Some("p"));
}

#[test]
fn a_success_without_a_token_has_nothing_to_activate() {
    for address in [
        "plaidlink://connected",
        "plaidlink://connected?public_token",
        "plaidlink://connected?public_token=",
    ] {
        assert_eq!(token(connected(address)), None, "{address}");
    }
    assert_eq!(token(Navigation::parse("plaidlink://exit").unwrap()), None);
}

#[test]
fn a_bare_exit_and_an_exit_with_empty_errors_are_cancellations() {
    for address in [
        "plaidlink://exit",
        "plaidlink://exit?",
        "plaidlink://exit/?status=requires_credentials",
        "PLAIDLINK://EXIT?error_type&error_code&error_message=",
    ] {
        assert!(exit(address).is_cancelled(), "{address}");
    }
}

#[test]
fn an_exit_tells_its_error_under_either_name_of_the_message() {
    for key in ["display_message", "error_display_message"] {
        let exit = exit(&format!(
            "plaidlink://exit?status=requires_credentials&error_type=ITEM_ERROR&error_code=INVALID_CREDENTIALS\
             &error_message=no&{key}=Try+again&request_id=r-1&link_session_id=s-1"
        ));
        assert_eq!(exit.status, Some(ExitStatus::REQUIRES_CREDENTIALS));
        assert_eq!(exit.request_id.as_deref(), Some("r-1"));
        let error = exit.error.unwrap();
        assert_eq!(error.error_type, Some(ErrorType::ITEM_ERROR));
        assert_eq!(error.error_code, Some(ErrorCode::INVALID_CREDENTIALS));
        assert_eq!(error.display_message.as_deref(), Some("Try again"));
    }
    assert!(exit("plaidlink://exit?error_code=INVALID_LINK_TOKEN").needs_new_link_token());
    assert_eq!(
        exit("plaidlink://exit?plaid_api_request_id=r-2")
            .request_id
            .as_deref(),
        Some("r-2")
    );
}

#[test]
fn an_error_that_tells_one_thing_keeps_it() {
    for field in ["error_type", "error_code", "error_message", "display_message"] {
        let error = exit(&format!("plaidlink://exit?{field}=X")).error.unwrap();
        let told = [
            ("error_type", error.error_type.as_ref().map(ErrorType::as_str)),
            ("error_code", error.error_code.as_ref().map(ErrorCode::as_str)),
            ("error_message", error.error_message.as_deref()),
            ("display_message", error.display_message.as_deref()),
        ];
        for (name, value) in told {
            assert_eq!(value, (name == field).then_some("X"), "{field}: {name}");
        }
    }
}

#[test]
fn an_event_with_all_keys_and_few_values_is_read() {
    let event = event(
        "plaidlink://event?error_code&error_message&error_type&event_name=OPEN&exit_status&institution_search_query\
         &link_session_id=s-1&mfa_type&request_id&timestamp=2020-08-05T07%3A32%3A57.447Z&view_name=CONSENT",
    );
    assert_eq!(event.name, EventName::OPEN);
    assert_eq!(event.view_name, Some(ViewName::CONSENT));
    assert_eq!(event.timestamp.as_deref(), Some("2020-08-05T07:32:57.447Z"));
    assert!(event.error.is_none() && event.mfa_type.is_none() && event.request_id.is_none());
}

#[test]
fn the_malformed_event_of_plaids_documentation_is_an_event() {
    let event = event(
        "plaidlink://event &event_name=TRANSITION_VIEW&view_name=ERROR? error_type=ITEM_ERROR&error_code=ITEM_LOCKED",
    );
    assert_eq!(event.name, EventName::TRANSITION_VIEW);
    assert_eq!(event.view_name, Some(ViewName::ERROR));
    let error = event.error.unwrap();
    assert_eq!(error.error_type, Some(ErrorType::ITEM_ERROR));
    assert_eq!(error.error_code, Some(ErrorCode::ITEM_LOCKED));
}

#[test]
fn a_question_mark_within_a_value_stays_there() {
    let event =
        event("plaidlink://event?event_name=SEARCH_INSTITUTION&institution_search_query=which?&request_id=r");
    assert_eq!(event.institution_search_query.as_deref(), Some("which?"));
    assert_eq!(event.request_id.as_deref(), Some("r"));
}

#[test]
fn the_address_may_be_written_in_many_ways() {
    for address in [
        "plaidlink://connected?public_token=p",
        "PlaidLink://Connected?public_token=p",
        "plaidlink://connected/?public_token=p",
        "plaidlink:///connected?public_token=p",
        "plaidlink:connected?public_token=p",
        "  plaidlink://connected?public_token=p\n",
        "plaidlink://connected?public_token=p#",
        "plaidlink://connected?public_token=p#public_token=q",
        "plaidlink://connected/some/path?public_token=p",
        "plaidlink://connected?&&public_token=p&&=&",
        "plaidlink://connected?public%5Ftoken=%70",
    ] {
        assert_eq!(token(connected(address)).as_deref(), Some("p"), "{address}");
    }
}

#[test]
fn broken_escapes_and_bytes_that_are_no_text_cost_nothing_else() {
    let success =
        connected("plaidlink://connected?institution_name=%zz%&public_token=p&institution_id=%ff%fe");
    assert_eq!(
        success.institution.as_ref().unwrap().name.as_deref(),
        Some("%zz%")
    );
    assert_eq!(
        success.institution.as_ref().unwrap().id.as_deref(),
        Some("\u{fffd}\u{fffd}")
    );
    assert_eq!(token(success).as_deref(), Some("p"));
}

#[test]
fn a_value_that_a_page_did_not_have_is_absent() {
    for word in ["null", "undefined", ""] {
        let address = format!("plaidlink://connected?public_token={word}&institution_id={word}");
        let success = connected(&address);
        assert!(
            success.institution.is_none() && success.public_token.is_none(),
            "{word}"
        );
        let address = format!("plaidlink://exit?error_type={word}&error_code={word}&status={word}");
        assert!(
            exit(&address).is_cancelled() && exit(&address).status.is_none(),
            "{word}"
        );
    }
}

#[test]
fn a_very_long_address_is_read_and_a_deep_one_is_no_danger() {
    let keys: String = (0..100_000).map(|key| format!("k{key}={key}&")).collect();
    let success = connected(&format!("plaidlink://connected?{keys}public_token=p"));
    assert_eq!(token(success).as_deref(), Some("p"));
    let deep = "[".repeat(1_000_000);
    let success = connected(&format!("plaidlink://connected?accounts={deep}&public_token=p"));
    assert!(success.accounts.is_empty());
    assert_eq!(token(success).as_deref(), Some("p"));
    assert!(serde_json::from_str::<LinkSuccess>(&deep).is_err());
}

#[test]
fn a_payload_that_an_app_encoded_twice_is_read() {
    let once = json!({"publicToken": "p", "metadata": {"linkSessionId": "s-1"}}).to_string();
    let twice = serde_json::to_string(&once).unwrap();
    let success: LinkSuccess = serde_json::from_str(&twice).unwrap();
    assert_eq!(success.link_session_id.as_deref(), Some("s-1"));
    assert_eq!(token(success).as_deref(), Some("p"));
}

#[test]
fn new_events_and_new_hosts_are_kept() {
    let event = event("plaidlink://event?event_name=TELEPORT&is_update_mode=true");
    assert_eq!(event.name.as_str(), "TELEPORT");
    assert!(!event.name.is_known());
    assert_eq!(event.is_update_mode, Some(true));
    let Some(Navigation::Other(other)) = Navigation::parse("plaidlink://acknowledged?a=1#f") else {
        panic!()
    };
    assert_eq!(
        (other.host.as_str(), other.query.as_str()),
        ("acknowledged", "a=1")
    );
    assert_eq!(
        format!("{other:?}"),
        r#"OtherNavigation { host: "acknowledged", .. }"#
    );
}

#[test]
fn a_key_that_comes_twice_keeps_its_first_real_value() {
    assert_eq!(
        token(connected(
            "plaidlink://connected?public_token&public_token=p1&public_token=p2"
        ))
        .as_deref(),
        Some("p1")
    );
}

#[test]
fn react_native_and_android_hand_over_camel_case_with_empty_values_for_absent_ones() {
    let success: LinkSuccess = serde_json::from_value(json!({
        "publicToken": "p",
        "metadata": {
            "institution": "",
            "accounts": [{"id": "a1", "name": "", "mask": "", "type": "depository", "subtype": "checking", "verificationStatus": ""}],
            "linkSessionId": "s-1",
            "metadataJson": "{\"institution\":{\"institution_id\":\"ins_3\",\"name\":\"Tartan Bank\"}}"
        }
    }))
    .unwrap();
    assert_eq!(success.institution.as_ref().unwrap().id.as_deref(), Some("ins_3"));
    assert!(success.accounts[0].mask.is_none() && success.accounts[0].verification_status.is_none());
    assert_eq!(token(success).as_deref(), Some("p"));

    let exit: LinkExit = serde_json::from_value(json!({
        "error": {},
        "metadata": {"status": "", "institution": "", "linkSessionId": "s-1", "requestId": "r-1"}
    }))
    .unwrap();
    assert!(exit.is_cancelled() && exit.status.is_none());
    assert_eq!(exit.request_id.as_deref(), Some("r-1"));

    let event: LinkEvent = serde_json::from_value(json!({
        "eventName": "SELECT_INSTITUTION",
        "metadata": {"viewName": "SELECT_INSTITUTION", "institutionId": "ins_3", "isUpdateMode": "false", "linkSessionId": "s-1"}
    }))
    .unwrap();
    assert_eq!(event.name, EventName::SELECT_INSTITUTION);
    assert_eq!(event.is_update_mode, Some(false));
    assert_eq!(event.institution.unwrap().id.as_deref(), Some("ins_3"));
}

#[test]
fn ios_hands_over_its_own_capitals_and_the_error_as_text() {
    let success: LinkSuccess = serde_json::from_value(json!({
        "publicToken": "p", "metadata": {"institution": {"id": "ins_3", "name": "Tartan Bank"}, "linkSessionID": "s-1", "accounts": []}
    }))
    .unwrap();
    assert_eq!(success.link_session_id.as_deref(), Some("s-1"));
    let exit: LinkExit = serde_json::from_value(json!({
        "error": {"errorMessage": "no", "errorJSON": "{\"error_type\":\"ITEM_ERROR\",\"error_code\":\"ITEM_LOCKED\"}"},
        "metadata": {"requestID": "r-1"}
    }))
    .unwrap();
    assert_eq!(exit.error.unwrap().error_code, Some(ErrorCode::ITEM_LOCKED));
    assert_eq!(exit.request_id.as_deref(), Some("r-1"));
}

#[test]
fn the_web_hands_over_snake_case_with_null_for_absent_values() {
    let success: LinkSuccess = serde_json::from_value(json!({
        "public_token": "p",
        "metadata": {
            "institution": {"name": "Tartan Bank", "institution_id": "ins_3"},
            "accounts": [{"id": "a1", "name": "Checking", "mask": null, "type": "depository", "subtype": "checking", "verification_status": null}],
            "link_session_id": "s-1",
            "transfer_status": null
        }
    }))
    .unwrap();
    assert_eq!(
        success.institution.as_ref().unwrap().name.as_deref(),
        Some("Tartan Bank")
    );
    assert!(success.accounts[0].mask.is_none());
    let exit: LinkExit = serde_json::from_value(
        json!({"error": null, "metadata": {"status": "requires_code", "institution": null}}),
    )
    .unwrap();
    assert_eq!(exit.status, Some(ExitStatus::REQUIRES_CODE));
}

#[test]
fn nothing_that_identifies_anyone_is_printed() {
    let navigation = Navigation::parse(
        "plaidlink://connected?public_token=CANARY&institution_id=CANARY&institution_name=CANARY&link_session_id=CANARY\
         &accounts=[{\"id\":\"CANARY\",\"name\":\"CANARY\",\"mask\":\"CANARY\",\"type\":\"CANARY OF A TYPE\"}]",
    )
    .unwrap();
    assert!(!format!("{navigation:?}").contains("CANARY"));
    let Navigation::Connected(success) = navigation else {
        panic!()
    };
    let shown = format!("{:?} {:?}", success.accounts, success.institution);
    assert!(
        shown.contains("Account {") && shown.contains("Institution {"),
        "{shown}"
    );
    assert!(!shown.contains("CANARY"));
    for address in [
        "plaidlink://exit?error_message=CANARY&display_message=CANARY&error_code=CANARY+WITH+A+NAME&request_id=CANARY&status=CANARY+1",
        "plaidlink://event?event_name=CANARY+1&institution_search_query=CANARY&error_message=CANARY",
        "plaidlink://CANARY 1?x=CANARY",
    ] {
        assert!(
            !format!("{:?}", Navigation::parse(address).unwrap()).contains("CANARY"),
            "{address}"
        );
    }
}

#[test]
fn the_link_page_gets_the_token_once_encoded_and_unquoted() {
    let page = "http://127.0.0.1:1/link/v2/stable/link.html".parse().unwrap();
    assert_eq!(
        plaid::webview_url(&page, "a&b=\"c\" %").reveal(),
        "http://127.0.0.1:1/link/v2/stable/link.html?isWebview=true&token=a%26b%3D%22c%22+%25"
    );
}

#[test]
fn an_oauth_return_is_passed_on_exactly_and_encoded_once() {
    let page = plaid::WEBVIEW_PAGE.parse().unwrap();
    let received = "https://app.example/back?oauth_state_id=9f%20a&x=%2B";
    let url: reqwest::Url = plaid::resume_url(&page, "t", received)
        .unwrap()
        .reveal()
        .parse()
        .unwrap();
    let passed = url
        .query_pairs()
        .find(|(key, _)| key == "receivedRedirectUri")
        .unwrap()
        .1
        .into_owned();
    assert_eq!(passed, received);
    for (refused, why) in [
        ("/back?oauth_state_id=1", plaid::InvalidRedirect::NotAnAddress),
        (
            "http://app.example/back?oauth_state_id=1",
            plaid::InvalidRedirect::NotHttps,
        ),
        (
            "https://app.example/back?oauth_state_id=",
            plaid::InvalidRedirect::NoStateId,
        ),
        (
            "https://app.example/back?oauth_state_id=undefined",
            plaid::InvalidRedirect::NoStateId,
        ),
        (
            "https://app.example/back?oauth_state_id=1&oauth_state_id=2",
            plaid::InvalidRedirect::SeveralStateIds,
        ),
        (
            "https://app.example/back?oauth_state_id=1#router",
            plaid::InvalidRedirect::Fragment,
        ),
        (
            "https://who@app.example/back?oauth_state_id=1",
            plaid::InvalidRedirect::Credentials,
        ),
        (
            "https://cdn.plaid.com/link/v2/stable/link.html?isWebview=true&oauth_state_id=1",
            plaid::InvalidRedirect::LinkPage,
        ),
        (
            "plaidlink://connected?oauth_state_id=1",
            plaid::InvalidRedirect::NotHttps,
        ),
        (
            "https://app.example/back?oauth_state_id=1\n",
            plaid::InvalidRedirect::NotAnAddress,
        ),
        (
            "https://app.example/ba ck?oauth_state_id=1",
            plaid::InvalidRedirect::NotAnAddress,
        ),
        (
            "https://app.example/back?oauth_state_id=1\u{7f}",
            plaid::InvalidRedirect::NotAnAddress,
        ),
        (
            " https://app.example/back?oauth_state_id=1",
            plaid::InvalidRedirect::NotAnAddress,
        ),
        (
            "https:app.example/back?oauth_state_id=1",
            plaid::InvalidRedirect::NotAnAddress,
        ),
        (
            "https:\\\\app.example\\back?oauth_state_id=1",
            plaid::InvalidRedirect::NotAnAddress,
        ),
        ("https://app.example/back", plaid::InvalidRedirect::NoStateId),
    ] {
        assert_eq!(
            plaid::resume_url(&page, "t", refused).unwrap_err(),
            why,
            "{refused}"
        );
    }
    assert!(plaid::resume_url(&page, "t", "http://127.0.0.1:9/back?oauth_state_id=1").is_ok());
}

#[test]
fn what_tells_of_an_error_is_never_a_cancellation() {
    let code = ErrorCode::INVALID_LINK_TOKEN;
    let web = json!({"error_type": "INVALID_INPUT", "error_code": "INVALID_LINK_TOKEN"});
    // The value is read under each of these names.
    for payload in [
        json!({"error": web}),
        json!({"err": web}),
        json!({"exit_error": web}),
        json!({"exitError": web}),
        json!({"linkErr": web}),
        json!({"metadata": {"error": web}}),
        json!({"error": web.to_string()}),
        json!({"error": serde_json::to_string(&web.to_string()).unwrap()}),
        json!({"metadata": json!({"err": web}).to_string()}),
        json!({"metadata_json": json!({"error": web}).to_string()}),
        json!({"error": {}, "metadata": {"metadataJson": web.to_string()}}),
        json!({"error": {"type": "INVALID_INPUT", "code": "INVALID_LINK_TOKEN", "message": "m"}}),
        json!({"error": "", "errorCode": "INVALID_LINK_TOKEN"}),
        web.clone(),
    ] {
        let exit: LinkExit = serde_json::from_value(payload.clone()).unwrap();
        assert!(!exit.is_cancelled() && exit.needs_new_link_token(), "{payload}");
        assert_eq!(exit.error.unwrap().error_code, Some(code.clone()), "{payload}");
    }
    // An unreadable value is still an error.
    for payload in [
        json!({"error": "the bank is down"}),
        json!({"error": "{\"error_code\": \"INVALID"}),
        json!({"error": ["INVALID_LINK_TOKEN"]}),
        json!({"error": {"reason": 1}}),
        json!({"error": {"errorCode": {"name": "x"}}}),
        json!({"error": true}),
        json!({"error": 1}),
        json!({"errorCode": ["x"]}),
        json!({"exception": {"stack": "x"}}),
        json!({"public_token": "public-1", "metadata": {}}),
        json!({"publicToken": " public-1 "}),
        json!({"metadata": {"accounts": [{"id": "a1"}]}}),
        json!({"metadata": "{\"error_code\": \"INVALID"}),
        json!({"metadata": [web]}),
        json!({"metadata": "[object Object]"}),
        json!({"metadata": {"metadataJson": "{\"error_code\": \"INVALID"}}),
    ] {
        let exit: LinkExit = serde_json::from_value(payload.clone()).unwrap();
        assert!(!exit.is_cancelled() && exit.error.is_some(), "{payload}");
    }
    for address in [
        "plaidlink://exit?err=x",
        "plaidlink://exit?exit_error=x",
        "plaidlink://exit?error=%7Bbroken",
        "plaidlink://exit?public_token=public-1",
    ] {
        assert!(!exit(address).is_cancelled(), "{address}");
    }
    // An empty value is no error.
    for payload in [
        json!({}),
        json!({"error": null, "err": "", "errorCode": "undefined"}),
        json!({"error": "{}", "hasError": false}),
        json!({"error": "false", "hasError": " False "}),
        json!({"error": {"errorCode": "", "errorMessage": null}}),
        json!({"error": [], "public_token": "null", "metadata": {"accounts": []}}),
        json!({"metadata": {"status": "requires_credentials"}}),
        json!({"metadata": [], "metadataJson": "null"}),
        json!({"metadata": "{\"status\": \"requires_credentials\"}"}),
    ] {
        let exit: LinkExit = serde_json::from_value(payload.clone()).unwrap();
        assert!(exit.is_cancelled(), "{payload}");
    }
}

#[test]
fn a_token_is_trimmed_and_a_word_for_nothing_is_none() {
    for (given, read) in [
        (" public-1\n", Some("public-1")),
        ("\u{a0}public-1", Some("public-1")),
        ("null", None),
        (" Undefined ", None),
        ("(null)", None),
        ("   ", None),
        ("", None),
    ] {
        let success: LinkSuccess = serde_json::from_value(json!({"public_token": given})).unwrap();
        assert_eq!(token(success).as_deref(), read, "{given:?}");
        let alone = serde_json::from_value::<PublicToken>(json!(given)).ok();
        assert_eq!(alone.as_ref().map(PublicToken::reveal), read, "{given:?}");
    }
    assert_eq!(PublicToken::new(" public-1\n").reveal(), "public-1");
}

#[test]
fn metadata_is_read_wherever_and_however_often_it_is_encoded() {
    let metadata = json!({
        "institution": {"id": "ins_3", "name": "Tartan Bank"},
        "accounts": [{"id": "a1", "mask": "0000"}],
        "link_session_id": "s-1",
    });
    let text = metadata.to_string();
    let twice = serde_json::to_string(&text).unwrap();
    for payload in [
        json!({"public_token": "p", "metadata": metadata}),
        json!({"public_token": "p", "metadata": text}),
        json!({"public_token": "p", "metadata": twice}),
        json!({"public_token": "p", "metadata_json": text}),
        json!({"public_token": "p", "metadataJson": metadata}),
        json!({"public_token": "p", "metadata": {"metadata_json": text}}),
        json!({"public_token": "p", "accounts": [], "institution": {}, "metadata": metadata}),
        json!({"public_token": "p", "accounts": "[]", "institution": "", "metadata": metadata}),
        json!({"public_token": "p", "institution": "a name", "metadata": metadata}),
    ] {
        let success: LinkSuccess = serde_json::from_value(payload.clone()).unwrap();
        assert_eq!(success.link_session_id.as_deref(), Some("s-1"), "{payload}");
        assert_eq!(success.accounts[0].mask.as_deref(), Some("0000"), "{payload}");
        let institution = success.institution.unwrap();
        assert_eq!(institution.id.as_deref(), Some("ins_3"), "{payload}");
    }
}

proptest! {
    #[test]
    fn no_navigation_panics(rest in ".*") {
        let _ = Navigation::parse(&rest);
        let read = Navigation::parse(&format!("plaidlink://{rest}"));
        prop_assert!(read.is_some());
    }

    #[test]
    fn any_token_survives_the_query(token in "\\PC{1,64}") {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("public_token", &token).finish();
        let success = connected(&format!("plaidlink://connected?{query}"));
        let trimmed = Some(token.trim()).filter(|token| !token.is_empty());
        let read = self::token(success);
        prop_assert_eq!(read.as_deref(), trimmed);
    }

    #[test]
    fn no_payload_panics(text in "[\\[\\]{}\":,a-zA-Z0-9_ ]{0,64}") {
        let _ = serde_json::from_str::<LinkSuccess>(&text);
        let _ = serde_json::from_str::<LinkExit>(&text);
        let _ = serde_json::from_str::<LinkEvent>(&text);
    }
}

#[test]
fn what_is_wrong_with_a_redirect_is_told_in_words_of_its_own() {
    let all = [
        plaid::InvalidRedirect::NotAnAddress,
        plaid::InvalidRedirect::NotHttps,
        plaid::InvalidRedirect::Credentials,
        plaid::InvalidRedirect::Fragment,
        plaid::InvalidRedirect::LinkPage,
        plaid::InvalidRedirect::NoStateId,
        plaid::InvalidRedirect::SeveralStateIds,
    ];
    let told: std::collections::BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), all.len(), "{told:?}");
    for told in told {
        let (what, how) = told
            .split_once("; ")
            .expect("what is wrong, and how it is mended");
        assert!(
            what.starts_with("the received redirect ") && !how.is_empty(),
            "{told}"
        );
    }
}

#[test]
fn an_error_of_links_prints_its_kind_and_not_its_sentences() {
    let navigation = Navigation::parse(
        "plaidlink://exit?error_type=ITEM_ERROR&error_code=ITEM_LOGIN_REQUIRED&error_message=Jane+Doe&display_message=Jane",
    );
    let Navigation::Exit(exit) = navigation.unwrap() else {
        panic!("an exit");
    };
    let shown = format!("{:?}", exit.error.unwrap());
    assert!(
        shown.contains("ITEM_ERROR") && shown.contains("ITEM_LOGIN_REQUIRED"),
        "{shown}"
    );
    assert!(!shown.contains("Jane"), "{shown}");
}

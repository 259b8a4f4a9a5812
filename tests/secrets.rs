//! Canary values in every secret, token, name, mask and id. None of them is ever printed.

use std::fmt::Debug;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;

use crate::support::{Act, Printed, Server};
use ratio_bank::plaid::LinkSuccess;
use ratio_bank::{AchKind, AchOrder, BankId, Client, CryptoCurrency, DeviceFingerprint, Environment, Error};
use ratio_bank::{LinkRecord, PublicToken, Session, SessionToken, UserId, WalletId};

const CANARY: &str = "CANARY";

impl Printed {
    fn debug(&mut self, value: &impl Debug) {
        writeln!(self, "{value:?} {value:#?}").unwrap();
    }

    #[expect(clippy::unnecessary_literal_unwrap, reason = "the panic is what is looked at")]
    fn error(&mut self, error: Error) {
        self.debug(&error);
        self.display(&error);
        // The output of a service that unwraps the error.
        let failed: Result<(), Error> = Err(error);
        let panic = std::panic::catch_unwind(AssertUnwindSafe(|| failed.unwrap())).unwrap_err();
        let message = panic.downcast::<String>().expect("a panic's message");
        assert!(message.contains("kind"), "{message}");
        writeln!(self, "{message}").unwrap();
    }

    fn display(&mut self, error: &dyn std::error::Error) {
        writeln!(self, "{error} {error:#}").unwrap();
        let mut source = error.source();
        while let Some(cause) = source {
            writeln!(self, "{cause} {cause:?} {cause:#?}").unwrap();
            source = cause.source();
        }
    }

    fn assert_no_canary(&self) {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        if let Some(at) = text.find(CANARY) {
            let around: String = text[at.saturating_sub(200)..].chars().take(300).collect();
            panic!("printed: {around}");
        }
        assert!(text.contains("ratio_bank"), "the traces were captured");
    }
}

fn answer(status: u16) -> Act {
    let user = r#"{
        "id": "CANARY-user", "firstName": "CANARY first", "lastName": "CANARY last", "email": "CANARY@mail.example",
        "phone": "CANARY-phone", "nationality": "CANARY", "linkToken": "CANARY-link", "message": "CANARY message",
        "code": "CANARY is not a code", "data": {"CANARY key": "CANARY value"}, "CANARY field": 1,
        "bankAccount": {"id": "CANARY-bank", "name": "CANARY name", "mask": "CANARY", "linkStatus": "CANARY status"},
        "connectedBankAccounts": [{"id": "CANARY-bank", "name": "CANARY name", "mask": "CANARY-mask"}],
        "activityItem": {"id": "CANARY-item", "metadata": {"CANARY": "CANARY"}, "fiat": {"amount": "CANARY-amount"}}
    }"#;
    let headers = "ratio-authentication-refresh: CANARY-refreshed\r\nset-cookie: CANARY=1\r\n";
    Act::Answer(status, headers, user.to_owned())
}

fn session_of(client: &Client, token: &str) -> Session {
    client.session(UserId::new("CANARY-user").unwrap(), SessionToken::new(token))
}

#[tokio::test]
async fn no_canary_is_printed_by_any_type_error_or_trace() {
    let mut printed = Printed::default();
    let sink = printed.clone();
    // The subscriber covers the whole process, including the messages of libraries through `log`.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(Mutex::new(sink))
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .init();

    let outcomes = [200, 202, 400, 401, 404, 409, 422, 500, 503, 599];
    let mut script: Vec<Act> = outcomes
        .into_iter()
        .flat_map(|status| std::iter::repeat_n(answer(status), 6))
        .collect();
    script.extend(std::iter::repeat_n(Act::Close, 6));
    script.extend(std::iter::repeat_n(Act::Truncate(200), 6));
    script.extend(std::iter::repeat_n(
        Act::body(200, "{\"id\": [\"CANARY\"], \"linkToken\": {\"CANARY\": 1}}"),
        6,
    ));
    let rounds = script.len() / 6;
    let server = Server::start(script).await;
    let builder = Client::builder(Environment::at(&server.url).unwrap())
        .client_id("the-product")
        .client_secret("CANARY-secret")
        .http_client(|http| http.connection_verbose(true))
        .max_attempts(1);
    printed.debug(&builder);
    let client = builder.build().unwrap();
    let device = DeviceFingerprint::browser("CANARY-ip", "CANARY-agent");
    printed.debug(&device);
    let session = session_of(&client, "CANARY-session").with_device(device);
    let bank = BankId::new("CANARY-bank").unwrap();
    let order = AchOrder::new(
        "12.34".parse().unwrap(),
        CryptoCurrency::Eth,
        WalletId::new("CANARY-wallet").unwrap(),
        AchKind::Standard,
    );
    printed.debug(&(
        &client,
        &session,
        &bank,
        &order,
        session.token(),
        session.token_store(),
        PublicToken::new("CANARY-public"),
    ));
    for _ in 0..rounds {
        match session.request_bank_link().await {
            Ok(link) => {
                let resumed = link
                    .resume_url("https://app.example/?oauth_state_id=CANARY")
                    .unwrap();
                printed.debug(&(link.webview_url(), resumed, &link, link.record()));
            }
            Err(error) => printed.error(error),
        }
        match session.request_bank_relink(&bank).await {
            Ok(link) => printed.debug(&(&link, link.record())),
            Err(error) => printed.error(error),
        }
        match session
            .activate_bank_link(PublicToken::new("CANARY-public"))
            .await
        {
            Ok(account) => printed.debug(&account),
            Err(error) => printed.error(error),
        }
        if let Err(error) = session.delete_bank(&bank).await {
            printed.error(error);
        }
        match session.initiate_ach(&bank, &order).await {
            Ok(item) => printed.debug(&item),
            Err(error) => printed.error(error),
        }
        match session.get_user().await {
            Ok(user) => printed.debug(&user),
            Err(error) => printed.error(error),
        }
    }
    for refused in [
        UserId::new("CANARY:requestLink").err(),
        UserId::new("CANARY/..").err(),
    ] {
        printed.error(Error::from(refused.unwrap()));
    }
    printed.error(Environment::at("http://CANARY:CANARY@ratio.example").unwrap_err());
    printed.error(session_of(&client, "CANARY\n").get_user().await.unwrap_err());
    let header = Client::builder(Environment::Staging)
        .client_id("c")
        .client_secret("CANARY\n")
        .build();
    printed.error(header.unwrap_err());
    payloads(&mut printed);
    printed.assert_no_canary();
}

fn payloads(printed: &mut Printed) {
    // Payloads that an app may pass on instead of the SDK's own.
    for payload in [
        r#""CANARY""#,
        r#"["CANARY"]"#,
        r#"{"publicToken":"CANARY""#,
        r#""{\"publicToken\":\"CANARY""#,
    ] {
        printed.display(&serde_json::from_str::<LinkSuccess>(payload).unwrap_err());
    }
    let stored = r#"{"kind":"new","bank":"CANARY","expires_at":7}"#;
    printed.display(&serde_json::from_str::<LinkRecord>(stored).unwrap_err());
}

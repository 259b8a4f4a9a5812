//! Responses of arbitrary bytes: the client must not panic, must count money once, and must print nothing of the
//! response.

use ratio_bank::test_util::{Fake, Reply};
use ratio_bank::{AchKind, AchOrder, BankId, CryptoCurrency, Error, PublicToken, WalletId};

/// Runs all operations. The first two bytes of an input select the status and the header. The text up to the first
/// line break is the header's value, and the rest is the body.
pub(crate) fn answers(bytes: &[u8]) {
    let Some((chosen, rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let statuses = [
        200, 201, 202, 204, 205, 400, 401, 404, 409, 422, 429, 500, 503, 599,
    ];
    let status = statuses[usize::from(chosen[0]) % statuses.len()];
    let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let header: String = rest[..line]
        .iter()
        .filter(|it| it.is_ascii_graphic())
        .map(|it| char::from(*it))
        .collect();
    let body = &rest[(line + 1).min(rest.len())..];
    let name = [
        "ratio-authentication-refresh",
        "retry-after",
        "x-request-id",
        "content-type",
    ][usize::from(chosen[1]) % 4];
    // Time is paused, so that all delays pass at once, including those that a response requests.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime can be built").block_on(each_operation(
        || Reply::answer(status, body.to_vec()).header(name, header.clone()),
        status,
    ));
}

async fn each_operation(reply: impl Fn() -> Reply, status: u16) {
    let fake = Fake::new();
    for operation in [
        "request_bank_link",
        "request_bank_relink",
        "activate_bank_link",
        "delete_bank",
        "initiate_ach",
    ] {
        for _ in 0..3 {
            fake.reply(operation, reply());
        }
    }
    for operation in ["get_user", "list_activity"] {
        for _ in 0..3 {
            fake.reply(operation, reply());
        }
    }
    let session = fake.session();
    let bank = BankId::new("bank").expect("it is an id");
    let wallet = WalletId::new("wallet").expect("it is an id");
    let amount = "12.34".parse().expect("it is an amount");
    let order = AchOrder::new(amount, CryptoCurrency::Eth, wallet, AchKind::Standard);
    match session.initiate_ach(&bank, &order).await {
        Ok(item) => {
            assert!((200..300).contains(&status), "a refusal is taken for an order");
            drop(format!("{item:?}"));
        }
        Err(error) => {
            // A success that cannot be read, and a failure of the server, may have been executed.
            assert!(
                error.may_have_executed() || !((200..300).contains(&status) || status >= 500),
                "{error:?}"
            );
            printed(&error);
        }
    }
    // Only a refusal for too many requests proves that nothing was done.
    let sent = fake.calls().iter().filter(|it| **it == "initiate_ach").count();
    assert!(
        sent == 1 || status == 429,
        "an order is sent {sent} times after {status}"
    );
    let outcomes = [
        session.request_bank_link().await.map(|it| format!("{it:?}")),
        session
            .request_bank_relink(&bank)
            .await
            .map(|it| format!("{it:?}")),
        session
            .activate_bank_link(PublicToken::new("public"))
            .await
            .map(|it| format!("{it:?}")),
        session.delete_bank(&bank).await.map(|()| String::new()),
        session.get_user().await.map(|it| format!("{it:?}")),
    ];
    for outcome in outcomes {
        match outcome {
            Ok(shown) => assert!(!shown.contains("CANARY"), "{shown}"),
            Err(error) => printed(&error),
        }
    }
    let shown = format!("{:?} {:?}", session, session.token_store());
    assert!(!shown.contains("CANARY"), "{shown}");
}

/// Checks that an error prints nothing of a response, except for a code in the form of the published codes.
fn printed(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let is_word = |it: &&str| it.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if let Some(code) = error.code().filter(is_word) {
        shown = shown
            .replace(&format!("code {code}"), "")
            .replace(&format!("\"{code}\""), "");
    }
    assert!(!shown.contains("CANARY") && !shown.contains('\u{1b}'), "{shown}");
}

//! An id that could reach another endpoint never does so, however it was created.

use crate::support::{self, Server, bank, in_virtual_time, order};
use ratio_bank::{BankId, ErrorKind, SessionToken, UserId, WalletId};

const ODD: [&str; 14] = [
    "",
    ".",
    "..",
    "%2e%2e",
    "x:requestLink",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a;b",
    "a b",
    "a\r\nb",
    "ä",
    "a\0",
];

#[test]
fn an_odd_id_that_was_read_is_refused_before_anything_is_sent() {
    in_virtual_time(async {
        let server = Server::start([]).await;
        let client = server.client().build().unwrap();
        let long = "x".repeat(129);
        for odd in ODD.into_iter().chain([long.as_str()]) {
            let read = serde_json::to_string(odd).unwrap();
            let user: UserId = serde_json::from_str(&read).unwrap();
            let odd_bank: BankId = serde_json::from_str(&read).unwrap();
            let mut odd_order = order();
            odd_order.wallet = serde_json::from_str::<WalletId>(&read).unwrap();

            let nobody = client.session(user, SessionToken::new("t"));
            let somebody = support::session(&client);
            let errors = [
                nobody.request_bank_link().await.err(),
                nobody.request_bank_relink(&bank()).await.err(),
                nobody.get_user().await.err(),
                nobody.delete_bank(&bank()).await.err(),
                nobody.initiate_ach(&bank(), &order()).await.err(),
                nobody
                    .activate_bank_link(ratio_bank::PublicToken::new("p"))
                    .await
                    .err(),
                somebody.request_bank_relink(&odd_bank).await.err(),
                somebody.delete_bank(&odd_bank).await.err(),
                somebody.initiate_ach(&odd_bank, &order()).await.err(),
                somebody.initiate_ach(&bank(), &odd_order).await.err(),
            ];
            for error in errors {
                let error = error.expect("it is refused");
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{odd:?}: {error}");
                assert!(!error.may_have_executed());
            }
        }
        assert_eq!(server.count(), 0);
    });
}

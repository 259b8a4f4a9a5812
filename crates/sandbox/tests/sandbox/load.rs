//! Many people at once.

use ratio_sandbox::{Account, Cents, Sandbox};

use crate::caller::Caller;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_stories_at_once_end_right_and_the_books_balance() {
    let sandbox = std::sync::Arc::new(Sandbox::builder().start().await.unwrap());
    let stories = (0..200).map(|_| {
        let sandbox = sandbox.clone();
        tokio::spawn(async move {
            let user = sandbox.user();
            let caller = Caller::new(&sandbox, &user);
            let bank = caller.linked_bank().await;
            assert_eq!(caller.buy(&bank, "20", "STANDARD").await.0, 202);
            sandbox.break_link(&bank).unwrap();
            assert_eq!(caller.buy(&bank, "20", "STANDARD").await.0, 422);
            let path = format!("/banks/{bank}:requestLink");
            let (status, link) = caller.post(&path, serde_json::json!({})).await;
            assert_eq!(status, 200);
            sandbox
                .plaid()
                .complete(link["linkToken"].as_str().unwrap())
                .unwrap();
            assert_eq!(caller.buy(&bank, "30", "INSTANT").await.0, 202);
            (bank, user.wallet_id().to_owned())
        })
    });
    let mut ended = Vec::new();
    for story in stories.collect::<Vec<_>>() {
        ended.push(story.await.unwrap());
    }
    let ledger = sandbox.ledger();
    assert_eq!(ledger.transfers().len(), 400);
    assert!(ledger.is_balanced());
    for (bank, wallet) in ended {
        assert_eq!(ledger.balance(&Account::Bank(bank)), Cents::new(-5_000));
        assert_eq!(ledger.balance(&Account::Wallet(wallet)), Cents::new(4_800));
    }
    assert_eq!(ledger.balance(&Account::Fees), Cents::new(200 * 200));
    assert_eq!(ledger.balance(&Account::Clearing), Cents::default());
    assert_eq!(sandbox.contract_violations(), Vec::<String>::new());
}

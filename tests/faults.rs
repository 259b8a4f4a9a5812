//! Orders meet unlucky sequences of faults. Nobody pays twice, and nobody is told wrongly.

mod support;

use std::time::Duration;

use ratio_bank::{Client, Environment, PublicToken, SessionToken, UserId, WalletId};
use ratio_sandbox::{Clock, Fault, Sandbox, operation};
use support::{ATTEMPT, in_virtual_time, order};

/// A sandbox lives this long, so that its books stay short.
const PER_SANDBOX: u64 = 250;
const DEADLINE: Duration = Duration::from_mins(1);

/// `SplitMix64`: each sequence follows from its number alone.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Luck {
    ResetBefore,
    ResetAfter,
    Stall,
    TooMany,
    Status(u16),
    Truncated,
    Garbage,
    UnknownValues,
    Fine,
}

fn luck(seeded: &mut Seeded) -> Luck {
    match seeded.below(12) {
        0 => Luck::ResetBefore,
        1 => Luck::ResetAfter,
        2 => Luck::Stall,
        // The one fault after which an order is sent again comes more often, so that sequences get long.
        3..=5 => Luck::TooMany,
        6 => Luck::Status([500, 502, 503, 504][usize::try_from(seeded.below(4)).unwrap()]),
        7 => Luck::Status([400, 401, 404, 422][usize::try_from(seeded.below(4)).unwrap()]),
        8 => Luck::Truncated,
        9 => Luck::Garbage,
        10 => Luck::UnknownValues,
        _ => Luck::Fine,
    }
}

fn fault(luck: Luck) -> Fault {
    match luck {
        Luck::ResetBefore => Fault::reset_before(),
        Luck::ResetAfter => Fault::reset_after(),
        Luck::Stall => Fault::stall(),
        Luck::TooMany => Fault::status(429),
        Luck::Status(status) => Fault::status(status),
        Luck::Truncated => Fault::truncate(),
        Luck::Garbage => Fault::status(202).body("<html>not what you asked for</html>".into()),
        Luck::UnknownValues => Fault::unknown_enum(),
        Luck::Fine => Fault::latency(Duration::ZERO),
    }
}

/// What came of the sequences.
#[derive(Default)]
struct Tally {
    paid: usize,
    unsure: usize,
    sent: usize,
}

#[test]
fn no_sequence_of_faults_pays_twice_or_hides_a_payment() {
    all(500);
}

#[test]
#[ignore = "takes a minute and a half; cargo test --test faults -- --ignored"]
fn no_sequence_of_ten_thousand_pays_twice_or_hides_a_payment() {
    all(10_000);
}

fn all(sequences: u64) {
    in_virtual_time(async {
        let mut tally = Tally::default();
        for first in (0..sequences).step_by(usize::try_from(PER_SANDBOX).unwrap()) {
            run(first..first + PER_SANDBOX, &mut tally).await;
        }
        // The sequences are what they are meant to be: some pay, some leave doubt, some are sent again.
        let Tally { paid, unsure, sent } = tally;
        let one_in = |n| usize::try_from(sequences / n).unwrap();
        assert!(
            paid > one_in(10) && unsure > one_in(10) && sent > one_in(10) * 11,
            "{paid} {unsure} {sent}"
        );
    });
}

async fn run(sequences: std::ops::Range<u64>, tally: &mut Tally) {
    let clock = Clock::still_at("2023-01-01T00:00:00Z").unwrap();
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let client = Client::builder(Environment::at(sandbox.url()).unwrap())
        .client_id(sandbox.client_id())
        .attempt_timeout(ATTEMPT)
        .deadline(DEADLINE)
        .random(|| 0)
        .build()
        .unwrap();
    let user = sandbox.user();
    let session = client.session(
        UserId::new(user.id()).unwrap(),
        SessionToken::new(user.session_token()),
    );
    let link = session.request_bank_link().await.unwrap();
    let public_token = sandbox.plaid().complete(link.token()).unwrap();
    let bank = session
        .activate_bank_link(PublicToken::new(public_token))
        .await
        .unwrap()
        .id
        .unwrap();
    sandbox.approve(bank.as_str()).unwrap();
    let mut order = order();
    order.wallet = WalletId::new(user.wallet_id()).unwrap();

    for sequence in sequences {
        // A new day: the limits of the day before are over, and so is its session.
        sandbox.clock().advance(Duration::from_hours(25));
        let user = sandbox.sign_in(user.id()).unwrap();
        let session = client.session(
            UserId::new(user.id()).unwrap(),
            SessionToken::new(user.session_token()),
        );
        let mut seeded = Seeded(sequence);
        let lucks: Vec<Luck> = (0..4).map(|_| luck(&mut seeded)).collect();
        sandbox.clear_faults();
        for &luck in &lucks {
            sandbox.inject(operation::INITIATE_ACH, fault(luck)).unwrap();
        }

        let transfers = sandbox.ledger().transfers().len();
        let requests = sandbox.request_count(operation::INITIATE_ACH).unwrap();
        let arrived = || sandbox.request_count(operation::INITIATE_ACH).unwrap() - requests;
        let began = tokio::time::Instant::now();
        let call = session.initiate_ach(&bank, &order);
        let result = tokio::select! {
            result = call => result,
            () = patience(&lucks, arrived) => unreachable!("the call ends first"),
        };

        let executed = sandbox.ledger().transfers().len() - transfers;
        assert!(
            executed <= 1,
            "sequence {sequence} paid {executed} times: {lucks:?}"
        );
        match &result {
            Ok(_) => assert_eq!(executed, 1, "sequence {sequence}: {lucks:?}"),
            Err(error) => {
                let told = executed == 0 || error.may_have_executed();
                assert!(told, "sequence {sequence} hides a payment: {lucks:?}, {error}");
                tally.unsure += usize::from(error.may_have_executed());
            }
        }
        assert!(
            began.elapsed() <= DEADLINE,
            "sequence {sequence} took {:?}",
            began.elapsed()
        );
        tally.paid += executed;
        tally.sent += arrived();
    }
}

/// Lets the client's patience pass whenever a request that stalls has arrived; never ends.
async fn patience(lucks: &[Luck], arrived: impl Fn() -> usize) {
    let mut stalled = lucks
        .iter()
        .enumerate()
        .filter(|(_, luck)| **luck == Luck::Stall)
        .map(|(at, _)| at);
    let mut next = stalled.next();
    loop {
        if next.is_some_and(|at| arrived() > at) {
            next = stalled.next();
            tokio::time::advance(ATTEMPT + Duration::from_millis(1)).await;
        }
        tokio::task::yield_now().await;
    }
}

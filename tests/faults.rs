//! Operations under unlucky sequences of faults. No payment is made twice, no outcome is misreported, and no call waits
//! without end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::{self, ATTEMPT, in_virtual_time, order};
use ratio_bank::{
    ActivityFilter, BankId, Client, Environment, Error, PublicToken, Session, SessionToken, UserId, WalletId,
};
use ratio_sandbox::{Clock, Fault, Sandbox, operation};

/// Number of sequences for each sandbox, so that its books stay short.
const PER_SANDBOX: u64 = 250;
/// Number of sequences for each client, so that its budget for retries does not end a sequence.
const PER_CLIENT: u64 = 25;
/// The deadline of a call, which is shorter than two stalled attempts.
const DEADLINE: Duration = Duration::from_secs(20);
/// Maximum size of a response. It is small, since a sandbox takes long to write many bytes.
const MOST_BYTES: usize = 16 * 1024;
/// Time from one order to the next, so that the limits of the day before are over.
const DAY: Duration = Duration::from_secs(25 * 60 * 60);
/// The step by which time moves.
const STEP: Duration = Duration::from_secs(1);

/// The number of sequences: as the environment asks, else a fifth of a manual run.
fn sequences() -> u64 {
    let asked = std::env::var("FAULTS").ok();
    asked.map_or(2_000, |it| it.parse().expect("FAULTS is a number"))
}

/// `SplitMix64`: each sequence depends only on its number.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

/// The outcome of one attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Luck {
    Refused,
    ResetBefore,
    ResetAfter,
    Stall,
    TooMany,
    Status(u16),
    Truncated,
    Garbage,
    ExecutedGarbage,
    Oversized,
    UnknownValues,
    Fine,
}

fn luck(seeded: &mut Seeded) -> Luck {
    match seeded.below(15) {
        // Faults after which an order is sent again are more frequent, so that sequences get long.
        0 | 1 => Luck::Refused,
        2..=4 => Luck::TooMany,
        5 => Luck::ResetBefore,
        6 => Luck::ResetAfter,
        7 => Luck::Stall,
        8 => Luck::Status(seeded.one_of(&[408, 500, 502, 503, 504])),
        9 => Luck::Status(seeded.one_of(&[400, 401, 404, 422])),
        10 => Luck::Truncated,
        11 => seeded.one_of(&[Luck::Garbage, Luck::ExecutedGarbage]),
        12 => Luck::Oversized,
        13 => Luck::UnknownValues,
        _ => Luck::Fine,
    }
}

/// The fault that the sandbox applies to a request that reaches it.
fn fault(luck: Luck) -> Option<Fault> {
    Some(match luck {
        Luck::Refused => return None,
        Luck::ResetBefore => Fault::reset_before(),
        Luck::ResetAfter => Fault::reset_after(),
        Luck::Stall => Fault::stall(),
        Luck::TooMany => Fault::status(429),
        Luck::Status(status) => Fault::status(status),
        Luck::Truncated => Fault::truncate(),
        Luck::Garbage => Fault::status(202).body("<html>not what you asked for</html>".into()),
        Luck::ExecutedGarbage => Fault::content_type("text/html"),
        Luck::Oversized => Fault::oversized(MOST_BYTES + 1),
        Luck::UnknownValues => Fault::unknown_enum(),
        Luck::Fine => Fault::latency(Duration::ZERO),
    })
}

/// The outcomes of the sequences.
#[derive(Default)]
struct Tally {
    orders: u64,
    paid: usize,
    unsure: usize,
    /// The number of doubtful orders that were found, and of those whose error named the id of their item.
    found: usize,
    named: usize,
    refused: usize,
    arrived: usize,
}

#[test]
fn sequences_of_faults_pay_nobody_twice_and_hide_no_payment() {
    // Each thread runs half of the sequences, in whole sandboxes.
    let half = (sequences() / 2).next_multiple_of(PER_SANDBOX);
    let all = 2 * half;
    let tallies = std::thread::scope(|scope| {
        let halves = [0..half, half..all].map(|sequences| scope.spawn(|| run_all(sequences)));
        halves.map(|half| half.join().unwrap())
    });
    let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    let (paid, unsure) = (sum(|tally| tally.paid), sum(|tally| tally.unsure));
    let (refused, arrived) = (sum(|tally| tally.refused), sum(|tally| tally.arrived));
    let orders = tallies.iter().map(|tally| tally.orders).sum::<u64>();
    let (found, named) = (sum(|tally| tally.found), sum(|tally| tally.named));
    println!(
        "{orders} orders: {arrived} arrived, {refused} were refused, {paid} paid, {unsure} left doubt, \
         {found} of these were found, {named} named"
    );
    // The sequences have the intended variety: some pay, some leave doubt, some are sent again.
    assert_eq!(orders, all);
    let percent = |count: usize| 100 * count as u64 / all;
    assert!(
        percent(paid) >= 20 && percent(unsure) >= 20 && percent(refused) >= 10 && percent(arrived) >= 110
    );
    assert!(percent(found) >= 10 && percent(named) >= 1);
}

fn run_all(sequences: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    in_virtual_time(async {
        for first in sequences.step_by(usize::try_from(PER_SANDBOX).unwrap()) {
            let mut world = World::new().await;
            for sequence in first..first + PER_SANDBOX {
                world.order(sequence, &mut tally).await;
                if sequence.is_multiple_of(4) {
                    world.anything_else(sequence).await;
                }
            }
        }
    });
    tally
}

/// A sandbox with a user whose bank is linked.
struct World {
    sandbox: Sandbox,
    client: Client,
    /// Counts how often a client asked for the length of a pause. It asks once before each further attempt.
    pauses: Arc<AtomicUsize>,
    user: String,
    bank: BankId,
    wallet: WalletId,
    /// The sandbox's time.
    now: SystemTime,
}

impl World {
    async fn new() -> Self {
        let clock = Clock::still_at("2023-01-01T00:00:00Z").unwrap();
        let sandbox = support::stand_in().clock(clock).start().await.unwrap();
        let pauses = Arc::default();
        let client = client(&sandbox, &pauses);
        let user = sandbox.user();
        let session = client.session(
            UserId::new(user.id()).unwrap(),
            SessionToken::new(user.session_token()),
        );
        let bank = support::linked_bank(&session, &sandbox).await;
        sandbox.approve(bank.as_str()).unwrap();
        let wallet = WalletId::new(user.wallet_id()).unwrap();
        Self {
            sandbox,
            client,
            pauses,
            user: user.id().to_owned(),
            bank,
            wallet,
            now: UNIX_EPOCH + Duration::from_secs(464_592 * 60 * 60),
        }
    }

    /// Starts a new day: the limits and the session of the day before are over.
    fn new_day(&mut self, sequence: u64) -> Session {
        self.sandbox.clock().advance(DAY);
        self.now += DAY;
        if sequence.is_multiple_of(PER_CLIENT) {
            self.client = client(&self.sandbox, &self.pauses);
        }
        let user = self.sandbox.sign_in(&self.user).unwrap();
        self.client.session(
            UserId::new(user.id()).unwrap(),
            SessionToken::new(user.session_token()),
        )
    }

    async fn order(&mut self, sequence: u64, tally: &mut Tally) {
        let session = self.new_day(sequence);
        let mut seeded = Seeded(sequence);
        let lucks: Vec<Luck> = (0..4).map(|_| luck(&mut seeded)).collect();
        let mut order = order();
        order.wallet = self.wallet.clone();

        let transfers = self.sandbox.ledger().transfers().len();
        let call = session.initiate_ach(&self.bank, &order);
        let (result, arrived, refused) = self.call(operation::INITIATE_ACH, &lucks, call).await;
        let executed = self.sandbox.ledger().transfers().len() - transfers;

        assert!(
            executed <= 1,
            "sequence {sequence} paid {executed} times: {lucks:?}"
        );
        match &result {
            Ok(()) => assert_eq!(executed, 1, "sequence {sequence}: {lucks:?}"),
            Err(error) => {
                let told = executed == 0 || error.may_have_executed();
                assert!(told, "sequence {sequence} hides a payment: {lucks:?}, {error}");
                if error.may_have_executed() {
                    tally.unsure += 1;
                    self.sandbox.clear_faults();
                    let found = session.find_order(&self.bank, &order, self.now).await.unwrap();
                    // Each order has its own day, so no other order is equal to it.
                    assert_eq!(found.same.len(), executed, "sequence {sequence}: {lucks:?}");
                    assert!(found.possible.is_empty(), "sequence {sequence}: {lucks:?}");
                    let id = found.into_one().and_then(|item| item.id);
                    if let Some(told) = error.activity_id() {
                        assert_eq!(Some(told), id.as_ref(), "sequence {sequence}: {lucks:?}");
                        tally.named += 1;
                    }
                    tally.found += usize::from(id.is_some());
                }
            }
        }
        tally.orders += 1;
        tally.paid += executed;
        tally.arrived += arrived;
        tally.refused += refused;
    }

    /// Checks that the other operations end in time as well, whatever their outcome.
    async fn anything_else(&mut self, sequence: u64) {
        let session = self.new_day(sequence + 1);
        let mut seeded = Seeded(!sequence);
        let lucks: Vec<Luck> = (0..4).map(|_| luck(&mut seeded)).collect();
        let nobodys = BankId::new("nobodys").unwrap();
        match seeded.below(6) {
            5 => {
                let mut activity = session.activity(ActivityFilter::new());
                drop(
                    self.call(operation::LIST_ACTIVITY, &lucks, activity.next_page())
                        .await,
                );
            }
            0 => drop(self.call(operation::GET_USER, &lucks, session.get_user()).await),
            1 => drop(
                self.call(operation::REQUEST_BANK_LINK, &lucks, session.request_bank_link())
                    .await,
            ),
            2 => drop(
                self.call(
                    operation::REQUEST_BANK_RELINK,
                    &lucks,
                    session.request_bank_relink(&self.bank),
                )
                .await,
            ),
            3 => drop(
                self.call(operation::DELETE_BANK, &lucks, session.delete_bank(&nobodys))
                    .await,
            ),
            _ => {
                let token = PublicToken::new("public-sandbox-spent");
                let call = session.activate_bank_link(token);
                drop(self.call(operation::ACTIVATE_BANK_LINK, &lucks, call).await);
            }
        }
    }

    /// Makes a call under `lucks`. Returns its outcome, the number of requests that arrived, and the number of refused
    /// ones.
    async fn call<T>(
        &self,
        operation: &str,
        lucks: &[Luck],
        call: impl Future<Output = Result<T, Error>>,
    ) -> (Result<(), Error>, usize, usize) {
        self.sandbox.clear_faults();
        for fault in lucks.iter().copied().filter_map(fault) {
            self.sandbox.inject(operation, fault).unwrap();
        }
        let before = self.sandbox.request_count(operation).unwrap();
        let arrived = || self.sandbox.request_count(operation).unwrap() - before;
        let pauses = self.pauses.load(Ordering::Relaxed);
        let attempts = || self.pauses.load(Ordering::Relaxed) - pauses;

        let is_refused = |attempt: usize| lucks.get(attempt) == Some(&Luck::Refused);
        let mut closed = is_refused(0);
        if closed {
            self.sandbox.refuse_connections(true).await;
        }
        let began = tokio::time::Instant::now();
        let time = async {
            let mut attempt = 0;
            loop {
                if attempts() > attempt {
                    // The client pauses before its next attempt.
                    attempt = attempts();
                    if is_refused(attempt) != closed {
                        closed = is_refused(attempt);
                        self.sandbox.refuse_connections(closed).await;
                    }
                    tokio::time::advance(STEP).await;
                } else if lucks.get(attempt) == Some(&Luck::Stall)
                    && arrived() > arrived_before(lucks, attempt)
                {
                    tokio::time::advance(STEP).await;
                }
                tokio::task::yield_now().await;
            }
        };
        let result = tokio::select! {
            result = call => result.map(drop),
            () = time => unreachable!("time never ends"),
        };
        let took = began.elapsed();
        assert!(took <= DEADLINE + STEP, "{operation} took {took:?}: {lucks:?}");
        if closed {
            self.sandbox.refuse_connections(false).await;
        }
        let tried = lucks.iter().take(attempts().min(2) + 1);
        let refused = tried.filter(|luck| **luck == Luck::Refused).count();
        (result, arrived(), refused)
    }
}

/// The number of requests that arrive before the one of `attempt`.
fn arrived_before(lucks: &[Luck], attempt: usize) -> usize {
    lucks[..attempt]
        .iter()
        .filter(|luck| **luck != Luck::Refused)
        .count()
}

fn client(sandbox: &Sandbox, pauses: &Arc<AtomicUsize>) -> Client {
    let pauses = Arc::clone(pauses);
    Client::builder(Environment::at(sandbox.url()).unwrap())
        .client_id(sandbox.client_id())
        .client_secret(sandbox.client_secret())
        .attempt_timeout(ATTEMPT)
        .deadline(DEADLINE)
        .max_answer_bytes(MOST_BYTES)
        // The longest pause, which is shorter than a step.
        .random(move || {
            pauses.fetch_add(1, Ordering::Relaxed);
            u64::MAX
        })
        .build()
        .unwrap()
}

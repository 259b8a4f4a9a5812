//! What has become of a finding at the gate.

use crate::report::Message;

/// Operations whose messages are tried for one finding, until one shows it.
const MOST_TRIED: usize = 4;

/// What the gate makes of a finding so far.
#[derive(Debug, Default)]
pub(crate) struct Passage {
    pub(super) tried: usize,
    pub(super) outcome: Option<Outcome>,
}

/// What the judge says of a message that should show a finding.
#[derive(Debug)]
pub(super) enum Outcome {
    /// One document accepts it, and the other does not, or reads something else.
    Shown(Box<Message>),
    /// Only without a tag does it show the finding.
    Untagged,
    /// Whether the other document accepts it cannot be told, for this reason.
    Open(String),
    /// The judge says otherwise than the engine.
    Contradicted(String),
}

impl Outcome {
    /// Smaller for what says more.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Shown(_) => 0,
            Self::Untagged => 1,
            Self::Open(_) => 2,
            Self::Contradicted(_) => 3,
        }
    }
}

impl Passage {
    /// Whether another message may still show the finding.
    pub(crate) fn is_wanted(&self) -> bool {
        self.tried < MOST_TRIED && !matches!(self.outcome, Some(Outcome::Shown(_)))
    }

    /// Another message may still show the finding; that this one cannot be told is no fault.
    pub(crate) fn leave_open(&mut self, why: &str) {
        self.tried += 1;
        self.note(Outcome::Open(why.to_owned()));
    }

    pub(super) fn note(&mut self, outcome: Outcome) {
        let known = self.outcome.as_ref();
        if known.is_none_or(|it| outcome.rank() < it.rank()) {
            self.outcome = Some(outcome);
        }
    }
}

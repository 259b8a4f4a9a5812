//! The state of a finding at the gate.

use crate::report::Message;

/// Maximum number of operations whose messages are tried for one finding.
const MOST_TRIED: usize = 4;

/// The progress of a finding at the gate: the number of messages tried, and the best outcome.
#[derive(Debug, Default)]
pub(crate) struct Passage {
    pub(super) tried: usize,
    pub(super) outcome: Option<Outcome>,
}

/// The outcome of a message that should show a finding.
#[derive(Debug)]
pub(super) enum Outcome {
    /// One document accepts the message, and the other refuses it or reads another value.
    Shown(Box<Message>),
    /// The message shows the finding only without its discriminator tag.
    Untagged,
    /// The gate cannot decide whether the other document accepts the message, for this reason.
    Open(String),
    /// The judge disagrees with the engine, for this reason.
    Contradicted(String),
}

impl Outcome {
    /// Rank of an outcome. The outcome with the lowest rank is kept.
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

    /// Records that this message is undecided. Another message may still show the finding, so this is no fault.
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

//! Who sends a part of a message and who reads it. Rules speak of senders and readers, so that one rule holds for our
//! requests, for the service's answers, for its calls of webhooks and callbacks, and for our answers to those.

use crate::findings::Proof;
use crate::report::{Direction, Side};

impl Direction {
    /// The document that says what is sent.
    pub(crate) fn sender(self) -> Side {
        match self {
            Self::Request => Side::Base,
            Self::Response => Side::Revision,
        }
    }

    /// The document that says what is read.
    pub(crate) fn reader(self) -> Side {
        self.sender().other()
    }

    /// Two things of the base and of the revision as the sender's and the reader's.
    pub(crate) fn flow<T>(self, base: T, revision: T) -> Flow<T> {
        match self {
            Self::Request => Flow {
                sent: base,
                read: revision,
            },
            Self::Response => Flow {
                sent: revision,
                read: base,
            },
        }
    }

    /// The proof by a message that the sender's document allows and the reader's refuses.
    pub(crate) fn proof(self, because: impl Into<String>) -> Proof {
        let sender = self.sender();
        Proof {
            accepted_by: sender,
            rejected_by: sender.other(),
            because: because.into(),
            at: None,
        }
    }
}

/// A thing as the document of the sender and that of the reader have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow<T> {
    pub(crate) sent: T,
    pub(crate) read: T,
}

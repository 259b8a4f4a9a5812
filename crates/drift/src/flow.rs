//! The sender and the reader of each part of a message. Rules refer to these roles, so that one rule covers the
//! client's requests, the service's responses, its calls of webhooks and callbacks, and the responses to those.

use crate::findings::Proof;
use crate::report::{Direction, Side};

impl Direction {
    /// The document that describes the values that are sent.
    pub(crate) fn sender(self) -> Side {
        match self {
            Self::Request => Side::Base,
            Self::Response => Side::Revision,
        }
    }

    /// The document that describes the values that are read.
    pub(crate) fn reader(self) -> Side {
        self.sender().other()
    }

    /// Assigns a value of the base and one of the revision to sender and reader.
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

/// A value for the sender's document and one for the reader's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow<T> {
    pub(crate) sent: T,
    pub(crate) read: T,
}

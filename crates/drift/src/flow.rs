//! The sender and the reader of a part of a message. Rules refer to these roles, so that the same rule applies to
//! requests and responses, and also to webhooks and callbacks, which the service sends and its callers answer.

use crate::findings::Proof;
use crate::report::{Direction, Side};

impl Direction {
    /// The document that describes the values of the sender.
    pub(crate) fn sender(self) -> Side {
        match self {
            Self::Request => Side::Base,
            Self::Response => Side::Revision,
        }
    }

    /// The document that describes the values that the reader accepts.
    pub(crate) fn reader(self) -> Side {
        self.sender().other()
    }

    /// Assigns an item of the base and an item of the revision to the sender and the reader.
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

    /// The proof for a message that the sender's document accepts and the reader's document refuses.
    pub(crate) fn proof(self, because: impl Into<String>) -> Proof {
        let sender = self.sender();
        Proof {
            accepted_by: sender,
            rejected_by: sender.other(),
            because: because.into(),
            at: None,
            is_list: false,
        }
    }
}

/// An item in the document of the sender and in that of the reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow<T> {
    pub(crate) sent: T,
    pub(crate) read: T,
}

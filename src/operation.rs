//! Facts about each operation that are known before it is called.

/// One operation of the pinned document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The name of its Rust method.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path template. A span may contain it; the path itself would contain an id.
    pub(crate) path: &'static str,
    /// The statuses that the document declares.
    pub(crate) statuses: &'static [u16],
}

/// The effect of a second request after the first one succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// No lasting effect: the request reads, or makes a token that lives for minutes.
    Harmless,
    /// No effect: the request only reads, so it may be sent again even after a 500.
    ReadOnly,
    /// The same effect as the first: a deleted object stays deleted.
    Idempotent,
    /// A second use of a one-time token, or a second payment. It is never sent again once it may have arrived.
    Once,
}

impl Operation {
    /// An operation that is not classified must not be repeated.
    pub(crate) fn effect(&self) -> Effect {
        match self.name {
            "request_bank_link" | "request_bank_relink" => Effect::Harmless,
            "get_user" | "list_activity" => Effect::ReadOnly,
            "delete_bank" => Effect::Idempotent,
            _ => Effect::Once,
        }
    }

    /// Whether the status of a success says everything, so that its body may be lost.
    pub(crate) fn is_told_by_status(&self) -> bool {
        self.effect() == Effect::Idempotent
    }
}

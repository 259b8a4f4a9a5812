//! What the client knows of an operation before it is called.

/// One operation of the pinned document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The name of its Rust method.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// Its path template: a span may carry it, a path would carry somebody's id.
    pub(crate) path: &'static str,
    /// The statuses that the document declares.
    pub(crate) statuses: &'static [u16],
}

/// What a second request would do when the first one went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing that matters: it reads, or makes a token that lives for minutes.
    Harmless,
    /// It only reads, so that even a failing server may be asked again.
    ReadOnly,
    /// The same as the first; what is gone stays gone.
    Idempotent,
    /// Use up a one-time token, or move money. Never sent again once it may have arrived.
    Once,
}

impl Operation {
    /// An operation that nobody classified is one that must not be repeated.
    pub(crate) fn effect(&self) -> Effect {
        match self.name {
            "request_bank_link" | "request_bank_relink" => Effect::Harmless,
            "get_user" | "list_activity" => Effect::ReadOnly,
            "delete_bank" => Effect::Idempotent,
            _ => Effect::Once,
        }
    }

    /// Whether a success says all by its status, so that whatever becomes of its body changes nothing.
    pub(crate) fn is_told_by_status(&self) -> bool {
        self.effect() == Effect::Idempotent
    }
}

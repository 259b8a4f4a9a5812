//! Statuses of answers: which entry of `responses` describes an answer, and which statuses an entry alone admits.

use std::sync::LazyLock;

use openapi_document::Located;
use openapi_document::view::Status;

use crate::comparison::Pair;
use crate::report::Side;

/// All statuses that HTTP knows (RFC 9110, section 15), those first by which witnesses are best told, and last those whose
/// answers have no body.
static CODES: LazyLock<Vec<u16>> = LazyLock::new(|| {
    const TOLD: [u16; 17] = [
        400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 200, 201, 202, 203, 301, 302, 303,
    ];
    let others = |is_bodyless: bool| {
        (FIRST..600).filter(move |code| !TOLD.contains(code) && has_no_body(*code) == is_bodyless)
    };
    TOLD.into_iter()
        .chain(others(false))
        .chain(others(true))
        .collect()
});

fn codes() -> impl Iterator<Item = u16> {
    CODES.iter().copied()
}

/// The first code of HTTP, and how many there are.
const FIRST: u16 = 100;
const ALL: usize = 500;

/// Whether answers of a code carry no body on the wire, whatever a document says (RFC 9110, section 6.4.1).
pub(crate) fn has_no_body(code: u16) -> bool {
    code < 200 || matches!(code, 204 | 205 | 304)
}

/// One entry of `responses`.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'d> {
    /// The key as written.
    pub(crate) written: &'d str,
    pub(crate) status: Status,
    /// The answer, or a reference to it.
    pub(crate) place: Located<'d>,
}

impl Entry<'_> {
    /// Whether it is about success only.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.status, Status::Code(200..=299) | Status::Range(2))
    }
}

/// The answers of an operation in one document.
#[derive(Clone, Debug)]
pub(crate) struct Statuses<'d> {
    pub(crate) entries: Vec<Entry<'d>>,
    /// The index of the entry that describes each code, from [`FIRST`] on.
    by_code: Vec<Option<usize>>,
}

impl<'d> Statuses<'d> {
    pub(crate) fn of(pair: &Pair<'d>, side: Side) -> Self {
        let responses = pair.side(side).here.get("responses");
        let members = responses.iter().flat_map(Located::members);
        let entries = members.filter_map(|(written, place)| {
            // Some documents write `Default`.
            let status = Status::parse(&written.to_ascii_lowercase())?;
            Some(Entry {
                written,
                status,
                place,
            })
        });
        let entries: Vec<_> = entries.collect();
        let describing = |code: u16| {
            let covering = entries.iter().enumerate();
            let covering = covering.filter(|(_, it)| it.status.covers(code));
            covering.min_by_key(|(_, it)| it.status).map(|(index, _)| index)
        };
        let by_code = (FIRST..).take(ALL).map(describing).collect();
        Self { entries, by_code }
    }

    /// The index of the entry that describes an answer: exact before range before default.
    fn describing(&self, code: u16) -> Option<usize> {
        let index = code.checked_sub(FIRST)?;
        *self.by_code.get(usize::from(index))?
    }

    /// Whether some entry describes answers of a code.
    pub(crate) fn describes(&self, code: u16) -> bool {
        self.describing(code).is_some()
    }

    /// The codes that the entry of an index describes here.
    fn described(&self, index: usize) -> impl Iterator<Item = u16> + '_ {
        codes().filter(move |code| self.describing(*code) == Some(index))
    }

    /// A code that the entry of an index describes here and `other` does not describe, and whether `other` describes
    /// others of its codes.
    pub(crate) fn beyond(&self, index: usize, other: &Self) -> Option<(u16, bool)> {
        let code = self.described(index).find(|code| !other.describes(*code))?;
        let is_partly_known = self.described(index).any(|code| other.describes(code));
        Some((code, is_partly_known))
    }

    /// Entries of both that describe the same answers, each pair once with a code of such an answer.
    pub(crate) fn paired(&self, other: &Self) -> Vec<(usize, usize, u16)> {
        let mut pairs: Vec<(usize, usize, u16)> = Vec::new();
        for code in codes() {
            if let (Some(own), Some(others)) = (self.describing(code), other.describing(code))
                && pairs.iter().all(|it| (it.0, it.1) != (own, others))
            {
                pairs.push((own, others, code));
            }
        }
        pairs.sort_unstable();
        pairs
    }
}

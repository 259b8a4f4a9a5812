//! Statuses of responses: the entry of `responses` that describes each status, and the statuses that only one document
//! describes.

use std::sync::LazyLock;

use openapi_document::Located;
use openapi_document::view::Status;

use crate::comparison::Pair;
use crate::report::Side;

/// All HTTP status codes (RFC 9110, section 15). The codes that make the clearest witnesses come first, and those of
/// responses without a body come last.
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

/// The lowest HTTP status code, and the number of codes.
const FIRST: u16 = 100;
const ALL: usize = 500;

/// Whether responses with this code never carry a body on the wire, whatever a document says (RFC 9110, section 6.4.1).
pub(crate) fn has_no_body(code: u16) -> bool {
    code < 200 || matches!(code, 204 | 205 | 304)
}

/// One entry of `responses`.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'d> {
    /// The key as written.
    pub(crate) written: &'d str,
    pub(crate) status: Status,
    /// The response, or a reference to it.
    pub(crate) place: Located<'d>,
}

impl Entry<'_> {
    /// Whether it describes only success.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.status, Status::Code(200..=299) | Status::Range(2))
    }
}

/// The responses of an operation in one document.
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

    /// The index of the entry that describes a response. An exact code precedes a range, and a range precedes the
    /// default.
    fn describing(&self, code: u16) -> Option<usize> {
        let index = code.checked_sub(FIRST)?;
        *self.by_code.get(usize::from(index))?
    }

    /// Whether some entry describes responses with this code.
    pub(crate) fn describes(&self, code: u16) -> bool {
        self.describing(code).is_some()
    }

    /// The codes that the entry at `index` describes.
    fn described(&self, index: usize) -> impl Iterator<Item = u16> + '_ {
        codes().filter(move |code| self.describing(*code) == Some(index))
    }

    /// A code that the entry at `index` describes and `other` does not, and whether `other` describes some of its
    /// codes.
    pub(crate) fn beyond(&self, index: usize, other: &Self) -> Option<(u16, bool)> {
        let code = self.described(index).find(|code| !other.describes(*code))?;
        let is_partly_known = self.described(index).any(|code| other.describes(code));
        Some((code, is_partly_known))
    }

    /// The pairs of entries that describe the same responses, each pair once with the code of such a response.
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

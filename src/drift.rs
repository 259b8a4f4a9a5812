//! The client as a drift sensor: what it meets in production that the pin does not declare.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use crate::open_enum::shown;
use crate::unknown_fields;

/// Something in an answer that the pinned document does not declare.
///
/// It carries no value, except an unknown enum value of at most 64 token characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DriftEvent {
    /// The operation that was called, such as `initiate_ach`.
    pub operation: &'static str,
    /// Where in the answer: a JSON pointer, empty for the answer as a whole.
    pub path: String,
    /// What is unexpected.
    pub kind: DriftKind,
    /// The status or the enum value that is not declared.
    pub value: Option<String>,
}

/// What is unexpected about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriftKind {
    /// A field that the pin does not declare.
    UnknownField,
    /// An enum value that the pin does not declare.
    UnknownValue,
    /// A status that the pin does not declare for the operation.
    UndeclaredStatus,
    /// A body that cannot be read as what the pin declares.
    UnreadableBody,
    /// What comes in place of a new session token (`ratio-authentication-refresh`) is none; the session keeps the one it
    /// has.
    UnusableToken,
}

impl DriftKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown-field",
            Self::UnknownValue => "unknown-value",
            Self::UndeclaredStatus => "undeclared-status",
            Self::UnreadableBody => "unreadable-body",
            Self::UnusableToken => "unusable-token",
        }
    }
}

impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(crate) type Hook = Arc<dyn Fn(&DriftEvent) + Send + Sync>;

/// Tells what is unexpected, once per minute for each kind of surprise, and at most 32 of them.
#[derive(Default)]
pub(crate) struct Sensor {
    hook: Option<Hook>,
    recent: Mutex<Option<Window>>,
}

struct Window {
    began: Instant,
    told: HashSet<DriftEvent>,
}

const WINDOW: Duration = Duration::from_mins(1);
const PER_WINDOW: usize = 32;

impl Sensor {
    pub(crate) fn new(hook: Option<Hook>) -> Self {
        Self {
            hook,
            recent: Mutex::default(),
        }
    }

    pub(crate) fn tell(&self, event: &DriftEvent) {
        if !self.is_new(event) {
            return;
        }
        tracing::warn!(
            target: "ratio_bank::drift",
            operation = event.operation,
            path = event.path,
            kind = event.kind.as_str(),
            value = event.value.as_deref(),
            "an answer is not what the pin declares"
        );
        // The answer is worth more than the hook: its call must not be lost.
        if let Some(hook) = &self.hook
            && catch_unwind(AssertUnwindSafe(|| hook(event))).is_err()
        {
            tracing::error!(target: "ratio_bank", "the hook for drift panicked");
        }
    }

    fn is_new(&self, event: &DriftEvent) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let window = match recent.take() {
            Some(window) if now.duration_since(window.began) < WINDOW => recent.insert(window),
            _ => recent.insert(Window {
                began: now,
                told: HashSet::new(),
            }),
        };
        window.told.len() < PER_WINDOW && window.told.insert(event.clone())
    }
}

thread_local! {
    /// Unknown values met while one body is read; reading never crosses an `await`.
    static MET: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Called by an open enum that reads a value it does not know.
pub(crate) fn met_unknown_value(value: &str) {
    MET.with_borrow_mut(|met| {
        if met.len() < PER_WINDOW {
            met.push(value.to_owned());
        }
    });
}

/// A value read from a body, and what was unexpected in it.
pub(crate) struct Read<T> {
    pub(crate) value: T,
    pub(crate) unknown_fields: Vec<String>,
    pub(crate) unknown_values: Vec<(String, String)>,
}

/// Reads `body`, and tells the JSON pointer of what cannot be read, never its content.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Read<T>, String> {
    MET.with_borrow_mut(Vec::clear);
    let (value, passed_over) = unknown_fields::read(body).map_err(|_| locate_error::<T>(body))?;
    let met = MET.with_borrow_mut(std::mem::take);
    Ok(Read {
        value,
        unknown_fields: if passed_over {
            locate_fields::<T>(body)
        } else {
            Vec::new()
        },
        unknown_values: locate_values(body, met),
    })
}

// What follows reads the body a second time, which only a surprise has to pay for.

/// Finds the place of what cannot be read.
fn locate_error<T: DeserializeOwned>(body: &[u8]) -> String {
    let mut track = serde_path_to_error::Track::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    match T::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track)) {
        Ok(_) => String::new(),
        Err(_) => pointer(&track.path()),
    }
}

/// Finds the places of unknown fields.
fn locate_fields<T: DeserializeOwned>(body: &[u8]) -> Vec<String> {
    let mut places = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let _ = serde_ignored::deserialize::<_, _, T>(&mut json, |path| {
        if places.len() < PER_WINDOW {
            places.push(ignored_pointer(&path));
        }
    });
    places
}

/// Finds the places of unknown values.
fn locate_values(body: &[u8], met: Vec<String>) -> Vec<(String, String)> {
    if met.is_empty() {
        return Vec::new();
    }
    let body = serde_json::from_slice(body).unwrap_or(Value::Null);
    met.into_iter()
        .map(|value| (find(&body, &value).unwrap_or_default(), shown(&value).to_owned()))
        .collect()
}

fn find(within: &Value, wanted: &str) -> Option<String> {
    match within {
        Value::String(text) if text == wanted => Some(String::new()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| find(item, wanted).map(|rest| format!("/{index}{rest}"))),
        Value::Object(fields) => fields
            .iter()
            .find_map(|(name, field)| find(field, wanted).map(|rest| format!("/{}{rest}", shown(name)))),
        _ => None,
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", shown(key)),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}/{index}", ignored_pointer(parent)),
        Path::Map { parent, key } => format!("{}/{}", ignored_pointer(parent), shown(key)),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            ignored_pointer(parent)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::types::{ActivateBankLinkResponse, User};

    #[test]
    fn unknown_fields_and_values_are_told_by_their_place() {
        let body = br#"{"bankAccount":{"id":"b","linkStatus":"FROZEN","iban":"DE00"},"more":{}}"#;
        let read: Read<ActivateBankLinkResponse> = read(body).unwrap();
        assert_eq!(read.unknown_fields, ["/bankAccount/iban", "/more"]);
        assert_eq!(
            read.unknown_values,
            [("/bankAccount/linkStatus".to_owned(), "FROZEN".to_owned())]
        );
        assert_eq!(
            read.value.bank_account.unwrap().link_status.unwrap().as_str(),
            "FROZEN"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place_alone() {
        let body = br#"{"connectedBankAccounts":[{"id":"b"},{"id":{"secret":"x"}}]}"#;
        assert_eq!(read::<User>(body).err().unwrap(), "/connectedBankAccounts/1/id");
        assert_eq!(read::<User>(b"{} trailing").err().unwrap(), "");
    }

    #[test]
    fn names_and_values_that_are_no_tokens_are_not_told() {
        let body = br#"{"Jane Doe":1,"bankAccount":{"linkStatus":"Jane Doe"}}"#;
        let read: Read<ActivateBankLinkResponse> = read(body).unwrap();
        assert_eq!(read.unknown_fields, ["/(unprintable value)"]);
        assert_eq!(read.unknown_values[0].1, "(unprintable value)");
    }

    #[tokio::test(start_paused = true)]
    async fn a_surprise_is_told_once_a_minute_and_a_flood_is_cut() {
        let told = Arc::new(Mutex::new(0));
        let count = Arc::clone(&told);
        let sensor = Sensor::new(Some(Arc::new(move |_: &DriftEvent| *count.lock().unwrap() += 1)));
        let event = |path: usize| DriftEvent {
            operation: "get_user",
            path: path.to_string(),
            kind: DriftKind::UnknownField,
            value: None,
        };
        sensor.tell(&event(0));
        sensor.tell(&event(0));
        assert_eq!(*told.lock().unwrap(), 1);
        for path in 0..1000 {
            sensor.tell(&event(path));
        }
        assert_eq!(*told.lock().unwrap(), PER_WINDOW);
        tokio::time::advance(WINDOW).await;
        sensor.tell(&event(0));
        assert_eq!(*told.lock().unwrap(), PER_WINDOW + 1);
    }
}

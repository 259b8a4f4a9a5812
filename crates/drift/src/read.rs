//! Bytes to a JSON tree: JSON or YAML, bounded in size, depth and expansion, and watchful of duplicate keys.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::document::{DocumentError, Limits};

/// A tree as read, with the JSON pointers of the keys that stood there more than once.
pub(crate) struct Tree {
    pub(crate) root: Value,
    pub(crate) duplicates: Vec<String>,
}

/// Reads `bytes` as JSON when they begin like it, else as YAML.
pub(crate) fn tree(bytes: &[u8], limits: &Limits) -> Result<Tree, DocumentError> {
    if bytes.len() > limits.bytes {
        return Err(DocumentError::TooLarge {
            bytes: bytes.len(),
            limit: limits.bytes,
        });
    }
    let limits = &Limits {
        depth: limits.depth.min(Limits::DEEPEST),
        ..*limits
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    // Text begins with a mark of its byte order, or with ASCII, of which each character has a zero byte in it.
    if bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.iter().take(2).any(|it| *it == 0)
    {
        return Err(DocumentError::NotJson(
            "it is UTF-16; save it as UTF-8".to_owned(),
        ));
    }
    match first {
        None => Err(DocumentError::NotJson("it is empty".to_owned())),
        Some(b'<') => Err(DocumentError::NotJson(
            "it begins with `<`, as web pages and XML do".to_owned(),
        )),
        Some(b'{' | b'[') => json(bytes, limits),
        Some(_) => yaml(bytes, limits),
    }
}

fn json(bytes: &[u8], limits: &Limits) -> Result<Tree, DocumentError> {
    let state = ReadState::new(limits);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // The seed below counts the depth itself, and says where it was exceeded.
    reader.disable_recursion_limit();
    let root = NodeSeed {
        state: &state,
        link: None,
        depth: 0,
    }
    .deserialize(&mut reader)
    .and_then(|root| reader.end().map(|()| root));
    state.finish(root.map_err(|error| DocumentError::NotJson(error.to_string())))
}

/// On a stack of its own: the YAML reader takes tens of kilobytes of it per level.
#[cfg(feature = "yaml")]
fn yaml(bytes: &[u8], limits: &Limits) -> Result<Tree, DocumentError> {
    const STACK_PER_LEVEL: usize = 96 * 1024;
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(limits.depth.max(16) * STACK_PER_LEVEL)
            .spawn_scoped(scope, || yaml_here(bytes, limits))
            .map_err(|error| DocumentError::NotYaml(format!("no stack to read it on: {error}")))?
            .join()
            .unwrap_or_else(|_| Err(DocumentError::NotYaml("its reader gave up".to_owned())))
    })
}

#[cfg(feature = "yaml")]
fn yaml_here(bytes: &[u8], limits: &Limits) -> Result<Tree, DocumentError> {
    use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

    let text = std::str::from_utf8(bytes)
        .map_err(|error| DocumentError::NotYaml(format!("not UTF-8 from byte {}", error.valid_up_to())))?;
    let state = ReadState::new(limits);
    // Every node takes at least two bytes, so that an honest document never meets these; what an alias
    // repeats counts again, so that a small bomb cannot grow past what an honest document could hold.
    let nodes = limits.bytes / 2;
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limits.depth,
            flow_nesting_limit: limits.depth,
            max_events: limits.bytes,
            max_nodes: nodes,
            max_total_scalar_bytes: limits.bytes,
            max_documents: 1,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    let root = serde_saphyr::with_deserializer_from_str_with_options(text, options, |reader| {
        NodeSeed {
            state: &state,
            link: None,
            depth: 0,
        }
        .deserialize(reader)
    });
    state.finish(root.map_err(|error| refused(&error, limits)))
}

/// The complaint of the YAML reader, in words about the document.
#[cfg(feature = "yaml")]
fn refused(error: &serde_saphyr::Error, limits: &Limits) -> DocumentError {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;

    let error = error.without_snippet();
    let at = error
        .location()
        .map(|it| format!("line {}, column {}", it.line(), it.column()))
        .unwrap_or_default();
    let text = error.to_string();
    let too_deep = || DocumentError::TooDeep {
        at: at.clone(),
        limit: limits.depth,
    };
    let repeats = || format!("written out, what its aliases repeat is more than is read, at {at}");
    let why = match error {
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => return too_deep(),
            BudgetBreach::Documents { .. } => format!("a second document begins at {at}"),
            _ => repeats(),
        },
        // Met inside an alias, the same complaint comes wrapped.
        _ if text.contains("budget breached") => repeats(),
        _ if text.contains("recursion limit") => return too_deep(),
        _ if text.contains("expected string scalar") => format!("a key is a list or a mapping at {at}"),
        _ => text,
    };
    DocumentError::NotYaml(why)
}

#[cfg(not(feature = "yaml"))]
fn yaml(_: &[u8], _: &Limits) -> Result<Tree, DocumentError> {
    Err(DocumentError::NotJson(
        "it does not begin with `{`; YAML is read with the feature `yaml` only".to_owned(),
    ))
}

struct ReadState<'l> {
    limits: &'l Limits,
    duplicates: RefCell<Vec<String>>,
    too_deep: RefCell<Option<String>>,
    /// What was read of the objects and arrays that are not at their end yet, so that each gets just the room that it
    /// takes: grown one by one, half of a document's memory would stand empty.
    members: RefCell<Vec<(String, Value)>>,
    items: RefCell<Vec<Value>>,
}

impl<'l> ReadState<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            duplicates: RefCell::default(),
            too_deep: RefCell::default(),
            members: RefCell::default(),
            items: RefCell::default(),
        }
    }

    fn finish(self, root: Result<Value, DocumentError>) -> Result<Tree, DocumentError> {
        if let Some(at) = self.too_deep.into_inner() {
            return Err(DocumentError::TooDeep {
                at,
                limit: self.limits.depth,
            });
        }
        Ok(Tree {
            root: root?,
            duplicates: self.duplicates.into_inner(),
        })
    }
}

/// One step of the way from the root to a node; lives on the stack, and becomes a pointer only in an error.
#[derive(Clone, Copy)]
struct Link<'a> {
    parent: Option<&'a Link<'a>>,
    step: PathStep<'a>,
}

#[derive(Clone, Copy)]
enum PathStep<'a> {
    Key(&'a str),
    Index(usize),
}

fn pointer(mut link: Option<&Link<'_>>) -> String {
    let mut steps = Vec::new();
    while let Some(here) = link {
        steps.push(match here.step {
            PathStep::Key(key) => crate::pointer::escape(key),
            PathStep::Index(index) => index.to_string(),
        });
        link = here.parent;
    }
    steps.iter().rev().fold(String::new(), |at, step| at + "/" + step)
}

struct NodeSeed<'a, 'l> {
    state: &'a ReadState<'l>,
    link: Option<&'a Link<'a>>,
    depth: usize,
}

impl NodeSeed<'_, '_> {
    fn check_depth<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.depth < self.state.limits.depth {
            return Ok(());
        }
        // The head of the place is enough to find it, and the whole would fill a screen.
        let at: String = pointer(self.link).chars().take(120).collect();
        *self.state.too_deep.borrow_mut() = Some(at);
        Err(E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let items = &self.state.items;
        let start = items.borrow().len();
        for index in 0.. {
            let link = Link {
                parent: self.link,
                step: PathStep::Index(index),
            };
            let node = NodeSeed {
                state: self.state,
                link: Some(&link),
                depth: self.depth + 1,
            };
            let Some(item) = access.next_element_seed(node)? else {
                break;
            };
            items.borrow_mut().push(item);
        }
        let items = items.borrow_mut().split_off(start);
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.check_depth()?;
        let members = &self.state.members;
        let start = members.borrow().len();
        // YAML's null as a key is the name that JSON writes for it.
        while let Some(key) = access.next_key::<Option<String>>()? {
            let key = key.unwrap_or_else(|| "null".to_owned());
            let link = Link {
                parent: self.link,
                step: PathStep::Key(&key),
            };
            let value = access.next_value_seed(NodeSeed {
                state: self.state,
                link: Some(&link),
                depth: self.depth + 1,
            })?;
            members.borrow_mut().push((key, value));
        }
        let mut members = members.borrow_mut();
        let mut map = Map::with_capacity(members.len() - start);
        for (key, value) in members.drain(start..) {
            match map.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                // The last one counts, as most readers have it.
                Entry::Occupied(mut entry) => {
                    let again = pointer(Some(&Link {
                        parent: self.link,
                        step: PathStep::Key(entry.key()),
                    }));
                    self.state.duplicates.borrow_mut().push(again);
                    entry.insert(value);
                }
            }
        }
        Ok(Value::Object(map))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Value, E> {
        serde_json::Number::from_i128(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }
}

//! Values with their place in a document, and where a local `$ref` leads.

use std::borrow::Cow;

use serde_json::Value;

use crate::document::{Document, Version};
use crate::member::member_of;
use crate::pointer;
use crate::shape::is_prose;

/// A value in a document and its JSON pointer.
#[derive(Clone, Debug)]
pub(crate) struct Located<'d> {
    pub(crate) value: &'d Value,
    pub(crate) at: String,
}

/// A `$ref` that leads nowhere we can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    /// JSON pointer of the object that holds the `$ref`.
    pub(crate) at: String,
    /// The reference as written.
    pub(crate) reference: String,
    pub(crate) why: &'static str,
}

/// Longer chains of `$ref` to `$ref` are taken for a cycle; real ones have two or three links.
const LONGEST_CHAIN: usize = 64;

impl<'d> Located<'d> {
    pub(crate) fn root(document: &'d Document) -> Self {
        Self {
            value: document.root(),
            at: String::new(),
        }
    }

    /// The value under `key` here.
    pub(crate) fn says(&self, key: &str) -> Option<&'d Value> {
        member_of(self.value, key)
    }

    /// The value under `key` here, with its pointer.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        Some(Self {
            value: self.says(key)?,
            at: pointer::join(&self.at, key),
        })
    }

    /// The members of the object here, without extensions (`x-…`).
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        self.entries().filter(|(key, _)| !key.starts_with("x-"))
    }

    /// The members of a map here, whose names are the author's: `x-…` is one of them.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        let members = self.value.as_object().into_iter().flatten();
        members.map(|(key, value)| {
            (
                key.as_str(),
                Self {
                    value,
                    at: pointer::join(&self.at, key),
                },
            )
        })
    }

    /// The items of the array here.
    pub(crate) fn items(&self) -> impl Iterator<Item = Self> + use<'d, '_> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| Self {
            value,
            at: format!("{}/{index}", self.at),
        })
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'d str> {
        self.says(key).and_then(Value::as_str)
    }

    pub(crate) fn is_true(&self, key: &str) -> bool {
        self.says(key) == Some(&Value::Bool(true))
    }

    /// Follows `$ref`s from here to what is no reference.
    pub(crate) fn follow(self, document: &'d Document) -> Result<Self, Unresolved> {
        self.follow_while(document, |_| true)
    }

    /// Follows `$ref`s of schemas from here to what is no reference, or says more than one where that counts.
    pub(crate) fn follow_alone(self, document: &'d Document) -> Result<Self, Unresolved> {
        let siblings_count = document.version() == Version::V3_1;
        self.follow_while(document, |here| {
            let mut keys = here.value.as_object().into_iter().flatten().map(|(key, _)| key);
            !siblings_count || keys.all(|key| key == "$ref" || is_prose(key))
        })
    }

    fn follow_while(self, document: &'d Document, on: impl Fn(&Self) -> bool) -> Result<Self, Unresolved> {
        let mut here = self;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = here.text("$ref").filter(|_| on(&here)) else {
                return Ok(here);
            };
            here = match target(document, reference) {
                Ok(next) => next,
                Err(why) => {
                    return Err(Unresolved {
                        at: here.at,
                        reference: reference.to_owned(),
                        why,
                    });
                }
            };
        }
        let reference = here.text("$ref").unwrap_or_default().to_owned();
        Err(Unresolved {
            at: here.at,
            reference,
            why: "it is a cycle of references",
        })
    }
}

/// The value that a `$ref` names, or why there is none.
pub(crate) fn target<'d>(document: &'d Document, reference: &str) -> Result<Located<'d>, &'static str> {
    let Some(fragment) = reference.strip_prefix('#') else {
        return Err("it leads out of the document and is not followed");
    };
    let fragment = percent_decoded(fragment).ok_or("its percent-escapes are not UTF-8")?;
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return Err("it names an anchor, not a place");
    }
    match pointer::find(document.root(), &fragment) {
        Some(value) => Ok(Located {
            value,
            at: fragment.into_owned(),
        }),
        None => Err("there is nothing at the place it names"),
    }
}

fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(escaped) if byte == b'%' => {
                bytes.push(escaped);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(rest: Value) -> Document {
        let Value::Object(mut root) = rest else {
            panic!("an object")
        };
        root.insert("openapi".to_owned(), json!("3.0.0"));
        Document::from_value(Value::Object(root)).unwrap()
    }

    #[test]
    fn escapes_in_a_reference_are_undone() {
        let document = document(json!({"a/b": {"c~d": {"é %": 1}}}));
        for reference in [
            "#/a~1b/c~0d/%C3%A9%20%25",
            "#/a~1b/c~0d/é %25",
            "#%2Fa~1b/c~0d/é %",
        ] {
            assert_eq!(target(&document, reference).unwrap().value, 1, "{reference}");
        }
    }

    #[test]
    fn a_chain_is_followed_and_a_cycle_ends() {
        let document = document(json!({
            "a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"x": 1},
            "d": {"$ref": "#/e"}, "e": {"$ref": "#/d"},
        }));
        let root = Located::root(&document);
        assert_eq!(root.get("a").unwrap().follow(&document).unwrap().at, "/c");
        let cycle = root.get("d").unwrap().follow(&document).unwrap_err();
        assert_eq!(cycle.why, "it is a cycle of references");
    }

    #[test]
    fn what_leads_nowhere_says_so() {
        let document = document(json!({"a": {"$ref": "other.json#/x"}, "b": {"$ref": "#/nowhere"}}));
        let root = Located::root(&document);
        let remote = root.get("a").unwrap().follow(&document).unwrap_err();
        assert_eq!(
            (remote.at.as_str(), remote.reference.as_str()),
            ("/a", "other.json#/x")
        );
        let dangling = root.get("b").unwrap().follow(&document).unwrap_err();
        assert_eq!(dangling.why, "there is nothing at the place it names");
    }
}

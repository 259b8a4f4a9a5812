//! Schemas that are referred to. Two of them are one when they are written alike as far as references reach, in either
//! document, so that what did not change is never compared.

use std::fmt::Write as _;

use serde_json::Value;

use super::formula::{DefId, FormulaId, Map, OpaqueId};
use super::lower::At;
use super::source::{Dialect, Mode, Source};

/// Rounds in which schemas are told apart by what they refer to.
const LONGEST_CHAIN: usize = 150;

/// Keywords that never change which values are admitted.
pub(super) fn is_prose(key: &str) -> bool {
    key.starts_with("x-")
        || matches!(
            key,
            "title"
                | "description"
                | "example"
                | "examples"
                | "externalDocs"
                | "xml"
                | "deprecated"
                | "default"
                | "discriminator"
                | "$comment"
                | "$schema"
        )
}

/// A schema that is referred to, and how it is read.
pub(super) struct Definition<'d> {
    pub(super) at: At<'d>,
    pub(super) body: Option<FormulaId>,
    /// The definition was checked for a reference to itself without a step into the value.
    pub(super) is_sound: bool,
}

/// All definitions of a comparison.
#[derive(Default)]
pub(super) struct Definitions<'d> {
    all: Vec<Definition<'d>>,
    ids: Map<(u32, Mode), DefId>,
    /// The class of a schema, by its address in its document, which does not move while it is borrowed.
    classes: Map<usize, u32>,
    next_class: u32,
    opaque: Map<String, OpaqueId>,
    reasons: Vec<String>,
}

impl<'d> Definitions<'d> {
    pub(super) fn define(&mut self, at: At<'d>) -> DefId {
        let class = self.class(at.value);
        let next = DefId(u32::try_from(self.all.len()).expect("fewer than 2^32 schemas"));
        let id = *self.ids.entry((class, at.mode)).or_insert(next);
        if id == next {
            self.all.push(Definition {
                at,
                body: None,
                is_sound: false,
            });
        }
        id
    }

    pub(super) fn get(&self, id: DefId) -> &Definition<'d> {
        &self.all[id.0 as usize]
    }

    pub(super) fn set_body(&mut self, id: DefId, body: FormulaId) {
        self.all[id.0 as usize].body = Some(body);
    }

    pub(super) fn set_sound(&mut self, id: DefId) {
        self.all[id.0 as usize].is_sound = true;
    }

    /// The open reading of a definition that is read closed, if anything refers to the schema so.
    pub(super) fn opened(&self, id: DefId) -> Option<DefId> {
        let at = self.get(id).at;
        let class = self.classes.get(&address(at.value))?;
        self.ids
            .get(&(*class, at.mode.open()))
            .copied()
            .filter(|open| *open != id)
    }

    /// A text that two schemas share only when they mean the same.
    pub(super) fn identity(&mut self, at: At<'d>, source: &Source<'d>) -> String {
        let Canonical { text, references, .. } = Canonical::of(at.value, at.source, source);
        let mut text = format!("{:?} {text}", at.mode);
        for target in references {
            let _ = write!(text, " {}", self.class(target));
        }
        text
    }

    fn class(&mut self, value: &Value) -> u32 {
        *self.classes.entry(address(value)).or_insert_with(|| {
            self.next_class += 1;
            self.next_class - 1
        })
    }

    pub(super) fn opaque(&mut self, text: &str, why: &str) -> OpaqueId {
        let next = OpaqueId(u32::try_from(self.reasons.len()).expect("fewer than 2^32 schemas"));
        let id = *self.opaque.entry(text.to_owned()).or_insert(next);
        if id == next {
            self.reasons.push(why.to_owned());
        }
        id
    }

    pub(super) fn reason(&self, id: OpaqueId) -> &str {
        &self.reasons[id.0 as usize]
    }

    /// Finds the classes of all that is referred to in the documents: first what is written alike between references,
    /// then, until nothing changes, what also refers to the like.
    pub(super) fn classify(&mut self, sources: &[Source<'d>]) {
        let mut targets: Vec<(usize, &'d Value)> = Vec::new();
        let mut index: Map<usize, usize> = Map::default();
        for (number, source) in sources.iter().enumerate() {
            let components = source.root.pointer("/components/schemas");
            let components = components.and_then(Value::as_object).into_iter().flatten();
            let whole = (source.dialect == Dialect::JsonSchema).then_some(source.root);
            for value in components.map(|(_, value)| value).chain(whole) {
                // The same document may stand on both sides.
                if value.is_object() && !index.contains_key(&address(value)) {
                    index.insert(address(value), targets.len());
                    targets.push((number, value));
                }
            }
        }
        let mut contents: Map<String, u32> = Map::default();
        let mut classes: Vec<u32> = Vec::new();
        let mut edges: Vec<Vec<usize>> = Vec::new();
        let mut at = 0;
        while at < targets.len() {
            let (number, value) = targets[at];
            let writer = Canonical::of(value, number, &sources[number]);
            let mut out = Vec::with_capacity(writer.references.len());
            for target in writer.references {
                out.push(*index.entry(address(target)).or_insert_with(|| {
                    targets.push((number, target));
                    targets.len() - 1
                }));
            }
            let next = u32::try_from(contents.len()).unwrap_or(u32::MAX);
            classes.push(*contents.entry(writer.text).or_insert(next));
            edges.push(out);
            at += 1;
        }
        let mut count = contents.len();
        let mut rounds = 0;
        loop {
            // Chains of references longer than any document has: what stands in it is like nothing else.
            rounds += 1;
            if rounds > LONGEST_CHAIN {
                count = targets.len();
                classes = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
                break;
            }
            let mut keys: Map<(u32, Vec<u32>), u32> = Map::default();
            let next: Vec<u32> = (0..targets.len())
                .map(|at| {
                    let out = edges[at].iter().map(|to| classes[*to]).collect();
                    let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                    *keys.entry((classes[at], out)).or_insert(next)
                })
                .collect();
            classes = next;
            if keys.len() == count {
                break;
            }
            count = keys.len();
        }
        for ((_, value), class) in targets.iter().zip(&classes) {
            self.classes.insert(address(value), *class);
        }
        self.next_class = u32::try_from(count).unwrap_or(u32::MAX);
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value) as usize
}

/// A schema as text in which order and prose do not show, with what its references lead to.
struct Canonical<'s, 'd> {
    text: String,
    references: Vec<&'d Value>,
    source: &'s Source<'d>,
}

impl<'s, 'd> Canonical<'s, 'd> {
    fn of(value: &Value, number: usize, source: &'s Source<'d>) -> Self {
        let mut writer = Self {
            text: format!("{:?} ", source.dialect),
            references: Vec::new(),
            source,
        };
        writer.schema(value);
        // Names that were given within one document say nothing of another.
        let named = ["\"$id\":", "\"$dynamicRef\":"]
            .iter()
            .any(|it| writer.text.contains(it));
        if named || source.has_ids() && writer.text.contains("\"$ref\":") {
            let _ = write!(writer.text, " of {number}");
        }
        writer
    }

    fn schema(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                self.text.push('{');
                for (key, value) in sorted(map.iter().filter(|(key, _)| !is_prose(key))) {
                    let refers = key == "$ref" || key == "$dynamicRef" && !self.source.depends_on_the_way;
                    if refers
                        && let Some(target) = value
                            .as_str()
                            .and_then(|reference| self.source.resolve(reference, map))
                        && target.is_object()
                    {
                        self.references.push(target);
                        let _ = write!(self.text, "{key},");
                        continue;
                    }
                    self.quote(key);
                    self.text.push(':');
                    match key.as_str() {
                        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                            self.map_of_schemas(value);
                        }
                        "enum" | "const" | "required" | "dependentRequired" => {
                            let _ = write!(self.text, "{value}");
                        }
                        _ => self.schema(value),
                    }
                    self.text.push(',');
                }
                self.text.push('}');
            }
            Value::Array(items) => {
                self.text.push('[');
                for item in items {
                    self.schema(item);
                    self.text.push(',');
                }
                self.text.push(']');
            }
            Value::String(text) => self.quote(text),
            scalar => {
                let _ = write!(self.text, "{scalar}");
            }
        }
    }

    fn map_of_schemas(&mut self, value: &Value) {
        let Value::Object(map) = value else {
            return self.schema(value);
        };
        self.text.push('{');
        for (key, value) in sorted(map) {
            self.quote(key);
            self.text.push(':');
            self.schema(value);
            self.text.push(',');
        }
        self.text.push('}');
    }

    /// A text between quotes, so that none can be taken for what stands beside it.
    fn quote(&mut self, text: &str) {
        if text.bytes().any(|byte| matches!(byte, b'"' | b'\\')) {
            let _ = write!(self.text, "{text:?}");
        } else {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
        }
    }
}

fn sorted<'v>(members: impl IntoIterator<Item = (&'v String, &'v Value)>) -> Vec<(&'v String, &'v Value)> {
    let mut members: Vec<_> = members.into_iter().collect();
    members.sort_unstable_by_key(|(key, _)| key.as_str());
    members
}

//! Converts a schema as written to its keywords. Only this module knows how dialects spell them.

use std::rc::Rc;

use openapi_document::{Document, Kind, Node, Version};

use super::ast::{Bound, Keyword, Schema, Types};
use crate::options::Nullable;
use crate::schema::discriminator::Discriminator;
use crate::schema::keywords::is_prose;

/// Reads a schema.
pub(crate) fn parse<'d>(document: &'d Document, nullable: Nullable, node: Node<'d>) -> Schema<'d> {
    let version = document.version();
    let mut parser = Parser {
        document,
        version,
        nullable,
        node,
        keywords: Vec::new(),
    };
    let adds_null = parser.schema();
    Schema {
        keywords: parser.keywords.into(),
        adds_null,
    }
}

/// Whether a schema itself accepts only null.
pub(super) fn is_null_only(schema: Node<'_>) -> bool {
    match schema.get("type").map(Node::kind) {
        Some(Kind::Array(mut types)) => types.len() == 1 && types.all(|it| it.as_str() == Some("null")),
        Some(kind) => matches!(kind, Kind::String("null")),
        None => match (schema.get("enum"), schema.get("const")) {
            (Some(values), _) if values.is_array() => {
                values.items().len() == 1 && values.items().all(Node::is_null)
            }
            (None, Some(constant)) => constant.is_null(),
            _ => false,
        },
    }
}

struct Parser<'d> {
    document: &'d Document,
    version: Version,
    nullable: Nullable,
    node: Node<'d>,
    keywords: Vec<Keyword<'d>>,
}

impl<'d> Parser<'d> {
    /// Reads all keywords, and returns whether null is accepted regardless of them.
    fn schema(&mut self) -> bool {
        let Kind::Object(members) = self.node.kind() else {
            // A value that is not a schema accepts everything.
            self.keywords
                .push(Keyword::Boolean(self.node.as_bool() != Some(false)));
            return false;
        };
        let is_old = self.version == Version::V3_0;
        let nullable = is_old && self.is_true("nullable");
        let is_lenient = self.nullable == Nullable::Lenient;
        let adds_null = is_lenient && (nullable || self.lists_values_beside_null());
        if let Some(reference) = self.node.text("$ref")
            && is_old
        {
            // The siblings of a reference are ignored, except for `nullable`, which vendors use there.
            self.reference(reference);
            return adds_null;
        }
        if let Some(why) = self.unread() {
            self.keywords.push(Keyword::Unread(why));
            return false;
        }
        self.types(nullable);
        for (key, value) in members {
            self.keyword(key, value);
        }
        adds_null
    }

    /// Whether `type` lists null and `enum` does not. This has the meaning of `nullable` beside such an `enum` in
    /// 3.0.
    fn lists_values_beside_null(&self) -> bool {
        let has = |key: &str, is_null: fn(Node<'d>) -> bool| {
            let listed = self.node.get(key).filter(|it| it.is_array());
            listed.map(|it| it.items().any(is_null))
        };
        matches!(self.version, Version::V3_1 | Version::V3_2)
            && has("type", |it| it.as_str() == Some("null")) == Some(true)
            && has("enum", Node::is_null) == Some(false)
    }

    fn is_true(&self, key: &str) -> bool {
        self.node.get(key).and_then(Node::as_bool) == Some(true)
    }

    fn reference(&mut self, reference: &str) {
        let target = self.document.resolve_schema(self.node, reference).ok();
        self.keywords.push(Keyword::Reference(target.map(|it| it.node)));
    }

    /// The reason why the keywords of an object are not read: an unsupported keyword changes the meaning of others.
    fn unread(&self) -> Option<String> {
        crate::dialect::unread(self.document, self.node)
    }

    fn types(&mut self, nullable: bool) {
        let Some(listed) = self.node.get("type") else {
            return;
        };
        let written = listed.items().chain([listed]).filter_map(Node::as_str);
        let mut types = if nullable { Types::NULL } else { Types::default() };
        // In a document of OpenAPI, an empty list of types is a mistake without effect.
        let mut is_typed = self.version == Version::JsonSchema && listed.is_array();
        for name in written {
            is_typed = true;
            match Types::named(name) {
                Some(known) => types = types.or(known),
                None => self.keywords.push(Keyword::UnknownType(name)),
            }
        }
        if !is_typed {
            return;
        }
        self.keywords.push(Keyword::Types(types));
        if types.has(Types::INTEGER) && self.version != Version::JsonSchema && is_integer(listed) {
            let (min, max) = match self.node.text("format") {
                Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
                Some("int64") => (i64::MIN, i64::MAX),
                _ => return,
            };
            self.keywords.push(Keyword::Minimum(Bound::OfFormat(min)));
            self.keywords.push(Keyword::Maximum(Bound::OfFormat(max)));
        }
    }

    /// Whether an `enum` of scalars stands beside `type: array`, where it is meant for the items.
    fn is_enum_of_items(&self, values: Node<'d>) -> bool {
        let Some(listed) = self.node.get("type") else {
            return false;
        };
        let mut names = listed.items().chain([listed]).filter_map(Node::as_str);
        let is_array =
            names.clone().any(|it| it == "array") && names.all(|it| matches!(it, "array" | "null"));
        is_array
            && self.version != Version::JsonSchema
            && !values.items().is_empty()
            && values.items().all(|value| !value.is_array() && !value.is_null())
    }

    /// Whether a pattern matches every name, so that no name is additional.
    fn declares_every_name(&self) -> bool {
        let patterns = self.node.get("patternProperties");
        let mut patterns = patterns.into_iter().flat_map(|it| it.members().keys());
        patterns.any(matches_every_name)
    }

    fn keyword(&mut self, key: &'d str, value: Node<'d>) {
        let keyword = match key {
            "$ref" => return value.as_str().into_iter().for_each(|it| self.reference(it)),
            "$dynamicRef" if !self.document.has_dynamic_scopes() => {
                return value.as_str().into_iter().for_each(|it| self.reference(it));
            }
            "$dynamicRef" => {
                let Some(reference) = value.as_str() else { return };
                let target = self.document.resolve_schema(self.node, reference).ok();
                let anchor = reference.split_once('#').map_or("", |(_, anchor)| anchor);
                Keyword::DynamicReference(target.map(|it| it.node), anchor)
            }
            "const" => Keyword::Const(value),
            "enum" if value.is_array() && self.is_enum_of_items(value) => Keyword::EnumOfItems(value.items()),
            "enum" if value.is_array() => Keyword::Enum(value.items()),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                let Some(number) = value.as_number() else { return };
                // In OpenAPI 3.0 the exclusion is a flag beside the bound.
                let bound = |flag: &str| Bound::Written(number, key == flag || self.is_true(flag));
                if key.ends_with("inimum") {
                    Keyword::Minimum(bound("exclusiveMinimum"))
                } else {
                    Keyword::Maximum(bound("exclusiveMaximum"))
                }
            }
            "multipleOf" => match value.as_number().filter(|it| it.cmp_written("0").is_gt()) {
                Some(number) => Keyword::MultipleOf(number),
                None => return,
            },
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                let Some(count) = value.as_count() else { return };
                match key {
                    "minLength" | "minItems" | "minProperties" if count == 0 => return,
                    "minLength" => Keyword::MinLength(count),
                    "maxLength" => Keyword::MaxLength(count),
                    "minItems" => Keyword::MinItems(count),
                    "maxItems" => Keyword::MaxItems(count),
                    "minProperties" => Keyword::MinProperties(count),
                    _ => Keyword::MaxProperties(count),
                }
            }
            "pattern" => match value.as_str() {
                Some(pattern) => Keyword::Pattern(pattern),
                None => return,
            },
            "properties" => Keyword::Properties(value.members()),
            "patternProperties" => {
                let (every, some): (Vec<_>, Vec<_>) = value
                    .members()
                    .partition(|(pattern, _)| matches_every_name(pattern));
                let every = every
                    .into_iter()
                    .map(|(pattern, it)| Keyword::EveryProperty(pattern, it));
                self.keywords.extend(every);
                if some.is_empty() {
                    return;
                }
                Keyword::PatternProperties(some.into())
            }
            // It applies to no name.
            "additionalProperties" if self.declares_every_name() => return,
            "additionalProperties" => Keyword::AdditionalProperties(value),
            "propertyNames" => Keyword::PropertyNames(value),
            "required" => Keyword::Required(value.items()),
            "dependentRequired" => Keyword::DependentRequired(value.members()),
            "dependentSchemas" => Keyword::DependentSchemas(value.members()),
            "unevaluatedProperties" => Keyword::UnevaluatedProperties(value),
            "prefixItems" => Keyword::PrefixItems(value.items()),
            "items" if value.is_object() || value.as_bool().is_some() => Keyword::Items(value),
            "uniqueItems" if value.as_bool() == Some(true) => Keyword::UniqueItems,
            "contains" => {
                let count = |key: &str| self.node.get(key).and_then(Node::as_count);
                Keyword::Contains(value, count("minContains").unwrap_or(1), count("maxContains"))
            }
            "unevaluatedItems" => Keyword::UnevaluatedItems(value),
            "allOf" => Keyword::AllOf(value.items()),
            "anyOf" if value.is_array() => Keyword::AnyOf(value.items()),
            "oneOf" if value.is_array() => Keyword::OneOf(value.items()),
            "not" => Keyword::Not(value),
            "if" => Keyword::Conditional {
                condition: value,
                then: self.node.get("then"),
                otherwise: self.node.get("else"),
            },
            "discriminator" if self.version != Version::JsonSchema => {
                match Discriminator::of(self.document, self.node) {
                    Some(discriminator) => Keyword::Discriminator(Rc::new(discriminator)),
                    None => return,
                }
            }
            "readOnly" if value.as_bool() == Some(true) => Keyword::ReadOnly,
            "writeOnly" if value.as_bool() == Some(true) => Keyword::WriteOnly,
            // These were read together with another keyword.
            "type" | "nullable" | "then" | "else" | "minContains" | "maxContains" | "$schema" | "$defs" => {
                return;
            }
            key if is_prose(key) => return,
            key => Keyword::Annotation(key, value),
        };
        self.keywords.push(keyword);
    }
}

/// Whether a pattern is a way to write "every name". Names that are empty or contain a line break are names nobody
/// means, so it does not matter whether it excludes them.
///
/// See reading 3 in `docs/readings.md`.
fn matches_every_name(pattern: &str) -> bool {
    let open = pattern.strip_prefix('^').unwrap_or(pattern);
    let open = open.strip_suffix('$').unwrap_or(open);
    let bare = open
        .strip_prefix('(')
        .and_then(|it| it.strip_suffix(')'))
        .unwrap_or(open);
    let is_whole = pattern.starts_with('^') && pattern.ends_with('$');
    bare.is_empty() && !is_whole
        || matches!(
            bare,
            ".*" | ".+" | ".*?" | ".+?" | r"[\s\S]*" | r"[\s\S]+" | "[^]*" | "[^]+"
        )
}

/// Whether the value of `type` lists integers.
fn is_integer(listed: Node<'_>) -> bool {
    let mut names = listed.items().chain([listed]);
    names.any(|it| it.as_str() == Some("integer"))
}

//! The keywords of a schema that may refuse a value.

use openapi_document::{Kind, Members, Node};

/// The value of each keyword in one schema, as it is written.
#[derive(Default)]
pub(super) struct Keywords<'d> {
    pub(super) kind: Option<Node<'d>>,
    pub(super) constant: Option<Node<'d>>,
    pub(super) listed: Option<Node<'d>>,
    pub(super) nullable: Option<Node<'d>>,
    pub(super) format: Option<Node<'d>>,
    pub(super) pattern: Option<Node<'d>>,
    pub(super) min_length: Option<Node<'d>>,
    pub(super) max_length: Option<Node<'d>>,
    pub(super) minimum: Option<Node<'d>>,
    pub(super) maximum: Option<Node<'d>>,
    pub(super) exclusive_minimum: Option<Node<'d>>,
    pub(super) exclusive_maximum: Option<Node<'d>>,
    pub(super) multiple_of: Option<Node<'d>>,
    pub(super) properties: Option<Node<'d>>,
    pub(super) pattern_properties: Option<Node<'d>>,
    pub(super) additional_properties: Option<Node<'d>>,
    pub(super) property_names: Option<Node<'d>>,
    pub(super) required: Option<Node<'d>>,
    pub(super) dependent_required: Option<Node<'d>>,
    pub(super) dependent_schemas: Option<Node<'d>>,
    /// The spelling of both in older drafts, which validators of 2020-12 still read.
    pub(super) dependencies: Option<Node<'d>>,
    pub(super) min_properties: Option<Node<'d>>,
    pub(super) max_properties: Option<Node<'d>>,
    pub(super) unevaluated_properties: Option<Node<'d>>,
    pub(super) items: Option<Node<'d>>,
    pub(super) prefix_items: Option<Node<'d>>,
    pub(super) contains: Option<Node<'d>>,
    pub(super) min_contains: Option<Node<'d>>,
    pub(super) max_contains: Option<Node<'d>>,
    pub(super) min_items: Option<Node<'d>>,
    pub(super) max_items: Option<Node<'d>>,
    pub(super) unique_items: Option<Node<'d>>,
    pub(super) unevaluated_items: Option<Node<'d>>,
    pub(super) reference: Option<Node<'d>>,
    pub(super) dynamic_reference: Option<Node<'d>>,
    pub(super) recursive_reference: Option<Node<'d>>,
    pub(super) discriminator: Option<Node<'d>>,
    pub(super) all_of: Option<Node<'d>>,
    pub(super) any_of: Option<Node<'d>>,
    pub(super) one_of: Option<Node<'d>>,
    pub(super) not: Option<Node<'d>>,
    pub(super) condition: Option<Node<'d>>,
    pub(super) then: Option<Node<'d>>,
    pub(super) otherwise: Option<Node<'d>>,
}

impl<'d> Keywords<'d> {
    pub(super) fn of(members: Members<'d>) -> Self {
        let mut it = Self::default();
        for (key, value) in members {
            let place = match key {
                "type" => &mut it.kind,
                "const" => &mut it.constant,
                "enum" => &mut it.listed,
                "nullable" => &mut it.nullable,
                "format" => &mut it.format,
                "pattern" => &mut it.pattern,
                "minLength" => &mut it.min_length,
                "maxLength" => &mut it.max_length,
                "minimum" => &mut it.minimum,
                "maximum" => &mut it.maximum,
                "exclusiveMinimum" => &mut it.exclusive_minimum,
                "exclusiveMaximum" => &mut it.exclusive_maximum,
                "multipleOf" => &mut it.multiple_of,
                "properties" => &mut it.properties,
                "patternProperties" => &mut it.pattern_properties,
                "additionalProperties" => &mut it.additional_properties,
                "propertyNames" => &mut it.property_names,
                "required" => &mut it.required,
                "dependentRequired" => &mut it.dependent_required,
                "dependentSchemas" => &mut it.dependent_schemas,
                "dependencies" => &mut it.dependencies,
                "minProperties" => &mut it.min_properties,
                "maxProperties" => &mut it.max_properties,
                "unevaluatedProperties" => &mut it.unevaluated_properties,
                "items" => &mut it.items,
                "prefixItems" => &mut it.prefix_items,
                "contains" => &mut it.contains,
                "minContains" => &mut it.min_contains,
                "maxContains" => &mut it.max_contains,
                "minItems" => &mut it.min_items,
                "maxItems" => &mut it.max_items,
                "uniqueItems" => &mut it.unique_items,
                "unevaluatedItems" => &mut it.unevaluated_items,
                "$ref" => &mut it.reference,
                "$dynamicRef" => &mut it.dynamic_reference,
                "$recursiveRef" => &mut it.recursive_reference,
                "discriminator" => &mut it.discriminator,
                "allOf" => &mut it.all_of,
                "anyOf" => &mut it.any_of,
                "oneOf" => &mut it.one_of,
                "not" => &mut it.not,
                "if" => &mut it.condition,
                "then" => &mut it.then,
                "else" => &mut it.otherwise,
                _ => continue,
            };
            *place = Some(value);
        }
        it
    }

    /// Whether `type` names a type, alone or in a list.
    pub(super) fn names_type(&self, name: &str) -> bool {
        self.kind.is_some_and(|kind| {
            kind.as_str() == Some(name) || kind.items().any(|it| it.as_str() == Some(name))
        })
    }

    /// Whether an `enum` without null stands beside a `type` with null.
    pub(super) fn lists_values_beside_null(&self) -> bool {
        self.listed
            .and_then(Node::as_array)
            .is_some_and(|mut values| !values.any(Node::is_null))
            && self.kind.is_some_and(Node::is_array)
            && self.names_type("null")
    }

    /// Whether an `enum` of scalars stands beside `type: array`, where it is meant for the items.
    pub(super) fn lists_items(&self) -> bool {
        let Some(mut values) = self.listed.and_then(Node::as_array) else {
            return false;
        };
        let names_lists_only = match self.kind.map(Node::kind) {
            Some(Kind::String(name)) => name == "array",
            Some(Kind::Array(mut names)) => {
                names.all(|it| matches!(it.as_str(), Some("array" | "null"))) && self.names_type("array")
            }
            _ => false,
        };
        names_lists_only && !values.is_empty() && !values.any(|value| value.is_array() || value.is_null())
    }
}

/// Whether a keyword has the value `true`.
pub(super) fn is_true(keyword: Option<Node<'_>>) -> bool {
    keyword.and_then(Node::as_bool) == Some(true)
}

/// Whether a schema is only an alias of another one.
pub(crate) fn is_name(schema: Node<'_>) -> bool {
    let mut own = schema.members().filter(|(key, _)| speaks(key));
    match (own.next(), own.next()) {
        (Some(("allOf" | "anyOf" | "oneOf", list)), None) => list.items().len() == 1,
        (Some(("$ref", _)), None) => true,
        _ => false,
    }
}

/// Whether a keyword may refuse a value. `nullable` is handled separately.
fn speaks(key: &str) -> bool {
    let is_prose = matches!(
        key,
        "title" | "description" | "example" | "examples" | "externalDocs" | "deprecated" | "default" | "xml"
    );
    !is_prose && !key.starts_with("x-") && !matches!(key, "readOnly" | "writeOnly" | "$comment" | "nullable")
}

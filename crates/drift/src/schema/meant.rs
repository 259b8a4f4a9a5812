//! The types that a schema without a `type` means where its value is a text.
//!
//! By the letter, `{"maxLength": 3}` accepts the list that a text can stand for. Whoever writes it means texts. See
//! reading 1 in `docs/readings.md`.

use openapi_document::{Kind, Node};

use super::ast::{Keyword, Types};
use super::reader::Reader;

/// Maximum number of schemas that are visited for one value. Beyond it, the value is read by the letter.
const MOST: usize = 2_000;
/// Maximum number of schemas that are visited for all values.
pub(super) const MOST_IN_ALL: usize = 1_000_000;
/// Maximum nesting of schemas for one value, including references.
const DEEPEST: usize = 64;

/// The types that schemas without a `type` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) types: Types,
    /// Whether a text is read as one of these types if it can be. Under keywords of numbers or lists it may also be a
    /// string, to which they do not apply.
    pub(crate) is_certain: bool,
}

/// What schemas say of the type of a value.
#[derive(Clone, Copy)]
struct Said {
    /// The types that they accept by a `type`, their values or their alternatives.
    stated: Types,
    /// The types of which their other keywords speak.
    spoken: Types,
    /// Whether some alternative means types that it does not state, and whether all such alternatives are certain.
    alternatives: Option<bool>,
}

impl Said {
    const NOTHING: Self = Self {
        stated: Types::ALL,
        spoken: Types::NONE,
        alternatives: None,
    };

    fn meant(self) -> Option<Meant> {
        let is_stated = self.stated != Types::ALL;
        if is_stated || self.spoken.is_empty() {
            let types = self.stated;
            return self.alternatives.map(|is_certain| Meant { types, is_certain });
        }
        let is_certain = self.spoken.has(Types::STRING) || self.spoken == Types::OBJECT;
        Some(Meant {
            types: self.spoken,
            is_certain: is_certain && self.alternatives != Some(false),
        })
    }
}

impl<'d> Reader<'d> {
    /// The types that schemas for one value mean, if they or some alternatives state none.
    pub(crate) fn types_meant(&mut self, source: usize, schemas: &[Node<'d>]) -> Option<Meant> {
        let mut said = Said::NOTHING;
        let mut left = MOST.min(self.left_for_types);
        let granted = left;
        for schema in schemas {
            self.add_said((source, false), *schema, (0, &mut left), &mut said);
        }
        self.left_for_types -= granted - left;
        said.meant()
    }

    fn add_said(
        &mut self,
        (source, is_chosen): (usize, bool),
        node: Node<'d>,
        (depth, left): (usize, &mut usize),
        said: &mut Said,
    ) {
        let Some(rest) = left.checked_sub(1).filter(|_| depth < DEEPEST) else {
            return;
        };
        *left = rest;
        let schema = self.read(source, node);
        for keyword in &schema.keywords {
            let stated = match keyword {
                Keyword::Reference(target) => {
                    if let Some(target) = target {
                        self.add_said((source, is_chosen), *target, (depth + 1, &mut *left), said);
                    }
                    continue;
                }
                Keyword::AllOf(parts) => {
                    let is_chosen = is_chosen || !schema.is_wrapper();
                    for part in parts.clone() {
                        self.add_said((source, is_chosen), part, (depth + 1, &mut *left), said);
                    }
                    continue;
                }
                // A schema that inherits from one with a discriminator is none of its alternatives.
                Keyword::AnyOf(_) | Keyword::OneOf(_) if is_chosen && schema.discriminator().is_some() => {
                    continue;
                }
                Keyword::AnyOf(parts) | Keyword::OneOf(parts) => {
                    let mut any = Types::NONE;
                    for part in parts.clone() {
                        let mut own = Said::NOTHING;
                        self.add_said((source, is_chosen), part, (depth + 1, &mut *left), &mut own);
                        any = any.or(own.meant().map_or(own.stated, |it| it.types));
                        if let Some(Meant { is_certain, .. }) = own.meant() {
                            said.alternatives = Some(is_certain && said.alternatives != Some(false));
                        }
                    }
                    any
                }
                Keyword::Boolean(false) => Types::NONE,
                Keyword::Types(types) => *types,
                Keyword::Const(value) => type_of(*value),
                Keyword::Enum(values) => values.clone().map(type_of).fold(Types::NONE, Types::or),
                keyword => {
                    said.spoken = said.spoken.or(types_of(keyword));
                    continue;
                }
            };
            said.stated = said.stated.and(stated);
        }
    }
}

fn type_of(value: Node<'_>) -> Types {
    match value.kind() {
        Kind::Null => Types::NULL,
        Kind::Bool(_) => Types::BOOLEAN,
        Kind::Number(_) => Types::NUMBER,
        Kind::String(_) => Types::STRING,
        Kind::Array(_) => Types::ARRAY,
        Kind::Object(_) => Types::OBJECT,
    }
}

/// The types of values of which a keyword speaks, unless its value restricts none.
fn types_of(keyword: &Keyword<'_>) -> Types {
    let says = |schema: &Node<'_>| schema.as_bool() == Some(false) || !schema.members().is_empty();
    match keyword {
        Keyword::MinLength(_) | Keyword::MaxLength(_) | Keyword::Pattern(_) => Types::STRING,
        Keyword::Minimum(_) | Keyword::Maximum(_) | Keyword::MultipleOf(_) => Types::NUMBER,
        Keyword::Items(items) if !says(items) => Types::NONE,
        Keyword::PrefixItems(_)
        | Keyword::Items(_)
        | Keyword::MinItems(_)
        | Keyword::MaxItems(_)
        | Keyword::UniqueItems
        | Keyword::Contains(..) => Types::ARRAY,
        Keyword::Properties(all) if all.is_empty() => Types::NONE,
        Keyword::AdditionalProperties(rest) if !says(rest) => Types::NONE,
        Keyword::Required(names) if names.is_empty() => Types::NONE,
        Keyword::Properties(_)
        | Keyword::PatternProperties(_)
        | Keyword::EveryProperty(..)
        | Keyword::AdditionalProperties(_)
        | Keyword::PropertyNames(_)
        | Keyword::MinProperties(_)
        | Keyword::MaxProperties(_)
        | Keyword::Required(_)
        | Keyword::DependentRequired(_)
        | Keyword::DependentSchemas(_) => Types::OBJECT,
        _ => Types::NONE,
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::{Value, json};

    use super::*;
    use crate::options::Nullable;

    /// The types that schemas for one value mean together, and whether they are certain.
    fn together(schemas: &[Value]) -> Option<(Types, bool)> {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let components = json!({
            "Short": {"maxLength": 3},
            "Pet": {"oneOf": [to("Cat"), {"minItems": 1}], "discriminator": {"propertyName": "kind"}},
            "Cat": {"type": "object", "properties": {"kind": {"type": "string"}}},
            "Circle": {"allOf": [to("Circle")]},
        });
        let root = json!({"openapi": "3.1.0", "components": {"schemas": components}, "these": schemas});
        let document = Document::read(root.to_string()).unwrap();
        let these: Vec<Node<'_>> = document.root().get("these").unwrap().items().collect();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        let meant = reader.types_meant(0, &these);
        meant.map(|it| (it.types, it.is_certain))
    }

    fn meant(schema: Value) -> Option<(Types, bool)> {
        together(&[schema])
    }

    #[test]
    fn keywords_speak_of_the_types_to_which_they_apply() {
        for (types, is_certain, keywords) in [
            (
                Types::STRING,
                true,
                vec![
                    json!({"minLength": 1}),
                    json!({"maxLength": 1}),
                    json!({"pattern": "a"}),
                ],
            ),
            (
                Types::NUMBER,
                false,
                vec![
                    json!({"minimum": 1}),
                    json!({"maximum": 1}),
                    json!({"multipleOf": 2}),
                ],
            ),
            (
                Types::ARRAY,
                false,
                vec![
                    json!({"items": {"type": "string"}}),
                    json!({"items": false}),
                    json!({"prefixItems": [true]}),
                    json!({"minItems": 1}),
                    json!({"maxItems": 1}),
                    json!({"uniqueItems": true}),
                    json!({"contains": true}),
                ],
            ),
            (
                Types::OBJECT,
                true,
                vec![
                    json!({"properties": {"a": true}}),
                    json!({"patternProperties": {"^a": true}}),
                    json!({"patternProperties": {".*": true}}),
                    json!({"additionalProperties": {"type": "string"}}),
                    json!({"additionalProperties": false}),
                    json!({"propertyNames": true}),
                    json!({"minProperties": 1}),
                    json!({"maxProperties": 1}),
                    json!({"required": ["a"]}),
                    json!({"dependentRequired": {"a": ["b"]}}),
                    json!({"dependentSchemas": {"a": true}}),
                ],
            ),
        ] {
            for keyword in keywords {
                assert_eq!(meant(keyword.clone()), Some((types, is_certain)), "{keyword}");
            }
        }
        for nothing in [
            json!({}),
            json!(true),
            json!({"items": {}}),
            json!({"items": true}),
            json!({"properties": {}}),
            json!({"additionalProperties": {}}),
            json!({"additionalProperties": true}),
            json!({"required": []}),
            json!({"title": "T", "not": {"maxLength": 3}}),
        ] {
            assert_eq!(meant(nothing.clone()), None, "{nothing}");
        }
    }

    #[test]
    fn a_schema_that_speaks_of_several_types_means_all_of_them() {
        // Each text is a string, so it is certain that such a text is read as what is meant.
        let text_or_number = Some((Types::STRING.or(Types::NUMBER), true));
        assert_eq!(meant(json!({"maxLength": 3, "minimum": 1})), text_or_number);
        assert_eq!(meant(json!({"minimum": 1, "maxLength": 3})), text_or_number);
        assert_eq!(
            together(&[json!({"minimum": 1}), json!({"maxLength": 3})]),
            text_or_number
        );
        assert_eq!(
            meant(json!({"minItems": 1, "minProperties": 1})),
            Some((Types::ARRAY.or(Types::OBJECT), false))
        );
    }

    #[test]
    fn a_schema_that_states_its_types_means_nothing_else() {
        for stated in [
            json!({"type": "string"}),
            json!({"const": "a"}),
            json!({"enum": ["a", 1]}),
            json!({"anyOf": [{"type": "string"}, {"const": 1}]}),
            json!({"allOf": [{"type": "string"}]}),
        ] {
            assert_eq!(
                together(&[json!({"minimum": 1}), stated.clone()]),
                None,
                "{stated}"
            );
        }
    }

    #[test]
    fn alternatives_mean_what_they_state_or_speak_of() {
        let any_of = |parts: Value| json!({ "anyOf": parts });
        for (value, types) in [
            (json!(null), Types::NULL),
            (json!(true), Types::BOOLEAN),
            (json!(1), Types::NUMBER),
            (json!([]), Types::ARRAY),
            (json!({}), Types::OBJECT),
        ] {
            for values in [json!({"const": value}), json!({"enum": [value]})] {
                let either = any_of(json!([values, {"maxLength": 3}]));
                assert_eq!(meant(either), Some((types.or(Types::STRING), true)), "{values}");
            }
        }
        let text = json!({"const": "a"});
        let (text_or_list, text_or_number) =
            (Types::STRING.or(Types::ARRAY), Types::STRING.or(Types::NUMBER));
        for (schema, expected) in [
            (
                any_of(json!([text, {"minItems": 1}])),
                Some((text_or_list, false)),
            ),
            (
                json!({"oneOf": [text, {"minItems": 1}]}),
                Some((text_or_list, false)),
            ),
            (any_of(json!([text, {"const": 1}])), None),
            (
                any_of(json!([false, {"maxLength": 3}])),
                Some((Types::STRING, true)),
            ),
            // One alternative that is not certain leaves the others uncertain, too.
            (
                any_of(json!([{"maxLength": 3}, {"minimum": 1}])),
                Some((text_or_number, false)),
            ),
            (
                any_of(json!([{"minimum": 1}, {"maxLength": 3}])),
                Some((text_or_number, false)),
            ),
            (
                json!({"maxLength": 3, "anyOf": [{"minimum": 1}, {}]}),
                Some((Types::STRING, false)),
            ),
            // What is stated beside them narrows them.
            (
                json!({"type": ["string", "number"], "anyOf": [{"maxLength": 3}, {"type": ["boolean", "null"]}]}),
                Some((Types::STRING, true)),
            ),
        ] {
            assert_eq!(meant(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn references_and_parts_are_followed_so_deep() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let short = Some((Types::STRING, true));
        assert_eq!(meant(to("Short")), short);
        assert_eq!(meant(to("Circle")), None);
        assert_eq!(meant(json!({"allOf": [{}, to("Short")]})), short);
        let within =
            |levels: usize| (0..levels).fold(json!({"maxLength": 3}), |inner, _| json!({"allOf": [inner]}));
        assert_eq!(meant(within(DEEPEST - 1)), short);
        assert_eq!(meant(within(DEEPEST)), None);
        let after = |others: usize| {
            let mut parts = vec![json!({}); others];
            parts.push(to("Short"));
            json!({"allOf": parts})
        };
        // The schema itself, the reference and its target count, too.
        assert_eq!(meant(after(MOST - 3)), short);
        assert_eq!(meant(after(MOST - 2)), None);
    }

    #[test]
    fn what_inherits_from_a_schema_with_a_discriminator_is_none_of_its_alternatives() {
        let pet = json!({"$ref": "#/components/schemas/Pet"});
        let short = json!({"maxLength": 3});
        let either = Some((Types::OBJECT.or(Types::ARRAY), false));
        for (schema, expected) in [
            (pet.clone(), either),
            (json!({"allOf": [pet]}), either),
            (json!({"allOf": [pet, short]}), Some((Types::STRING, true))),
            (
                json!({"allOf": [{"allOf": [pet]}, short]}),
                Some((Types::STRING, true)),
            ),
            // Without a discriminator, the alternatives apply to the heir.
            (
                json!({"allOf": [{"oneOf": [{"type": "object"}, {"minItems": 1}]}, short]}),
                either,
            ),
        ] {
            assert_eq!(meant(schema.clone()), expected, "{schema}");
        }
    }
}

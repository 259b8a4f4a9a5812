//! The types that a schema without a `type` means where its value is a text.
//!
//! By the letter, `{"maxLength": 3}` accepts the list that a text can stand for. Whoever writes it means texts. See
//! reading 1 in `docs/readings.md`.

use openapi_document::{Kind, Node};

use super::ast::{Keyword, Schema, Types};
use super::reader::Reader;

/// Maximum number of schemas that one question visits.
const MOST: usize = 2_000;
/// Maximum nesting of schemas for one value, including references.
const DEEPEST: usize = 64;

/// What schemas say of the type of a value.
#[derive(Clone, Copy)]
struct Said {
    /// The types that they accept by a `type`, their values or their alternatives.
    stated: Types,
    /// The types of which their other keywords speak.
    spoken: Types,
}

impl Said {
    const NOTHING: Self = Self {
        stated: Types::ALL,
        spoken: Types::NONE,
    };

    fn types(self) -> Types {
        if self.stated == Types::ALL && !self.spoken.is_empty() {
            self.spoken
        } else {
            self.stated
        }
    }
}

impl<'d> Reader<'d> {
    /// The types that schemas for one value mean, if they state none and their keywords speak of some.
    pub(crate) fn types_meant(&mut self, source: usize, schemas: &[Node<'d>]) -> Option<Types> {
        let mut said = Said::NOTHING;
        let mut left = MOST;
        for schema in schemas {
            self.add_said(source, *schema, (0, &mut left), &mut said);
        }
        (said.stated == Types::ALL && !said.spoken.is_empty()).then_some(said.spoken)
    }

    fn add_said(
        &mut self,
        source: usize,
        node: Node<'d>,
        (depth, left): (usize, &mut usize),
        said: &mut Said,
    ) {
        let Some(rest) = left.checked_sub(1).filter(|_| depth < DEEPEST) else {
            return;
        };
        *left = rest;
        let schema: std::rc::Rc<Schema<'d>> = self.read(source, node);
        for keyword in &schema.keywords {
            let stated = match keyword {
                Keyword::Reference(target) => {
                    if let Some(target) = target {
                        self.add_said(source, *target, (depth + 1, &mut *left), said);
                    }
                    continue;
                }
                Keyword::AllOf(parts) => {
                    for part in parts.clone() {
                        self.add_said(source, part, (depth + 1, &mut *left), said);
                    }
                    continue;
                }
                Keyword::AnyOf(parts) | Keyword::OneOf(parts) => {
                    let mut any = Types::NONE;
                    for part in parts.clone() {
                        let mut own = Said::NOTHING;
                        self.add_said(source, part, (depth + 1, &mut *left), &mut own);
                        any = any.or(own.types());
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

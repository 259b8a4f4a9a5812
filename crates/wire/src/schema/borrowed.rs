//! The keywords that the `jsonschema` validator judges: patterns of ECMA-262, formats, decimal division, and references
//! to the schema of schemas. Each validator contains a single keyword and is kept.

use std::collections::HashMap;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

use super::answer::{Answer, TOO_MUCH};
use super::pattern;

/// Maximum number of validators that are kept, and that are ever built for a document.
const KEPT: usize = 2_000;
const MOST_BUILT: usize = 10_000;
/// The sizes of compiled patterns in bytes, and the number of validators that a pattern of at most that size counts
/// as. The last size is the largest pattern that is read.
const SIZES: [(usize, usize); 3] = [(64 << 10, 1), (1 << 20, 50), (10 << 20, 1_000)];
/// Maximum length of a written pattern, format or number, in bytes. A longer one would take seconds to parse, only to be
/// too large.
const LONGEST: usize = 2 << 20;

#[derive(Clone, Copy)]
pub(super) enum Keyword {
    Pattern,
    Format,
    MultipleOf,
    /// A reference to the schema of schemas.
    MetaSchema,
}

/// The validators of single keywords.
#[derive(Default)]
pub(super) struct Borrowed {
    /// By keyword, and by the text of its value.
    validators: [HashMap<String, Result<Validator, String>>; 4],
    /// The number of validators that are kept, and that were ever built. A large pattern counts as many.
    kept: usize,
    built: usize,
}

impl Borrowed {
    /// Whether a keyword accepts a value.
    ///
    /// # Errors
    /// The reason why the validator cannot read the keyword.
    pub(super) fn accepts(&mut self, keyword: Keyword, written: &str, value: &Value) -> Answer {
        if written.len() > LONGEST {
            return Err(TOO_MUCH.into());
        }
        let own = &self.validators[keyword as usize];
        if !own.contains_key(written) {
            if self.kept >= KEPT {
                self.validators = Default::default();
                self.kept = 0;
            }
            if self.built >= MOST_BUILT {
                return Err(TOO_MUCH.into());
            }
            let (validator, worth) = build(keyword, written);
            self.kept += worth;
            self.built += worth;
            self.validators[keyword as usize].insert(written.to_owned(), validator);
        }
        match &self.validators[keyword as usize][written] {
            Ok(validator) => Ok(validator.is_valid(value)),
            Err(why) => Err(why.clone().into()),
        }
    }
}

/// Builds a validator, and returns the number of validators that it counts as.
fn build(keyword: Keyword, written: &str) -> (Result<Validator, String>, usize) {
    let (name, value) = match keyword {
        Keyword::Pattern => ("pattern", pattern::written(written).into()),
        Keyword::Format => ("format", written.into()),
        Keyword::MetaSchema => ("$ref", written.into()),
        // A number in the document is written as JSON.
        Keyword::MultipleOf => ("multipleOf", serde_json::from_str(written).unwrap_or_default()),
    };
    let schema = Value::Object(Map::from_iter([(name.to_owned(), value)]));
    let within = |size: usize| {
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::fancy_regex().size_limit(size))
            .build(&schema)
            .map_err(|error| {
                let why: String = error.to_string().chars().take(160).collect();
                format!("the judge cannot read its schema: {why}")
            })
    };
    let [small, larger @ ..] = SIZES;
    let mut built = (within(small.0), small.1);
    for (size, worth) in larger {
        if built.0.is_ok() {
            break;
        }
        built = (within(size), worth);
    }
    built
}

//! The names that the generator gives to Rust items, and the detection of collisions between them.

use std::collections::BTreeMap;

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::reference::resolve;
use crate::select::is_method;
use crate::{Error, ErrorKind};
use openapi_document::pointer::escape;

/// The keywords of Rust, including reserved ones. The generator appends a `_` to them.
const KEYWORDS: [&str; 53] = [
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "Self", "self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Local variables of generated methods, which are in scope together with the parameters.
const LOCALS: [&str; 2] = ["encode_path", "header_map"];

pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// The type name of the schema `name`.
pub(crate) fn type_name(name: &str) -> String {
    identifier(name, str::to_pascal_case, "X")
}

/// The argument name of the parameter `name`.
fn argument_name(name: &str) -> String {
    identifier(name, str::to_snake_case, "_")
}

/// Converts a name in the same way as the generator. `digit` is the prefix for a name that begins with a character
/// which cannot start an identifier.
fn identifier(name: &str, to_case: impl Fn(&str) -> String, digit: &str) -> String {
    let words = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => {
            let plain = name.replace('\'', "");
            to_case(&plain.replace(|c| !unicode_ident::is_xid_continue(c), "-"))
        }
    };
    let words = match words.chars().next() {
        None => to_case("x"),
        Some(first) if unicode_ident::is_xid_start(first) => words,
        Some(_) => format!("{digit}{words}"),
    };
    if is_keyword(&words) {
        format!("{words}_")
    } else {
        words
    }
}

/// A name in the form in which rustc compares identifiers: Unicode NFC.
pub(crate) fn compared(name: &str) -> String {
    name.nfc().collect()
}

/// A name that the generated code cannot have. Places are JSON pointers.
#[derive(Debug)]
pub(crate) enum NameProblem {
    /// Two places would have the same name.
    Twice {
        what: &'static str,
        name: String,
        first: Option<String>,
        second: Option<String>,
    },
    /// A place would hide a name that the generated code uses.
    Hides {
        what: &'static str,
        name: String,
        place: Option<String>,
    },
}

impl NameProblem {
    /// Makes the error for a document from `origin`.
    pub(crate) fn of(self, origin: &str) -> Error {
        let shown = |place: Option<String>| {
            place.map_or("a place that the generator does not tell".to_owned(), |place| {
                format!("#{}", short(&place))
            })
        };
        let (place, problem) = match self {
            Self::Twice {
                what,
                name,
                first,
                second,
            } => (
                shown(first),
                format!(
                    "this and {} would both be the {what} `{}` in Rust",
                    shown(second),
                    short(&name)
                ),
            ),
            Self::Hides { what, name, place } => (
                shown(place),
                format!(
                    "this would be the {what} `{name}` in Rust, and hide what the generated code means by it"
                ),
            ),
        };
        Error::new(
            ErrorKind::Name,
            format!("{origin}{place}"),
            problem,
            "rename it in the document, or take the operation that reaches it out of pin.toml",
        )
    }
}

/// Shortens a long text to its two ends, so that two places fit on a line.
fn short(text: &str) -> String {
    const END: usize = 100;
    if text.len() <= 2 * END {
        return text.to_owned();
    }
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let head = (0..=END).rev().find(is_boundary).unwrap_or_default();
    let tail = (text.len() - END..text.len())
        .find(is_boundary)
        .unwrap_or(text.len());
    format!("{}…{}", &text[..head], &text[tail..])
}

/// Refuses schemas with the same type name, and parameters of one operation with the same argument name. The generator
/// would confuse them or define both. `added` has the places for which added components stand.
///
/// # Errors
/// When there is such a collision. The error has both places.
pub(crate) fn check(document: &Value, added: &BTreeMap<String, String>) -> Result<(), NameProblem> {
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for name in schemas.into_iter().flat_map(|schemas| schemas.keys()) {
        let place = added
            .get(name)
            .cloned()
            .unwrap_or_else(|| format!("/components/schemas/{}", escape(name)));
        let ty = compared(&type_name(name));
        if let Some(first) = types.insert(ty.clone(), place.clone()) {
            return Err(twice("type", ty, first, place));
        }
    }
    let items = document.get("paths").and_then(Value::as_object);
    for (path, item) in items.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if is_method(method) {
                let item_place = format!("/paths/{}", escape(path));
                check_arguments(document, (&item_place, item), (method, operation))?;
            }
        }
    }
    Ok(())
}

fn twice(what: &'static str, name: String, first: String, second: String) -> NameProblem {
    NameProblem::Twice {
        what,
        name,
        first: Some(first),
        second: Some(second),
    }
}

/// A parameter: its place, its name in the document, and its location.
type Parameter<'d> = (String, &'d str, &'d str);

fn check_arguments(
    document: &Value,
    (item_place, item): (&str, &Value),
    (method, operation): (&str, &Value),
) -> Result<(), NameProblem> {
    let place = format!("{item_place}/{method}");
    let own = parameters(document, &place, operation);
    // A parameter of the operation overrides a parameter of the path with the same name and location.
    let shared = parameters(document, item_place, item)
        .into_iter()
        .filter(|(_, name, location)| !own.iter().any(|(_, n, l)| n == name && l == location));
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    if operation.get("requestBody").is_some() {
        arguments.insert("body".to_owned(), format!("{place}/requestBody"));
    }
    for (place, name, _) in shared.chain(own.iter().cloned()) {
        let argument = compared(&argument_name(name));
        if LOCALS.contains(&argument.as_str()) {
            return Err(NameProblem::Hides {
                what: "argument",
                name: argument,
                place: Some(place),
            });
        }
        if let Some(first) = arguments.insert(argument.clone(), place.clone()) {
            return Err(twice("argument", argument, first, place));
        }
    }
    Ok(())
}

fn parameters<'d>(document: &'d Value, place: &str, holder: &'d Value) -> Vec<Parameter<'d>> {
    let list = holder.get("parameters").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(index, parameter)| {
            let parameter = followed(document, parameter)?;
            Some((
                format!("{place}/parameters/{index}"),
                parameter.get("name")?.as_str()?,
                parameter.get("in")?.as_str()?,
            ))
        })
        .collect()
}

/// Follows the `$ref`s of a parameter. `select` already refuses cycles.
fn followed<'d>(document: &'d Value, mut parameter: &'d Value) -> Option<&'d Value> {
    for _ in 0..32 {
        match parameter.get("$ref").and_then(Value::as_str) {
            Some(reference) => parameter = resolve(document, reference)?,
            None => return Some(parameter),
        }
    }
    None
}

/// Refuses two values of an `enum` whose variants would have the same name. The generator replaces invalid characters
/// with `X` before it fails.
#[cfg(feature = "generate")]
pub(crate) fn check_variants(document: &Value) -> Result<(), NameProblem> {
    let mut found = Ok(());
    crate::prepare::schemas::each(&mut document.clone(), &mut |pointer, schema| {
        let values: Vec<(usize, &str)> = schema
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(|(index, value)| Some((index, value.as_str()?)))
            .collect();
        let same = |name: &dyn Fn(&str) -> String| {
            let mut names: BTreeMap<String, usize> = BTreeMap::new();
            values.iter().find_map(|(index, value)| {
                let name = name(value);
                names
                    .insert(name.clone(), *index)
                    .map(|first| (name, first, *index))
            })
        };
        let odd = |c: char| c == '_' || !unicode_ident::is_xid_continue(c);
        if found.is_ok()
            && same(&type_name).is_some()
            && let Some((name, first, second)) = same(&|value| type_name(&value.replace(odd, "X")))
        {
            let place = |index| format!("{pointer}/enum/{index}");
            found = Err(twice("variant", name, place(first), place(second)));
        }
    });
    found
}

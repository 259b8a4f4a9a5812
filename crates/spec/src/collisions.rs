//! Finds names that occur twice in one namespace of the generated code, which would not compile.
//!
//! The generator invents names for schemas without a name (inline or merged ones) by its own rules. This module
//! therefore checks the generated code instead of predicting the names. It is generated from a document in which the
//! description of every schema is its JSON pointer, so the documentation of each item tells its origin.

use std::collections::BTreeMap;

use quote::quote;
use serde_json::Value;
use syn::{Attribute, Expr, Fields, FnArg, Ident, ImplItem, Item, Lit, Meta, Pat};

use crate::names::{NameProblem, compared};
use crate::prepare::schemas;
use openapi_document::pointer::escape;

/// Returns the document with the JSON pointer of each schema as its description.
pub(crate) fn described_by_place(document: &Value) -> Value {
    let mut document = document.clone();
    schemas::each(&mut document, &mut |pointer, schema| {
        if let Some(map) = schema.as_object_mut().filter(|map| !map.contains_key("$ref")) {
            map.insert("description".to_owned(), pointer.into());
        }
    });
    document
}

/// Checks code that was generated from a document [`described_by_place`].
///
/// # Errors
/// When a name occurs twice. The error has both places, as far as the code contains them.
pub(crate) fn check(items: &[Item]) -> Result<(), NameProblem> {
    module("", items)
}

fn module(path: &str, items: &[Item]) -> Result<(), NameProblem> {
    let mut types = Namespace::new("type", path);
    let mut values = Namespace::new("item", path);
    let mut methods: BTreeMap<String, Namespace> = BTreeMap::new();
    let mut reads_strings = false;
    for item in items {
        match item {
            Item::Struct(item) => {
                let place = place(&item.attrs);
                types.add(&item.ident, place.as_deref())?;
                if !matches!(item.fields, Fields::Named(_)) {
                    values.add(&item.ident, place.as_deref())?;
                }
                fields_of(&join(path, &item.ident), &item.fields, place.as_deref())?;
            }
            Item::Enum(item) => {
                let place = place(&item.attrs);
                types.add(&item.ident, place.as_deref())?;
                let path = join(path, &item.ident);
                let mut variants = Namespace::new("variant", &path);
                for variant in &item.variants {
                    let place = part_place(&variant.attrs, &variant.ident, place.as_deref(), "variant");
                    variants.add(&variant.ident, place.as_deref())?;
                    fields_of(&join(&path, &variant.ident), &variant.fields, place.as_deref())?;
                }
            }
            Item::Type(item) => types.add(&item.ident, place(&item.attrs).as_deref())?,
            Item::Trait(item) => types.add(&item.ident, None)?,
            Item::Mod(item) => {
                types.add(&item.ident, None)?;
                let content = item.content.as_ref().map(|(_, content)| content.as_slice());
                module(&join(path, &item.ident), content.unwrap_or_default())?;
            }
            Item::Const(item) => values.add(&item.ident, None)?,
            Item::Fn(item) => values.add(&item.sig.ident, None)?,
            Item::Impl(item) if item.trait_.is_some() => {
                let path = item.trait_.as_ref().map(|(path, _)| quote!(#path).to_string());
                reads_strings |= path.is_some_and(|path| path.ends_with("TryFrom < String >"));
            }
            Item::Impl(item) => {
                let ty = &item.self_ty;
                let ty = quote!(#ty).to_string();
                let of = methods
                    .entry(ty.clone())
                    .or_insert_with(|| Namespace::new("method", &ty));
                for member in &item.items {
                    match member {
                        ImplItem::Fn(method) => {
                            of.add(&method.sig.ident, None)?;
                            arguments_of(&format!("{ty}::{}", method.sig.ident), &method.sig.inputs)?;
                        }
                        ImplItem::Const(constant) => of.add(&constant.ident, None)?,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    // The generated code uses these names with their usual meaning everywhere.
    values.refuse("Ok")?;
    values.refuse("Err")?;
    if reads_strings {
        types.refuse("String")?;
    }
    Ok(())
}

fn fields_of(path: &str, list: &Fields, of: Option<&str>) -> Result<(), NameProblem> {
    let mut fields = Namespace::new("field", path);
    for field in list {
        if let Some(ident) = &field.ident {
            fields.add(
                ident,
                part_place(&field.attrs, ident, of, "properties").as_deref(),
            )?;
        }
    }
    Ok(())
}

fn arguments_of<'i>(path: &str, list: impl IntoIterator<Item = &'i FnArg>) -> Result<(), NameProblem> {
    let mut arguments = Namespace::new("argument", path);
    for argument in list {
        if let FnArg::Typed(argument) = argument
            && let Pat::Ident(name) = &*argument.pat
        {
            arguments.add(&name.ident, None)?;
        }
    }
    Ok(())
}

/// Names that must differ from each other, with their places.
struct Namespace {
    what: &'static str,
    path: String,
    names: BTreeMap<String, Option<String>>,
}

impl Namespace {
    fn new(what: &'static str, path: &str) -> Self {
        Self {
            what,
            path: path.to_owned(),
            names: BTreeMap::new(),
        }
    }

    fn add(&mut self, ident: &Ident, place: Option<&str>) -> Result<(), NameProblem> {
        let place = place.map(str::to_owned);
        match self.names.insert(compared(&ident.to_string()), place.clone()) {
            None => Ok(()),
            Some(first) => Err(NameProblem::Twice {
                what: self.what,
                name: join(&self.path, ident),
                first,
                second: place,
            }),
        }
    }

    /// Refuses a name that would hide an item which the other generated code uses.
    fn refuse(&self, word: &str) -> Result<(), NameProblem> {
        match self.names.get(word) {
            None => Ok(()),
            Some(place) => Err(NameProblem::Hides {
                what: self.what,
                name: word.to_owned(),
                place: place.clone(),
            }),
        }
    }
}

fn join(path: &str, ident: &Ident) -> String {
    if path.is_empty() {
        ident.to_string()
    } else {
        format!("{path}::{ident}")
    }
}

/// The place in the description of an item.
pub(crate) fn place(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => text(&pair.value),
            _ => None,
        })
        .filter(|doc| doc.starts_with('/'))
}

/// The place of a field or a variant: its own description, else the place of its container and its name in JSON.
fn part_place(attributes: &[Attribute], ident: &Ident, of: Option<&str>, part: &str) -> Option<String> {
    place(attributes).or_else(|| {
        let name = serde_rename(attributes).unwrap_or_else(|| ident.to_string());
        Some(format!("{}/{part}/{}", of.unwrap_or_default(), escape(&name)))
    })
}

/// The `x` in `#[serde(rename = "x", …)]`.
fn serde_rename(attributes: &[Attribute]) -> Option<String> {
    let mut found = None;
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // Ignore attributes that do not have the form `rename = "x"`.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.input.peek(syn::Token![=]) {
                let value: Expr = meta.value()?.parse()?;
                if meta.path.is_ident("rename") {
                    found = text(&value);
                }
            }
            Ok(())
        });
    }
    found
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

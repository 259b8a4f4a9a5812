//! Lists the public items of Rust source code by path.

use std::collections::BTreeMap;

use quote::ToTokens;
use serde::{Deserialize, Serialize};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, FnArg, Ident, Item, ReturnType, Token, Visibility, braced};

/// A public item.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct PublicItem {
    /// Its form for callers: a signature, a type, a kind.
    pub(crate) shape: String,
    /// Whether a new part of the item breaks callers that name all its parts, such as fields in a literal or variants
    /// in a match.
    pub(crate) exhaustive: bool,
    /// The item that contains it, if any.
    pub(crate) of: Option<String>,
}

/// Public items by path: `types::Wallet`, `types::Wallet::network`, `Client::get_user`, `Default for types::Wallet`.
pub(crate) type Items = BTreeMap<String, PublicItem>;

/// Lists the public items of `source`.
///
/// # Errors
/// When it is not valid Rust.
pub(crate) fn public_items(source: &str) -> Result<Items, syn::Error> {
    let file = syn::parse_file(source)?;
    let mut items = Items::new();
    visit(&mut items, "", &file.items);
    Ok(items)
}

fn visit(items: &mut Items, module: &str, list: &[Item]) {
    for item in list {
        match item {
            Item::Mod(it) if public(&it.vis) => {
                if let Some((_, content)) = &it.content {
                    visit(items, &join(module, &it.ident), content);
                }
            }
            Item::Struct(it) if public(&it.vis) => {
                let path = join(module, &it.ident);
                let all_public = it.fields.iter().all(|field| public(&field.vis));
                let exhaustive = all_public && !non_exhaustive(&it.attrs) && !it.fields.is_empty();
                fields(items, &path, &it.fields, false);
                derives(items, &path, &it.attrs);
                add(
                    items,
                    path,
                    format!("struct{}", it.generics.to_token_stream()),
                    exhaustive,
                );
            }
            Item::Enum(it) if public(&it.vis) => {
                let path = join(module, &it.ident);
                for variant in &it.variants {
                    let name = join(&path, &variant.ident);
                    fields(items, &name, &variant.fields, true);
                    add(items, name, "variant".to_owned(), false);
                }
                derives(items, &path, &it.attrs);
                add(items, path, "enum".to_owned(), !non_exhaustive(&it.attrs));
            }
            Item::Fn(it) if public(&it.vis) => {
                add(items, join(module, &it.sig.ident), signature(&it.sig), false);
            }
            Item::Type(it) if public(&it.vis) => {
                add(
                    items,
                    join(module, &it.ident),
                    format!("type = {}", text(&it.ty)),
                    false,
                );
            }
            Item::Const(it) if public(&it.vis) => {
                add(
                    items,
                    join(module, &it.ident),
                    format!("const: {}", text(&it.ty)),
                    false,
                );
            }
            Item::Trait(it) if public(&it.vis) => {
                add(items, join(module, &it.ident), "trait".to_owned(), false);
            }
            Item::Macro(it)
                if it
                    .mac
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "open_enum") =>
            {
                if let Ok(open) = it.mac.parse_body::<OpenEnum>() {
                    let path = join(module, &open.name);
                    for value in &open.values {
                        add(items, join(&path, value), "const: Self".to_owned(), false);
                    }
                    add(items, path, "open enum".to_owned(), false);
                }
            }
            Item::Impl(it) if let Some((path, _)) = &it.trait_ => {
                let of = format!("{}{}", prefix(module), text(&it.self_ty));
                implements(items, &of, &last_segment(path));
            }
            Item::Impl(it) => {
                let of = format!("{}{}", prefix(module), text(&it.self_ty));
                for member in &it.items {
                    match member {
                        syn::ImplItem::Fn(it) if public(&it.vis) => {
                            add(items, join(&of, &it.sig.ident), signature(&it.sig), false);
                        }
                        syn::ImplItem::Const(it) if public(&it.vis) => {
                            add(
                                items,
                                join(&of, &it.ident),
                                format!("const: {}", text(&it.ty)),
                                false,
                            );
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

fn fields(items: &mut Items, of: &str, list: &Fields, always_public: bool) {
    for (index, field) in list.iter().enumerate() {
        if always_public || public(&field.vis) {
            let name = field
                .ident
                .as_ref()
                .map_or_else(|| index.to_string(), ToString::to_string);
            add(items, format!("{of}::{name}"), text(&field.ty), false);
        }
    }
}

fn add(items: &mut Items, path: String, shape: String, exhaustive: bool) {
    let of = path.rsplit_once("::").map(|(of, _)| of.to_owned());
    items.insert(
        path,
        PublicItem {
            shape,
            exhaustive,
            of,
        },
    );
}

/// Adds the derived traits of a type, since callers break if a type loses `Default`, for example.
fn derives(items: &mut Items, of: &str, attributes: &[Attribute]) {
    for attribute in attributes.iter().filter(|it| it.path().is_ident("derive")) {
        let derived = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        for path in derived.into_iter().flatten() {
            implements(items, of, &last_segment(&path));
        }
    }
}

fn implements(items: &mut Items, of: &str, name: &str) {
    let item = PublicItem {
        shape: "trait".to_owned(),
        exhaustive: false,
        of: Some(of.to_owned()),
    };
    items.insert(format!("{name} for {of}"), item);
}

/// The last segment of a path: `Display` of `::std::fmt::Display`, `TryFrom<&str>` of `::std::convert::TryFrom<&str>`.
fn last_segment(path: &syn::Path) -> String {
    path.segments.last().map(text).unwrap_or_default()
}

/// The crate's own macro: `open_enum! { Name { CONSTANT = "value", … } }`.
struct OpenEnum {
    name: Ident,
    values: Vec<Ident>,
}

impl Parse for OpenEnum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        let content;
        braced!(content in input);
        let mut values = Vec::new();
        while !content.is_empty() {
            content.call(Attribute::parse_outer)?;
            values.push(content.parse()?);
            content.parse::<Token![=]>()?;
            content.parse::<syn::LitStr>()?;
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(Self { name, values })
    }
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn non_exhaustive(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

fn join(of: &str, name: &syn::Ident) -> String {
    format!("{}{name}", prefix(of))
}

fn prefix(of: &str) -> String {
    if of.is_empty() {
        String::new()
    } else {
        format!("{of}::")
    }
}

/// The signature of a function without lifetimes: `async fn(&self, user_id: &str) -> Result<…>`.
pub(super) fn signature(signature: &syn::Signature) -> String {
    let inputs: Vec<String> = signature
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Receiver(receiver) => text(receiver),
            FnArg::Typed(argument) => format!("{}: {}", text(&argument.pat), text(&argument.ty)),
        })
        .collect();
    let output = match &signature.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, ty) => format!(" -> {}", text(ty)),
    };
    let asyncness = if signature.asyncness.is_some() {
        "async "
    } else {
        ""
    };
    let whole = format!(
        "{asyncness}fn{}({}){output}",
        text(&signature.generics),
        inputs.join(", ")
    );
    whole.replace("fn<'a>", "fn").replace("&'a ", "&")
}

/// Formats tokens so that they are readable, and the same in every run.
fn text(tokens: &impl ToTokens) -> String {
    tokens
        .to_token_stream()
        .to_string()
        .replace(" :: ", "::")
        .replace(":: ", "::")
        .replace(" <", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace("::std::option::", "")
        .replace("::std::string::", "")
        .replace("::std::vec::", "")
        .replace("::std::boxed::", "")
        .replace("::serde_json::", "serde_json::")
        .replace("crate::", "")
        .replace(",>", ">")
}

#[cfg(test)]
mod tests {
    use super::public_items;

    #[test]
    fn public_items_are_listed_with_their_shape() {
        let items = public_items(
            "pub mod types {
                #[derive(Default)] pub struct Wallet { pub id: ::std::option::Option<String>, hidden: u8 }
                #[non_exhaustive] pub enum Status { Active, Other(String) }
                impl Status { pub const A: Status = Status::Active; pub fn as_str(&self) -> &str { todo!() } fn b() {} }
                struct Private;
                impl ::std::fmt::Display for Status { fn fmt(&self) {} }
            }
            pub mod enums { crate::open_enum::open_enum! { #[doc = \"x\"] Chain { #[doc = \"y\"] EVM = \"EVM\" } } }
            pub struct Client;
            impl Client { pub async fn get_user<'a>(&'a self, id: &'a str) -> Result<types::Wallet, ()> { todo!() } }",
        )
        .unwrap();
        let lines: Vec<String> = items
            .iter()
            .map(|(path, item)| format!("{path} {}", item.shape))
            .collect();
        assert_eq!(
            lines,
            [
                "Client struct",
                "Client::get_user async fn(&self, id: &str) -> Result<types::Wallet, ()>",
                "Default for types::Wallet trait",
                "Display for types::Status trait",
                "enums::Chain open enum",
                "enums::Chain::EVM const: Self",
                "types::Status enum",
                "types::Status::A const: Status",
                "types::Status::Active variant",
                "types::Status::Other variant",
                "types::Status::Other::0 String",
                "types::Status::as_str fn(&self) -> &str",
                "types::Wallet struct",
                "types::Wallet::id Option<String>",
            ]
        );
        assert!(
            !items["types::Wallet"].exhaustive,
            "a private field keeps callers from writing it out"
        );
        assert!(!items["types::Status"].exhaustive);
    }
}

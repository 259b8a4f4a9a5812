//! The public items of some Rust source, by path.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::{Fields, FnArg, Item, ReturnType, Visibility};

/// One public item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicItem {
    /// How callers see it: a signature, a type, a kind.
    pub(crate) shape: String,
    /// Whether a caller that names every part of it must change when it gains one: it lists its
    /// fields in a literal, or its variants in a match.
    pub(crate) exhaustive: bool,
}

/// Public items by path: `types::Wallet`, `types::Wallet::network`, `Client::get_user`.
pub(crate) type Items = BTreeMap<String, PublicItem>;

/// Lists the public items of `source`.
///
/// # Errors
/// When it is not Rust.
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
            Item::Impl(it) if it.trait_.is_none() => {
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
    items.insert(path, PublicItem { shape, exhaustive });
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

/// `(&self, user_id: &types::UserId) -> Result<…>`: what a call has to agree with.
fn signature(signature: &syn::Signature) -> String {
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
    format!(
        "{asyncness}fn{}({}){output}",
        text(&signature.generics),
        inputs.join(", ")
    )
}

/// Tokens as people write them, near enough to read and the same on every run.
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
}

#[cfg(test)]
mod tests {
    use super::public_items;

    #[test]
    fn what_callers_can_name_is_listed_with_its_shape() {
        let items = public_items(
            "pub mod types {
                pub struct Wallet { pub id: ::std::option::Option<String>, hidden: u8 }
                #[non_exhaustive] pub enum Status { Active, Other(String) }
                impl Status { pub const A: Status = Status::Active; pub fn as_str(&self) -> &str { todo!() } fn b() {} }
                struct Private;
            }
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
                "Client::get_user async fn<'a>(&'a self, id: &'a str) -> Result<types::Wallet, ()>",
                "types::Status enum",
                "types::Status::A const: Status",
                "types::Status::Active variant",
                "types::Status::Other variant",
                "types::Status::Other::0 String",
                "types::Status::as_str fn(&self) -> &str",
                "types::Wallet struct",
                "types::Wallet::id ::std::option::Option<String>",
            ]
        );
        assert!(
            !items["types::Wallet"].exhaustive,
            "a private field keeps callers from writing it out"
        );
        assert!(!items["types::Status"].exhaustive);
    }
}

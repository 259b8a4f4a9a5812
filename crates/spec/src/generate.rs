//! Generates the Rust source of the client with progenitor, and adapts it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Attribute, Fields, Item, ItemEnum, ItemStruct, Meta, parse_quote};

use crate::names::{self, NameProblem, type_name};
use crate::prepare::{OpenEnum, Prepared};
use crate::{Error, ErrorKind, collisions, shared_types};

/// Generates the Rust source of a client from a prepared document.
///
/// The including crate must provide, at its root: the domain types of the pin; a module `enums` that re-exports the one
/// in this source; `operation::Operation`; the macro `open_enum::open_enum!`; `tolerant::null_as_default`; and
/// `call::Slot`, through which a generated method passes on its request.
///
/// # Errors
/// When no code can be generated from the document, or a name would occur twice in the code; the error then has both
/// places. A panic of the generator also becomes an error, but still triggers the panic hook.
///
/// ```
/// use ratio_spec::{Pin, Source, generate, prepare, select};
///
/// let pin = Pin::read("../../spec/pin.toml")?;
/// let source = Source::read(pin.document())?;
/// let code = generate(&prepare(&source, select(&source, &pin)?, &pin)?)?;
/// assert!(code.contains("fn request_bank_link"));
/// assert!(!code.contains("Payroll"));
/// # Ok::<(), ratio_spec::Error>(())
/// ```
pub fn generate(prepared: &Prepared) -> Result<String, Error> {
    let mut file = generated(prepared, &well_named(prepared)?)?;
    adapt(&mut file.items);
    let enums = prepared.open_enums().iter().map(open_enum);
    let operations = operations(prepared);
    let generated = quote! {
        #file

        /// The enums in Ratio's responses, to which Ratio may add values.
        pub mod enums {
            #(#enums)*
        }

        #operations
    };
    // Format the code, so that compiler messages can point into it.
    let file = syn::parse2(generated).map_err(|error| {
        Error::new(
            ErrorKind::Generation,
            prepared.origin(),
            format!("the generated code is no Rust: {error}"),
            "this is a defect of the generator; leave out what it trips over",
        )
    })?;
    Ok(prettyplease::unparse(&file))
}

/// Returns the prepared document with a `title` for each inline schema whose type would have the name of another type.
fn well_named(prepared: &Prepared) -> Result<Value, Error> {
    /// Limit on the number of added titles, far above what real documents need.
    const MOST_TITLES: usize = 64;
    let mut document = prepared.document.clone();
    let mut titles = 0;
    loop {
        let code = generated(prepared, &collisions::described_by_place(&document))?;
        let checked = collisions::check(&code.items)
            .and_then(|()| shared_types::check(&document, &code.items))
            .and_then(|()| shared_types::check_operations(&document, prepared.operations(), &code.items));
        let Err(problem) = checked else {
            return Ok(document);
        };
        if titles == MOST_TITLES || !title(&mut document, &problem) {
            return Err(problem.of(&prepared.origin));
        }
        titles += 1;
    }
}

/// Adds a `title`, which the generator prefers as the name of a type, to an inline schema. Returns whether this was
/// possible.
fn title(document: &mut Value, problem: &NameProblem) -> bool {
    let NameProblem::Twice {
        what: "type",
        name,
        first,
        second,
    } = problem
    else {
        return false;
    };
    let name = name.rsplit("::").next().unwrap_or(name);
    // Try the later place first, so that the earlier type keeps its name.
    for place in [second, first].into_iter().flatten() {
        let is_component = place.starts_with("/components/schemas/") && place.matches('/').count() == 3;
        let schema = document.pointer_mut(place).and_then(Value::as_object_mut);
        if let Some(schema) = schema
            .filter(|schema| !is_component && !schema.contains_key("$ref") && !schema.contains_key("title"))
        {
            schema.insert("title".to_owned(), format!("{name}Inline").into());
            return true;
        }
    }
    false
}

/// Runs progenitor on a document.
fn generated(prepared: &Prepared, document: &Value) -> Result<syn::File, Error> {
    let refuse = |problem: String| {
        Error::new(
            ErrorKind::Generation,
            &prepared.origin,
            format!("no code can be generated: {problem}"),
            "mend the document, or add a pass to `prepare` that does",
        )
    };
    let spec: OpenAPI = serde_json::from_value(document.clone())
        .map_err(|error| refuse(format!("not OpenAPI 3.0 to the generator: {error}")))?;
    // The generator asserts some of its assumptions. A document must not be able to abort the build without an
    // explanation.
    let tokens = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings(prepared)).generate_tokens(&spec)
    }))
    .map_err(|panic| match names::check_variants(document) {
        Err(problem) => problem.of(&prepared.origin),
        Ok(()) => refuse(format!("the generator gave up: {}", reason(&*panic))),
    })?
    .map_err(|error| refuse(error.to_string()))?;
    syn::parse2(tokens).map_err(|error| refuse(error.to_string()))
}

/// The message of a panic.
fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

fn settings(prepared: &Prepared) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::call::Slot));
    for open in prepared.open_enums() {
        let path = format!("crate::enums::{}", open.name);
        // The generator looks up a replacement by the name that it would give to the type.
        settings.with_replacement(
            type_name(&open.name),
            path,
            [TypeImpl::Display, TypeImpl::FromStr].into_iter(),
        );
    }
    for name in &prepared.domain_types {
        settings.with_replacement(type_name(name), format!("crate::{name}"), std::iter::empty());
    }
    settings
}

/// Makes the generated types safe to print, tolerant of `null`, and extensible.
fn adapt(items: &mut Vec<Item>) {
    let mut added = Vec::new();
    for item in items.iter_mut() {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    adapt(items);
                }
            }
            // The generated `Client` holds no personal data.
            Item::Struct(item) if has_derive(&item.attrs, "Serialize") => {
                remove_derive(&mut item.attrs, "Debug");
                read_null_as_absent(item);
                added.push(redacted_debug(item));
                if let Fields::Named(_) = item.fields {
                    added.extend(constructor(item));
                    item.attrs.push(parse_quote!(#[non_exhaustive]));
                }
            }
            Item::Enum(item) if has_derive(&item.attrs, "Serialize") => {
                item.attrs.push(parse_quote!(#[non_exhaustive]));
                if item.variants.iter().all(|variant| variant.fields.is_empty()) {
                    added.push(all_values(item));
                    continue;
                }
                remove_derive(&mut item.attrs, "Debug");
                let (name, text) = (&item.ident, item.ident.to_string());
                added.push(parse_quote! {
                    impl ::std::fmt::Debug for #name {
                        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                            f.debug_struct(#text).finish_non_exhaustive()
                        }
                    }
                });
            }
            _ => {}
        }
    }
    items.extend(added);
}

/// The list of all values of a closed enum, so that a form can offer them without a separate list.
fn all_values(item: &ItemEnum) -> Item {
    let name = &item.ident;
    let variants = item.variants.iter().map(|variant| &variant.ident);
    parse_quote! {
        impl #name {
            /// All values in the document, in its order.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];
        }
    }
}

/// A `Debug` implementation that prints only the open enums of a struct, since every other field may be personal data.
fn redacted_debug(item: &ItemStruct) -> Item {
    let (name, text) = (&item.ident, item.ident.to_string());
    let shown = item.fields.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let label = ident.to_string();
        is_open_enum(&field.ty).then(|| quote!(.field(#label, &self.#ident)))
    });
    parse_quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#text)#(#shown)*.finish_non_exhaustive()
            }
        }
    }
}

/// A constructor from the required fields, for a type that has no `Default` because some fields are required. Without
/// it, other crates could not make a value, since the type is `#[non_exhaustive]`.
fn constructor(item: &ItemStruct) -> Option<Item> {
    if has_derive(&item.attrs, "Default") {
        return None;
    }
    let name = &item.ident;
    let (mut parameters, mut values) = (Vec::new(), Vec::new());
    for field in &item.fields {
        let (ident, ty) = (field.ident.as_ref()?, &field.ty);
        values.push(match absent(field) {
            None => {
                parameters.push(quote!(#ident: #ty));
                quote!(#ident)
            }
            Some(absent) => quote!(#ident: #absent),
        });
    }
    Some(parse_quote! {
        impl #name {
            /// Makes a value from the required fields. The optional fields are absent, and can be set afterwards.
            pub fn new(#(#parameters),*) -> Self {
                Self { #(#values),* }
            }
        }
    })
}

/// The value of a field that is absent, if it is optional.
fn absent(field: &syn::Field) -> Option<TokenStream> {
    if is_option(&field.ty) {
        return Some(quote!(::std::option::Option::None));
    }
    let mut absent = None;
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // Other arguments of the `serde` attribute do not matter here.
        let _ = attr.parse_nested_meta(|meta| {
            let value = meta
                .value()
                .and_then(syn::parse::ParseBuffer::parse::<syn::LitStr>);
            if meta.path.is_ident("default") {
                absent = Some(if let Ok(function) = value {
                    let function = function.parse::<syn::ExprPath>()?;
                    quote!(#function())
                } else {
                    quote!(::std::default::Default::default())
                });
            }
            Ok(())
        });
    }
    absent
}

fn is_option(ty: &syn::Type) -> bool {
    quote!(#ty)
        .to_string()
        .replace(' ', "")
        .starts_with("::std::option::Option<")
}

/// Whether a type is `crate::enums::X` or an `Option` of it.
fn is_open_enum(ty: &syn::Type) -> bool {
    let text = quote!(#ty).to_string().replace(' ', "");
    let inner = text
        .strip_prefix("::std::option::Option<")
        .and_then(|t| t.strip_suffix('>'))
        .unwrap_or(&text);
    inner.starts_with("crate::enums::")
}

/// Accepts `null` for an optional list or map; serde's `default` alone accepts only an absent field.
fn read_null_as_absent(item: &mut ItemStruct) {
    let Fields::Named(fields) = &mut item.fields else {
        return;
    };
    for field in &mut fields.named {
        let is_option = is_option(&field.ty);
        let serde = field.attrs.iter().find(|attr| attr.path().is_ident("serde"));
        let has_default = field.attrs.iter().any(|attr| match &attr.meta {
            Meta::List(list) if attr.path().is_ident("serde") => list
                .tokens
                .clone()
                .into_iter()
                .any(|token| token.to_string() == "default"),
            _ => false,
        });
        if serde.is_some() && has_default && !is_option {
            field
                .attrs
                .push(parse_quote!(#[serde(deserialize_with = "crate::tolerant::null_as_default")]));
        }
    }
}

fn derives(attr: &Attribute) -> Option<Vec<syn::Path>> {
    if !attr.path().is_ident("derive") {
        return None;
    }
    let paths = attr
        .parse_args_with(syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
        .ok()?;
    Some(paths.into_iter().collect())
}

fn is_named(path: &syn::Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

fn has_derive(attrs: &[Attribute], name: &str) -> bool {
    attrs
        .iter()
        .filter_map(derives)
        .flatten()
        .any(|path| is_named(&path, name))
}

fn remove_derive(attrs: &mut [Attribute], name: &str) {
    for attr in attrs {
        if let Some(mut paths) = derives(attr) {
            paths.retain(|path| !is_named(path, name));
            *attr = parse_quote!(#[derive(#(#paths),*)]);
        }
    }
}

fn open_enum(open: &OpenEnum) -> TokenStream {
    let name = format_ident!("{}", open.name);
    let doc = if open.description.is_empty() {
        format!(
            "`{}` as Ratio says it; it may say more than was known at the pin.",
            open.name
        )
    } else {
        format!(
            "{} More values may come than were known at the pin.",
            open.description
        )
    };
    let constants = open
        .values
        .iter()
        .zip(constants(&open.values))
        .map(|(value, ident)| {
            let doc = format!("`{value}`.");
            quote! {
                #[doc = #doc]
                #ident = #value
            }
        });
    quote! {
        crate::open_enum::open_enum! {
            #[doc = #doc]
            #name { #(#constants),* }
        }
    }
}

/// The names of an enum's constants: each value as an identifier if this is unique, else its number.
fn constants(values: &[String]) -> Vec<proc_macro2::Ident> {
    let wanted: Vec<String> = values.iter().map(|value| constant(value)).collect();
    wanted
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let usable = name.chars().any(|c| c.is_ascii_alphanumeric());
            if usable && wanted.iter().filter(|other| *other == name).count() == 1 {
                return format_ident!("{name}");
            }
            let mut numbered = format!("VALUE_{index}");
            while wanted.contains(&numbered) {
                numbered.push('_');
            }
            format_ident!("{numbered}")
        })
        .collect()
}

/// A value as the name of a constant, in upper case and with other characters replaced.
fn constant(value: &str) -> String {
    let name: String = value
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("V{name}")
    } else {
        name
    }
}

fn operations(prepared: &Prepared) -> TokenStream {
    let ident = |name: &str| format_ident!("{}", name.to_ascii_uppercase());
    let all = prepared
        .operations()
        .iter()
        .map(|operation| ident(&operation.name));
    let constants = prepared.operations().iter().map(|operation| {
        let ident = ident(&operation.name);
        let (name, method, path) = (&operation.name, &operation.method, &operation.path);
        let statuses = &operation.statuses;
        quote! {
            pub(crate) const #ident: crate::operation::Operation = crate::operation::Operation {
                name: #name,
                method: #method,
                path: #path,
                statuses: &[#(#statuses),*],
            };
        }
    });
    quote! {
        /// The operations of the document.
        pub(crate) mod operations {
            #(#constants)*

            pub(crate) const ALL: &[&crate::operation::Operation] = &[#(&#all),*];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pin::CLIENT_METHODS;
    use crate::{Pin, Source, prepare, select};

    fn code() -> String {
        let pin = Pin::read("../../spec/pin.toml").unwrap();
        let source = Source::read(pin.document()).unwrap();
        generate(&prepare(&source, select(&source, &pin).unwrap(), &pin).unwrap()).unwrap()
    }

    #[test]
    fn the_same_document_gives_the_same_code() {
        assert_eq!(code(), code());
    }

    #[test]
    fn no_generated_type_with_data_derives_debug() {
        fn check(items: &[Item]) {
            for item in items {
                match item {
                    Item::Mod(module) => check(&module.content.as_ref().unwrap().1),
                    Item::Struct(item) if has_derive(&item.attrs, "Serialize") => {
                        assert!(!has_derive(&item.attrs, "Debug"), "{}", item.ident);
                    }
                    _ => {}
                }
            }
        }
        check(&syn::parse_file(&code()).unwrap().items);
    }

    #[test]
    fn every_generated_type_that_may_grow_says_so_and_can_be_made() {
        fn check(items: &[Item]) -> usize {
            let is_marked =
                |attrs: &[Attribute]| attrs.iter().any(|attr| attr.path().is_ident("non_exhaustive"));
            let is_made = |name: &syn::Ident| {
                items.iter().any(|item| match item {
                    Item::Impl(item) if item.trait_.is_none() => {
                        let ty = &item.self_ty;
                        *name == quote!(#ty).to_string()
                            && item.items.iter().any(|member| {
                                matches!(member, syn::ImplItem::Fn(method) if method.sig.ident == "new")
                            })
                    }
                    _ => false,
                })
            };
            items
                .iter()
                .map(|item| match item {
                    Item::Mod(module) => check(&module.content.as_ref().unwrap().1),
                    Item::Struct(item) if has_derive(&item.attrs, "Serialize") => {
                        assert!(is_marked(&item.attrs), "{}", item.ident);
                        let has_default = has_derive(&item.attrs, "Default");
                        assert!(has_default || is_made(&item.ident), "{}", item.ident);
                        1
                    }
                    Item::Enum(item) => {
                        assert!(is_marked(&item.attrs), "{}", item.ident);
                        1
                    }
                    _ => 0,
                })
                .sum()
        }
        assert!(check(&syn::parse_file(&code()).unwrap().items) > 10);
    }

    #[test]
    fn a_closed_enum_lists_its_values_in_the_order_of_the_document() {
        let code = code().replace([' ', '\n'], "");
        assert!(code.contains("implInitiateAchRequestType{"), "{code}");
        assert!(
            code.contains("pubconstALL:&'static[Self]=&[Self::Standard,Self::Instant];"),
            "{code}"
        );
    }

    #[test]
    fn a_constructor_asks_for_what_has_to_be_there_and_for_nothing_else() {
        let item = parse_quote! {
            #[derive(Serialize, Deserialize)]
            pub struct Thing {
                #[serde(rename = "theId")]
                pub id: String,
                #[serde(skip_serializing_if = "::std::option::Option::is_none")]
                pub name: ::std::option::Option<String>,
                #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
                pub parts: ::std::vec::Vec<String>,
                #[serde(rename = "most", default = "defaults::default_u64::<u64, 7>")]
                pub most: u64,
            }
        };
        let made = constructor(&item).unwrap();
        let expected: Item = parse_quote! {
            impl Thing {
                /// Makes a value from the required fields. The optional fields are absent, and can be set afterwards.
                pub fn new(id: String) -> Self {
                    Self {
                        id,
                        name: ::std::option::Option::None,
                        parts: ::std::default::Default::default(),
                        most: defaults::default_u64::<u64, 7>()
                    }
                }
            }
        };
        assert_eq!(quote!(#made).to_string(), quote!(#expected).to_string());
    }

    /// The generated methods may change with the version of the generator, so this test checks the list of refused
    /// names.
    #[test]
    fn every_method_of_the_client_that_is_no_operation_is_refused_as_a_name() {
        let code = code();
        let pin = Pin::read("../../spec/pin.toml").unwrap();
        let mut methods = BTreeSet::new();
        for item in syn::parse_file(&code).unwrap().items {
            if let Item::Impl(item) = item {
                for member in item.items {
                    if let syn::ImplItem::Fn(method) = member {
                        methods.insert(method.sig.ident.to_string());
                    }
                }
            }
        }
        let code: String = code.split_whitespace().collect();
        for called in code.split("self.").skip(1) {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = called.find(|c| !is_name(c)).unwrap_or(called.len());
            if called[end..].starts_with('(') {
                methods.insert(called[..end].to_owned());
            }
        }
        methods.retain(|name| pin.operations().iter().all(|operation| operation.name != *name));
        assert_eq!(Vec::from_iter(methods), CLIENT_METHODS);
    }

    #[test]
    fn a_204_is_generated_as_no_value() {
        let code = code().replace(' ', "");
        let delete = code.split("fndelete_bank").nth(1).unwrap();
        assert!(delete.split('{').next().unwrap().contains("ResponseValue<()>"));
    }

    #[test]
    fn a_document_that_the_generator_trips_over_is_an_error() {
        let pin = Pin::read("../../spec/pin.toml").unwrap();
        let source = Source::read(pin.document()).unwrap();
        let mut prepared = prepare(&source, select(&source, &pin).unwrap(), &pin).unwrap();
        prepared.document["paths"]["/v1/users/{userId}"]["get"]
            .as_object_mut()
            .unwrap()
            .remove("operationId");
        assert_eq!(generate(&prepared).unwrap_err().kind(), ErrorKind::Generation);
        prepared.document["paths"] = serde_json::json!(1);
        assert_eq!(generate(&prepared).unwrap_err().kind(), ErrorKind::Generation);
    }

    #[test]
    fn values_that_are_no_names_become_constants_all_the_same() {
        let values = [
            "ACTIVE",
            "in-review",
            "in review",
            "2FA",
            "",
            "known",
            "self",
            "VALUE_2",
        ];
        let names = constants(&values.map(str::to_owned));
        assert_eq!(
            names,
            [
                "ACTIVE", "VALUE_1", "VALUE_2_", "V2FA", "VALUE_4", "KNOWN", "SELF", "VALUE_2"
            ]
        );
    }
}

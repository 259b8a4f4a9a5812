//! Facts from the crate's own source: the public names of generated items, the signatures of `Session`, and the places
//! where the crate itself writes struct literals of generated types.

use std::collections::BTreeMap;
use std::path::Path;

use openapi_drift_cli::report::{ApiDiff, Change, Finding, Kind};
use syn::visit::{self, Visit};
use syn::{ExprStruct, ImplItem, Item, UseTree, Visibility};

use super::headline;
use super::items::signature;

/// The way in which the crate's source uses the generated code.
#[derive(Debug, Default)]
pub(crate) struct Public {
    /// Public names by generated names: `types::InitiateAchRequestType` is `AchKind`.
    names: BTreeMap<String, String>,
    /// The signatures of `Session`, by method name.
    signatures: BTreeMap<String, String>,
    /// Generated types for which the crate writes a full struct literal, each with one such place.
    literals: BTreeMap<String, String>,
}

impl Public {
    /// Reads the source files in a folder. A file that is not valid Rust is ignored.
    pub(crate) fn read(src: &Path) -> Self {
        let mut public = Self::default();
        let files = std::fs::read_dir(src).into_iter().flatten().flatten();
        let mut paths: Vec<_> = files.map(|file| file.path()).collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Ok(text) = std::fs::read_to_string(path) {
                public.add(&format!("src/{name}"), &text);
            }
        }
        public
    }

    fn add(&mut self, file: &str, text: &str) {
        let Ok(parsed) = syn::parse_file(text) else { return };
        for item in &parsed.items {
            match item {
                Item::Use(it) if matches!(it.vis, Visibility::Public(_)) => {
                    self.renamed(&it.tree, &mut Vec::new());
                }
                Item::Impl(it) if it.trait_.is_none() && is_session(&it.self_ty) => {
                    for member in &it.items {
                        if let ImplItem::Fn(method) = member
                            && matches!(method.vis, Visibility::Public(_))
                        {
                            let name = method.sig.ident.to_string();
                            self.signatures.insert(name, signature(&method.sig));
                        }
                    }
                }
                _ => {}
            }
        }
        Literals { file, public: self }.visit_file(&parsed);
    }

    /// Records the public names from `pub use …::generated::types::{Name as Public}`.
    fn renamed(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(it) => {
                path.push(it.ident.to_string());
                self.renamed(&it.tree, path);
                path.pop();
            }
            UseTree::Group(it) => it.items.iter().for_each(|tree| self.renamed(tree, path)),
            UseTree::Rename(it) => {
                if let [.., generated, module] = path.as_slice()
                    && generated == "generated"
                {
                    let name = format!("{module}::{}", it.ident);
                    self.names.insert(name, it.rename.to_string());
                }
            }
            _ => {}
        }
    }

    /// Replaces generated names with public names in a path or a signature.
    fn named(&self, text: &str) -> String {
        let mut named = text.to_owned();
        for (generated, public) in &self.names {
            let mut rest = named.as_str();
            let mut replaced = String::with_capacity(named.len());
            while let Some(at) = rest.find(generated) {
                let (before, after) = (&rest[..at], &rest[at + generated.len()..]);
                replaced.push_str(before);
                // Do not replace the beginning of a longer name.
                let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                replaced.push_str(if is_whole { public } else { generated });
                rest = after;
            }
            replaced.push_str(rest);
            named = replaced;
        }
        named
    }
}

/// Rewrites changes in terms of public names, and adds them to the findings that cause them.
pub(crate) fn publish(api_diff: &mut ApiDiff, findings: &mut [Finding], public: &Public) {
    for change in &mut api_diff.changes {
        match change.item.strip_prefix("Session::").map(str::to_owned) {
            Some(method) => wrapped(change, &method, public),
            None => generated(change, public),
        }
        let line = headline(change);
        for finding in findings
            .iter_mut()
            .filter(|finding| change.findings.contains(&finding.id))
        {
            finding.rust.push(line.clone());
        }
    }
}

/// Rewrites the change of a method that `Session` wraps, since callers see only the signature in the crate's own
/// source.
fn wrapped(change: &mut Change, method: &str, public: &Public) {
    let Some(own) = public.signatures.get(method) else {
        return;
    };
    match change.kind {
        Kind::Removed => change.old = Some(own.clone()),
        Kind::Changed => {
            let (old, new) = (change.old.take(), change.new.take());
            let [old, new] = [old, new].map(|shape| public.named(&shape.unwrap_or_default()));
            change.ours = Some(format!(
                "the call that `{}` wraps was {old}, and is {new}",
                change.item
            ));
            change.old = Some(own.clone());
        }
        Kind::Added => {}
    }
}

fn generated(change: &mut Change, public: &Public) {
    if change.kind == Kind::Added
        && let Some((of, field)) = change.item.rsplit_once("::")
        && let Some(place) = public.literals.get(of)
        && change.new.as_deref().is_some_and(|shape| !super::is_apart(shape))
    {
        change.ours = Some(format!(
            "{place} writes `{of}` out, and has to say what `{field}` is"
        ));
    }
    change.item = public.named(&change.item);
    for shape in [&mut change.old, &mut change.new].into_iter().flatten() {
        *shape = public.named(shape);
    }
}

fn is_session(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(it) if it.path.is_ident("Session"))
}

/// A visitor that finds struct literals of generated types.
struct Literals<'p> {
    file: &'p str,
    public: &'p mut Public,
}

impl<'ast> Visit<'ast> for Literals<'_> {
    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        let path: Vec<String> = literal
            .path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        // With a rest, such as `..Default::default()`, the literal does not break when a field is added.
        if literal.rest.is_none()
            && let [.., module, name] = path.as_slice()
            && module == "types"
        {
            let key = format!("types::{name}");
            self.public
                .literals
                .entry(key)
                .or_insert_with(|| self.file.to_owned());
        }
        visit::visit_expr_struct(self, literal);
    }
}

#[cfg(test)]
mod tests {
    use openapi_drift_cli::report::{ApiDiff, Change, Kind};

    use super::{Public, publish};

    fn public() -> Public {
        let mut public = Public::default();
        public.add(
            "src/own.rs",
            "pub use crate::generated::types::{AskKind as Kind, Plain};
            pub struct Session;
            impl Session {
                pub async fn ask(&self, bank: &BankId) -> Result<types::Answer, Error> {
                    send(types::Ask { kind: 1 }); send(types::Open { kind: 1, ..Default::default() })
                }
                fn hidden(&self) {}
            }",
        );
        public
    }

    fn published(item: &str, kind: Kind, old: Option<&str>, new: Option<&str>) -> Change {
        let change = Change {
            item: item.to_owned(),
            kind,
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
            breaks: true,
            ours: None,
            findings: Vec::new(),
        };
        let mut diff = ApiDiff {
            changes: vec![change],
            unavailable: None,
        };
        publish(&mut diff, &mut [], &public());
        diff.changes.remove(0)
    }

    #[test]
    fn a_generated_name_is_told_as_callers_write_it() {
        let change = published("types::AskKind::Now", Kind::Removed, Some("variant"), None);
        assert_eq!(change.item, "Kind::Now");
        let change = published(
            "types::AskKinds",
            Kind::Changed,
            Some("fn(types::AskKind)"),
            Some("u8"),
        );
        assert_eq!(
            (change.item.as_str(), change.old.as_deref()),
            ("types::AskKinds", Some("fn(Kind)"))
        );
    }

    #[test]
    fn a_change_of_a_wrapped_call_is_ours_and_the_signature_is_the_public_one() {
        let change = published(
            "Session::ask",
            Kind::Changed,
            Some("fn(&self)"),
            Some("fn(&self, body: &types::Ask)"),
        );
        let own = "async fn(&self, bank: &BankId) -> Result<types::Answer, Error>";
        assert_eq!((change.old.as_deref(), change.new.as_deref()), (Some(own), None));
        let ours = change.ours.unwrap();
        assert!(
            ours.contains("wraps was fn(&self), and is fn(&self, body: &types::Ask)"),
            "{ours}"
        );
        let gone = published("Session::ask", Kind::Removed, Some("fn(&self)"), None);
        assert_eq!((gone.old.as_deref(), gone.ours), (Some(own), None));
    }

    #[test]
    fn a_new_field_of_what_we_write_out_is_ours() {
        let ours = |item| published(item, Kind::Added, None, Some("Option<String>")).ours;
        let told = ours("types::Ask::later").unwrap();
        assert!(told.starts_with("src/own.rs writes `types::Ask` out"), "{told}");
        assert_eq!(ours("types::Open::later"), None);
        assert_eq!(ours("types::Other::later"), None);
    }
}

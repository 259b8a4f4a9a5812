//! Imports between the files of a crate go one way, but for small circles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// The folders of sources, and the size of the largest circle that each may have.
const LARGEST: &[(&str, usize)] = &[
    ("crates/cli", 2),
    ("crates/document", 1),
    ("crates/drift", 5),
    ("crates/sandbox", 3),
    ("crates/spec", 3),
    ("crates/wire", 4),
    ("eval", 1),
    ("examples/service", 4),
    ("xtask", 1),
];

type Module = Vec<String>;

#[test]
fn circles_of_imports_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (folder, largest) in LARGEST {
        let files = files(&root.join(folder).join("src"));
        assert!(files.len() > 5, "{folder}");
        let imports: BTreeMap<&Module, BTreeSet<&Module>> = files
            .iter()
            .map(|(module, path)| (module, imports(module, path, &files)))
            .collect();
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            files.keys().map(|it| (it, reached(it, &imports))).collect();
        for (module, theirs) in &reached {
            let circle = theirs.iter().filter(|it| reached[*it].contains(module));
            let circle: Vec<String> = circle.map(|it| it.join("::")).collect();
            assert!(
                circle.len() <= *largest,
                "{folder} has a circle: {}",
                circle.join(", ")
            );
        }
    }
}

/// The modules of a folder of sources, and their files. Tests are left out.
fn files(src: &Path) -> BTreeMap<Module, PathBuf> {
    let mut found = BTreeMap::new();
    let mut open = vec![src.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if name == "tests" {
                continue;
            }
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.extension().is_none_or(|it| it != "rs") {
                continue;
            }
            let mut module: Module = path
                .parent()
                .unwrap()
                .strip_prefix(src)
                .unwrap()
                .iter()
                .map(|it| it.to_string_lossy().into())
                .collect();
            if !matches!(&*name, "mod" | "lib" | "main") {
                module.push(name);
            }
            found.insert(module, path);
        }
    }
    found
}

/// The other modules that a file names, without those that contain it.
fn imports<'f>(module: &Module, path: &Path, files: &'f BTreeMap<Module, PathBuf>) -> BTreeSet<&'f Module> {
    let mut named = Named(Vec::new());
    named.visit_file(&syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap());
    let found = named.0.into_iter().filter_map(|path| {
        let mut steps = path.iter().map(String::as_str).peekable();
        let mut target = match steps.next()? {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module.split_last()?.1.to_vec(),
            _ => return None,
        };
        while steps.next_if_eq(&"super").is_some() {
            target.pop();
        }
        target.extend(steps.map(str::to_owned));
        while !files.contains_key(&target) {
            target.pop()?;
        }
        files.get_key_value(&target).map(|(module, _)| module)
    });
    found.filter(|it| !module.starts_with(it)).collect()
}

/// The modules that imports lead to, over any number of files.
fn reached<'f>(
    from: &'f Module,
    imports: &BTreeMap<&'f Module, BTreeSet<&'f Module>>,
) -> BTreeSet<&'f Module> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        open.extend(imports[module].iter().filter(|it| found.insert(**it)));
    }
    found
}

/// The paths that a file names outside its tests.
struct Named(Vec<Vec<String>>);

impl Named {
    fn use_tree(&mut self, tree: &syn::UseTree, mut path: Vec<String>) {
        match tree {
            syn::UseTree::Path(it) => {
                path.push(it.ident.to_string());
                self.use_tree(&it.tree, path);
            }
            syn::UseTree::Group(it) => it.items.iter().for_each(|item| self.use_tree(item, path.clone())),
            syn::UseTree::Name(it) => {
                path.push(it.ident.to_string());
                self.0.push(path);
            }
            syn::UseTree::Rename(it) => {
                path.push(it.ident.to_string());
                self.0.push(path);
            }
            syn::UseTree::Glob(_) => self.0.push(path),
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0
            .push(path.segments.iter().map(|it| it.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !item.attrs.iter().any(|it| it.path().is_ident("cfg")) {
            visit::visit_item_mod(self, item);
        }
    }
}

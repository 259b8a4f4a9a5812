//! Documents of several files in a folder: only files below the folder are read.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use openapi_document::{Document, Limits, Loader as _};
use ratio_spec::Folder;

const PET: &str = r#"{"Pet": {"type": "object"}}"#;

/// Writes a file of the test.
fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

/// Returns the target of the reference in a document in `folder`, or the reason why it cannot be resolved.
fn leads(folder: &Path, reference: &str) -> Result<String, String> {
    let text = serde_json::json!({
        "openapi": "3.1.0", "components": { "schemas": { "A": { "$ref": reference } } }
    });
    let mut loader = Folder::new(folder).unwrap();
    let document =
        Document::read_with(text.to_string(), "api.json", &Limits::default(), &mut loader).unwrap();
    let from = document.root().pointer("/components/schemas/A").unwrap();
    match document.resolve(from, reference) {
        Ok(found) => Ok(found.location().to_string()),
        Err(why) => Err(why.into_owned()),
    }
}

#[test]
fn files_below_the_folder_are_read() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "schemas/pet one.json", PET);
    let found = leads(folder.path(), "schemas/../schemas/pet%20one.json#/Pet");
    assert_eq!(found.unwrap(), "schemas/pet one.json#/Pet");
    let missing = leads(folder.path(), "schemas/cat.json#/Cat").unwrap_err();
    assert_eq!(missing, "there is no such file");
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let outer = tempfile::tempdir().unwrap();
    put(outer.path(), "secret.json", PET);
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let absolute = outer.path().join("secret.json").display().to_string();
    for hostile in [
        "../secret.json",
        "a/../../secret.json",
        "%2e%2e/secret.json",
        "..%2fsecret.json",
        "..\\secret.json",
        absolute.as_str(),
        &format!("file://{absolute}"),
    ] {
        let reference = format!("{hostile}#/Pet");
        let refused = leads(&inner, &reference).unwrap_err();
        assert!(!refused.contains("no such file"), "{hostile}: {refused}");
        // The loader also refuses the name without a document.
        assert!(
            Folder::new(&inner).unwrap().load(hostile, 1_000).is_err(),
            "{hostile}"
        );
    }
    for hostile in ["", ".", "..", "/", "./../secret.json"] {
        assert!(
            Folder::new(&inner).unwrap().load(hostile, 1_000).is_err(),
            "{hostile}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_within_the_folder_alone() {
    use std::os::unix::fs::symlink;

    let outer = tempfile::tempdir().unwrap();
    put(outer.path(), "secret/pet.json", PET);
    let inner = outer.path().join("inner");
    put(&inner, "pet.json", PET);
    // The name of this folder begins with the name of another one.
    put(outer.path(), "inner2/pet.json", PET);
    symlink("pet.json", inner.join("within.json")).unwrap();
    assert_eq!(leads(&inner, "within.json#/Pet").unwrap(), "within.json#/Pet");
    for (link, target) in [
        ("file.json", "../secret/pet.json"),
        ("folder", "../secret"),
        ("twin", "../inner2"),
    ] {
        symlink(target, inner.join(link)).unwrap();
        let name = if link.contains('.') {
            link.to_owned()
        } else {
            format!("{link}/pet.json")
        };
        let refused = leads(&inner, &format!("{name}#/Pet")).unwrap_err();
        assert_eq!(
            refused, "a link leads out of the document's folder and is not followed",
            "{link}"
        );
    }
    // A folder that is reached through a link is accepted.
    symlink(&inner, outer.path().join("link")).unwrap();
    assert!(leads(&outer.path().join("link"), "pet.json#/Pet").is_ok());
}

#[test]
fn files_beyond_the_limit_and_other_objects_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.json", "12345");
    fs::create_dir(folder.path().join("b.json")).unwrap();
    let mut loader = Folder::new(folder.path()).unwrap();
    assert_eq!(loader.load("a.json", 5).unwrap(), b"12345");
    assert_eq!(
        loader.load("a.json", 4).unwrap_err(),
        "it is larger than the 4 bytes that are left to read"
    );
    assert_eq!(loader.load("b.json", 5).unwrap_err(), "it is no regular file");
    #[cfg(unix)]
    assert!(
        Folder::new("/dev")
            .unwrap()
            .load("zero", 5)
            .unwrap_err()
            .contains("no regular file")
    );
    assert!(Folder::new(folder.path().join("a.json")).is_err());
}

//! Documents that are made to harm whoever compares them: the command ends with a reason, and follows no command in
//! them.
//!
//! The table that people read, `docs/hostile-documents.md`, is written by these tests with `BLESS=1`.

mod documents;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use documents::{CODE, Hostile};
use html5gum::{Token, Tokenizer};

const PLAIN: &str = r#"{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/a": {"post": {
    "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "string"}}}},
    "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "string"}}}}}}}}}"#;

/// Formats that are written to files beside the text that is printed.
const FORMATS: [&str; 6] = ["json", "markdown", "html", "sarif", "junit", "github"];

fn lay(path: &Path, bytes: &[u8]) {
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

fn compare(folder: &Path, base: &str, revision: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openapi-drift"));
    command
        .args(["--color", "always", "--today", "2026-11-24", base, revision])
        .current_dir(folder);
    for format in FORMATS {
        command.args(["--report", &format!("{format}=report.{format}")]);
    }
    command
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap()
}

/// The first character that controls a terminal or is invisible on it, except in our own colours.
fn obeyed(text: &str) -> Option<char> {
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let colour = rest[at..].strip_prefix("\u{1b}[").and_then(|it| {
            let end = it.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            it[end..].starts_with('m').then_some(at + 2 + end + 1)
        });
        if bad(&rest[..at]).is_some() {
            break;
        }
        match colour {
            Some(end) => rest = &rest[end..],
            None => return Some('\u{1b}'),
        }
    }
    bad(rest)
}

fn bad(text: &str) -> Option<char> {
    let is_bad = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(
                c,
                '\u{34f}'
                    | '\u{115f}'
                    | '\u{1160}'
                    | '\u{17b4}'
                    | '\u{180e}'
                    | '\u{3164}'
                    | '\u{ffa0}'
                    | '\u{e0000}'..='\u{e0fff}'
            )
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().find(is_bad)
}

/// Scripts, handlers and whatever else of a page acts, in order.
fn run_by(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for token in Tokenizer::new(page) {
        let Ok(Token::StartTag(tag)) = token else {
            continue;
        };
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        if matches!(
            name.as_str(),
            "script" | "iframe" | "object" | "embed" | "img" | "svg" | "base" | "form" | "link"
        ) {
            found.push(name.clone());
        }
        for (key, value) in &tag.attributes {
            let key = String::from_utf8_lossy(key).into_owned();
            let value = String::from_utf8_lossy(value).to_lowercase();
            if key.starts_with("on")
                || value.trim_start().starts_with("javascript:")
                || value.trim_start().starts_with("data:")
            {
                found.push(format!("{name} {key}"));
            }
        }
    }
    found
}

/// Compares both ways; what the two come to.
fn outcomes(hostile: &Hostile) -> [String; 2] {
    let folder = tempfile::tempdir().unwrap();
    lay(&folder.path().join("plain.json"), PLAIN.as_bytes());
    lay(&folder.path().join("hostile"), &hostile.bytes);
    [("hostile", "plain.json"), ("plain.json", "hostile")].map(|(base, revision)| {
        for format in FORMATS {
            let _ = std::fs::remove_file(folder.path().join(format!("report.{format}")));
        }
        let output = compare(folder.path(), base, revision);
        let name = hostile.name;
        let (out, err) = (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        );
        assert_eq!(obeyed(&out), None, "{name}: {out:?}");
        assert_eq!(obeyed(&err), None, "{name}: {err:?}");
        assert!(
            !err.contains("panicked") && !out.contains("root:x:0"),
            "{name}: {err}"
        );
        assert!(!folder.path().join("PWNED").exists(), "{name} was obeyed");
        let read =
            |format: &str| std::fs::read_to_string(folder.path().join(format!("report.{format}"))).unwrap();
        match output.status.code() {
            Some(0 | 1) => {
                let _: serde_json::Value = serde_json::from_str(&read("json")).unwrap();
                let _: serde_json::Value = serde_json::from_str(&read("sarif")).unwrap();
                quick_junit::Report::deserialize_from_str(&read("junit"))
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                // The page's own form filters what it shows.
                let run = run_by(&read("html"));
                assert_eq!(
                    run,
                    ["form", "script"],
                    "{name}: one form and one script, which are ours"
                );
                for format in ["markdown", "github"] {
                    assert_eq!(obeyed(&read(format)), None, "{name}: {format}");
                }
                for format in FORMATS {
                    let text = read(format);
                    let command = ["##[", "##vso[", "##teamcity["]
                        .into_iter()
                        .find(|it| text.contains(it));
                    assert_eq!(command, None, "{name}: {format}");
                }
                for line in read("github")
                    .lines()
                    .filter(|it| it.starts_with("::") || it.starts_with("##["))
                {
                    // The rest of a command is text, in which nothing begins a line.
                    let is_ours = ["::error ", "::warning ", "::notice "]
                        .iter()
                        .any(|it| line.starts_with(it));
                    assert!(is_ours, "{name}: {line}");
                }
                "compared".to_owned()
            }
            Some(3) => {
                let line = err.lines().find(|it| it.contains("error")).unwrap_or_default();
                let plain: String = stripped(line).chars().take(120).collect();
                let told = plain.replace("error: ", "").replace('|', "\\|");
                assert!(
                    stripped(&err).contains("help: "),
                    "{name} is refused without a way out: {err}"
                );
                format!("refused: {told}")
            }
            other => panic!("{name} ends with {other:?}: {err}"),
        }
    })
}

/// A line without colours.
fn stripped(line: &str) -> String {
    let mut text = String::new();
    let mut is_colour = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => is_colour = true,
            'm' if is_colour => is_colour = false,
            c if !is_colour => text.push(c),
            _ => {}
        }
    }
    text
}

fn hold(rows: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hostile-documents.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- documents -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- end -->").unwrap();
    if std::env::var_os("BLESS").is_some() {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap()).unwrap();
        write!(file, "{before}<!-- documents -->\n{rows}<!-- end -->{after}").unwrap();
        file.persist(&path).unwrap();
    } else {
        assert_eq!(rows, written, "write {} anew with BLESS=1", path.display());
    }
}

#[test]
fn a_document_that_means_harm_is_compared_or_refused_and_nothing_of_it_is_obeyed() {
    let all = documents::all();
    assert!(all.len() >= 120, "{}", all.len());
    let next = Mutex::new(all.iter().enumerate());
    let rows = Mutex::new(vec![String::new(); all.len()]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((index, hostile)) = next.lock().unwrap().next() else {
                        return;
                    };
                    let [base, revision] = outcomes(hostile);
                    rows.lock().unwrap()[index] = format!("| {} | {base} | {revision} |\n", hostile.name);
                }
            });
        }
    });
    let mut table = String::from("| a document with | as the base | as the revision |\n|---|---|---|\n");
    for row in rows.into_inner().unwrap() {
        let _ = write!(table, "{row}");
    }
    hold(&table);
}

/// Every name that is code, in one page, opened by a browser.
#[test]
fn a_browser_runs_nothing_of_a_document() {
    let browser = "chromium-headless-shell";
    let Ok(version) = Command::new(browser).arg("--version").output() else {
        assert!(std::env::var_os("CI").is_none(), "CI has a browser");
        println!("skipped: there is no {browser}");
        return;
    };
    assert!(version.status.success());
    let folder = tempfile::tempdir().unwrap();
    lay(&folder.path().join("plain.json"), PLAIN.as_bytes());
    let mut paths = serde_json::Map::new();
    paths.insert("/a".to_owned(), serde_json::json!({"post": {"responses": {}}}));
    for (index, (_, text)) in CODE.iter().enumerate() {
        let operation = serde_json::json!({"post": {"operationId": text, "summary": text, "tags": [text],
            "parameters": [{"name": text, "in": "query", "required": true, "schema": {"enum": [text]}}],
            "responses": {"200": {"description": text}}}});
        paths.insert(format!("/{index}{text}"), operation);
    }
    let document = serde_json::json!({"openapi": "3.1.0", "info": {"title": CODE[0].1, "version": CODE[1].1}, "paths": paths});
    lay(
        &folder.path().join("hostile.json"),
        document.to_string().as_bytes(),
    );
    for (base, revision) in [("hostile.json", "plain.json"), ("plain.json", "hostile.json")] {
        let output = compare(folder.path(), base, revision);
        assert!(matches!(output.status.code(), Some(0 | 1)));
        let page = folder.path().join("report.html");
        // A control, which shows that the browser runs what a page lets it.
        let control = folder.path().join("control.html");
        lay(&control, CODE[0].1.as_bytes());
        let opened = |page: &Path| {
            let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
            let output = Command::new(browser)
                .args([
                    "--no-sandbox",
                    "--disable-gpu",
                    "--virtual-time-budget=2000",
                    "--dump-dom",
                    &profile,
                ])
                .arg(page)
                .output()
                .unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        assert!(
            opened(&control).contains("<title>PWNED"),
            "the browser runs what it may"
        );
        let dom = opened(&page);
        assert!(dom.contains("</html>") && !dom.contains("<title>PWNED"), "{base}");
    }
}

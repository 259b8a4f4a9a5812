//! Explains why a command line cannot be parsed. A wrong argument may be a secret in the wrong position. The message
//! therefore names its option, and shows the argument only if it cannot be a secret.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::{Exit, Failure};
use crate::printer::{self, Printer};
use crate::untrusted::Untrusted;
use ratio_spec::fetch::redacted;

/// The placeholder for an argument that is not shown.
const HIDDEN: &str = "(not shown, it may be a secret)";

/// Maximum length of an argument that is shown, in characters.
const LONGEST: usize = 100;

/// Prints the requested help, or the reason why the command line cannot be parsed.
pub(crate) fn explain(error: clap::Error) -> Exit {
    let mut printer = Printer::new(printer::Options::default());
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let shown = printer.manual(&error.render(), !asked_for);
        return match shown.and_then(|()| printer.flush()) {
            Ok(()) if asked_for => Exit::Success,
            Ok(()) => Exit::Usage,
            Err(_) => Exit::Unable,
        };
    }
    let failure = refused(error);
    printer.error(&failure);
    failure.exit()
}

/// Makes the failure, without arguments that may be secrets.
fn refused(mut error: clap::Error) -> Failure {
    // Suggestions repeat the argument.
    error.remove(ContextKind::Suggested);
    error.remove(ContextKind::TrailingArg);
    let for_header = text(&error, ContextKind::InvalidArg).is_some_and(|it| it.starts_with("--header"));
    if error.kind() == ErrorKind::UnknownArgument {
        replace(&mut error, ContextKind::InvalidArg, |it| {
            // An argument that is not an option may be part of a value with missing quotes.
            if it.starts_with('-') {
                name(it)
            } else {
                HIDDEN.to_owned()
            }
        });
    }
    replace(&mut error, ContextKind::InvalidSubcommand, name);
    replace(&mut error, ContextKind::InvalidValue, |it| {
        // An empty value is reported as missing.
        if for_header && !it.is_empty() {
            HIDDEN.to_owned()
        } else {
            Untrusted::new(&redacted(it)).up_to(LONGEST).to_string()
        }
    });
    let rendered = error.render().to_string();
    let mut lines = rendered
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let reason = lines.next().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason).to_owned();
    Failure::usage(anyhow::Error::msg(reason))
        .details(lines.map(str::to_owned).collect())
        .hint("`--help` after the command says what it takes")
}

/// Returns the argument if it looks like the name of an option or a command, which may be a typing error. Otherwise
/// returns the placeholder.
fn name(argument: &str) -> String {
    let (name, _) = argument.split_once('=').unwrap_or((argument, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if name.len() <= 30 && plain(name) {
        name.to_owned()
    } else {
        HIDDEN.to_owned()
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn replace(error: &mut clap::Error, kind: ContextKind, with: impl Fn(&str) -> String) {
    if let Some(text) = text(error, kind).map(with) {
        error.insert(kind, ContextValue::String(text));
    }
}

//! Why a command line cannot be read. An argument that is wrong may be a secret in the wrong place: it is named by its
//! option, and shown only as far as it cannot be one.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::{Exit, Failure};
use crate::printer::{self, Printer};
use crate::untrusted::Untrusted;
use ratio_spec::fetch::redacted;

/// What stands for an argument that is not shown.
const HIDDEN: &str = "(not shown, it may be a secret)";

/// Longest argument that is shown, in characters.
const LONGEST: usize = 100;

/// Prints the help that was asked for, or why the command line cannot be read.
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

/// The reason with the arguments that it may not show taken out.
fn refused(mut error: clap::Error) -> Failure {
    // Proposals repeat the argument.
    error.remove(ContextKind::Suggested);
    error.remove(ContextKind::TrailingArg);
    let for_header = text(&error, ContextKind::InvalidArg).is_some_and(|it| it.starts_with("--header"));
    if error.kind() == ErrorKind::UnknownArgument {
        replace(&mut error, ContextKind::InvalidArg, |it| {
            // One that is no option may be the rest of a value whose quotes are missing.
            if it.starts_with('-') {
                name(it)
            } else {
                HIDDEN.to_owned()
            }
        });
    }
    replace(&mut error, ContextKind::InvalidSubcommand, name);
    replace(&mut error, ContextKind::InvalidValue, |it| {
        // An empty one is told as missing.
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

/// The name of an option or a command, which is what somebody mistyped; anything else is a value.
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

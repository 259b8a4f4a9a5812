//! The one place that prints: what a command reports goes to stdout, what it says about itself to stderr.

use std::io::{self, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;

use crate::exit::Failure;

/// Options that every command shares.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Print reports and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more about what is done and why
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// When to colour the output; `NO_COLOR` and `CLICOLOR_FORCE` are honoured by `auto`
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) color: Color,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that shows colours
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

pub(crate) const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::BrightYellow.on_default().bold();
pub(crate) const NOTE: Style = AnsiColor::BrightCyan.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Owns stdout and stderr; colours are written as ANSI and removed here where they are not wanted.
pub(crate) struct Printer {
    options: Options,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether a spinner may be drawn: stderr is a terminal, and nobody asked for silence.
    animated: bool,
}

impl Printer {
    pub(crate) fn new(options: Options) -> Self {
        let choice = match options.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            options,
            out: Box::new(Patient(Some(io::BufWriter::new(AutoStream::new(
                io::stdout(),
                choice,
            ))))),
            err: Box::new(AutoStream::new(io::stderr(), choice)),
            animated: !options.quiet && io::IsTerminal::is_terminal(&io::stderr()),
        }
    }

    /// Where a report goes; may be piped, so it holds nothing but the report.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    pub(crate) fn verbose(&self) -> bool {
        self.options.verbose
    }

    pub(crate) fn quiet(&self) -> bool {
        self.options.quiet
    }

    /// Shows that work is under way, on a terminal only, until the result is dropped.
    pub(crate) fn spinner(&mut self, message: &'static str) -> Spinner {
        if !self.animated {
            return Spinner(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Spinner(bar)
    }

    /// Something worth knowing that needs no action; silent under `--quiet`.
    pub(crate) fn note(&mut self, message: &str) {
        if !self.options.quiet {
            self.line("note", NOTE, message);
        }
    }

    /// What is done and why; shown under `--verbose` only.
    pub(crate) fn detail(&mut self, message: &str) {
        if self.options.verbose {
            self.line("detail", DIM, message);
        }
    }

    /// Something that needs action although the command went on.
    pub(crate) fn warning(&mut self, message: &str) {
        self.line("warning", WARNING, message);
    }

    /// Why the command ended, and how to mend it.
    pub(crate) fn error(&mut self, failure: &Failure) {
        self.line("error", ERROR, &failure.to_string());
        if let Some(hint) = failure.help() {
            self.line("help", NOTE, hint);
        }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.err.flush()
    }

    fn line(&mut self, word: &str, style: Style, message: &str) {
        // The order of report and remarks is kept where both go to one terminal. A stderr that is
        // gone leaves nobody to tell.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{style}{word}{style:#}: {}", escape(message));
    }
}

/// Writes until the reader has had enough (`| head`), which is no failure: what was found still decides the exit code.
struct Patient<W>(Option<W>);

impl<W: Write> Patient<W> {
    fn or_enough<T>(&mut self, result: io::Result<T>, enough: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.0 = None;
                Ok(enough)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.0.as_mut().map_or(Ok(bytes.len()), |out| out.write(bytes));
        self.or_enough(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.0.as_mut().map_or(Ok(()), Write::flush);
        self.or_enough(result, ())
    }
}

/// Work under way; gone without a trace when dropped.
pub(crate) struct Spinner(ProgressBar);

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Makes control characters visible, so that a vendor's document cannot move the reader's cursor,
/// recolour a verdict or set a terminal's title. Line feeds stay.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_unsafe(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Whether a terminal would act on a character instead of showing it.
pub(crate) fn is_unsafe(c: char) -> bool {
    // Bidirectional overrides reorder what is seen without being control characters.
    let reorders =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reorders
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_document_cannot_write_terminal_commands() {
        assert_eq!(escape("\u{1b}[2Jgone\r\nnext"), "\\u{1b}[2Jgone\\u{d}\nnext");
        assert_eq!(escape("\u{202e}reversed"), "\\u{202e}reversed");
        assert_eq!(escape("Zürich → 東京"), "Zürich → 東京");
    }
}

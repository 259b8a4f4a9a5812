//! The one place that prints: what a command reports goes to stdout, what it says about itself to stderr.

use std::io::{self, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;

use crate::exit::Failure;
use crate::untrusted::Untrusted;

/// Options that every command shares.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct Options {
    /// Print reports and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more about what is done and why
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// When to colour the output; `NO_COLOR` and `CLICOLOR_FORCE` are honoured by `auto`
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: Color,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that shows colours
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What breaks.
pub const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
/// What needs action.
pub const WARNING: Style = AnsiColor::BrightYellow.on_default().bold();
/// What is worth knowing.
pub const NOTE: Style = AnsiColor::BrightCyan.on_default().bold();
/// What is well.
pub const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();
const PLAIN: Style = Style::new();
/// What a line is about.
pub const BOLD: Style = Style::new().bold();
/// What may be skipped.
pub const DIM: Style = Style::new().dimmed();

/// Longest line of a remark, in characters.
const LONGEST: usize = 4_000;

/// Owns stdout and stderr; colours are written as ANSI and removed here where they are not wanted.
pub struct Printer {
    options: Options,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether a spinner may be drawn: stderr is a terminal, and nobody asked for silence.
    animated: bool,
    width: Option<usize>,
}

impl Printer {
    /// A printer that does as the options say.
    pub fn new(options: Options) -> Self {
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
            width: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0)),
        }
    }

    /// Where a report goes whose format makes visible what is not ours; it may be piped, so it holds nothing else.
    pub fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    /// How many columns the terminal has that a report goes to; nothing where it goes elsewhere, and is not wrapped.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether everything is to be shown.
    pub fn verbose(&self) -> bool {
        self.options.verbose
    }

    /// Whether reports and errors alone are to be shown.
    pub fn quiet(&self) -> bool {
        self.options.quiet
    }

    /// Shows that work is under way, on a terminal only, until the result is dropped.
    pub fn spinner(&mut self, message: &'static str) -> Spinner {
        if !self.animated {
            return Spinner(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Spinner(bar)
    }

    /// Something worth knowing that needs no action; silent under `--quiet`.
    pub fn note(&mut self, message: &str) {
        self.note_with(message, &[]);
    }

    /// A note with lines below it.
    pub fn note_with(&mut self, message: &str, lines: &[String]) {
        if !self.options.quiet {
            self.remark("note", NOTE, message, lines);
        }
    }

    /// What is done and why; shown under `--verbose` only.
    pub fn detail(&mut self, message: &str) {
        if self.options.verbose {
            self.remark("detail", DIM, message, &[]);
        }
    }

    /// Something that needs action although the command went on.
    pub fn warning(&mut self, message: &str) {
        self.remark("warning", WARNING, message, &[]);
    }

    /// Why the command ended, and how to mend it.
    pub fn error(&mut self, failure: &Failure) {
        self.remark("error", ERROR, &failure.to_string(), failure.lines());
        if let Some(hint) = failure.help() {
            self.remark("help", NOTE, hint, &[]);
        }
    }

    /// One line of a report in parts, each in its style.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn say(&mut self, parts: &[(Style, &str)]) -> io::Result<()> {
        for (style, text) in parts {
            write!(self.out, "{style}{}{style:#}", Untrusted::new(text))?;
        }
        writeln!(self.out)
    }

    /// One plain line of a report.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.say(&[(PLAIN, text)])
    }

    /// What clap says of the commands, which holds nothing but our own words.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn manual(&mut self, text: &clap::builder::StyledStr, to_stderr: bool) -> io::Result<()> {
        let stream = if to_stderr { &mut self.err } else { &mut self.out };
        write!(stream, "{}", text.ansi())
    }

    /// Hands on what was printed so far.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.err.flush()
    }

    /// Nothing of a message or of a line below it is passed on as it is: each may hold text that is not ours.
    fn remark(&mut self, word: &str, style: Style, message: &str, lines: &[String]) {
        // The order of report and remarks is kept where both go to one terminal. A stderr that is
        // gone leaves nobody to tell.
        let _ = self.out.flush();
        let message = Untrusted::new(message).up_to(LONGEST);
        let _ = writeln!(self.err, "{style}{word}{style:#}: {message}");
        for line in lines {
            let _ = writeln!(self.err, "{}", Untrusted::new(line).up_to(LONGEST));
        }
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
pub struct Spinner(ProgressBar);

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

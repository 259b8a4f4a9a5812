//! The only place that prints: reports go to stdout, messages about the command itself to stderr.

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

/// The style of errors and breaking findings.
pub const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
/// The style of text that needs action.
pub const WARNING: Style = AnsiColor::BrightYellow.on_default().bold();
/// The style of text for information.
pub const NOTE: Style = AnsiColor::BrightCyan.on_default().bold();
/// The style of success.
pub const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();
const PLAIN: Style = Style::new();
/// The style of headings and labels.
pub const BOLD: Style = Style::new().bold();
/// The style of less important text.
pub const DIM: Style = Style::new().dimmed();

/// Maximum length of a line in a message, in characters.
const LONGEST: usize = 4_000;

/// The owner of stdout and stderr. Colours are written as ANSI sequences, and removed here if they are not wanted.
pub struct Printer {
    options: Options,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether a spinner may be drawn: stderr is a terminal, and the output is not quiet.
    animated: bool,
    width: Option<usize>,
}

impl Printer {
    /// Makes a printer with these options.
    pub fn new(options: Options) -> Self {
        let choice = match options.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            options,
            out: Box::new(Patient(Some(stdout(choice)))),
            err: Box::new(AutoStream::new(io::stderr(), choice)),
            animated: !options.quiet && io::IsTerminal::is_terminal(&io::stderr()),
            width: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0)),
        }
    }

    /// The output for a report. Its format must escape text from documents. Only reports are written to it, because it
    /// may be a pipe.
    pub fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    /// The number of columns of the terminal, or `None` if the report does not go to a terminal and is not wrapped.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether everything should be shown.
    pub fn verbose(&self) -> bool {
        self.options.verbose
    }

    /// Whether only reports and errors should be shown.
    pub fn quiet(&self) -> bool {
        self.options.quiet
    }

    /// Shows that work is in progress until the result is dropped. Only on a terminal.
    pub fn spinner(&mut self, message: &'static str) -> Spinner {
        if !self.animated {
            return Spinner(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Spinner(bar)
    }

    /// Prints information that needs no action. Silent under `--quiet`.
    pub fn note(&mut self, message: &str) {
        self.note_with(message, &[]);
    }

    /// Prints a note with further lines below it.
    pub fn note_with(&mut self, message: &str, lines: &[String]) {
        if !self.options.quiet {
            self.remark("note", NOTE, message, lines);
        }
    }

    /// Prints details about the steps of the command. Only shown under `--verbose`.
    pub fn detail(&mut self, message: &str) {
        if self.options.verbose {
            self.remark("detail", DIM, message, &[]);
        }
    }

    /// Prints a problem that needs action, although the command continued.
    pub fn warning(&mut self, message: &str) {
        self.remark("warning", WARNING, message, &[]);
    }

    /// Prints the reason why the command ended, and the hint.
    pub fn error(&mut self, failure: &Failure) {
        self.remark("error", ERROR, &failure.to_string(), failure.lines());
        if let Some(hint) = failure.help() {
            self.remark("help", NOTE, hint, &[]);
        }
    }

    /// Writes one line of a report in parts, each with its style.
    ///
    /// # Errors
    /// When writing fails.
    pub fn say(&mut self, parts: &[(Style, &str)]) -> io::Result<()> {
        for (style, text) in parts {
            write!(self.out, "{style}{}{style:#}", Untrusted::new(text))?;
        }
        writeln!(self.out)
    }

    /// Writes one line of a report without a style.
    ///
    /// # Errors
    /// When writing fails.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.say(&[(PLAIN, text)])
    }

    /// Writes clap's help, which contains only our own text.
    ///
    /// # Errors
    /// When writing fails.
    pub fn manual(&mut self, text: &clap::builder::StyledStr, to_stderr: bool) -> io::Result<()> {
        let stream = if to_stderr { &mut self.err } else { &mut self.out };
        write!(stream, "{}", text.ansi())
    }

    /// Flushes both streams.
    ///
    /// # Errors
    /// When writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.err.flush()
    }

    /// Writes a message and the lines below it. All of them are escaped, because they may contain text from elsewhere.
    fn remark(&mut self, word: &str, style: Style, message: &str, lines: &[String]) {
        // Flush the report first, so that the order is kept if both streams go to one terminal. If stderr is closed,
        // the error cannot be reported.
        let _ = self.out.flush();
        let message = Untrusted::new(message).up_to(LONGEST);
        let _ = writeln!(self.err, "{style}{word}{style:#}: {message}");
        for line in lines {
            let _ = writeln!(self.err, "{}", Untrusted::new(line).up_to(LONGEST));
        }
    }
}

/// Stdout with or without colours. The buffer is behind the filter, because each colour that is removed splits the text,
/// and each part would be a write of its own.
fn stdout(choice: ColorChoice) -> AutoStream<Box<dyn Write>> {
    let stdout = io::stdout();
    let choice = match choice {
        ColorChoice::Auto => AutoStream::choice(&stdout),
        choice => choice,
    };
    AutoStream::new(Box::new(io::BufWriter::new(stdout)), choice)
}

/// A writer that ignores a closed pipe (`| head`): this is not a failure, and the findings still decide the exit code.
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

/// An indication that work is in progress. It is removed when it is dropped.
pub struct Spinner(ProgressBar);

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

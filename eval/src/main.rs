//! Measures the drift engine on documents and questions that were collected elsewhere, and in comparison with other
//! tools.

mod bench;
mod corpus;
mod enumerate;
mod exit;
mod files;
mod gate;
mod hostile;
mod lines;
mod messages;
mod mutate;
mod text;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Exit, Misuse, Outcome};
use crate::text::escape;

/// Measures the drift engine
#[derive(Parser)]
#[command(name = "cargo eval", bin_name = "cargo eval")]
struct Eval {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Bench(bench::Args),
    Corpus(corpus::Args),
    Enumerate(enumerate::Args),
    Gate(gate::Args),
    Hostile(hostile::Args),
    Lines(lines::Args),
    Mutate(mutate::Args),
}

impl Command {
    /// Runs the command. Figures go to `out`; the errors that it finds go to stderr.
    fn run(&self, out: &mut dyn Write) -> Outcome {
        match self {
            Self::Bench(args) => bench::run(args, out),
            Self::Corpus(args) => corpus::run(args, out),
            Self::Enumerate(args) => enumerate::run(args, out),
            Self::Gate(args) => gate::run(args, out),
            Self::Hostile(args) => hostile::run(args, out),
            Self::Lines(args) => lines::run(args, out),
            Self::Mutate(args) => mutate::run(args, out),
        }
    }
}

fn main() -> ExitCode {
    let Eval { command } = Eval::parse();
    let mut out = BufWriter::new(io::stdout());
    let outcome = command.run(&mut out);
    let flushed = out.flush().map_err(anyhow::Error::from);
    match outcome.and_then(|exit| flushed.map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {}", escape(&format!("{error:#}")));
            if let Some(misuse) = error.downcast_ref::<Misuse>() {
                eprintln!("help: {}", misuse.mend);
                return Exit::Usage.into();
            }
            Exit::Unable.into()
        }
    }
}

//! The `stillgood` program: one file per verb, and the library's public interface only.
#![forbid(unsafe_code)]

mod answer;
mod attach;
mod boxes;
mod decide;
mod earn;
mod evaluate;
mod events;
mod failure;
mod fit;
mod forget;
mod import;
mod init;
mod keygen;
mod keys;
mod log;
mod output;
mod passphrase;
mod policy;
mod recheck;
mod show;
mod terminal;
mod r#try;
mod unlock;
mod used;
mod verify;
mod why;
mod words;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Is that memory still good? Decides per retrieval, by your rules, on your machine, and signs the answer.
#[derive(Parser)]
#[command(name = "stillgood", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Show all of it on two dozen made-up memories, in a vault that is thrown away
    Try(r#try::Args),
    /// Make keys: owner, device and identity
    Keygen(keygen::Args),
    /// Lock keys with a passphrase, change it, or remove it
    Passphrase(passphrase::Args),
    /// Make an empty vault
    Init(init::Args),
    /// Take memories from an export into a vault
    Import(import::Args),
    /// Keep evidence with a row, and see box by box what it shows
    Attach(attach::Args),
    /// Examine the evidence of rows again
    Recheck(recheck::Args),
    /// Decide which candidates of a search may be used, and sign the decision
    Decide(decide::Args),
    /// Record which rows of a decision stood in the prompt of an answer
    Used(used::Args),
    /// Say which memories steered an answer
    Why(why::Args),
    /// Answer what was held back: confirm, deny or correct rows, or see what waits
    Earn(earn::Args),
    /// Learn from your own answers how fast your rows change
    Fit(fit::Args),
    /// Take a row out of the vault for good
    Forget(forget::Args),
    /// Tell what happened to the vault's rows
    Log(log::Args),
    /// Show what a decision says
    Show(show::Args),
    /// Check a decision, or a whole vault
    Verify(verify::Args),
    /// Measure a table's chances on facts that are known, beside what others do
    Evaluate(evaluate::Args),
    /// Check policies, or list the facts that they can read
    #[command(subcommand)]
    Policy(policy::Verb),
}

fn main() -> ExitCode {
    let done = Cli::try_parse().map_err(Failure::from).and_then(|cli| match cli.verb {
        Verb::Try(args) => r#try::run(&args),
        Verb::Keygen(args) => keygen::run(&args),
        Verb::Passphrase(args) => passphrase::run(&args),
        Verb::Init(args) => init::run(&args),
        Verb::Import(args) => import::run(&args),
        Verb::Attach(args) => attach::run(&args),
        Verb::Recheck(args) => recheck::run(&args),
        Verb::Decide(args) => decide::run(&args),
        Verb::Used(args) => used::run(&args),
        Verb::Why(args) => why::run(&args),
        Verb::Earn(args) => earn::run(&args),
        Verb::Fit(args) => fit::run(&args),
        Verb::Forget(args) => forget::run(&args),
        Verb::Log(args) => log::run(&args),
        Verb::Show(args) => show::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Evaluate(args) => evaluate::run(&args),
        Verb::Policy(verb) => policy::run(&verb),
    });
    done.map_or_else(|failure| failure.report(), |()| ExitCode::SUCCESS)
}

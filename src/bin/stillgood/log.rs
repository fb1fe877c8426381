//! `stillgood log`: what happened to a vault's rows, for somebody who reads it for the first time.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use stillgood::{Decision, DecisionId, Entry, Event, Timestamp, Vault, VaultError, Verdict};

use crate::events::{More, as_json, sentence};
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{print, print_json};
use crate::show::was_forgotten;
use crate::unlock::PassphraseFrom;
use crate::words::{listed, policy_set};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed. Without it the file alone is read, and nothing is checked
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let (entries, vault) = match &args.keys {
        None => (Vault::log_unverified(&args.vault)?, None),
        Some(keys) => {
            let vault = KeyFolder::unlocked_by(keys, &args.passphrase)?.open(&args.vault)?;
            (vault.log()?, Some(vault))
        }
    };
    let mut reading = vault.as_ref().map(Reading::of);
    let mut more = |entry: &Entry| reading.as_mut().map_or(Ok(Added::default()), |reading| reading.more(entry));
    if args.json {
        let entries: Vec<Json> =
            entries.iter().map(|entry| Ok(as_json(entry, more(entry)?.more))).collect::<Result<_, Failure>>()?;
        let id = vault.as_ref().map(|vault| vault.id().to_string());
        return print_json(&json!({"opened": vault.is_some(), "vault": id, "entries": entries}));
    }
    let checked = match &vault {
        Some(vault) => format!(
            "the log of vault {}, {}; it is no older than these keys have seen, and `stillgood verify` checks each entry\n",
            vault.id(),
            if entries.len() == 1 { "1 entry".to_owned() } else { format!("{} entries", entries.len()) }
        ),
        None => {
            "read from the file alone: nothing is checked, neither who signed an entry nor whether one is missing; \
                 --keys opens the vault\n"
                .to_owned()
        }
    };
    let mut text = checked;
    if entries.is_empty() {
        text.push_str("there is no entry yet\n");
    }
    let width = entries.last().map_or(1, |last| last.index.to_string().len());
    for entry in &entries {
        let Added { at, more } = more(entry)?;
        let at = entry.at().or(at).map_or_else(|| "-".to_owned(), |at| at.to_string());
        writeln!(text, "{:>width$}  {at:<24}  {}", entry.index, sentence(entry, &more)).expect("writing to memory");
    }
    print(&text)
}

/// What the keys add to an entry, and the time of a decision, which its note does not say.
#[derive(Default)]
struct Added {
    at: Option<Timestamp>,
    more: More,
}

/// A vault while its log is read. An answer is mostly recorded right after its decision, which is not opened twice then.
struct Reading<'v> {
    vault: &'v Vault,
    last: Option<Decision>,
}

impl<'v> Reading<'v> {
    fn of(vault: &'v Vault) -> Self {
        Reading { vault, last: None }
    }

    fn more(&mut self, entry: &Entry) -> Result<Added, Failure> {
        match &entry.event {
            Event::Decision { id, .. } => self.of_decision(*id),
            Event::Use { decision, placed, .. } => self.of_use(*decision, placed),
            _ => Ok(Added::default()),
        }
    }

    /// When it was decided, by which policies, and how it came out.
    fn of_decision(&mut self, id: DecisionId) -> Result<Added, Failure> {
        let Some(decision) = self.decision(id)? else {
            return Ok(Added { at: None, more: cannot_be_read() });
        };
        let header = &decision.header;
        let count = |verdict| decision.rulings.iter().filter(|ruling| ruling.verdict == verdict).count();
        let [live, background, held] = [Verdict::Live, Verdict::Background, Verdict::ReEarn].map(count);
        let words = format!(
            ": {live} live, {background} background, {held} held back, by the policies {}",
            policy_set(&header.set)
        );
        let set =
            json!({"name": header.set.name, "version": header.set.version, "digest": header.set.digest.to_string()});
        let json = vec![
            ("at", header.at.to_string().into()),
            ("set", set),
            ("live", live.into()),
            ("background", background.into()),
            ("held", held.into()),
        ];
        Ok(Added { at: Some(header.at), more: More { words: Some(words), json } })
    }

    /// Which rows stood in the prompt.
    fn of_use(&mut self, id: DecisionId, placed: &[u64]) -> Result<Added, Failure> {
        let vault = self.vault;
        let Some(decision) = self.decision(id)? else {
            return Ok(Added { at: None, more: cannot_be_read() });
        };
        let place = |number: &u64| usize::try_from(*number).ok()?.checked_sub(1);
        let (mut names, mut rows) = (vec![], vec![]);
        for number in placed {
            let Some(ruling) = place(number).and_then(|place| decision.rulings.get(place)) else {
                names.push("one that the decision does not have".to_owned());
                rows.push(Json::Null);
                continue;
            };
            let row = &ruling.row;
            let is_gone = was_forgotten(vault, ruling)?;
            names.push(if is_gone { format!("{row} (forgotten since)") } else { row.to_string() });
            rows.push(row.as_str().into());
        }
        let words = format!(": {}", listed(&names));
        Ok(Added { at: None, more: More { words: Some(words), json: vec![("rows", Json::Array(rows))] } })
    }

    /// A decision of this vault; `None` where it cannot be read.
    fn decision(&mut self, id: DecisionId) -> Result<Option<&Decision>, Failure> {
        if self.last.as_ref().is_none_or(|last| last.id != id) {
            self.last = match self.vault.decision(id) {
                Ok(signed) => signed.read_unverified().ok(),
                Err(VaultError::UnknownDecision(_) | VaultError::Damaged(_)) => None,
                Err(error) => return Err(error.into()),
            };
        }
        Ok(self.last.as_ref())
    }
}

fn cannot_be_read() -> More {
    let words = " (the decision cannot be read; `stillgood verify` says what is wrong)".to_owned();
    More { words: Some(words), json: vec![] }
}

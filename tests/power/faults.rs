//! A disk that refuses one call, or all from then on, or is full: an error, no rows, and a vault that works on.

use std::path::Path;

use stillgood::{Draft, Request, Retrieval, Vault, VaultError};

use crate::inspect::Inspector;
use crate::made::{Work, at};
use crate::recorder::{Recorder, Trap};
use crate::support::{draft, now};

/// A vault with two rows, closed; each trial works on a copy of its folder.
struct Trials {
    work: Work,
}

/// A trial: the vault as it is opened, and what was done with it until something failed.
struct Trial<'a> {
    trials: &'a Trials,
    path: &'a Path,
}

fn drafts() -> [Draft; 2] {
    [draft("new", "three", 1), draft("newer", "four", 2)]
}

fn asked(moment: i64) -> Request {
    at(moment, &["a", "b"])
}

impl Trials {
    fn new() -> Self {
        let mut work = Work::new();
        work.add(&[draft("a", "one", 10), draft("b", "two", 20)]);
        work.decide(0, &["a"]);
        work.close();
        Trials { work }
    }

    /// Runs the same work once without a trap to count its calls, and once for each call and each way to fail.
    fn every(&self) {
        let (calls, sprung) = self.one(None);
        assert!(calls > 60 && !sprung, "{calls} calls");
        for call in 0..calls {
            for (is_full, stays) in [(false, false), (false, true), (true, false), (true, true)] {
                let (_, sprung) = self.one(Some(Trap { at: call, is_full, stays }));
                assert!(sprung, "call {call} of {calls}");
            }
        }
    }

    fn one(&self, trap: Option<Trap>) -> (usize, bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.sgv");
        std::fs::copy(self.work.dir.path().join("v.sgv"), &path).unwrap();
        let recorder = Recorder::watch(dir.path());
        let trial = Trial { trials: self, path: &path };
        recorder.set(trap);
        let opened = trial.open();
        let added = opened.as_ref().ok().map(|vault| trial.add(vault));
        let decided = opened.as_ref().ok().map(|vault| trial.decide(vault, 1));
        let decided_again = opened.as_ref().ok().map(|vault| trial.decide(vault, 2));
        let ended = recorder.calls();
        recorder.set(None);
        let told = [decided, decided_again].into_iter().flatten().filter_map(Result::ok).map(|kept| {
            // Whoever is told anything is told the same as on a sound disk.
            assert_eq!(kept.live.len(), 2, "{trap:?}");
            kept.id
        });
        let told: Vec<_> = told.collect();
        assert!(trap.is_some() || told.len() == 2 && matches!(added, Some(Ok(()))));
        // The disk is sound again: the same handle works on.
        let vault = opened.unwrap_or_else(|_| trial.open().unwrap_or_else(|error| panic!("{error}, {trap:?}")));
        let after = trial.decide(&vault, 3).unwrap_or_else(|error| panic!("{error}, {trap:?}"));
        let pin = vault.pin().unwrap();
        recorder.finish();
        for vault in [Some(vault), None] {
            let found = Inspector::new(&self.work.trust).look(&path, Some(&pin));
            let found = found.unwrap_or_else(|wrong| panic!("{wrong}, {trap:?}, still open: {}", vault.is_some()));
            assert!(told.iter().chain([&after.id]).all(|id| found.decisions.contains(id)), "{trap:?}");
            let rows = found.rows.len();
            assert!(rows == 4 || rows == 2 && !matches!(added, Some(Ok(()))), "{rows} rows, {trap:?}");
        }
        ended
    }
}

impl Trial<'_> {
    fn open(&self) -> Result<Vault, VaultError> {
        let trust = &self.trials.work.trust;
        Vault::open(self.path, &trust.owner, &trust.identity, None)
    }

    fn add(&self, vault: &Vault) -> Result<(), VaultError> {
        vault.add(self.trials.work.device(), &drafts(), now(), &mut |_| ()).map(drop)
    }

    fn decide(&self, vault: &Vault, moment: i64) -> Result<Retrieval, VaultError> {
        vault.decide(&self.trials.work.gate(), &asked(moment))
    }
}

#[test]
fn whichever_call_fails_there_is_an_error_and_no_harm() {
    Trials::new().every();
}

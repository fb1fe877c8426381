//! Work on a vault while its folder is watched, and what the caller was told, in order.

use std::sync::{Arc, Mutex};

use stillgood::{DecisionId, Draft, Earning, Gate, Pin, PolicySet, Request, RowId, Signer, Span, Vault};

use crate::inspect::{Trust, rows_of};
use crate::recorder::{Recorder, Recording};
use crate::support::{Home, earn, now, request};

/// What the caller was told.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// Rows were written: these are all of them now.
    Rows(Vec<(RowId, u64)>),
    /// This was decided, and rows came back.
    Decision(DecisionId),
    /// Something was taken for a pin and would now be written down.
    Pin(Pin),
}

/// A vault of its own that is being worked on.
pub(crate) struct Work {
    pub(crate) dir: tempfile::TempDir,
    owner: Signer,
    device: Signer,
    pub(crate) trust: Trust,
    vault: Option<Vault>,
    pub(crate) recorder: Arc<Recorder>,
    said: Mutex<Vec<Said>>,
}

/// What was done, and what was said.
pub(crate) struct Done {
    pub(crate) recording: Recording,
    pub(crate) said: Vec<Said>,
    pub(crate) trust: Trust,
}

impl Work {
    /// A vault that was made and closed before the recorder came.
    pub(crate) fn new() -> Self {
        crate::vfs::install();
        let Home { dir, owner, device, identity, vault } = Home::new();
        drop(vault);
        let trust = Trust { owner: owner.verifier(), device: device.verifier(), identity };
        let recorder = Recorder::watch(dir.path());
        let mut work = Work { dir, owner, device, trust, vault: None, recorder, said: Mutex::new(vec![]) };
        work.open();
        work.said.lock().unwrap().push(Said::Rows(vec![]));
        work.recorder.mark(0);
        work.pin();
        work
    }

    pub(crate) fn open(&mut self) {
        let path = self.dir.path().join("v.sgv");
        self.vault = Some(Vault::open(&path, &self.trust.owner, &self.trust.identity, None).unwrap());
    }

    pub(crate) fn close(&mut self) {
        self.vault = None;
    }

    pub(crate) fn vault(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    pub(crate) fn device(&self) -> &Signer {
        &self.device
    }

    pub(crate) fn gate(&self) -> Gate {
        Gate::new(PolicySet::builtin(), Signer::from_pem(&self.device.to_pem(), &self.device.verifier()).unwrap())
    }

    /// The caller is told, and from here on the disk must hold what was said.
    fn say(&self, said: Said) {
        let mut all = self.said.lock().unwrap();
        all.push(said);
        self.recorder.mark(all.len() - 1);
    }

    /// As the program writes its pin: after the vault has said that it is done.
    fn pin(&self) {
        self.say(Said::Pin(self.vault().pin().unwrap()));
    }

    pub(crate) fn add(&self, drafts: &[Draft]) {
        self.vault().add(&self.device, drafts, now(), &mut |_| ()).unwrap();
        self.say(Said::Rows(rows_of(self.vault())));
        self.pin();
    }

    pub(crate) fn confirm(&self, id: &str) {
        earn(self.vault(), &self.owner, &self.device, id, Earning::Confirm, now()).unwrap();
        self.say(Said::Rows(rows_of(self.vault())));
        self.pin();
    }

    /// `moment` tells the decisions apart.
    pub(crate) fn decide(&self, moment: i64, rows: &[&str]) {
        let retrieval = self.vault().decide(&self.gate(), &at(moment, rows)).unwrap();
        assert!(!retrieval.live.is_empty());
        self.say(Said::Decision(retrieval.id));
        self.pin();
    }

    pub(crate) fn done(mut self) -> Done {
        self.close();
        let recording = self.recorder.finish();
        Done { recording, said: self.said.into_inner().unwrap(), trust: self.trust }
    }
}

/// A request so many milliseconds after the usual time.
pub(crate) fn at(moment: i64, rows: &[&str]) -> Request {
    Request { at: now().plus(Span::from_millis(moment)), ..request(rows) }
}

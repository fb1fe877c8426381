//! One user's vault: sealed rows, key ring and log in one file. Where everything meets.

mod ask;
#[cfg(feature = "evidence")]
mod attach;
mod before;
mod change;
mod earn;
mod entry;
mod evidence;
mod experience;
mod forget;
mod head;
mod links;
mod log;
mod rows;
mod rowsum;
mod seals;
mod stored;
mod usage;
mod verify;
mod wording;
mod write;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use ask::{Opened, Question};
#[cfg(feature = "evidence")]
pub use attach::Rechecked;
pub use earn::{Answer, EarnError, Earned, Earning, Observation};
pub use entry::{ObservedIn, Word};
pub use experience::Lived;
pub use forget::{ForgetError, Forgotten};
pub use head::{Pin, PinError};
pub use log::{Entry, Event};
pub use usage::{Again, Inputs, Placed, Steering, UseError, Used};
pub use verify::{Finding as VaultFinding, Report};
pub use write::{Added, Progress};

use crate::decision::{Durability, SignedDecision, View};
use crate::gate::{DecideError, Gate, Missing, Outcome, Retrieval};
use crate::id::{DecisionId, RowId, VaultId};
use crate::note::{Note, NoteError, Signer, Verifier};
use crate::request::{Occasion, Request};
use crate::seal::{
    Identity, KeyRing, Keys, ListedVerifier, OpenError, RingError, Roles, SealedBody, SealedHead, UnlockError,
};
use crate::store::{Reader, Store, StoreError};
use crate::time::Timestamp;
use head::VaultHead;
use seals::Seals;
use stored::{decision_of, ruling_on, stored_decision, strictest};

/// One user's vault, unlocked. Shared between threads; deciding takes no lock that another decision holds for long.
///
/// The library blocks: from async code call it on a thread that may block.
pub struct Vault {
    store: Store,
    owner: Verifier,
    ring: KeyRing,
    keys: Keys,
    /// The state in which it was opened: none before it is accepted later.
    floor: u64,
    /// The vault head that was last verified, so that each is verified once.
    verified: Mutex<Option<Arc<VaultHead>>>,
    seals: Seals,
    /// Which code of enclaves the caller accepts.
    #[cfg(feature = "evidence")]
    codes: Option<crate::evidence::attestation::CodeList>,
}

/// Why a vault cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key ring.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// Unlocking.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// A note of the vault.
    #[error("the vault's {what}: {error}")]
    Note {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        error: NoteError,
    },
    /// A note or row of the vault has another form than version 1, or does not fit the others.
    #[error("the vault is damaged: {0}")]
    Damaged(String),
    /// The vault is not the one that the pin knows, or an earlier state of it.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// This key does not hold the role.
    #[error("the key `{name}` may not {what} in this vault at {at}")]
    NotAllowed {
        /// The key's name.
        name: String,
        /// `write`, `decide`, `ask` or `record answers`.
        what: &'static str,
        /// At this time.
        at: Timestamp,
    },
    /// Nothing was decided.
    #[error(transparent)]
    Decide(#[from] DecideError),
    /// A row does not open.
    #[error("row `{row}`: {error}")]
    Row {
        /// The row.
        row: RowId,
        /// Why.
        error: OpenError,
    },
    /// There is no such row.
    #[error("there is no row `{0}`")]
    UnknownRow(RowId),
    /// A row cannot be written as asked.
    #[error("row `{row}`: {what}")]
    Refused {
        /// The row.
        row: RowId,
        /// Why.
        what: &'static str,
    },
    /// An earning.
    #[error(transparent)]
    Earn(#[from] EarnError),
    /// The record of an answer.
    #[error(transparent)]
    Use(#[from] UseError),
    /// Forgetting.
    #[error(transparent)]
    Forget(#[from] ForgetError),
    /// There is no such decision.
    #[error("there is no decision `{0}` in this vault")]
    UnknownDecision(DecisionId),
    /// The vault can be written, and then its decisions are stored.
    #[error("the vault can be written, so its decisions are stored")]
    Logged,
    /// 2^28 seals were made under one epoch key.
    #[error("the epoch key was used 2^28 times; the epoch must turn")]
    EpochFull,
}

impl Vault {
    /// A new vault file with one recipient, and one device that writes and decides.
    ///
    /// # Errors
    /// [`VaultError`]; an existing file is left alone.
    pub fn create(
        path: &Path,
        owner: &Signer,
        identity: &Identity,
        device: &Signer,
        at: Timestamp,
    ) -> Result<Self, VaultError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).expect("the operating system gives random bytes");
        let listed =
            ListedVerifier { verifier: device.verifier(), roles: Roles::WriterAndDecider, since: at, until: None };
        let ring = KeyRing::create(owner, VaultId::from_bytes(id), identity.recipient(), listed, at);
        let keys = ring.unlock(identity)?;
        let head = VaultHead::first(&ring, at);
        let note = head.sign(device);
        let store = Store::create(path, |writer| {
            writer.put_ring(ring.version(), ring.note().as_str())?;
            Ok::<_, VaultError>(writer.put_vault_head(1, note.as_str(), head.rows.state())?)
        })?;
        Ok(Vault::over(store, owner.verifier(), ring, keys))
    }

    fn over(store: Store, owner: Verifier, ring: KeyRing, keys: Keys) -> Self {
        Vault {
            store,
            owner,
            ring,
            keys,
            floor: 1,
            verified: Mutex::new(None),
            seals: Seals::new(),
            #[cfg(feature = "evidence")]
            codes: None,
        }
    }

    /// An existing vault. The owner's key is what the caller trusts; the pin, if there is one, is what was seen last.
    ///
    /// # Errors
    /// [`VaultError`]: nothing of a vault is used before its ring and head verify.
    pub fn open(path: &Path, owner: &Verifier, identity: &Identity, pin: Option<&Pin>) -> Result<Self, VaultError> {
        let store = Store::open(path)?;
        let note: String = store.read(|reader| reader.ring())?;
        let note: Note = note.parse().map_err(|error| VaultError::Note { what: "key ring", error })?;
        let ring = KeyRing::open(&note, owner)?;
        let keys = ring.unlock(identity)?;
        let mut vault = Vault::over(store, owner.clone(), ring, keys);
        vault.floor = vault.store.read(|reader| vault.head(reader).map(|head| head.sequence))?;
        pin.map_or(Ok(()), |pin| vault.check(pin))?;
        Ok(vault)
    }

    /// Whether this vault is what the pin saw, or a later state of it.
    ///
    /// # Errors
    /// [`VaultError::Pin`] where it is older, or has another history.
    pub fn check(&self, pin: &Pin) -> Result<(), VaultError> {
        self.store.read(|reader| head::check_pin(pin, &*self.head(reader)?, reader))
    }

    /// Its id.
    pub fn id(&self) -> VaultId {
        self.ring.vault()
    }

    /// The owner's key.
    pub fn owner(&self) -> &Verifier {
        &self.owner
    }

    /// The key ring.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// What to keep outside the vault, so that an older vault is noticed.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn pin(&self) -> Result<Pin, VaultError> {
        self.store.read(|reader| {
            let head = self.head(reader)?;
            let size = reader.log_size(head.log)?;
            let root = reader.log_root(head.log, size)?.ok_or(StoreError::Damaged("a log node is missing"))?;
            Ok(Pin {
                vault: self.id(),
                sequence: head.sequence,
                head: head.digest,
                log: head.log,
                log_size: size,
                log_root: root,
            })
        })
    }

    /// How many sealed bodies were read since the vault was opened.
    pub fn bodies_read(&self) -> u64 {
        self.store.bodies_read()
    }

    /// Decides one retrieval, and stores the decision before anything is returned.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was decided, and no memory may be used. [`StoreError::ReadOnly`] where the decision could
    /// not be stored.
    pub fn decide(&self, gate: &Gate, request: &Request) -> Result<Retrieval, VaultError> {
        self.may_decide(gate.verifier(), request)?;
        if request.occasion == Occasion::WhatIf {
            // A look at another time is signed as such, and kept by the caller or not at all.
            return Ok(self.judge(gate, request, Durability::None)?.retrieval);
        }
        if !self.store.is_writable() {
            return Err(StoreError::ReadOnly.into());
        }
        let Outcome { retrieval, seed } = self.judge(gate, request, Durability::Full)?;
        self.keep(gate, request.at, &retrieval, &seed.0)?;
        Ok(retrieval)
    }

    /// Decides one retrieval where the vault can only be read. The decision says that nobody stored it
    /// ([`Durability::None`]); the caller keeps it, or does not.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was decided. [`VaultError::Logged`] where the vault can be written.
    pub fn decide_unlogged(&self, gate: &Gate, request: &Request) -> Result<Retrieval, VaultError> {
        self.may_decide(gate.verifier(), request)?;
        if request.occasion == Occasion::Retrieval && self.store.is_writable() {
            return Err(VaultError::Logged);
        }
        Ok(self.judge(gate, request, Durability::None)?.retrieval)
    }

    /// A decision of this vault, as it was signed.
    ///
    /// # Errors
    /// [`VaultError::UnknownDecision`], or why it does not open.
    pub fn decision(&self, id: DecisionId) -> Result<SignedDecision, VaultError> {
        self.store.read(|reader| stored_decision(reader, &self.keys, id))
    }

    fn judge(&self, gate: &Gate, request: &Request, durability: Durability) -> Result<Outcome, VaultError> {
        self.store.read(|reader| self.judge_state(reader, gate, request, durability))
    }

    /// Heads, opinions, bodies, signature, all on one state of the vault.
    fn judge_state(
        &self,
        reader: &Reader<'_>,
        gate: &Gate,
        request: &Request,
        durability: Durability,
    ) -> Result<Outcome, VaultError> {
        let head = self.head(reader)?;
        let mut sealed: HashMap<&RowId, SealedHead> = HashMap::new();
        for candidate in &request.candidates {
            if !sealed.contains_key(&candidate.row)
                && let Some((_, bytes)) = reader.head(candidate.row.as_str())?
            {
                sealed.insert(&candidate.row, SealedHead::from_bytes(bytes));
            }
        }
        let judged = gate.judge(&self.keys, request, |_, row| sealed.get(row))?;
        let mut bodies = HashMap::new();
        for (row, generation) in judged.wanted() {
            if let Some(bytes) = reader.body(row.as_str(), generation)? {
                bodies.insert(row, SealedBody::from_bytes(bytes));
            }
        }
        let view = View::Pinned { sequence: head.sequence, head: head.digest };
        Ok(judged.finish(&self.keys, &view, durability, Missing::Damaged, |_, row| bodies.get(row))?)
    }

    /// The newest vault head, verified.
    fn head(&self, reader: &Reader<'_>) -> Result<Arc<VaultHead>, VaultError> {
        let text = reader.vault_head()?;
        let mut known = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.note == text) {
            return Ok(Arc::clone(known));
        }
        let head = Arc::new(VaultHead::verify(&text, &self.ring, reader.row_sum()?)?);
        if head.sequence < self.floor {
            return Err(PinError::OlderThanSeen { what: "state", found: head.sequence, seen: self.floor }.into());
        }
        *known = Some(Arc::clone(&head));
        Ok(head)
    }

    fn may_decide(&self, key: &Verifier, request: &Request) -> Result<(), VaultError> {
        // A look at another time asks by what the key may do at all.
        let listed = match request.occasion {
            Occasion::Retrieval => self.ring.listed_at(key, request.at),
            Occasion::WhatIf => self.ring.verifiers().iter().find(|listed| listed.verifier == *key),
        };
        if listed.is_some_and(|listed| listed.roles.may_decide()) {
            return Ok(());
        }
        Err(VaultError::NotAllowed { name: key.name().to_string(), what: "decide", at: request.at })
    }

    /// The owner may, and whoever holds any role at that time.
    fn may_ask(&self, key: &Verifier, at: Timestamp) -> Result<(), VaultError> {
        if *key == self.owner || self.ring.listed_at(key, at).is_some() {
            return Ok(());
        }
        Err(VaultError::NotAllowed { name: key.name().to_string(), what: "ask", at })
    }
}

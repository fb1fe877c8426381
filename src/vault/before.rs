//! What a row said before: saying the same again is no news, and what the owner corrected does not come back.

use super::VaultError;
use super::change::Change;
use super::earn::was_corrected;
use super::wording::says_the_same;
use crate::id::RowId;
use crate::row::{Body, Draft, MadeBy};
use crate::seal::SealedHead;
use crate::time::Timestamp;

/// When a row said the words of a text.
pub(super) enum SaidBefore {
    /// It says this very text.
    Stands,
    /// It says these words now, in other letters: this body, stated then.
    SameWords(Body, Timestamp),
    /// It said these words until it said others. They were stated then, when it said them last.
    Once(Timestamp),
    /// The owner corrected these words to what it says now.
    Overruled,
    /// As far as its heads and bodies open: never.
    Never,
}

impl Change<'_, '_> {
    /// When this row said these words. White space, and how a letter is written, do not count.
    pub(super) fn said_before(&mut self, row: &RowId, text: &str) -> Result<SaidBefore, VaultError> {
        let (vault, writer) = (self.vault, self.writer);
        let Some(known) = self.row(row)? else { return Ok(SaidBefore::Never) };
        let current = &known.head;
        if current.text.is_of(text) {
            return Ok(SaidBefore::Stands);
        }
        if let Ok(body) = vault.body_of(writer, current)?
            && says_the_same(body.text(), text)
        {
            return Ok(SaidBefore::SameWords(body, current.stated_at));
        }
        let (mut last, mut is_correction) = (current.text, false);
        for (generation, sealed) in writer.heads_of(row.as_str())?.into_iter().rev() {
            let sealed = SealedHead::from_bytes(sealed);
            if generation == current.body_generation {
                is_correction = was_corrected(writer, &sealed.digest())?;
            }
            let Ok(old) = sealed.open(&vault.keys, row) else { continue };
            // Heads of one text come one after the other.
            if old.text == last {
                continue;
            }
            last = old.text;
            let is_same =
                old.text.is_of(text) || vault.body_of(writer, &old)?.is_ok_and(|body| says_the_same(body.text(), text));
            if is_same {
                return Ok(if is_correction { SaidBefore::Overruled } else { SaidBefore::Once(old.stated_at) });
            }
        }
        Ok(SaidBefore::Never)
    }

    /// Whether the owner corrected the row, and what it said before had begun when this draft says that it did.
    pub(super) fn beginning_is_cleared(&mut self, draft: &Draft) -> Result<bool, VaultError> {
        let (vault, writer) = (self.vault, self.writer);
        let Some(known) = self.row(&draft.row)? else { return Ok(false) };
        let (generation, beginning) = (known.head.body_generation, draft.traits.valid_from);
        // A correction makes the labels the owner's.
        if known.head.traits.labels_by != MadeBy::Owner
            || beginning.is_none()
            || beginning == known.head.traits.valid_from
        {
            return Ok(false);
        }
        let row = draft.row.as_str();
        let Some(made) = writer.head_of(row, generation)? else { return Ok(false) };
        if !was_corrected(writer, &SealedHead::from_bytes(made).digest())? {
            return Ok(false);
        }
        let older = writer.old_heads(row)?.into_iter().take_while(|(older, _)| *older < generation);
        let mut opened =
            older.filter_map(|(_, sealed)| SealedHead::from_bytes(sealed).open(&vault.keys, &draft.row).ok());
        Ok(opened.any(|old| old.traits.valid_from == beginning))
    }
}

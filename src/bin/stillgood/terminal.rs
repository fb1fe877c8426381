//! Asking on a terminal, for something that it must not show.

use zeroize::Zeroizing;

use crate::failure::Failure;

/// Questions on the terminal. From the first one until this is dropped it shows nothing that is typed: whoever types
/// ahead, while a key is derived, is not shown to all the room.
#[derive(Default)]
pub(crate) struct Talk {
    #[cfg(unix)]
    silence: std::cell::OnceCell<Silence>,
}

#[cfg(unix)]
impl Talk {
    /// A line typed and not shown; `None` where there is no terminal. Standard input may hold something else: it is not
    /// asked.
    pub(crate) fn ask(&self, prompt: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        use std::io::Write;

        use crate::output::plain;
        use crate::unlock::until;

        let cannot = |error: std::io::Error| Failure::cannot(format!("cannot ask: {}", plain(&error)));
        let silence = match self.silence.get() {
            Some(silence) => silence,
            None => {
                let opened = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty");
                let Ok(terminal) = opened else { return Ok(None) };
                let silence = Silence::of(terminal).map_err(cannot)?;
                self.silence.get_or_init(|| silence)
            }
        };
        let mut terminal = &silence.terminal;
        let mut asked = || {
            silence.forget_typed()?;
            terminal.write_all(prompt.as_bytes())?;
            let line = until(terminal, &[b'\n', Silence::INTERRUPT])?;
            terminal.write_all(b"\n")?;
            Ok(line)
        };
        match asked().map_err(cannot)? {
            (_, Some(Silence::INTERRUPT)) => Err(Failure::cannot("interrupted")),
            (line, None) if line.is_empty() => Err(Failure::cannot("no passphrase was given")),
            (line, _) => Ok(Some(line)),
        }
    }
}

/// Without a terminal that can be silenced, nothing is asked.
#[cfg(not(unix))]
impl Talk {
    pub(crate) fn ask(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        Err(Failure::cannot("asking for a passphrase is not supported on this system"))
    }
}

/// A terminal that does not show what is typed, until this is dropped.
#[cfg(unix)]
struct Silence {
    terminal: std::fs::File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Silence {
    /// Ctrl-C. Here it ends the line instead of the program, which would leave the terminal silent.
    const INTERRUPT: u8 = 3;

    fn of(terminal: std::fs::File) -> std::io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
        silent.local_modes.insert(LocalModes::ICANON);
        silent.special_codes[SpecialCodeIndex::VEOL] = Self::INTERRUPT;
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Silence { terminal, before })
    }

    /// What was typed before a question is no answer to it.
    fn forget_typed(&self) -> std::io::Result<()> {
        use rustix::termios::{QueueSelector, tcflush};
        Ok(tcflush(&self.terminal, QueueSelector::IFlush)?)
    }
}

#[cfg(unix)]
impl Drop for Silence {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // The rest of a line that was too long must not reach whoever reads the terminal next.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

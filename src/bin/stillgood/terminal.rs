//! Asking on a terminal, for something that it must not show.

use zeroize::Zeroizing;

use crate::failure::Failure;

/// A line typed on the terminal and not shown; `None` where there is no terminal, or nobody sits before it.
#[cfg(unix)]
pub(crate) fn ask(prompt: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    use std::io::{IsTerminal, Write};

    use crate::output::plain;
    use crate::unlock::until;

    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let Ok(terminal) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty") else { return Ok(None) };
    let asked = || {
        let _silence = Silence::of(&terminal)?;
        (&terminal).write_all(prompt.as_bytes())?;
        let line = until(&terminal, &[b'\n', Silence::INTERRUPT])?;
        (&terminal).write_all(b"\n")?;
        Ok(line)
    };
    match asked().map_err(|error: std::io::Error| Failure::cannot(format!("cannot ask: {}", plain(&error))))? {
        (_, Some(Silence::INTERRUPT)) => Err(Failure::cannot("interrupted")),
        (line, None) if line.is_empty() => Err(Failure::cannot("no passphrase was given")),
        (line, _) => Ok(Some(line)),
    }
}

/// Without a terminal that can be silenced, nothing is asked.
#[cfg(not(unix))]
pub(crate) fn ask(_: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    Err(Failure::cannot("asking for a passphrase is not supported on this system"))
}

/// A terminal that does not show what is typed, until this is dropped.
#[cfg(unix)]
struct Silence<'a> {
    terminal: &'a std::fs::File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl<'a> Silence<'a> {
    /// Ctrl-C. Here it ends the line instead of the program, which would leave the terminal silent.
    const INTERRUPT: u8 = 3;

    fn of(terminal: &'a std::fs::File) -> std::io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
        silent.local_modes.insert(LocalModes::ICANON);
        silent.special_codes[SpecialCodeIndex::VEOL] = Self::INTERRUPT;
        // What was typed before the question is no answer to it.
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Silence { terminal, before })
    }
}

#[cfg(unix)]
impl Drop for Silence<'_> {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // The rest of a line that was too long must not reach whoever reads the terminal next.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

//! The program under a shell, on a full disk, without rights: what a test cannot arrange from inside.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::desk::{Desk, Ran};
use crate::support::skip;

impl Desk {
    /// Runs a script in which `stillgood` is the program. The golden file shows the script.
    pub(super) fn shell(&self, script: &str) -> Ran {
        self.script(Command::new("sh"), script)
    }

    /// The same as root of a namespace of its own, so that what it mounts goes away with it; `None`, visibly, where the
    /// system does not let us.
    pub(super) fn mounting(&self, script: &str) -> Option<Ran> {
        let unshare = || {
            let mut unshare = Command::new("unshare");
            unshare.args(["--mount", "--map-root-user", "sh"]);
            unshare
        };
        let mut probe = unshare();
        probe.args(["-c", "mount -t tmpfs -o size=64k tmpfs /tmp"]).stderr(Stdio::null());
        if !probe.status().is_ok_and(|status| status.success()) {
            skip("a full disk needs `unshare` and `mount`, and the right to use them");
            return None;
        }
        Some(self.script(unshare(), script))
    }

    fn script(&self, mut shell: Command, script: &str) -> Ran {
        let whole = format!("stillgood() {{ '{}' \"$@\"; }}\n{script}", env!("CARGO_BIN_EXE_stillgood"));
        shell.args(["-c", &whole]).current_dir(self.path("")).stdin(Stdio::null());
        ran(script.to_owned(), shell)
    }

    /// Runs the program as a user that owns nothing here; `None`, visibly, where that cannot be had.
    pub(super) fn without_rights(&self, line: &str) -> Option<Ran> {
        // Whoever is not root has no more rights than files give.
        if fs::metadata("/proc/self").is_ok_and(|known| known.uid() != 0) {
            return Some(self.run(line));
        }
        let other = || {
            let mut other = Command::new("setpriv");
            other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program_for_all());
            other
        };
        if !other().arg("--version").stdout(Stdio::null()).status().is_ok_and(|done| done.success()) {
            skip("root may read and write everything, and the program does not run as another user by `setpriv`");
            return None;
        }
        let mut other = other();
        other.args(line.split(' ')).current_dir(self.path("")).stdin(Stdio::null());
        Some(ran(format!("stillgood {line}"), other))
    }

    /// Lets everybody do everything with everything here, for [`Self::without_rights`].
    pub(super) fn open_to_all(&self) {
        let done = Command::new("chmod").args(["-R", "a+rwX", "."]).current_dir(self.path("")).status();
        assert!(done.is_ok_and(|done| done.success()), "chmod");
    }

    pub(super) fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("it is ours");
    }
}

/// The program where another user can reach it: the folder of the build may be closed to all but us.
fn program_for_all() -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        fs::copy(Path::new(env!("CARGO_BIN_EXE_stillgood")), folder.path().join("stillgood")).expect("a copy");
        folder
    });
    folder.path().join("stillgood")
}

fn ran(line: String, mut command: Command) -> Ran {
    let output = command.output().expect("it starts");
    Ran {
        line,
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("text on standard output"),
        stderr: String::from_utf8(output.stderr).expect("text on standard error"),
    }
}

//! A folder in which the program runs, and the golden files that hold what it said.
//!
//! A golden file holds the command line, the exit code, standard output and standard error, byte by byte. Only what no
//! two runs share is replaced, and nothing else:
//!
//! | in the file | stands for |
//! |---|---|
//! | `DIR` | the temporary folder |
//! | `ID` | 32 hexadecimal digits: ids of vaults and decisions |
//! | `DIGEST` | 64 hexadecimal digits |
//! | `TIME` | a time at most an hour from now |
//! | `DAYS` | a time at most ten days from now |
//! | `(DATE)` | a date in brackets, of a row whose age is shown, counted back from now |
//! | `+VKEY` | the hash and base64 key after a key's name |
//! | `SIZE` | how many bytes of a vault's files were searched |
//! | `VERSION` | the version of this program, and of rhai |
//!
//! `STILLGOOD_BLESS=1` writes the files anew; read the difference before you commit it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use stillgood::Timestamp;
use tempfile::TempDir;

/// A temporary folder; commands run inside it.
pub(super) struct Desk(TempDir);

const PROGRAM: &str = env!("CARGO_BIN_EXE_stillgood");

/// What a command did.
pub(super) struct Ran {
    pub(super) line: String,
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Desk {
    pub(super) fn new() -> Self {
        Desk(tempfile::tempdir().expect("a folder for temporary files"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder");
        fs::write(path, content).expect("a file");
        self
    }

    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).expect("text")
    }

    pub(super) fn copy(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).expect("a copy");
    }

    /// The names in a folder, in order.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name")).collect();
        names.sort();
        names
    }

    /// The program, about to run here, without what the surroundings would change.
    pub(super) fn program(&self) -> Command {
        self.command(PROGRAM)
    }

    fn command(&self, name: &str) -> Command {
        let mut program = if name != "python3" && may_be_asked() {
            let mut apart = Command::new("setsid");
            apart.arg(name);
            apart
        } else {
            Command::new(name)
        };
        program.current_dir(self.0.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in ["COLUMNS", "LINES", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            program.env_remove(name);
        }
        // Were there a panic, its backtrace should show up.
        program.env("RUST_BACKTRACE", "1");
        program
    }

    /// Runs `stillgood` with these arguments, separated by spaces. `'…'` holds a space or nothing; `cat FILE |` before
    /// them is a pipe, `< FILE` after them a file as standard input, and `3< FILE` and so on what a shell makes of it.
    pub(super) fn run(&self, line: &str) -> Ran {
        let (piped, rest) = match line.strip_prefix("cat ").and_then(|rest| rest.split_once(" | ")) {
            Some((file, rest)) => (Some(self.bytes(file)), rest),
            None => (None, line),
        };
        let (arguments, file) = match rest.split_once(" < ") {
            Some((arguments, file)) => (arguments, Some(file)),
            None => (rest, None),
        };
        let (arguments, redirected) = arguments.split_at(arguments.find(" 3<").unwrap_or(arguments.len()));
        let mut program = match redirected {
            "" => self.program(),
            _ => self.command("sh"),
        };
        if !redirected.is_empty() {
            program.args(["-c", &format!("exec \"$0\" \"$@\"{redirected}"), PROGRAM]);
        }
        program.args(words(arguments));
        if let Some(file) = file {
            program.stdin(fs::File::open(self.path(file)).expect("a file"));
        }
        if piped.is_some() {
            program.stdin(Stdio::piped());
        }
        let mut child = program.spawn().expect("the program starts");
        if let (Some(bytes), Some(mut stdin)) = (piped, child.stdin.take()) {
            // The program may refuse before it reads.
            let _ = stdin.write_all(&bytes);
        }
        let output = child.wait_with_output().expect("the program ends");
        let shown = match (line.len() - rest.len(), rest.is_empty()) {
            (_, true) => "stillgood".to_owned(),
            (before, false) => format!("{}stillgood {rest}", line.get(..before).expect("what was stripped")),
        };
        Ran {
            line: shown,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text on standard output"),
            stderr: String::from_utf8(output.stderr).expect("text on standard error"),
        }
    }

    /// Runs `stillgood` on a terminal of its own; `talk` is what it asks, and what is typed then. What the terminal shows
    /// stands for standard error. `cat FILE |` makes the file its standard input. `None`, visibly, where there is no Python to make a terminal with.
    pub(super) fn on_terminal(&self, line: &str, talk: &[(&str, &str)]) -> Option<Ran> {
        let (file, arguments) = line.strip_prefix("cat ").and_then(|rest| rest.split_once(" | ")).unwrap_or(("", line));
        let said = self.terminal("terminal.py", &[file, PROGRAM], arguments, talk)?;
        assert_eq!(said["shows_again"], true, "{line}: the terminal shows again what is typed");
        Some(Ran::of(line, &said, "stdout", "screen"))
    }

    /// Runs `stillgood` with a terminal as standard input and output; `talk` is what it asks, and what is typed then, or
    /// `HANG UP`. What the terminal shows stands for standard output. `None`, visibly, where there is no Python.
    pub(super) fn talks(&self, line: &str, talk: &[(&str, &str)]) -> Option<Ran> {
        let said = self.terminal("talk.py", &[PROGRAM], line, talk)?;
        Some(Ran::of(line, &said, "screen", "stderr"))
    }

    /// What a script that makes a terminal says of the program that it ran there; `first` stands before the words of the line.
    fn terminal(&self, script: &str, first: &[&str], line: &str, talk: &[(&str, &str)]) -> Option<serde_json::Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli").join(script);
        let mut python = self.command("python3");
        python.arg("-B").arg(script).args(first).args(words(line)).stdin(Stdio::piped());
        let Ok(mut child) = python.spawn() else {
            crate::support::skip("needs `python3`, which makes a terminal");
            return None;
        };
        let talk = serde_json::to_vec(talk).expect("JSON");
        child.stdin.take().expect("a pipe").write_all(&talk).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        Some(serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// Runs something that the next step needs.
    pub(super) fn done(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert!(ran.code == Some(0) && ran.stderr.is_empty(), "{line}: {:?}\n{}", ran.code, ran.stderr);
        ran
    }

    /// Succeeds in silence on standard error, as the golden file says.
    pub(super) fn answers(&self, case: &str, line: &str) -> Ran {
        let ran = self.done(line);
        self.golden(case, &ran);
        ran
    }

    /// Succeeds, and warns in one line, as the golden file says.
    pub(super) fn warns(&self, case: &str, line: &str) -> Ran {
        let ran = self.run(line);
        let one_line = ran.stderr.starts_with("warning: ") && ran.stderr.lines().count() == 1;
        assert!(ran.code == Some(0) && one_line, "{line}: {:?}\n{}", ran.code, ran.stderr);
        assert!(!ran.stderr.contains(super::SECRET), "{line}: {}", ran.stderr);
        self.golden(case, &ran);
        ran
    }

    /// The answer is no: exit code 1, nothing on standard output, as the golden file says.
    pub(super) fn says_no(&self, case: &str, line: &str) -> Ran {
        let ran = self.run(line);
        ran.failed(1);
        assert_eq!(ran.stdout, "", "{line}: standard output");
        self.golden(case, &ran);
        ran
    }

    /// The answer is no, and standard output holds the report.
    pub(super) fn reports_no(&self, case: &str, line: &str) -> Ran {
        let ran = self.run(line);
        ran.failed(1);
        assert_ne!(ran.stdout, "", "{line}: standard output");
        self.golden(case, &ran);
        ran
    }

    /// There is no answer: exit code 2, nothing on standard output, as the golden file says.
    pub(super) fn cannot(&self, case: &str, line: &str) -> Ran {
        let ran = self.refuses(line);
        self.golden(case, &ran);
        ran
    }

    /// There is no answer; which words say so is left open.
    pub(super) fn refuses(&self, line: &str) -> Ran {
        let ran = self.run(line);
        ran.failed(2);
        assert_eq!(ran.stdout, "", "{line}: standard output");
        ran
    }

    /// Compares with the golden file of this name, or writes it.
    pub(super) fn golden(&self, case: &str, ran: &Ran) {
        let code = ran.code.map_or("none".to_owned(), |code| code.to_string());
        let whole = format!(
            "$ {}\nexit code {code}\n--- standard output\n{}--- standard error\n{}",
            legible(&ran.line),
            ran.stdout,
            ran.stderr
        );
        let came = normalised(&whole, self.0.path());
        let path = folder().join(format!("{case}.txt"));
        if std::env::var_os("STILLGOOD_BLESS").is_some_and(|bless| bless == "1") {
            fs::create_dir_all(folder()).expect("a folder");
            fs::write(&path, &came).expect("a golden file");
            return;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            expected == came,
            "{}\n=== expected\n{expected}\n=== came\n{came}\n(STILLGOOD_BLESS=1 writes it anew)",
            path.display()
        );
    }
}

impl Ran {
    /// What a script said of it, and which two of its texts stand for standard output and standard error.
    fn of(line: &str, said: &serde_json::Value, stdout: &str, stderr: &str) -> Self {
        let text = |name: &str| said[name].as_str().expect("text").to_owned();
        let code = said["code"].as_i64().and_then(|code| i32::try_from(code).ok());
        Ran { line: format!("stillgood {line}"), code, stdout: text(stdout), stderr: text(stderr) }
    }

    /// The rules for every failure: one line, at most one hint, in plain words, and nothing of any memory.
    pub(super) fn failed(&self, code: i32) {
        let Ran { line, stderr, .. } = self;
        assert_eq!(self.code, Some(code), "{line}: exit code\n{stderr}");
        assert!(stderr.ends_with('\n'), "{line}: no line end\n{stderr}");
        // `import` and nothing else lists the bad records first.
        let is_listed = |said: &&str| !said.starts_with("stillgood: ") && line.contains("stillgood import ");
        let (said, hint) = match stderr.lines().skip_while(is_listed).collect::<Vec<_>>().as_slice() {
            [said] => (*said, None),
            [said, hint] => (*said, Some(*hint)),
            _ => panic!("{line}: one line and a hint, not\n{stderr}"),
        };
        let sentence = said.strip_prefix("stillgood: ").unwrap_or_else(|| panic!("{line}: its name first\n{stderr}"));
        let advice = hint.map(|hint| hint.strip_prefix("hint: ").unwrap_or_else(|| panic!("{line}: a hint\n{stderr}")));
        for text in [Some(sentence), advice].into_iter().flatten() {
            assert!(!text.ends_with('.') && !text.trim().is_empty(), "{line}: no full stop\n{stderr}");
            assert!(!text.starts_with(char::is_uppercase), "{line}: lower case\n{stderr}");
        }
        self.plain();
    }

    /// Nothing of the program's insides, and nothing of any memory, in what it says.
    pub(super) fn plain(&self) {
        let Ran { line, stdout, stderr, .. } = self;
        for inside in ["panicked", "backtrace", "::", ".rs:", "struct ", "os error", "Error", "Some(", "None", "Err("] {
            assert!(!stderr.contains(inside), "{line}: `{inside}` on standard error\n{stderr}");
        }
        assert!(!stdout.contains("struct "), "{line}: a type name on standard output\n{stdout}");
        assert!(!stderr.contains(super::SECRET), "{line}: a memory on standard error\n{stderr}");
    }
}

/// Whether the program would ask on the terminal before which the tests were started; `setsid` takes it away.
fn may_be_asked() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    let can_take_away = || Command::new("setsid").arg("true").status().is_ok_and(|status| status.success());
    *ANSWER.get_or_init(|| fs::File::open("/dev/tty").is_ok() && can_take_away())
}

/// A command line for a golden file: what hides is written out, what is endless is cut.
fn legible(line: &str) -> String {
    let hides = |c: char| !" \n".contains(c) && c.to_string().parse::<stillgood::RowId>().is_err();
    let shown = line.chars().take(400).flat_map(|c| match hides(c) {
        true => c.escape_unicode().collect::<Vec<_>>(),
        false => vec![c],
    });
    shown.chain(line.chars().nth(400).map(|_| '…')).collect()
}

/// Where the golden files are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cli")
}

fn words(line: &str) -> Vec<String> {
    // Every second part stood between quotes.
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

fn normalised(text: &str, dir: &Path) -> String {
    let text = text.replace(&dir.display().to_string(), "DIR");
    let text = text.replace(concat!("stillgood ", env!("CARGO_PKG_VERSION")), "stillgood VERSION");
    let text = text.replace(concat!("stillgood/", env!("CARGO_PKG_VERSION")), "stillgood/VERSION");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_millis();
    let now = i64::try_from(since).expect("a clock before the year 9999");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        let (length, stands) = volatile(rest, &out, now).unwrap_or((next.len_utf8(), ""));
        let (taken, after) = rest.split_at(length);
        out.push_str(if stands.is_empty() { taken } else { stands });
        rest = after;
    }
    out
}

/// How much of the beginning of `text` differs from run to run, and what to write for it.
fn volatile(text: &str, before: &str, now: i64) -> Option<(usize, &'static str)> {
    let run = |of: fn(&u8) -> bool| text.bytes().take_while(of).count();
    let inside_a_word = before.bytes().last().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !inside_a_word {
        match run(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte)) {
            32 => return Some((32, "ID")),
            64 => return Some((64, "DIGEST")),
            _ => {}
        }
    }
    let digits = run(u8::is_ascii_digit);
    if !inside_a_word
        && digits > 0
        && text.get(digits..).is_some_and(|rest| rest.starts_with(" bytes of the vault's files"))
    {
        return Some((digits, "SIZE"));
    }
    let is_date = |text: &str| {
        text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(i, byte)| if i == 4 || i == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    if text.get(..10).is_some_and(is_date) {
        let end = text.find('Z').map_or(0, |end| end + 1);
        let away = text.get(..end).and_then(|time| time.parse().ok()).map(|at: Timestamp| (at.millis() - now).abs());
        match away {
            Some(..=3_600_000) => return Some((end, "TIME")),
            Some(..=864_000_000) => return Some((end, "DAYS")),
            _ => {}
        }
        if before.ends_with('(') && text.get(10..).is_some_and(|after| after.starts_with(')')) {
            return Some((10, "DATE"));
        }
    }
    if before.ends_with("rhai/") {
        return Some((run(|byte| !byte.is_ascii_whitespace() && *byte != b'"'), "VERSION"));
    }
    if let Some(hash) = text.strip_prefix('+').and_then(|rest| rest.get(..9)) {
        let key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
        if hash.ends_with('+') && hash.bytes().take(8).all(|byte| byte.is_ascii_hexdigit()) {
            return Some((run(key), "+VKEY"));
        }
    }
    None
}

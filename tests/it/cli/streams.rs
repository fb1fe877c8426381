//! Standard output and standard error that cannot be written.

use std::fs;

use super::desk::Desk;

/// As in `stillgood policy facts | head -1`: no failure, and nothing said.
#[test]
fn a_reader_that_went_away() {
    let desk = Desk::full_vault();
    for arguments in [
        &["policy", "facts"][..],
        &["try"],
        &["--help"],
        &["decide", "v.sgv", "--keys", "keys", "search.json"],
        &["verify", "v.sgv", "--keys", "keys"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = desk.program().args(arguments).stdout(writer).output().expect("it ends");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    // Nobody reads what went wrong either: the exit code stands.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = desk.program().arg("remember").stderr(writer).status().expect("it ends");
    assert_eq!(status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let desk = Desk::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there on Linux");
    let output = desk.program().args(["policy", "facts"]).stdout(full).output().expect("it ends");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(2), "stillgood: cannot write the output: the disk is full\n")
    );
}

//! Help, and command lines that do not parse.

use super::desk::Desk;

#[test]
fn help() {
    let desk = Desk::new();
    desk.answers("help", "--help");
    desk.answers("version", "--version");
    desk.answers("help-decide", "decide --help");
    desk.answers("help-import", "import --help");
    desk.answers("help-fit", "fit --help");
    // No failure of a verb: the help itself, where it does not get into a pipe.
    for (case, line) in [("no-arguments", ""), ("policy-no-arguments", "policy")] {
        let ran = desk.run(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
        ran.plain();
        desk.golden(case, &ran);
    }
}

#[test]
fn command_lines_that_do_not_parse() {
    let desk = Desk::new();
    desk.cannot("unknown-verb", "remember");
    desk.cannot("misspelt-verb", "improt v.sgv");
    desk.cannot("misspelt-option", "decide v.sgv --keys keys --keep-boi");
    desk.refuses("init v.sgv --keys keys --colour");
    desk.cannot("init-without-keys", "init v.sgv");
    desk.cannot("init-without-anything", "init");
    desk.cannot("import-without-file", "import v.sgv --keys keys");
    desk.cannot("decide-without-keys", "decide v.sgv --all");
    desk.cannot("decide-keys-without-value", "decide v.sgv --keys");
    desk.cannot("decide-all-and-file", "decide v.sgv --keys keys --all search.json");
    desk.cannot("show-vault-without-keys", "show d.json --vault v.sgv");
    desk.cannot("keygen-without-name", "keygen --out keys");
    desk.cannot("import-from-unknown", "import v.sgv --keys keys --from diary export.json");
    desk.cannot("try-misplaced-folder", "try demo");
    desk.cannot("policy-misspelt-verb", "policy chek policies");
    assert_eq!(desk.names(""), [""; 0], "nothing was made");
}

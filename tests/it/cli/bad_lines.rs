//! Command lines of a good form that ask for what there is not.

use super::desk::Desk;

#[test]
fn verbs_and_flags() {
    let desk = Desk::full_vault();
    let before = desk.names("");
    for (case, line) in [
        ("verb-with-line-end", "'a\nb'"),
        ("verb-in-capitals", "DECIDE v.sgv"),
        ("flag-alone", "--verbose"),
        ("import-nothing", "import"),
        ("import-vault-alone", "import v.sgv"),
        ("import-two-files", "import v.sgv --keys keys a.json b.json"),
        ("import-keys-twice", "import v.sgv --keys keys --keys other a.json"),
        ("import-vault-empty", "import '' --keys keys a.json"),
        ("import-file-empty", "import v.sgv --keys keys ''"),
        ("import-file-is-a-folder", "import v.sgv --keys keys keys"),
        ("import-file-below-a-file", "import v.sgv --keys keys a.json/b.json"),
        ("decide-nothing", "decide"),
        ("decide-file-empty", "decide v.sgv --keys keys ''"),
        ("decide-file-is-a-folder", "decide v.sgv --keys keys keys"),
        ("decide-file-is-the-vault", "decide v.sgv --keys keys v.sgv"),
        ("show-nothing", "show"),
        ("verify-nothing", "verify"),
        ("keygen-name-alone", "keygen --name me"),
        ("policy-check-nothing", "policy check"),
        ("try-keep-nothing", "try --keep"),
        ("try-keep-a-file", "try --keep a.json"),
        ("help-of-no-verb", "help remember"),
    ] {
        desk.cannot(&format!("bad-line-{case}"), line);
    }
    assert_eq!(desk.names(""), before, "nothing was made");
}

#[test]
fn times() {
    let desk = Desk::full_vault();
    for (case, time) in [
        ("february-30", "2025-02-30T00:00:00Z"),
        ("hour-24", "2025-01-01T24:00:00Z"),
        ("offset-24-hours", "2025-01-01T00:00:00+24:00"),
        ("year-10000", "10000-01-01T00:00:00Z"),
        ("year-negative", "-0001-01-01T00:00:00Z"),
        ("year-10000-by-offset", "9999-12-31T23:59:59-01:00"),
        ("no-offset", "2025-01-01T00:00:00"),
        ("seconds-since-1970", "1577836800"),
        ("now", "now"),
        ("line-end", "2025-01-01T00:00:00Z\n"),
        ("right-to-left-override", "\u{202e}Z00:00:00T10-10-5202"),
        ("10000-bytes", &"9".repeat(10_000)),
    ] {
        desk.cannot(
            &format!("bad-at-{case}"),
            &format!("decide v.sgv --keys keys '--at={time}' --save d.json two.json"),
        );
    }
    desk.cannot(
        "bad-at-twice",
        "decide v.sgv --keys keys --at 2025-01-01T00:00:00Z --at 2026-01-01T00:00:00Z two.json",
    );
    assert!(!desk.path("d.json").exists());
    // The first and the last time there is: nothing was said yet, and everything was said long ago.
    desk.answers("bad-at-year-1", "decide v.sgv --keys keys --at 0001-01-01T00:00:00Z two.json");
    desk.answers("bad-at-year-9999", "decide v.sgv --keys keys --at 9999-12-31T23:59:59.999Z two.json");
    desk.answers("bad-at-leap-second", "decide v.sgv --keys keys --at 2016-12-31T23:59:60Z two.json");
}

#[test]
fn requests() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    for (case, setting) in [
        ("about-nothing", "about="),
        ("about-in-capitals", "about=NOW"),
        ("about-two", "about=now,past"),
        ("key-in-capitals", "ABOUT=now"),
        ("key-with-space", "'about =now'"),
        ("key-with-line-end", "'a\nb=1'"),
        ("key-of-a-fact", "row.age=1"),
        ("key-of-a-parameter", "param.holds=0"),
        ("key-of-the-request", "at=2025-01-01T00:00:00Z"),
        ("route-in-capitals", "route=ANY"),
        ("label-257-bytes", &format!("artifact.label={}", "x".repeat(257))),
        ("label-with-line-end", "'artifact.label=a\nb'"),
        ("blob-id-with-stray-bits", &format!("artifact.blob_id={}B", "A".repeat(42))),
        ("key-of-10000-bytes", &format!("{}=1", "x".repeat(10_000))),
    ] {
        desk.cannot(&format!("bad-request-{case}"), &format!("decide v.sgv --keys keys --request {setting} two.json"));
    }
    desk.cannot("bad-request-twice", "decide v.sgv --keys keys --request about=now --request about=past two.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

/// A key that the policy set declares has a type.
#[test]
fn request_keys_of_a_set() {
    let desk = Desk::full_vault();
    for (kind, values) in [
        ("int", &["1.5", "many", "99999999999999999999", ""][..]),
        ("bool", &["yes", "TRUE", "1"]),
        ("span", &["14", "14days", "-", "99999999999999 days"]),
        ("score", &["1.1", "-0.1", "NaN", "50%", "1e999"]),
    ] {
        desk.put(
            "house/set.toml",
            format!("name = \"house\"\nversion = 1\nbase = \"stillgood\"\n\n[request.wish]\ntype = \"{kind}\"\nmeaning = \"a wish\"\n"),
        );
        for (number, value) in values.iter().enumerate() {
            desk.cannot(
                &format!("bad-request-{kind}-{number}"),
                &format!("decide v.sgv --keys keys --policies house --request 'wish={value}' two.json"),
            );
        }
    }
}

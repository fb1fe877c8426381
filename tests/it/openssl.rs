//! Key files and signatures are for other programs too: `openssl` reads ours, and we read its.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::{Command, Output};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use stillgood::{Identity, KeyFileError, KeyName, Note, Passphrase, Recipient, Signer, Verifier};
use tempfile::TempDir;

/// A directory where `openssl` runs. Secrets go in and out as its files, never as arguments.
struct Desk(TempDir);

impl Desk {
    /// `None`, and a line that says so, where `openssl` is missing or older than 3.0, the first with `-rawin`.
    fn new() -> Option<Self> {
        let version = Command::new("openssl").arg("version").output().ok();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let major = version.as_deref().and_then(|text| text.strip_prefix("OpenSSL ")?.split('.').next()?.parse().ok());
        if major.is_some_and(|major: u32| major >= 3) {
            return Some(Desk(TempDir::new().expect("a directory for temporary files")));
        }
        let found = version.as_deref().unwrap_or("none");
        // Straight to stderr: `eprintln` would be shown only for a failing test.
        writeln!(std::io::stderr(), "skipped: needs openssl 3 or later on PATH, found {found}").expect("stderr");
        None
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.0.path().join(name)).expect("a new file");
        file.write_all(content.as_ref()).expect("written");
    }

    fn text_of(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("a text file")
    }

    /// Runs `openssl`; the arguments are separated by spaces.
    fn run(&self, arguments: &str) -> Output {
        let mut openssl = Command::new("openssl");
        openssl.current_dir(self.0.path()).args(arguments.split(' ')).output().expect("openssl starts")
    }

    /// Runs `openssl`, which must succeed: what it wrote to stdout.
    fn out(&self, arguments: &str) -> Vec<u8> {
        let output = self.run(arguments);
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn text_out(&self, arguments: &str) -> String {
        String::from_utf8(self.out(arguments)).expect("openssl writes text here")
    }

    /// The 32 public bytes of a secret key: the end of its SubjectPublicKeyInfo.
    fn public_key_of(&self, secret: &str) -> [u8; 32] {
        let der = self.out(&format!("pkey -in {secret} -pubout -outform DER"));
        assert_eq!(der.len(), 44);
        *der.last_chunk().expect("44 bytes")
    }
}

/// The bytes after `pub:` in what `openssl pkey -text` shows.
fn shown_public_key(text: &str) -> Vec<u8> {
    let (_, shown) = text.split_once("pub:").expect("a public key is shown");
    let digits: String = shown.chars().filter(|c| *c != ':' && !c.is_whitespace()).collect();
    HEXLOWER.decode(digits.as_bytes()).expect("hexadecimal")
}

fn key_name() -> KeyName {
    "example.org/device".parse().expect("a key name")
}

/// The vkey of a public key, written out from <https://c2sp.org/signed-note>.
fn vkey(name: &KeyName, public_key: &[u8; 32]) -> String {
    let key = [&[1], public_key.as_slice()].concat();
    let hash = Sha256::digest([name.as_str().as_bytes(), b"\n", &key].concat());
    let hash = hash.first_chunk::<4>().expect("32 bytes");
    format!("{name}+{}+{}", HEXLOWER.encode(hash), BASE64.encode(&key))
}

fn verifier(public_key: &[u8; 32]) -> Verifier {
    vkey(&key_name(), public_key).parse().expect("a vkey")
}

#[test]
fn openssl_reads_a_signers_key_file_and_finds_its_public_key() {
    let Some(desk) = Desk::new() else { return };
    let signer = Signer::generate(key_name());
    desk.put("signer.pem", signer.to_pem().as_bytes());
    let text = desk.text_out("pkey -in signer.pem -text -noout");
    assert!(text.starts_with("ED25519 Private-Key:"));
    assert_eq!(shown_public_key(&text), signer.verifier().public_key());
    assert_eq!(desk.public_key_of("signer.pem"), *signer.verifier().public_key());
}

#[test]
fn openssl_reads_an_identitys_key_file_and_finds_its_recipient() {
    let Some(desk) = Desk::new() else { return };
    let identity = Identity::generate();
    desk.put("identity.pem", identity.to_pem().as_bytes());
    let text = desk.text_out("pkey -in identity.pem -text -noout");
    assert!(text.starts_with("X25519 Private-Key:"));
    assert_eq!(shown_public_key(&text), identity.recipient().as_bytes());
}

#[test]
fn openssl_reads_a_recipients_file_and_writes_the_same_from_the_secret_key() {
    let Some(desk) = Desk::new() else { return };
    let identity = Identity::generate();
    desk.put("identity.pem", identity.to_pem().as_bytes());
    desk.put("identity.pub", identity.recipient().to_pem());
    let text = desk.text_out("pkey -pubin -in identity.pub -text -noout");
    assert!(text.starts_with("X25519 Public-Key:"));
    assert_eq!(shown_public_key(&text), identity.recipient().as_bytes());
    assert_eq!(desk.text_out("pkey -in identity.pem -pubout"), identity.recipient().to_pem());
}

#[test]
fn a_signer_reads_openssls_key_under_the_vkey_of_its_public_key_only() {
    let Some(desk) = Desk::new() else { return };
    desk.out("genpkey -algorithm ed25519 -out mine.pem");
    desk.out("genpkey -algorithm ed25519 -out other.pem");
    let (mine, other) = (verifier(&desk.public_key_of("mine.pem")), verifier(&desk.public_key_of("other.pem")));

    let pem = desk.text_of("mine.pem");
    let signer = Signer::from_pem(&pem, &mine).unwrap();
    assert_eq!(signer.verifier(), mine);
    assert_eq!(*signer.to_pem(), pem);
    assert_eq!(signer.sign("text\n").unwrap().verify(&mine), Ok("text\n"));
    assert_eq!(Signer::from_pem(&pem, &other).err(), Some(KeyFileError::NotThisPublicKey));
}

#[test]
fn an_identity_reads_openssls_key_and_has_its_public_key() {
    let Some(desk) = Desk::new() else { return };
    desk.out("genpkey -algorithm x25519 -out identity.pem");
    let pem = desk.text_of("identity.pem");
    let identity = Identity::from_pem(&pem).unwrap();
    assert_eq!(identity.recipient(), Recipient::from_bytes(desk.public_key_of("identity.pem")).unwrap());
    assert_eq!(*identity.to_pem(), pem);
}

/// What a signer and an identity say to a file that neither can use.
fn refusals(pem: &str) -> [Option<KeyFileError>; 2] {
    let someone = Signer::generate(key_name()).verifier();
    [Signer::from_pem(pem, &someone).err(), Identity::from_pem(pem).err()]
}

#[test]
fn keys_of_other_algorithms_are_refused_as_such() {
    let Some(desk) = Desk::new() else { return };
    for algorithm in [
        "RSA -pkeyopt rsa_keygen_bits:2048",
        "EC -pkeyopt ec_paramgen_curve:P-256",
        "EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
        "ed448",
        "x448",
    ] {
        let pem = desk.text_out(&format!("genpkey -algorithm {algorithm}"));
        assert_eq!(refusals(&pem), [Some(KeyFileError::OtherAlgorithm); 2], "{algorithm}");
    }
    let of_identity = desk.text_out("genpkey -algorithm x25519");
    let of_signer = desk.text_out("genpkey -algorithm ed25519");
    assert_eq!(refusals(&of_identity), [Some(KeyFileError::OtherAlgorithm), None]);
    assert_eq!(refusals(&of_signer), [Some(KeyFileError::NotThisPublicKey), Some(KeyFileError::OtherAlgorithm)]);
}

const PASSPHRASE: &str = "correct horse – Schlüssel";

/// Stock openssl, without a word about memory: it refuses scrypt above 32 MiB.
#[test]
fn openssl_opens_our_locked_keys_with_their_passphrase_only() {
    let Some(desk) = Desk::new() else { return };
    let passphrase = Passphrase::new(PASSPHRASE).unwrap();
    let (signer, identity) = (Signer::generate(key_name()), Identity::generate());
    desk.put("passphrase", format!("{PASSPHRASE}\n"));
    desk.put("other", "correct cow\n");
    for (name, locked, open) in [
        ("signer.pem", signer.to_locked_pem(&passphrase), signer.to_pem()),
        ("identity.pem", identity.to_locked_pem(&passphrase), identity.to_pem()),
    ] {
        desk.put(name, locked);
        assert_eq!(desk.text_out(&format!("pkey -in {name} -passin file:passphrase")), *open);
        assert!(!desk.run(&format!("pkey -in {name} -passin file:other")).status.success());
    }
    let parsed = desk.text_out("asn1parse -in signer.pem");
    for part in [":PBES2", ":scrypt", "INTEGER           :4000\n", ":aes-256-cbc"] {
        assert!(parsed.contains(part), "{part}\n{parsed}");
    }
}

#[test]
fn keys_that_openssl_locked_open_with_their_passphrase_only() {
    let Some(desk) = Desk::new() else { return };
    let [passphrase, other] = [PASSPHRASE, "correct cow"].map(|text| Passphrase::new(text).unwrap());
    desk.put("passphrase", format!("{PASSPHRASE}\n"));
    for algorithm in ["ed25519", "x25519"] {
        let open = desk.text_out(&format!("genpkey -algorithm {algorithm}"));
        desk.put(algorithm, &open);
        for lock in [
            "pkcs8 -topk8 -scrypt",
            "pkcs8 -topk8 -scrypt -scrypt_N 1024 -scrypt_r 1 -scrypt_p 16",
            "pkcs8 -topk8",
            "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 100000",
            "pkey -aes-256-cbc",
        ] {
            let locked = desk.text_out(&format!("{lock} -in {algorithm} -passout file:passphrase"));
            assert_eq!(refusals(&locked), [Some(KeyFileError::Locked); 2], "{algorithm}, {lock}");
            let opened = |with: &Passphrase| match algorithm {
                "ed25519" => {
                    let vkey = verifier(&desk.public_key_of("ed25519"));
                    Signer::from_locked_pem(&locked, with, &vkey).map(|signer| signer.to_pem())
                }
                _ => Identity::from_locked_pem(&locked, with).map(|identity| identity.to_pem()),
            };
            assert_eq!(opened(&passphrase).map(|pem| pem.to_string()), Ok(open.clone()), "{algorithm}, {lock}");
            assert_eq!(opened(&other), Err(KeyFileError::WrongPassphrase), "{algorithm}, {lock}");
        }
    }
}

#[test]
fn keys_that_openssl_locked_in_a_weak_way_are_refused_as_such() {
    let Some(desk) = Desk::new() else { return };
    desk.put("passphrase", "correct horse\n");
    desk.out("genpkey -algorithm x25519 -out open.pem");
    for lock in ["-v2 aes-256-cbc -v2prf hmacWithSHA1", "-v2 des3", "-v2 aes-128-cbc", "-v1 PBE-SHA1-3DES"] {
        let locked = desk.text_out(&format!("pkcs8 -topk8 {lock} -in open.pem -passout file:passphrase"));
        assert_eq!(refusals(&locked), [Some(KeyFileError::OtherLock); 2], "{lock}");
    }
}

#[test]
fn a_key_file_cut_anywhere_is_refused_as_no_key() {
    let Some(desk) = Desk::new() else { return };
    for algorithm in ["ed25519", "x25519"] {
        let pem = desk.text_out(&format!("genpkey -algorithm {algorithm}"));
        // Without its last line end it is still whole.
        let whole = pem.trim_end();
        assert_ne!(refusals(whole), [Some(KeyFileError::NotPem); 2], "{algorithm}");
        for kept in 0..whole.len() {
            assert_eq!(refusals(&whole[..kept]), [Some(KeyFileError::NotPem); 2], "{algorithm}, {kept} bytes");
        }
    }
}

#[test]
fn a_public_key_is_refused_as_no_secret_key() {
    let Some(desk) = Desk::new() else { return };
    for algorithm in ["ed25519", "x25519"] {
        desk.out(&format!("genpkey -algorithm {algorithm} -out {algorithm}.pem"));
        let pem = desk.text_out(&format!("pkey -in {algorithm}.pem -pubout"));
        assert_eq!(refusals(&pem), [Some(KeyFileError::NotPem); 2], "{algorithm}");
    }
}

/// The signature of a note with one signature line: what follows the 4 bytes of the key's hash.
fn signature_of(note: &Note) -> Vec<u8> {
    let line = note.as_str().lines().last().expect("a note has lines");
    let (_, encoded) = line.rsplit_once(' ').expect("a signature line");
    BASE64.decode(encoded.as_bytes()).expect("base64").split_off(4)
}

#[test]
fn openssl_verifies_a_notes_signature_over_its_text_and_makes_the_same() {
    let Some(desk) = Desk::new() else { return };
    let signer = Signer::generate(key_name());
    let note = signer.sign("first line\nsecond — line\n").unwrap();
    desk.put("signer.pem", signer.to_pem().as_bytes());
    desk.out("pkey -in signer.pem -pubout -out signer.pub");
    desk.put("text", note.unverified_text());
    desk.put("changed", note.unverified_text().replace("first", "First"));
    desk.put("signature", signature_of(&note));

    desk.out("pkeyutl -verify -rawin -pubin -inkey signer.pub -sigfile signature -in text");
    let changed = desk.run("pkeyutl -verify -rawin -pubin -inkey signer.pub -sigfile signature -in changed");
    assert_eq!(
        (changed.status.success(), changed.stdout.trim_ascii()),
        (false, b"Signature Verification Failure".as_slice())
    );
    assert_eq!(desk.out("pkeyutl -sign -rawin -inkey signer.pem -in text"), signature_of(&note));
}
